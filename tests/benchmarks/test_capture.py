"""What the capture benchmark measures is a capture: the shipped tables and records, of the size that it says."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from benchmarks.capture import Bare, Captures, Settlings, in_turns, syncs_of
from benchmarks.payments import RECORD_BYTES, open_memory, queue
from benchmarks.retained import fill
from benchmarks.syncs import counting
from offline_queue import outbox
from offline_queue.sqlcipher import SqlError
from offline_queue.wire.messages import Batch
from tests.offline_queue.world import World, enrolled


@pytest.fixture
async def memory(tmp_path: Path) -> Path:
    journal, client, _ = await enrolled(World(), tmp_path / "kiosk")
    await client.close()
    await journal.close()
    return tmp_path / "kiosk"


def waiting(memory: Path) -> Batch | None:
    database, who = open_memory(memory)
    batch = database.transact(lambda connection: outbox.waiting(connection, who, 100))
    database.close()
    return batch


@pytest.mark.parametrize("kind", [Captures, Settlings])
def test_a_capture_queues_a_record_of_the_size_that_is_promised(memory: Path, kind: type[Settlings]) -> None:
    captures = kind(memory)
    assert captures() > 0
    assert captures() > 0
    captures.close()
    batch = waiting(memory)
    assert batch is not None
    assert [len(base64.b64decode(record.sealed)) for record in batch.records] == [RECORD_BYTES + 48] * 2


def test_each_capture_is_one_sync(memory: Path) -> None:
    assert counting(lambda syncs: syncs_of(memory, 5, syncs)) == [1] * 5


def test_what_is_queued_fast_is_queued_as_ever(memory: Path) -> None:
    queue(memory, iter(["0000000001", "0000000002", "0000000003"]), 3, lambda _words: None)
    batch = waiting(memory)
    assert batch is not None
    assert [record.seq for record in batch.records] == [1, 2, 3]


def test_a_kiosk_that_is_not_enrolled_measures_nothing(tmp_path: Path) -> None:
    (tmp_path / "kiosk").mkdir(mode=0o700)
    (tmp_path / "kiosk" / "journal.key").touch(mode=0o600)
    (tmp_path / "kiosk" / "journal.key").write_bytes(bytes(32))
    with pytest.raises(LookupError, match="not enrolled"):
        open_memory(tmp_path / "kiosk")


def test_years_of_rows_leave_the_tables_as_they_ship(memory: Path) -> None:
    fill(memory, 1_200, lambda _words: None)
    captures = Settlings(memory)
    captures()
    captures.close()
    database, _ = open_memory(memory)

    def row(sql: str) -> tuple[object, ...]:
        return database.transact(lambda connection: connection.execute(sql).fetchone())

    assert row("SELECT count(*), count(sealed), max(seq) FROM outbox") == (1_201, 1_001, 1_201)
    assert row("SELECT count(*) FROM attempts WHERE state = 'approved'") == (1_201,)
    assert row("SELECT count(*) FROM outbox WHERE state = 'queued'") == (1,)
    for law in ("DELETE FROM outbox", "UPDATE attempts SET minor = 1", "UPDATE outbox SET hash = hash"):
        with pytest.raises(SqlError):
            row(law)
    database.close()


def test_the_line_to_beat_writes(tmp_path: Path) -> None:
    bare = Bare(tmp_path / "bare.db")
    assert bare() > 0
    bare.close()


def test_samplers_take_turns_and_warming_does_not_count() -> None:
    order: list[str] = []

    def sampler(name: str, time_ms: float) -> float:
        order.append(name)
        return 1_000.0 if len(order) <= 100 else time_ms

    p50 = in_turns({"a": lambda: sampler("a", 3.0), "b": lambda: sampler("b", 5.0)}, 10, lambda _words: None)
    assert p50 == {"a": 3.0, "b": 5.0}
    assert order[:4] == ["a", "b", "a", "b"]
