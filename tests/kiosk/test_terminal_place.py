"""Which terminal, password, currency and journal a technician's command works with; and wrong usage, which is told as such."""

from __future__ import annotations

import datetime as dt
import os
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from devices.terminals.port import DayTotals
from domain.errors import Known
from domain.payment import Outcome
from kiosk.terminal_commands import app
from kiosk.terminal_place import Place, at_rest, default_journal, kept_of_day, name_of, place_of, receipts_of_patients
from offline_queue.folder import lock
from tests.kiosk.installation import Installation
from tests.offline_queue.world import World, approved, ended, enrolled

URI = "zvt+serial:///dev/ttyACM0?baud=115200"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.chdir(tmp_path)
    return Installation(tmp_path)


def placed(
    uri: str | None = None,
    config: Path | None = None,
    password_file: Path | None = None,
    currency: str | None = None,
    journal: Path | None = None,
) -> Place:
    place = place_of(uri=uri, config=config, password_file=password_file, currency=currency, journal=journal)
    assert place is not None
    return place


def test_by_its_uri_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    place = placed(URI)
    assert place == Place(URI, "zvt+serial:///dev/ttyACM0", "123456", "EUR", tmp_path / "lobbypay" / "terminal.db", None)
    assert placed("neo2+serial:///dev/ttyACM1").currency == "USD"


def test_what_is_said_counts(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("654321\n")
    place = placed(URI, password_file=password, currency="CHF", journal=tmp_path / "j")
    assert (place.password, place.currency, place.journal) == ("654321", "CHF", tmp_path / "j")


def test_a_kiosks_settings(installed: Installation) -> None:
    installed.password.write_text("111222\n")
    place = placed(config=installed.config)
    assert place.uri == f"zvt+serial://{installed.folder}/no-terminal?baud=115200"
    assert (place.password, place.currency) == ("111222", "USD")
    assert (place.journal, place.kiosk) == (Path("data/technician.db"), Path("data"))
    assert placed(URI, config=installed.config).uri == URI


def test_nowhere() -> None:
    assert place_of(uri=None, config=None, password_file=None, currency=None, journal=None) is None


@pytest.mark.parametrize("content", [b"12345", b"1234567", b"secret", b"\xff"])
def test_a_password_file_without_a_password(tmp_path: Path, content: bytes) -> None:
    password = tmp_path / "password"
    password.write_bytes(content)
    with pytest.raises(Known, match="password file") as refusal:
        placed(URI, password_file=password)
    assert "secret" not in str(refusal.value)


def test_a_password_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Known, match="cannot be read"):
        placed(URI, password_file=tmp_path / "none")


def test_a_terminal_with_an_id_is_the_same_on_any_port() -> None:
    assert (
        name_of("zvt+serial:///dev/ttyACM0?tid=52523535&t4=20")
        == name_of("zvt+tcp://10.0.0.5:20007?tid=52523535")
        == "zvt 52523535"
    )
    assert name_of("neo2+serial:///dev/ttyACM0?serial=123T456") == "neo2 123T456"
    assert name_of("zvt+serial:///dev/ttyACM0?t4=20") == "zvt+serial:///dev/ttyACM0"


def test_the_journal_is_state_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for given in ("", "relative"):  # XDG: a relative path is none
        monkeypatch.setenv("XDG_STATE_HOME", given)
        assert default_journal() == tmp_path / ".local/state/lobbypay/terminal.db"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert default_journal().is_absolute()


# beside a kiosk


def lock_as_kiosk(data: Path) -> int:
    """What a starting kiosk does first, and how a technician reads that it could not."""
    with at_rest(data, moves_money=False):
        return lock(data)


async def test_a_kiosk_that_runs_keeps_its_terminal(installed: Installation) -> None:
    await installed.enrol()
    held = lock(installed.data)
    try:
        with pytest.raises(Known, match="Stop it first"), at_rest(installed.data, moves_money=False):
            pass
    finally:
        os.close(held)
    with at_rest(installed.data, moves_money=True), pytest.raises(Known, match="Stop it first"):
        os.close(lock_as_kiosk(installed.data))


