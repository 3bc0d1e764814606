"""The shipped camera driver against a simulated camera over loopback: real sockets, real JPEG, the real VideoCapture."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import queue
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from devices.health import Condition, Health
from devices.scanners.agreement import GONE_S
from devices.scanners.camera import STUCK_S, Camera
from devices.scanners.opencv import cv2
from devices.scanners.picture import BLACK_S
from devices.scanners.port import NO_PICTURE, Code, Glimpse, Hint, Sighting, View
from devices.scanners.simulator.wear import Wear, film, print_sheet
from domain.biller_profiles import read_code
from domain.statement_codes import RefKind, StatementRef, link_text
from tests.billers import TODAY
from tests.devices.scanners.bills import HOST, KEY, KEY_ID, LINK, NUMBER, NUMBERED, OPAQUE, PROFILES, shown
from tests.devices.simulator_process import LIMIT_S, SimulatorProcess, simulator, until

OTHER_LINK = link_text(KEY, HOST, KEY_ID, "PONMLKJIHGFEDCBA")
WELL = Health(Condition.READY, "", "1280x720")


def fast() -> float:
    """Seconds that pass four times as fast, for faults that take their time."""
    return 4 * time.monotonic()


def unhurried() -> float:
    """Seconds that pass four times as slowly: the frames that a busy machine comes to look at are near enough to agree."""
    return time.monotonic() / 4


@contextlib.asynccontextmanager
async def filming(
    clock: Callable[[], float] = unhurried, size: str = "1280x720"
) -> AsyncIterator[tuple[SimulatorProcess, Camera]]:
    async with simulator("devices.scanners.simulator", "--size", size) as shelf:
        camera = Camera(shelf.ready["url"], clock)
        assert camera.health() == Health(Condition.AWAY, "camera-away")
        await camera.open()
        try:
            await until(lambda: camera.health().usable)
            yield shelf, camera
        finally:
            await camera.close()


def watching(camera: Camera) -> asyncio.Queue[Code]:
    """The codes as they come to be agreed on."""
    seen: asyncio.Queue[Code] = asyncio.Queue()
    before: frozenset[Code] = frozenset()

    def look(view: View) -> None:
        nonlocal before
        for code in view.agreed - before:
            seen.put_nowait(code)
        before = view.agreed

    camera.watch(look)
    return seen


async def first(seen: asyncio.Queue[Code]) -> Code:
    async with asyncio.timeout(LIMIT_S):
        return await seen.get()


def _is(camera: Camera, health: Health) -> bool:
    return camera.health() == health


async def test_a_printed_bill_is_read_once_while_it_lies_there() -> None:
    async with filming() as (shelf, camera):
        seen = watching(camera)
        assert "done" in await shelf.tell({"show": shown("qr")})
        code = await first(seen)
        assert code == Code("QRCode", LINK)
        assert read_code(code.symbology, code.text, PROFILES, TODAY) == StatementRef(RefKind.LINK, OPAQUE)
        # the next bill shows that time has passed: the first code has not come again meanwhile
        await shelf.tell({"show": shown("code128")})
        code = await first(seen)
        assert code == Code("Code128", NUMBERED)
        assert read_code(code.symbology, code.text, PROFILES, TODAY) == StatementRef(RefKind.NUMBER, NUMBER)


async def test_a_resting_camera_says_nothing_and_a_new_watch_starts_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    bill, resting = filmed(LINK), filmed("WHILE RESTING")
    async with feeding(monkeypatch, lambda: 0.0) as (show, camera):
        seen = views(camera)
        await show(next(bill))
        await show(next(bill))
        await until_seen(seen, lambda view: bool(view.agreed))
        camera.rest()
        await show(next(resting))
        await show(next(resting))
        again = views(camera)
        await show(next(bill))
        (once,) = await until_seen(again, lambda _: True)
        assert [sighting.code.text for sighting in once.sightings] == [LINK]
        assert not once.agreed
        await show(next(bill))
        await until_seen(again, lambda view: view.agreed == {Code("QRCode", LINK)})
        assert seen.empty()


async def test_bad_codes_arrive_as_they_are() -> None:
    async with simulator("devices.scanners.simulator") as shelf:
        camera = Camera(shelf.ready["url"], unhurried)
        seen = watching(camera)
        await camera.open()
        try:
            await shelf.tell({"show_code": {"symbology": "QRCode", "text": "A1" * 2000}})
            assert await first(seen) == Code("QRCode", "A1" * 2000)
            await shelf.tell({"show_code": {"symbology": "QRCode", "base64": base64.b64encode(bytes(range(256))).decode()}})
            assert await first(seen) == Code("QRCode", "")
        finally:
            await camera.close()


async def test_hang_unplug_and_replug() -> None:
    async with filming() as (shelf, camera):
        seen = watching(camera)
        assert camera.health() == WELL
        await shelf.tell({"fault": "hang"})
        await until(lambda: camera.health().fault == "camera-away")
        await shelf.tell({"fault": None})
        await until(lambda: camera.health().usable)
        await shelf.tell({"fault": "unplug"})
        await until(lambda: camera.health().fault == "camera-away")
        await shelf.tell({"fault": None})
        await shelf.tell({"show": shown("qr")})
        assert await first(seen) == Code("QRCode", LINK)
        assert camera.health() == WELL


async def test_frozen_and_black_pictures_are_noticed_and_mend_themselves() -> None:
    async with filming(fast) as (shelf, camera):
        for fault, health in (
            ("frozen", Health(Condition.AWAY, "camera-frozen")),
            ("black", Health(Condition.OUT, "camera-black")),
        ):
            await shelf.tell({"fault": fault})
            await until(partial(_is, camera, health))
            await shelf.tell({"fault": None})
            await until(lambda: camera.health().usable)


async def test_a_read_that_does_not_come_back_counts_as_away() -> None:
    now = [time.monotonic()]
    async with filming(lambda: now[0]) as (shelf, camera):
        await shelf.tell({"fault": "hang"})
        now[0] += 60.0
        assert camera.health() == Health(Condition.AWAY, "camera-away", "stale")


async def test_a_thread_that_does_not_come_back_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    now, bill, decoding, go_on = [0.0], filmed(LINK), threading.Event(), threading.Event()

    def hangs(*_: object) -> list[Sighting]:
        decoding.set()
        go_on.wait()
        return []

    async with feeding(monkeypatch, lambda: now[0]) as (show, camera):
        await show(next(bill))
        now[0] += STUCK_S
        assert not camera.stuck()
        now[0] += 1.0
        assert camera.stuck()  # in reading
        monkeypatch.setattr("devices.scanners.decoding.decode", hangs)
        camera.watch(lambda _: None)
        await show(next(bill))
        await until(decoding.is_set)
        assert not camera.stuck()
        camera.rest()
        now[0] += STUCK_S + 1.0
        await show(next(bill))
        assert camera.stuck()  # in decoding, while pictures come
        go_on.set()
        await until(lambda: not camera.stuck())


@pytest.mark.parametrize("source", ["99", "/dev/v4l/by-id/nobody", "http://127.0.0.1:9/stream.mjpg"])
async def test_a_camera_that_is_not_there_is_away_and_closes(source: str) -> None:
    camera = Camera(source)
    await camera.open()
    await until(lambda: camera.health() == Health(Condition.AWAY, "camera-away", "not-opened"))
    await camera.close()
    assert camera.health() == Health(Condition.AWAY, "camera-away")


@pytest.mark.parametrize("source", ["usb", "0?exposure=bright", "ftp://127.0.0.1/s"])
def test_a_source_that_names_no_camera_is_refused_at_once(source: str) -> None:
    with pytest.raises(ValueError, match="a camera is INDEX"):
        Camera(source)


class Deaf:
    """A camera at this machine that says yes to every setting and does nothing; its picture lives."""

    def __init__(self, *_: object) -> None:
        self._frames = itertools.cycle(np.random.default_rng(5).integers(80, 160, (2, 720, 1280, 3), np.uint8))

    def opened(self) -> bool:
        return True

    isOpened = opened  # noqa: N815 - as OpenCV spells it

    def set(self, *_: object) -> bool:
        return True

    def get(self, *_: object) -> float:
        return 0.0

    def read(self) -> tuple[bool, NDArray[np.uint8]]:
        return True, next(self._frames)

    def release(self) -> None:
        pass


class Fed(Deaf):
    """A camera that gives what a test puts into `frames`: a picture, None when it is lost, an error of OpenCV's. `asked` counts
    its reads."""

    def __init__(self, *_: object) -> None:
        self.frames: queue.Queue[NDArray[np.uint8] | Exception | None] = queue.Queue()
        self.asked = 0

    def read(self) -> tuple[bool, NDArray[np.uint8]]:
        self.asked += 1
        frame = self.frames.get()
        if isinstance(frame, Exception):
            raise frame
        return frame is not None, np.zeros((0, 0), np.uint8) if frame is None else frame


@contextlib.asynccontextmanager
async def feeding(
    monkeypatch: pytest.MonkeyPatch, clock: Callable[[], float], glimpsed: Callable[[Glimpse | None], None] | None = None
) -> AsyncIterator[tuple[Callable[[NDArray[np.uint8] | Exception | None], Awaitable[None]], Camera]]:
    """Gives what shows the camera a picture and waits until it has been looked at, as far as it is going to be."""
    fed = Fed()
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: fed)
    monkeypatch.setattr("devices.scanners.camera.BACKOFF_S", (0.0,))
    camera = Camera("0", clock, glimpsed)
    await camera.open()
    await until(lambda: fed.asked == 1)

    async def show(frame: NDArray[np.uint8] | Exception | None) -> None:
        asked = fed.asked
        fed.frames.put(frame)
        await until(lambda: fed.asked > asked and camera._newest is None)

    try:
        yield show, camera
    finally:
        camera._stopping.set()
        fed.frames.put(None)  # or it would wait for a picture for ever
        await camera.close()


def filmed(text: str | None) -> Iterator[NDArray[np.uint8]]:
    """Pictures of a sheet with a QR code, or of one whose code is covered, each with noise of its own."""
    chance = np.random.default_rng(9)
    sheet = print_sheet("QRCode", text or "X")
    while True:
        frame = film(sheet, Wear(noise=3.0), chance, (1280, 720))
        if text is None:
            frame[200:520, 400:880] = 250
        yield frame


async def test_a_picture_that_is_repeated_is_no_second_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    bill, sheet = filmed(LINK), filmed(None)
    async with feeding(monkeypatch, lambda: 0.0) as (show, camera):
        seen = views(camera)
        once = next(bill)
        for _ in range(5):
            await show(once)
        await show(next(sheet))
        told = await until_seen(seen, lambda view: not view.sightings)
        assert [len(view.sightings) for view in told] == [1, 0]
        assert not any(view.agreed for view in told)
        await show(next(bill))
        await until_seen(seen, lambda view: view.agreed == {Code("QRCode", LINK)})


@pytest.mark.parametrize("end", [None, cv2.error("the stream is broken")])
async def test_what_was_in_view_is_gone_with_the_camera_but_not_for_a_moment_s_loss(
    monkeypatch: pytest.MonkeyPatch, end: Exception | None
) -> None:
    bill, now, glimpses = filmed(LINK), [0.0], list[Glimpse | None]()
    async with feeding(monkeypatch, lambda: now[0], glimpses.append) as (show, camera):
        seen = views(camera)
        await show(next(bill))
        await show(next(bill))
        await until_seen(seen, lambda view: bool(view.agreed))
        await show(end)
        (*_, lost) = await until_seen(seen, lambda view: not view.sightings)
        assert lost == View(NO_PICTURE, (), frozenset({Code("QRCode", LINK)}), None)
        await until(lambda: glimpses[-1] is None)
        assert camera.health() == Health(Condition.AWAY, "camera-away", "no-picture")
        await show(next(bill))
        (*_, back) = await until_seen(seen, lambda view: bool(view.sightings))
        assert back.agreed == lost.agreed
        now[0] += GONE_S
        await show(end)
        (*_, gone) = await until_seen(seen, lambda view: not view.agreed)
        assert gone == View(NO_PICTURE, (), frozenset(), None)


async def test_what_was_in_view_is_gone_when_the_lens_is_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a shutter that leaves no light and no noise: every frame is the same."""
    bill, now = filmed(LINK), [0.0]
    black = np.zeros((720, 1280), np.uint8)
    async with feeding(monkeypatch, lambda: now[0]) as (show, camera):
        seen = views(camera)
        await show(next(bill))
        await show(next(bill))
        await until_seen(seen, lambda view: bool(view.agreed))
        for _ in range(4):
            now[0] += BLACK_S / 2
            await show(black)
        await until_seen(seen, lambda view: view == View(NO_PICTURE, (), frozenset(), None))
        assert camera.health() == Health(Condition.OUT, "camera-black")


