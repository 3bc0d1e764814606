"""The reader's process and the watchdog over it: what hangs, falls or talks nonsense is replaced, and nobody waits for it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.health import Condition
from devices.own_process import End
from devices.smartcards import driver
from devices.smartcards.driver import ReaderProcess, open_reader
from devices.smartcards.messages import LONGEST_LINE
from devices.smartcards.port import Badge, Insured, Kind, Refusal, Refused, Seen, Wristband
from devices.smartcards.simulator.__main__ import issue
from tests.devices.smartcards.people import first, until
from tests.log_watch import LogWatch

ALL = frozenset(Kind)


def simulated(card: str, ca_file: str = "") -> tuple[str, ...]:
    """The shipped process with that card in a simulated slot."""
    return (sys.executable, "-m", "devices.smartcards.simulator", "reader", card, ca_file)


def scripted(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


@asynccontextmanager
async def opened(reader: ReaderProcess) -> AsyncIterator[asyncio.Queue[Seen]]:
    """What it sees, for whoever wants everything."""
    seen: asyncio.Queue[Seen] = asyncio.Queue()
    await reader.open()
    reader.watch(ALL, seen.put_nowait)
    try:
        yield seen
    finally:
        await reader.close()


async def test_each_card_comes_through_as_what_it_is(tmp_path: Path) -> None:
    issue(tmp_path)
    authority = str(tmp_path / "ca.pem")
    for card, kind in ((f"badge={tmp_path}/badge.pem", Badge), ("insurance", Insured), ("wristband", Wristband)):
        reader = ReaderProcess(simulated(card, authority))
        async with opened(reader) as seen:
            assert isinstance(await first(seen), kind)
            assert reader.health().usable


async def test_a_payment_card_is_refused() -> None:
    async with opened(ReaderProcess(simulated("payment"))) as seen:
        assert await first(seen) == Refused(Refusal.UNKNOWN_CARD)
    async with opened(ReaderProcess(simulated("payment-named"))) as seen:
        assert await first(seen) == Refused(Refusal.PAYMENT_CARD)


async def test_who_has_left_hears_nothing_and_who_comes_is_told_what_lies_there() -> None:
    reader, other = ReaderProcess(simulated("insurance")), asyncio.Queue[Seen]()
    async with opened(reader) as seen:
        await first(seen)
        reader.rest()
        reader.watch(frozenset({Kind.BADGE}), other.put_nowait)
        assert await first(other) == Refused(Refusal.UNKNOWN_CARD)
        assert seen.empty()


async def test_a_hung_card_is_given_up_and_left_alone_until_it_is_taken_out(log_watch: LogWatch) -> None:
    reader = ReaderProcess(simulated("hung"), patience=1.5, again=0.0)
    async with opened(reader) as seen:
        assert await first(seen) == Refused(Refusal.UNREADABLE)
        await until(lambda: reader.health().fault == "smartcard-left-in")
        assert reader.health().condition is Condition.OUT
    restarts = [event["reason"] for event in log_watch.events if event["event"] == "smartcard.restarted"]
    assert restarts == ["hung"]


def counted_starts(reader: ReaderProcess) -> list[tuple[str, ...]]:
    """The options of each process that it starts, as they come."""
    starts: list[tuple[str, ...]] = []
    live = reader._live

    async def counted(options: tuple[str, ...]) -> End:
        starts.append(options)
        return await live(options)

    reader._live = counted  # type: ignore[method-assign]
    return starts


async def test_a_process_that_falls_is_started_again() -> None:
    fallen = 'import os, sys; sys.stdout.write(\'{"kind":"alive"}\\n\'); sys.stdout.flush(); os.kill(os.getpid(), 11)'
    reader = ReaderProcess(scripted(fallen), again=0.0)
    starts = counted_starts(reader)
    async with opened(reader) as seen:
        await until(lambda: len(starts) == 3)
        assert seen.empty()
    assert starts == [(), ("--skip-present",), ("--skip-present",)]


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "[]",
        '{"kind":"report"}',
        '{"kind":"report","number":1,"seen":{"kind":"wristband","uid":1}}',
        pytest.param("x" * 2 * LONGEST_LINE, id="too long"),
    ],
)
async def test_a_process_that_talks_nonsense_is_replaced(line: str) -> None:
    code = f"import sys, time; sys.stdout.write({line!r} + '\\n'); sys.stdout.flush(); sys.stdin.read()"
    async with opened(ReaderProcess(scripted(code), again=60.0)) as seen:
        assert await first(seen) == Refused(Refusal.UNREADABLE)


async def test_without_pyscard_it_says_so_and_tries_again_only_for_a_technician(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = (
        "import sys; sys.modules['smartcard'] = None; sys.argv = ['', 'ACS', ''];"
        "import runpy; runpy.run_module('devices.smartcards.reader_process', run_name='__main__')"
    )
    monkeypatch.setattr(driver, "PERSON_S", 0.0)
    reader = ReaderProcess(scripted(missing), again=3600.0)
    starts = counted_starts(reader)
    async with opened(reader):
        await until(lambda: len(starts) == 2)  # it waited as long as for a person, and not as for a fallen process
        await until(lambda: reader.health().fault == "smartcard-not-installed")
    assert reader.health().condition is Condition.OUT


async def test_an_authority_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    reader = ReaderProcess(simulated("insurance", str(tmp_path / "missing.pem")))
    async with opened(reader):
        await until(lambda: reader.health().fault == "smartcard-no-authority")


async def test_a_bug_is_told_by_its_place_and_not_by_its_words() -> None:
    bug = (
        "from devices.smartcards.reader_process import serve\n"
        "def fall():\n"
        "    raise KeyError('5413330089010012')\n"
        "serve(fall, '', False)\n"
    )
    reader = ReaderProcess(scripted(bug))
    async with opened(reader):
        await until(lambda: reader.health().fault == "smartcard-bug")
    assert reader.health().detail.startswith("KeyError <string>:4 reader_process.py:")
    assert "5413" not in reader.health().detail


async def test_it_ends_with_the_one_who_started_it() -> None:
    process = await asyncio.create_subprocess_exec(
        *simulated("insurance"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.close()
    async with asyncio.timeout(60):
        await process.communicate()
    assert process.returncode == 0


async def test_closing_ends_the_process() -> None:
    reader = ReaderProcess(simulated("insurance"))
    async with opened(reader) as seen:
        await first(seen)
        process = reader._process
        assert process is not None
    assert process.returncode is not None


def test_a_reader_is_opened_by_its_name() -> None:
    reader = open_reader("ACS ACR39U", "/etc/lobbypay/badges.pem")
    assert reader._command[1:] == ("-m", "devices.smartcards.reader_process", "ACS ACR39U", "/etc/lobbypay/badges.pem")
    assert reader.health().fault == "smartcard-starting"
