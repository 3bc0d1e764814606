"""Hand-held scanners: over a pty that can be pulled out, as typed by a face, and beside a camera."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
import tty
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import serial

from devices.health import Condition, Health
from devices.scanners import handheld, serial_line
from devices.scanners.aim import UNNAMED
from devices.scanners.port import NO_PICTURE, Code, Scanner, Sighting, View
from devices.scanners.serial_line import SerialScanner
from devices.scanners.several import Several
from devices.scanners.wedge import Wedge
from tests.devices.simulator_process import until
from tests.log_watch import LogWatch

BILL = Code("Code128", "LP000000000198")
LINK = Code("QRCode", "HTTPS://PAY.EXAMPLE/S1/A")
UNPLUGGED = Health(Condition.AWAY, "scanner-away", "unplugged")


class Gun:
    """The scanner's end of a serial line that is found under `name`."""

    def __init__(self, name: Path) -> None:
        self._name = name
        self.plug()

    def plug(self) -> None:
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._theirs)
        self._name.unlink(missing_ok=True)
        self._name.symlink_to(os.ttyname(self._theirs))

    def pull(self) -> None:
        self._name.unlink()
        os.close(self._theirs)
        os.close(self._ours)

    def send(self, data: bytes) -> None:
        os.write(self._ours, data)


class Listener:
    """Who watches: every view, and the codes that became agreed."""

    def __init__(self) -> None:
        self.views: list[View] = []

    @property
    def codes(self) -> list[Code]:
        return [code for view in self.views for code in view.agreed]


Plugged = tuple[SerialScanner, Gun, Listener]


@pytest.fixture
async def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Plugged]:
    monkeypatch.setattr(serial_line, "BACKOFF_S", (0.01,))
    gun, listener = Gun(tmp_path / "by-id"), Listener()
    scanner = SerialScanner(str(tmp_path / "by-id"), 9600)
    await scanner.open()
    scanner.watch(listener.views.append)
    yield scanner, gun, listener
    await scanner.close()
    gun.pull()


async def test_a_scan_in_pieces_is_one_code_without_a_picture(plugged: Plugged) -> None:
    scanner, gun, listener = plugged
    assert scanner.health() == Health(Condition.READY)
    for piece in (b"]C", b"0LP0000", b"00000198", b"\r"):
        gun.send(piece)
        await asyncio.sleep(0)
    await until(lambda: listener.views != [])
    assert listener.views == [View(NO_PICTURE, (), frozenset({BILL}), None)]


async def test_a_pause_ends_a_scan_that_was_not_whole(plugged: Plugged) -> None:
    _, gun, listener = plugged
    gun.send(b"]C0LP0000")
    await until(lambda: listener.codes == [Code(UNNAMED, "")])
    gun.send(b"]C0LP000000000198\r")
    await until(lambda: BILL in listener.codes)
    assert listener.codes == [Code(UNNAMED, ""), BILL]