async def test_a_setting_that_the_camera_does_not_take_is_a_fault_that_leaves_it_working(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", Deaf)
    camera = Camera("0?exposure=80")
    await camera.open()
    try:
        await until(lambda: camera.health() == Health(Condition.LOW, "camera-setting-refused", "exposure"))
        assert camera.health().usable
    finally:
        await camera.close()


@pytest.mark.parametrize("size", ["1280x704", "960x720"])
async def test_too_few_pixels_are_a_fault_that_leaves_it_working(size: str) -> None:
    async with filming(size=size) as (_, camera):
        assert camera.health() == Health(Condition.LOW, "camera-low-resolution", size)


async def test_a_lens_out_of_focus_is_a_fault_until_something_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.scanners.focus.BLURRED_LOOKS", 4)
    async with filming(fast) as (shelf, camera):
        camera.watch(lambda _: None)
        await shelf.tell({"fault": "blurred"})
        await shelf.tell({"show": shown("qr")})
        await until(lambda: camera.health() == Health(Condition.LOW, "camera-out-of-focus", "1280x720"))
        await shelf.tell({"fault": None})
        await until(lambda: camera.health() == WELL)


def views(camera: Camera) -> asyncio.Queue[View]:
    seen: asyncio.Queue[View] = asyncio.Queue()
    camera.watch(seen.put_nowait)
    return seen


async def until_seen(seen: asyncio.Queue[View], wanted: Callable[[View], bool]) -> list[View]:
    """The views up to the first that is wanted."""
    told: list[View] = []
    async with asyncio.timeout(LIMIT_S):
        while not (told and wanted(told[-1])):
            told.append(await seen.get())
    return told


async def test_a_torn_stream_makes_up_nothing_and_is_outlived() -> None:
    async with filming() as (shelf, camera):
        seen = watching(camera)
        await shelf.tell({"show": shown("qr")})
        assert await first(seen) == Code("QRCode", LINK)
        await shelf.tell({"fault": "torn"})
        shapes = views(camera)
        await shelf.tell({"show_code": {"symbology": "QRCode", "text": "ANOTHER"}})
        await until_seen(shapes, lambda _: True)
        await shelf.tell({"fault": None})
        told = await until_seen(shapes, lambda view: Code("QRCode", "ANOTHER") in view.agreed)
        assert {code.text for view in told for code in view.agreed} <= {LINK, "ANOTHER"}


@pytest.mark.parametrize(("fault", "distance", "hint"), [("dark", 2.0, Hint.TOO_DARK), (None, 4.0, Hint.TOO_FAR)])
async def test_what_hinders_is_told_and_taken_back_when_the_bill_reads(fault: str | None, distance: float, hint: Hint) -> None:
    """Both bills are too far away to be read by chance, before it is told what hinders."""
    async with filming(fast) as (shelf, camera):
        seen = views(camera)
        await shelf.tell({"fault": fault})
        await shelf.tell({"lay": [shown()], "distance": distance})
        told = await until_seen(seen, lambda view: view.hint is hint)
        assert {view.hint for view in told} == {None, hint}
        await shelf.tell({"fault": None})
        await shelf.tell({"show": shown("qr")})
        (*_, last) = await until_seen(seen, lambda view: bool(view.sightings))
        assert last.hint is None


async def test_a_view_comes_when_it_has_changed_and_says_where_its_codes_are() -> None:
    async with filming() as (shelf, camera):
        seen = views(camera)
        empty, *_ = await until_seen(seen, lambda _: True)
        assert empty == View((1280, 720), (), frozenset(), None)
        await shelf.tell({"show": shown("qr")})
        told = await until_seen(seen, lambda view: bool(view.agreed))
        assert all(before != after for before, after in itertools.pairwise([empty, *told]))
        (sighting,) = told[-1].sightings
        assert sighting.code == Code("QRCode", LINK)
        assert all(0 <= x < 1280 and 0 <= y < 720 for x, y in sighting.corners)


async def test_two_bills_in_view_are_both_seen() -> None:
    async with filming() as (shelf, camera):
        seen = views(camera)
        await shelf.tell({"lay": [shown("qr"), shown("qr", OTHER_LINK)]})
        await until_seen(seen, lambda view: view.agreed == {Code("QRCode", LINK), Code("QRCode", OTHER_LINK)})


async def test_a_strangers_code_beside_a_bill_does_not_hide_it() -> None:
    stranger = {"symbology": "QRCode", "text": "https://apps.example/get"}
    async with filming() as (shelf, camera):
        seen = views(camera)
        await shelf.tell({"lay": [shown("qr"), stranger]})
        await until_seen(seen, lambda view: view.agreed == {Code("QRCode", LINK), Code("QRCode", stranger["text"])})


async def test_who_agrees_on_a_qr_code_has_seen_the_bars_beside_it() -> None:
    """The first frame is over with the QR code; the second one looks at everything."""
    async with filming() as (shelf, camera):
        seen = views(camera)
        await shelf.tell({"show": shown("both")})
        *_, agreed = await until_seen(seen, lambda view: Code("QRCode", LINK) in view.agreed)
        assert {sighting.code.symbology for sighting in agreed.sightings} == {"QRCode", "Code128"}


async def test_what_it_sees_comes_while_it_watches_with_what_was_found_and_ends_with_it() -> None:
    seen: list[Glimpse | None] = []
    async with simulator("devices.scanners.simulator") as shelf:
        camera = Camera(shelf.ready["url"], unhurried, seen.append)
        await camera.open()
        try:
            await until(lambda: camera.health().usable)
            await shelf.tell({"show": shown("qr")})
            assert seen == []  # nobody scans: nobody is looked at
            watching(camera)
            await until(lambda: bool(seen) and seen[-1] is not None and len(seen[-1].found) > 0)
            newest = seen[-1]
            assert newest is not None
            assert (newest.width, newest.height, len(newest.pixels)) == (320, 180, 320 * 180 * 3)
            camera.rest()
            assert seen[-1] is None
            count = len(seen)
            again = watching(camera)
            await first(again)
            assert all(one is not None for one in seen[count:])  # none of the old watch came after its end
        finally:
            await camera.close()
    assert seen[-1] is None
    assert camera._newest is None
    assert camera._watch is None


async def test_it_looks_only_for_what_the_site_s_bills_carry() -> None:
    async with simulator("devices.scanners.simulator") as shelf:
        camera = Camera(shelf.ready["url"], unhurried, symbologies=frozenset({"Code128"}))
        await camera.open()
        try:
            seen = views(camera)
            await shelf.tell({"show": shown("both")})
            told = await until_seen(seen, lambda view: bool(view.agreed))
            assert {sighting.code.symbology for view in told for sighting in view.sightings} == {"Code128"}
        finally:
            await camera.close()
