"""The journal of a technician's payments: what it keeps, what it refuses, and what the disk may do to it."""

from __future__ import annotations

import datetime as dt
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3

from domain.money import Money
from domain.payment import IN_DOUBT, Card, Mark, Outcome, Result
from kiosk import terminal_journal
from kiosk.terminal_journal import Entry, JournalHeld, JournalRefused, TerminalJournal
from offline_queue.attempts import State

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
ENTRY = Entry("A1", "zvt 52523535", Money(1234, "EUR"), Mark(7, 9), NOW)
APPROVED = Result(
    Outcome.APPROVED,
    Money(1234, "EUR"),
    card=Card("VISA", "1033"),
    receipt=8,
    trace=10,
    terminal_id="52523535",
    authorization="000010",
    approved_offline=True,
)
DECLINED = Result(Outcome.DECLINED, Money(0, "EUR"), reason="zvt-05")
UNKNOWN = Result(Outcome.UNKNOWN, Money(0, "EUR"), reason="no-answer")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "terminal.db"


@contextmanager
def journal(path: Path, paying: str = "") -> Iterator[TerminalJournal]:
    with closing(TerminalJournal.open(path, lambda: NOW, paying)) as opened:
        yield opened


def refused(path: Path) -> JournalRefused:
    with pytest.raises(JournalRefused) as refusal, journal(path):
        pass
    return refusal.value


def test_an_attempt_is_kept_as_it_was_opened(path: Path) -> None:
    bare = replace(ENTRY, id="A2", newest=None)
    with journal(path) as kept:
        kept.open_attempt(ENTRY)
        kept.open_attempt(bare)
    with journal(path) as again:
        assert again.find("A1") == ENTRY
        assert again.find("A2") == bare
        assert again.find("A3") is None
        assert again.newest() == again.to_inquire() == bare


@pytest.mark.parametrize("result", [APPROVED, replace(APPROVED, receipt=None, trace=None), DECLINED, UNKNOWN])
def test_an_outcome_is_kept_whole_but_for_its_slip(path: Path, result: Result) -> None:
    with journal(path) as kept:
        kept.open_attempt(ENTRY)
        kept.settle("A1", replace(result, slip=("Total 12.34",)), asked=False)
    with journal(path) as again:
        found = again.find("A1")
    assert found == replace(ENTRY, state=State(result.outcome.value), result=result)


def test_an_attempt_that_was_not_started_says_why(path: Path) -> None:
    with journal(path) as kept:
        kept.open_attempt(ENTRY)
        kept.not_started("A1", "terminal-busy")
        kept.not_started("A1", "terminal-away")  # the first word stands
        assert kept.find("A1") == replace(ENTRY, state=State.NOT_STARTED, fault="terminal-busy")
        assert kept.to_inquire() is None


def test_one_id_is_opened_once(path: Path) -> None:
    with journal(path) as kept:
        kept.open_attempt(ENTRY)
        with pytest.raises(sqlcipher3.dbapi2.IntegrityError):
            kept.open_attempt(ENTRY)
        assert kept.newest() == ENTRY


def test_unknown_may_become_known_and_nothing_else_may_change(path: Path) -> None:
    with journal(path) as kept:
        kept.open_attempt(ENTRY)
        kept.settle("A1", UNKNOWN, asked=False)
        kept.settle("A1", UNKNOWN, asked=False)
        kept.settle("A1", APPROVED, asked=True)
        kept.settle("A1", replace(APPROVED, slip=("again",)), asked=False)
        for other in (DECLINED, UNKNOWN, replace(APPROVED, amount=Money(9999, "EUR"))):
            with pytest.raises(JournalRefused, match="stays as it is") as refusal:
                kept.settle("A1", other, asked=True)
            assert refusal.value.reason == "attempt-contradicted"
        found = kept.find("A1")
        assert found is not None
        assert (found.result, found.asked) == (APPROVED, True)


def test_what_was_not_started_has_no_outcome(path: Path) -> None:
    with journal(path) as kept:
        kept.open_attempt(ENTRY)
        kept.not_started("A1", "terminal-busy")
        with pytest.raises(JournalRefused, match="not-started"):
            kept.settle("A1", APPROVED, asked=False)


def test_an_outcome_belongs_to_an_attempt(path: Path) -> None:
    with journal(path) as kept, pytest.raises(LookupError):
        kept.settle("A1", APPROVED, asked=False)