async def test_a_scanner_that_was_pulled_out_comes_back_under_another_name(
    plugged: Plugged, log_watch: LogWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanner, gun, listener = plugged
    with monkeypatch.context() as pulling:
        pulling.setattr(serial_line, "SILENCE_S", 60)  # it is pulled out in the middle of a scan
        gun.send(b"]C0LP")
        await until(lambda: scanner._scans._bytes != b"")
        gun.pull()
    await until(lambda: scanner.health().condition is Condition.AWAY)
    other = [pty.openpty() for _ in range(3)]  # so that it gets another name
    gun.plug()
    await until(lambda: scanner.health() == Health(Condition.READY))
    gun.send(b"]C0LP000000000198\r")
    await until(lambda: listener.codes != [])
    assert listener.codes == [BILL]
    told = [(line["condition"], line["detail"]) for line in log_watch.events if line["event"] == "scanner.health"]
    assert told[0] == ("ready", "")
    assert told[1] in (("away", "lost"), ("away", "cannot-open"))
    assert told[-1] == ("ready", "")
    for end in (end for pair in other for end in pair):
        os.close(end)


async def test_a_line_that_another_holds_or_that_is_none_is_away(tmp_path: Path, plugged: Plugged) -> None:
    for path in (tmp_path / "by-id", tmp_path / "nowhere", tmp_path):
        scanner = SerialScanner(str(path), 9600)
        await scanner.open()
        assert scanner.health() == Health(Condition.AWAY, "scanner-away", "cannot-open")
        await scanner.close()


async def test_a_scanner_that_leaves_while_it_is_opened_or_closed(
    plugged: Plugged, log_watch: LogWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pyserial lets termios.error through there, which is no OSError."""
    scanner, gun, _ = plugged
    closing = serial.Serial.close

    def fails(port: serial.Serial) -> None:
        closing(port)
        raise termios.error(5, "Input/output error")

    with monkeypatch.context() as leaving:
        leaving.setattr(serial.Serial, "_reset_input_buffer", fails)
        leaving.setattr(serial.Serial, "close", fails)
        gun.pull()
        await until(lambda: scanner.health() == Health(Condition.AWAY, "scanner-away", "lost"))
        gun.plug()
        await until(lambda: scanner.health() == Health(Condition.AWAY, "scanner-away", "cannot-open"))
    await until(lambda: scanner.health() == Health(Condition.READY))


async def test_garbage_is_said_to_the_technician_until_a_scan_has_its_name(plugged: Plugged) -> None:
    scanner, gun, listener = plugged
    gun.send(bytes(range(256)) * 4)
    await until(lambda: listener.codes == [Code(UNNAMED, "")])
    assert scanner.health() == handheld.UNNAMED_FAULT
    assert scanner.health().usable
    gun.send(b"]Q1HTTPS://PAY.EXAMPLE/S1/A\r\n")
    await until(lambda: LINK in listener.codes)
    assert scanner.health() == Health(Condition.READY)


async def test_what_nobody_waits_for_is_forgotten(plugged: Plugged) -> None:
    scanner, gun, listener = plugged
    scanner.rest()
    gun.send(b"7891\r")
    await until(lambda: scanner.health().condition is not Condition.READY)  # it was read
    scanner.watch(listener.views.append)
    gun.send(b"]C0LP000000000198\r")
    await until(lambda: listener.views != [])
    assert listener.codes == [BILL]


async def test_a_scanner_on_a_stand_that_reads_on_and_on_counts_once() -> None:
    wedge, listener = Wedge(""), Listener()
    await wedge.open()
    wedge.watch(listener.views.append)
    for _ in range(5):
        wedge.typed("]C0LP000000000198\n")
    assert listener.codes == [BILL]
    wedge.typed("]Q1HTTPS://PAY.EXAMPLE/S1/A\n")
    assert listener.codes == [BILL, LINK]
    await wedge.close()


async def test_a_code_leaves_the_view_and_counts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handheld, "GONE_S", 0.01)
    wedge, listener = Wedge(""), Listener()
    wedge.watch(listener.views.append)
    wedge.typed("]C0LP000000000198\n")
    await until(lambda: listener.views[-1] == handheld.NOTHING)
    wedge.typed("]C0LP000000000198\n")
    assert listener.codes == [BILL, BILL]
    wedge.rest()


async def test_a_new_watch_begins_with_nothing() -> None:
    wedge, first, second = Wedge(""), Listener(), Listener()
    wedge.watch(first.views.append)
    wedge.typed("]C0LP000000000198\n")
    wedge.watch(second.views.append)
    wedge.typed("]C0LP000000000198\n")
    assert first.codes == second.codes == [BILL]
    wedge.rest()


@pytest.mark.parametrize("typed", ["", "7891\n", "]C0LP000000000198", "\ud800\n", "]E04006381333931\n"])
async def test_keys_that_made_no_scan_are_unnamed(typed: str) -> None:
    wedge, listener = Wedge(""), Listener()
    await wedge.open()
    wedge.watch(listener.views.append)
    wedge.typed(typed)
    assert listener.codes == [Code(UNNAMED, "")]
    assert wedge.health() == handheld.UNNAMED_FAULT
    wedge.rest()


async def test_a_wedge_is_there_while_its_device_is(tmp_path: Path) -> None:
    device = tmp_path / "event-kbd"
    wedge = Wedge(str(device))
    await wedge.open()
    assert wedge.health() == UNPLUGGED
    device.touch()
    assert wedge.health() == Health(Condition.READY)
    device.unlink()
    assert wedge.health() == UNPLUGGED
    await wedge.close()
    assert Wedge("").health() == Health(Condition.READY)


class Camera:
    """A scanner that has a picture and does as it is told."""

    def __init__(self) -> None:
        self.state = Health(Condition.READY)
        self.seen: Callable[[View], None] | None = None
        self.calls: list[str] = []

    async def open(self) -> None:
        self.calls.append("open")

    async def close(self) -> None:
        self.calls.append("close")

    def health(self) -> Health:
        return self.state

    def watch(self, seen: Callable[[View], None]) -> None:
        self.calls.append("watch")
        self.seen = seen

    def rest(self) -> None:
        self.calls.append("rest")
        self.seen = None


async def test_a_camera_and_a_wedge_are_one_scanner() -> None:
    camera, wedge, listener = Camera(), Wedge(""), Listener()
    both: Scanner = Several((camera, wedge))
    await both.open()
    both.watch(listener.views.append)
    assert camera.calls == ["open", "watch"]
    assert camera.seen is not None
    sighting = Sighting(LINK, ((0, 0), (9, 0), (9, 9), (0, 9)))
    camera.seen(View((1920, 1080), (sighting,), frozenset(), None))
    wedge.typed("]C0LP000000000198\n")
    camera.seen(View((1920, 1080), (sighting,), frozenset({LINK}), None))
    assert listener.views == [
        View((1920, 1080), (sighting,), frozenset(), None),
        View((1920, 1080), (sighting,), frozenset({BILL}), None),
        View((1920, 1080), (sighting,), frozenset({BILL, LINK}), None),
    ]
    both.rest()
    await both.close()
    assert camera.calls == ["open", "watch", "rest", "close"]


async def test_the_picture_is_the_first_camera_s_whoever_speaks_first_and_another_s_when_that_one_is_lost() -> None:
    left, right, listener = Camera(), Camera(), Listener()
    Several((left, right)).watch(listener.views.append)
    assert left.seen is not None
    assert right.seen is not None
    right.seen(View((640, 480), (), frozenset(), None))
    left.seen(View((1920, 1080), (), frozenset({LINK}), None))
    left.seen(View(NO_PICTURE, (), frozenset(), None))
    sizes, agreed = [view.size for view in listener.views], [view.agreed for view in listener.views]
    assert sizes == [(640, 480), (1920, 1080), (640, 480)]
    assert agreed == [frozenset(), {LINK}, frozenset()]


async def test_several_work_while_one_does_and_name_the_first_that_does_not(tmp_path: Path) -> None:
    camera, wedge = Camera(), Wedge(str(tmp_path / "nowhere"))
    both = Several((camera, wedge))
    await both.open()
    assert both.health() == Health(Condition.LOW, "scanner-away", "unplugged")
    camera.state = Health(Condition.AWAY, "camera-frozen")
    assert both.health() == Health(Condition.AWAY, "camera-frozen")
    assert Several((Wedge(""), Wedge(""))).health() == Health(Condition.READY)
    await both.close()
