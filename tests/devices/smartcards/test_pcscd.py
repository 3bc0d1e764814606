"""The shipped process against the real pcscd, with virtual cards behind its vpcd, in a network of its own.

vpcd listens on every address, so pcscd runs in a namespace (unshare), as do the cards; the reader's process stays outside and
finds it by PCSCLITE_CSOCK_NAME. Skipped where the machine has not what that takes: the reason says what.
"""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from devices.health import Condition
from devices.smartcards.driver import ReaderProcess, open_reader
from devices.smartcards.port import Badge, Insured, Kind, Refusal, Refused, Seen, Wristband
from devices.smartcards.simulator.__main__ import issue
from tests.devices.smartcards.people import first, until

ALL = frozenset(Kind)
DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
APART = ("unshare", "--net", "--mount")


def missing() -> str:
    """What this machine has not, empty when nothing."""
    if importlib.util.find_spec("smartcard") is None:
        return "pyscard is not installed (the dependency group smartcards)"
    if shutil.which("pcscd") is None or not DRIVER.exists():
        return "pcscd or vsmartcard-vpcd is not installed"
    if not shutil.which("unshare") or not shutil.which("nsenter") or not shutil.which("ip"):
        return "unshare, nsenter or ip is not installed"
    if subprocess.run([*APART, "true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        return "this machine allows no namespaces to this user"
    return ""


pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "nothing is missing")

START = """
ip link set lo up && mount -t tmpfs tmpfs /run && mkdir /run/pcscd && mount --bind "$1" /run/pcscd &&
exec pcscd --foreground --config "$1/conf"
"""


class Service:
    """One pcscd with a virtual reader. `folder` is its /run/pcscd."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "conf").mkdir()
        (folder / "conf" / "vpcd").write_text(
            f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH {DRIVER}\nCHANNELID 0x8C7B\n'
        )

    def start(self) -> None:
        nowhere = subprocess.DEVNULL
        self._process = subprocess.Popen([*APART, "sh", "-c", START, "sh", str(self.folder)], stdout=nowhere, stderr=nowhere)
        late = time.monotonic() + 30
        while not (self.folder / "pcscd.comm").exists() and time.monotonic() < late:
            time.sleep(0.01)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:  # it waits for a card that hangs
                self._process.kill()
                self._process.wait()
            for left in ("pcscd.comm", "pcscd.pid"):
                (self.folder / left).unlink(missing_ok=True)

    @contextmanager
    def card(self, name: str) -> Iterator[list[str]]:
        """That card is on the reader; in the end the list has what it was asked, in hexadecimal."""
        assert self._process is not None, "start() comes first"
        inside = ("nsenter", "--target", str(self._process.pid), "--net")
        command = [*inside, sys.executable, "-m", "devices.smartcards.simulator", "vpcd", name]
        card = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        asked: list[str] = []
        try:
            yield asked
        finally:
            said, _ = card.communicate(timeout=30)
            asked += said.split("\n")[1:-1]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with tempfile.TemporaryDirectory(prefix="pcscd-") as name:  # a socket's path is short
        folder = Path(name)
        monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(folder / "pcscd.comm"))
        made = Service(folder)
        try:
            yield made
        finally:
            made.stop()


@asynccontextmanager
async def opened(authority: str = "", patience: float = 5.0) -> AsyncIterator[tuple[ReaderProcess, asyncio.Queue[Seen]]]:
    """The shipped loop over pcscd, on the virtual reader, which a kiosk's own entry refuses."""
    command = (sys.executable, "-m", "devices.smartcards.simulator", "pcscd", "Virtual PCD", authority)
    reader, seen = ReaderProcess(command, patience=patience, again=0.1), asyncio.Queue[Seen]()
    await reader.open()
    reader.watch(ALL, seen.put_nowait)
    try:
        yield reader, seen
    finally:
        await reader.close()


async def test_cards_of_every_kind_one_after_the_other(service: Service, tmp_path: Path) -> None:
    issue(tmp_path)
    service.start()
    async with opened(str(tmp_path / "ca.pem")) as (reader, seen):
        for card, kind in ((f"badge={tmp_path}/badge.pem", Badge), ("insurance", Insured), ("wristband", Wristband)):
            with service.card(card):
                assert isinstance(await first(seen), kind)
        with service.card("payment") as asked:
            assert await first(seen) == Refused(Refusal.UNKNOWN_CARD)
        assert asked == ["00a404000ba00000030800001000010000", "00a4040c06d27600000102"]
        with service.card("payment-named") as asked:
            assert await first(seen) == Refused(Refusal.PAYMENT_CARD)
        assert asked == []
        assert reader.health().usable


async def test_a_card_torn_out_and_one_that_says_too_much(service: Service) -> None:
    service.start()
    async with opened() as (_, seen):
        with service.card("torn"):
            assert await first(seen) == Refused(Refusal.TAKEN_AWAY)
        with service.card("endless"):
            assert await first(seen) == Refused(Refusal.UNREADABLE)
        with service.card("insurance"):
            assert isinstance(await first(seen), Insured)


async def test_a_hung_card_blocks_nothing_once_it_is_taken_out(service: Service) -> None:
    service.start()
    async with opened(patience=1.5) as (reader, seen):
        with service.card("hung"):
            assert await first(seen) == Refused(Refusal.UNREADABLE)
        await until(lambda: reader.health().usable)
        with service.card("insurance"):
            assert isinstance(await first(seen), Insured)


async def test_a_pcscd_that_comes_back_is_found_again(service: Service) -> None:
    async with opened() as (reader, seen):
        await until(lambda: reader.health().fault == "smartcard-service-away")
        for _ in range(2):
            service.start()
            await until(lambda: reader.health().usable)
            with service.card("insurance"):
                assert isinstance(await first(seen), Insured)
            service.stop()
            await until(lambda: reader.health().condition is Condition.AWAY)


async def test_a_kiosks_own_entry_reads_no_card_on_a_virtual_reader(service: Service) -> None:
    service.start()
    reader, seen = open_reader("Virtual PCD", ""), asyncio.Queue[Seen]()
    await reader.open()
    reader.watch(ALL, seen.put_nowait)
    with service.card("insurance") as asked:
        await until(lambda: reader.health().fault == "smartcard-unsafe")
    await reader.close()
    assert reader.health().condition is Condition.LATCHED
    assert asked == []
    assert seen.empty()


async def test_a_reader_that_is_not_there_is_said(service: Service) -> None:
    service.start()
    command = (sys.executable, "-m", "devices.smartcards.simulator", "pcscd", "ACS ACR39U", "")
    reader = ReaderProcess(command)
    await reader.open()
    await until(lambda: reader.health().fault == "smartcard-reader-away")
    await reader.close()