def test_only_the_newest_is_asked_about_and_only_until_the_terminal_has_answered(path: Path) -> None:
    with journal(path) as kept:
        assert kept.to_inquire() is None
        kept.open_attempt(ENTRY)
        assert kept.to_inquire() == ENTRY
        kept.settle("A1", UNKNOWN, asked=False)
        asking = kept.to_inquire()
        assert asking is not None
        assert asking.state is State.UNKNOWN
        kept.settle("A1", UNKNOWN, asked=True)
        assert kept.to_inquire() is None
        newer = replace(ENTRY, id="A2")
        kept.open_attempt(newer)
        assert kept.to_inquire() == newer
        kept.settle("A2", DECLINED, asked=False)
        assert kept.to_inquire() is None


def test_a_receipt_is_found_where_it_was_given(path: Path) -> None:
    with journal(path) as kept:
        for name, terminal, receipt in (("A1", "zvt 1", 8), ("A2", "zvt 1", 8), ("A3", "zvt 2", 8)):
            kept.open_attempt(replace(ENTRY, id=name, terminal=terminal))
            kept.settle(name, replace(APPROVED, receipt=receipt), asked=False)
        found = kept.of_receipt("zvt 1", 8)
        assert found is not None
        assert found.id == "A2"
        assert kept.of_receipt("zvt 1", 9) is None