async def test_no_test_pushes_a_kiosks_unclear_payment_out_of_the_terminals_memory(installed: Installation) -> None:
    world = World()
    journal, client, _ = await enrolled(world, installed.data)
    attempt = world.attempt()
    await journal.open_attempt(attempt, None)
    await client.close()
    await journal.close()
    with at_rest(installed.data, moves_money=False):
        pass
    with pytest.raises(Known, match=attempt.id), at_rest(installed.data, moves_money=True):
        pass


@pytest.mark.parametrize(("reason", "refused"), [("no-answer", True), ("last-receipt-older", False), ("commit-failed", False)])
async def test_a_payment_of_which_the_terminal_cannot_tell_keeps_nobody_from_working(
    installed: Installation, reason: str, refused: bool
) -> None:
    world = World()
    journal, client, _ = await enrolled(world, installed.data)
    await world.paid(journal, result=ended(Outcome.UNKNOWN, reason))
    await client.close()
    await journal.close()
    with pytest.raises(Known, match="no known end") if refused else nullcontext(), at_rest(installed.data, moves_money=True):
        pass


async def test_the_numbers_of_patients_payments(installed: Installation) -> None:
    world = World()
    journal, client, _ = await enrolled(world, installed.data)
    assert receipts_of_patients(installed.data) == {}
    (older,) = await world.paid(journal)
    world.clock.now += dt.timedelta(days=1)
    (newer,) = await world.paid(journal)
    await world.paid(journal, result=ended(Outcome.DECLINED))
    receipt = approved(older).receipt
    await client.close()
    await journal.close()
    assert receipts_of_patients(installed.data) == {receipt: newer.opened_at}
    assert receipts_of_patients(None) is None


async def test_a_closed_day_is_looked_up_in_the_kiosks_journal(installed: Installation) -> None:
    world = World()
    journal, client, _ = await enrolled(world, installed.data)
    (paid,) = await world.paid(journal)
    await client.close()
    await journal.close()
    result = approved(paid)
    assert result.receipt is not None
    day = DayTotals(1, result.amount, (result.receipt, result.receipt), result.terminal_id)
    assert kept_of_day(installed.data, day) == (1, result.amount)
    assert kept_of_day(installed.data, replace(day, receipts=None)) is None
    assert kept_of_day(None, day) is None
    (installed.data / "journal.db").write_bytes(b"no database" * 100)
    with pytest.raises(Known):
        kept_of_day(installed.data, day)


def test_no_kiosk_or_none_yet(installed: Installation) -> None:
    assert receipts_of_patients(installed.data) is None
    with ExitStack() as stack:
        stack.enter_context(at_rest(None, moves_money=True))
        stack.enter_context(at_rest(installed.data, moves_money=True))
    assert not installed.data.exists()


# wrong usage


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["status"], "Which terminal?"),
        (["pay", "1.00"], "Which terminal?"),
        (["--uri", URI, "pay"], "Missing argument"),
        (["--uri", URI, "pay", "1,000"], "12.34"),
        (["--uri", URI, "pay", "1.5"], "12.34"),
        (["--uri", URI, "pay", "-1.00"], "No such option"),
        (["--uri", URI, "pay", "0.00"], "takes something"),
        (["--uri", URI, "pay", "1.00", "--attempt", "a b"], "64 letters"),
        (["--uri", URI, "--currency", "euro", "pay", "1.00"], "three capital letters"),
        (["--uri", "telnet://x", "status"], "no driver speaks"),
        (["--uri", f"{URI}&warp=9", "status"], "nobody knows"),
        (["--uri", URI, "refund"], "No such command"),
    ],
)
def test_wrong_usage_is_2(words: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr


def test_help_teaches() -> None:
    done = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "120"})
    assert done.exit_code == 0
    for word in ("status", "pay", "cancel", "--uri", "--password-file", "zvt+serial:///dev/ttyACM0"):
        assert word in done.stdout
