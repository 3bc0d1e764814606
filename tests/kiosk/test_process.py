"""The kiosk's command: one sentence for a technician's mistake, and processes that end gently."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import main
from domain.errors import Known
from kiosk import engine_process, process
from kiosk.process import run
from offline_queue.errors import DiskFull, KeyAway, KeyRefused, ResultContradicted
from offline_queue.keeping import IN_FILE
from tests.kiosk.installation import Installation, kiosk


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.chdir(tmp_path)
    return Installation(tmp_path)


@pytest.fixture(autouse=True)
def logging_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process the tests' own log watch listens; whether this machine has a TPM is not what is told here."""
    monkeypatch.setattr(process, "log_to_stderr", lambda: None)
    monkeypatch.setattr(process, "log_nowhere", lambda: None)
    monkeypatch.setattr(process, "keeper_here", lambda: IN_FILE)


# a technician's mistakes, as the command line tells them


class Told:
    """Runs `lobbypay kiosk` in this process; `why` is the one sentence of a failure."""

    def __init__(self, place: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._place = place
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def why(self, *options: str, typed: str = "") -> str:
        self._monkeypatch.setattr(sys, "argv", ["lobbypay", "kiosk", "--config", str(self._place.config), *options])
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        assert main.main() == 1
        out, err = self._capsys.readouterr()
        assert out == ""
        assert err.startswith("lobbypay: ")
        assert err.count("\n") == 1
        return err.removeprefix("lobbypay: ").strip()


@pytest.fixture
def told(place: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    return Told(place, monkeypatch, capsys)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("currency", "curency", "at site.currency: it is missing."),
        ("[screen]", "[screen]\ncolour = 1", "at screen.colour: there is no such key."),
        ("idle_s = 60", 'idle_s = "60"', "at pace.idle_s: "),
        ("America/New_York", "Mars/Olympus", "at kiosk.zone: there is no such time zone; write it as America/Chicago."),
        ("[site]", "[site", "is not TOML"),
    ],
)
def test_a_mistake_in_the_settings_names_its_key(place: Installation, told: Told, old: str, new: str, words: str) -> None:
    place.amend(old, new)
    assert words in told.why()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "A one-time code has twenty letters and digits."),
        ("ABC\n", "A one-time code has twenty letters and digits."),
        ("ABCD-efgh ijkl mnop qrst\n", "The hub at https://127.0.0.1:1 could not be asked (hub-away)."),
    ],
)
def test_enrolment_tells_what_stood_in_its_way(told: Told, typed: str, words: str) -> None:
    assert told.why("--enrol", typed=typed) == words


class Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_whoever_types_the_code_is_asked_for_it(
    place: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard("ABC\n"))
    with pytest.raises(Known, match="twenty letters and digits"):
        run(place.config, enrolling=True, part=None)
    assert capsys.readouterr() == ("", "One-time code from the hub: ")


def foreign_key(data: Path) -> None:
    (data / "journal.key").write_bytes(bytes(32))


def damage(data: Path) -> None:
    """Every page but the first two is lost."""
    with (data / "journal.db").open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(8192)
        file.write(bytes(size - 8192))


def exposed_key(data: Path) -> None:
    (data / "journal.key").chmod(0o644)


@pytest.mark.parametrize(
    ("harm", "words"),
    [(foreign_key, "does not open with this kiosk's key"), (damage, "is damaged"), (exposed_key, "Other users can read")],
)
def test_a_database_that_cannot_be_trusted_is_not_used_and_not_touched(
    place: Installation, told: Told, harm: Callable[[Path], None], words: str
) -> None:
    asyncio.run(place.enrol())
    harm(place.data)
    before = (place.data / "journal.db").read_bytes()
    assert words in told.why("--part", "engine")
    assert (place.data / "journal.db").read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "zvt+serial:",
            "morse:",
            "A device's address cannot be used: no driver speaks 'morse': a terminal's URI begins with zvt+serial://, "
            "zvt+tcp://, neo2+serial:// or sim:.",
        ),
        ('data = "data"', f'data = "{"x" * 108}"', "cannot be made: AF_UNIX path too long."),
    ],
)
def test_what_shows_only_when_the_engine_is_put_together(place: Installation, told: Told, old: str, new: str, words: str) -> None:
    place.amend(old, new)
    place.data = place.folder / ("x" * 108) if "data" in old else place.data
    asyncio.run(place.enrol())
    assert told.why("--part", "engine").endswith(words)


def failing(failure: Exception) -> Callable[..., object]:
    async def fails(*_: object) -> None:
        raise failure

    return fails


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (DiskFull("SQLITE_FULL"), "The disk is full. Make room; no payment is lost."),
        (
            KeyRefused("tpm2_load 0x1df"),
            "This database's key is held by another machine's TPM, or this TPM was cleared. "
            "Put the disk back into its own machine, or have the hub recover the key. Delete nothing.",
        ),
        (
            KeyAway("tpm2_load FileNotFoundError"),
            "The TPM that holds this database's key cannot be used. Is it switched on, tpm2-tools installed, "
            "and the kiosk's user in the group tss? Delete nothing.",
        ),
        (ResultContradicted("017f"), "The kiosk's database cannot be used (attempt-contradicted 017f)."),
    ],
)
def test_every_failure_of_the_memory_has_a_sentence(
    place: Installation, monkeypatch: pytest.MonkeyPatch, failure: Exception, words: str
) -> None:
    monkeypatch.setattr(engine_process, "run_engine", failing(failure))
    with pytest.raises(Known) as told:
        run(place.config, enrolling=False, part="engine")
    assert str(told.value) == words


# processes


async def test_a_kiosk_that_is_not_enrolled_says_what_to_do(place: Installation) -> None:
    """The whole kiosk: the process that keeps both parts running adds nothing to the engine's own sentence."""
    async with kiosk(place) as command:
        assert await command.sentence() == "This kiosk is not enrolled yet. Run it once with --enrol and a code from the hub."


async def test_an_engine_tolerates_neither_a_second_nor_a_rude_ui_and_ends_gently(place: Installation) -> None:
    await place.enrol()
    async with kiosk(place, "--part", "engine") as engine:
        ready = await engine.ready()
        assert ready == {"socket": "data/ui.sock", "pid": engine.process.pid}
        async with kiosk(place, "--part", "engine") as second:
            words = await second.sentence()
        assert words == "Another kiosk is running on this database. Stop it first; two may never share one."
        reader, writer = await asyncio.open_unix_connection(place.data / "ui.sock")
        assert await reader.readline()
        writer.write(b'{"intent":"start"\n')
        assert await reader.read() == b""
        writer.close()
        assert engine.process.returncode is None
        engine.process.send_signal(signal.SIGINT)
        code, _, err = await engine.end()
    assert code == 0
    assert '"engine.stopped"' in err
    assert "Traceback" not in err
    assert not (place.data / "ui.sock").exists()


async def test_sigterm_at_the_very_moment_at_which_it_says_that_it_is_ready(place: Installation) -> None:
    await place.enrol()
    async with kiosk(place, "--part", "engine") as engine:
        await engine.ready()
        engine.process.send_signal(signal.SIGTERM)
        assert (await engine.end())[0] == 0