def test_nobody_else_reads_it(path: Path) -> None:
    with journal(path) as kept:
        kept.open_attempt(ENTRY)
        modes = {name.name: stat.S_IMODE(name.stat().st_mode) for name in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert "terminal.db-wal" in modes
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_commit_is_as_durable_as_it_says(path: Path) -> None:
    with journal(path) as kept, kept._transaction() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.in_transaction


def test_attempts_cannot_be_deleted(path: Path) -> None:
    with journal(path) as kept:
        kept.open_attempt(ENTRY)
        with pytest.raises(sqlcipher3.dbapi2.IntegrityError, match="attempts stay"), kept._transaction() as connection:
            connection.execute("DELETE FROM attempts")
        assert kept.find("A1") == ENTRY


HOLDER = """
import sys, datetime as dt
from pathlib import Path
from kiosk.terminal_journal import TerminalJournal
held = TerminalJournal.open(Path(sys.argv[1]), lambda: dt.datetime.now(dt.UTC), sys.argv[2])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("paying", ["A1", ""])
def test_a_second_process_is_kept_out_and_told_who_has_it(path: Path, paying: str) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), paying], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(JournalHeld) as held, journal(path):
            pass
        assert (held.value.pid, held.value.attempt) == (holder.pid, paying)
        assert str(holder.pid) in str(held.value)
        assert ("attempt A1" in str(held.value)) == bool(paying)
    finally:
        holder.kill()
        holder.communicate()
    with journal(path) as free:  # a killed process has let go of it
        assert free.newest() is None


def test_a_holder_that_has_not_said_who_it_is(path: Path) -> None:
    with journal(path):
        lock = path.with_name("terminal.db.lock")
        lock.write_bytes(b"")
        with pytest.raises(JournalHeld) as held, journal(path):
            pass
    assert (held.value.pid, held.value.attempt) == (0, "")


# what is no journal


@pytest.mark.parametrize("content", [b"", b"x", b"not a database" * 100])
def test_a_file_that_is_no_journal_is_left_as_it_is(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    refusal = refused(path)
    assert refusal.reason in ("journal-foreign", "journal-damaged")
    assert "Nothing was charged" in str(refusal)
    assert path.read_bytes() == content


@pytest.mark.parametrize("pragma", ["application_id = 1", "user_version = 2"])
def test_another_programs_or_releases_database_is_refused(path: Path, pragma: str) -> None:
    with journal(path):
        pass
    with closing(sqlcipher3.connect(str(path))) as other:
        other.execute(f"PRAGMA {pragma}")
    assert refused(path).reason == "journal-foreign"


def test_a_damaged_journal_is_refused(path: Path) -> None:
    with journal(path) as kept:
        for number in range(200):
            kept.open_attempt(replace(ENTRY, id=f"A{number}"))
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * 8192 + whole[12288:])
    assert refused(path).reason == "journal-damaged"


def test_an_index_that_lacks_a_row_is_damage_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with journal(path):
        pass
    honest = terminal_journal._value
    monkeypatch.setattr(
        terminal_journal,
        "_value",
        lambda connection, pragma: "row 1 missing from index" if pragma == "quick_check" else honest(connection, pragma),
    )
    assert refused(path).reason == "journal-damaged"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    refusal = refused(tmp_path / "file" / "terminal.db")
    assert refusal.reason == "journal-unwritable"
    assert "Not a directory" in str(refusal) or "File exists" in str(refusal)


def test_a_journal_that_was_being_made_when_the_power_went_is_made_anew(path: Path) -> None:
    path.parent.mkdir()
    for name in ("terminal.db.new", "terminal.db.new-wal", "terminal.db.new-shm"):
        (path.parent / name).write_bytes(b"half a database")
    with journal(path) as kept:
        kept.open_attempt(ENTRY)
    assert not path.with_name("terminal.db.new").exists()


# what the disk does


class Failing:
    """A connection whose `statement` fails with SQLite's `code`: before it, or after it was carried out (`kept`)."""

    def __init__(self, real: Any, statement: str, code: int, *, kept: bool) -> None:
        self._real = real
        self._statement = statement
        self._code = code
        self._kept = kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def execute(self, sql: str, *values: Any) -> Any:
        if not sql.startswith(self._statement):
            return self._real.execute(sql, *values)
        if self._kept:
            self._real.execute(sql, *values)
        error = sqlcipher3.dbapi2.OperationalError("the disk")
        error.sqlite_errorcode, error.sqlite_errorname = self._code, "SQLITE_FULL"
        raise error


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the journal's present connection fail; the next one is whole again."""

    def fail(kept: TerminalJournal, statement: str, code: int = 13, *, after: bool = False) -> None:
        monkeypatch.setattr(kept, "_connection", Failing(kept._connection, statement, code, kept=after))

    return fail


def test_an_attempt_that_cannot_be_kept_is_not_begun(path: Path, failing: Callable[..., None]) -> None:
    with journal(path) as kept:
        failing(kept, "COMMIT")
        with pytest.raises(JournalRefused, match="SQLITE_FULL") as refusal:
            kept.open_attempt(ENTRY)
        assert refusal.value.reason == "journal-unwritable"
        assert kept.find("A1") is None


def test_an_outcome_that_cannot_be_kept_is_not_acknowledged(path: Path, failing: Callable[..., None]) -> None:
    with journal(path) as kept:
        kept.open_attempt(ENTRY)
        failing(kept, "UPDATE")
        with pytest.raises(JournalRefused, match="SQLITE_FULL"):
            kept.settle("A1", APPROVED, asked=False)
        assert kept.find("A1") == ENTRY


def test_a_commit_that_failed_and_was_kept_all_the_same_counts(path: Path, failing: Callable[..., None]) -> None:
    with journal(path) as kept:
        kept.open_attempt(ENTRY)
        failing(kept, "COMMIT", 10 | 4 << 8, after=True)
        kept.settle("A1", APPROVED, asked=False)
        found = kept.find("A1")
    assert found is not None
    assert found.result == APPROVED


def test_damage_that_is_found_in_the_middle_is_said(path: Path, failing: Callable[..., None]) -> None:
    with journal(path) as kept:
        failing(kept, "BEGIN", 11)
        with pytest.raises(JournalRefused) as refusal:
            kept.find("A1")
    assert refusal.value.reason == "journal-damaged"


def test_a_bug_is_not_hidden(path: Path, failing: Callable[..., None]) -> None:
    with journal(path) as kept:
        failing(kept, "SELECT", 1)
        with pytest.raises(sqlcipher3.dbapi2.OperationalError):
            kept.find("A1")


def test_a_journal_that_cannot_be_opened_is_unlocked_again(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"x")
    before = len(list(Path("/proc/self/fd").iterdir()))
    refused(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_an_approval_comes_into_doubt_and_is_not_called_approved_again(path: Path) -> None:
    with journal(path) as kept:
        kept.open_attempt(ENTRY)
        kept.settle(ENTRY.id, APPROVED, asked=False)
        for _ in range(2):
            kept.settle(ENTRY.id, replace(UNKNOWN, reason=IN_DOUBT), asked=False)
        found = kept.find(ENTRY.id)
        assert found is not None
        assert found.result is not None
        assert (found.state, found.result.reason, found.result.receipt, found.asked) == (State.UNKNOWN, IN_DOUBT, 8, True)
        assert kept.to_inquire() is None
