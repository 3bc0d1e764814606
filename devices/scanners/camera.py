"""A camera as a scanner: one thread reads frames, one decodes the newest, views are delivered on the asyncio loop. At a kiosk all
of it is a process of its own (kiosk.camera_process).

OpenCV is imported by the reading thread, so that nothing else waits for it. `isOpened()` stays true after an unplug: only
what `read()` returns is believed (reference: scanning). Faults: "camera-away", "camera-frozen", "camera-black"; and of a camera
that works, not well: "camera-low-resolution", "camera-out-of-focus", "camera-setting-refused".
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from devices.health import Condition, Health
from devices.scanners.agreement import Agreement
from devices.scanners.capture import LEAST, next_frame, open_capture, read_source
from devices.scanners.focus import Focus
from devices.scanners.port import NO_PICTURE, Glimpse, View
from domain.biller_profiles import SYMBOLOGIES

if TYPE_CHECKING:
    from devices.scanners.decoding import Frame
    from devices.scanners.guidance import Guide
    from devices.scanners.picture import Picture

STALE_S = 2.5
"""No frame for this long: the camera counts as away, even while `read()` has not come back."""
STUCK_S = 10.0
"""A thread that is at one frame for this long will not come back: opening a camera takes three seconds at most, a frame as long,
a decoder a tenth of one."""
DECODES_PER_S = 15
BACKOFF_S = (0.25, 0.5, 1.0, 2.0)
"""Pauses between attempts to open a camera; the last one repeats."""
_JOIN_S = 4.0


class _Watch:
    """One call of `watch`: who listens, what has counted since, what hinders, and what was told last."""

    def __init__(self, seen: Callable[[View], None]) -> None:
        self.seen = seen
        self.agreement = Agreement()
        self.guide: Guide | None = None
        self.told: View | None = None
        self.glimpses: deque[Glimpse | None] = deque(maxlen=1)
        """The newest one, until the loop has taken it."""


class Camera:
    """A scanner (devices.scanners.port). `source` is an index ("0"), a device path, or an http(s) or rtsp URL, with settings as
    devices.scanners.capture has them. Raises ValueError for no such source.

    `glimpsed` gets what it sees while it watches, on the loop, and None when there is nothing to see any more; `mirrored` as in
    devices.scanners.glimpse. Codes of `symbologies` are looked for and no others, which costs less. `clock` gives seconds that
    never run backwards.
    """

    def __init__(
        self,
        source: str,
        clock: Callable[[], float] = time.monotonic,
        glimpsed: Callable[[Glimpse | None], None] | None = None,
        mirrored: bool = False,
        symbologies: frozenset[str] = SYMBOLOGIES,
    ) -> None:
        self._symbologies = symbologies
        self._source = read_source(source)
        self._glimpsed = glimpsed
        self._mirrored = mirrored
        self._clock = clock
        self._health = Health(Condition.AWAY, "camera-away")
        self._focus = Focus()
        self._fresh_at = clock()
        self._watch: _Watch | None = None
        self._newest: tuple[_Watch, Frame | None, float] | None = None
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._reading_since: float | None = None
        self._looking_since: float | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping.clear()
        self._threads = [
            threading.Thread(target=self._keep_reading, name="camera-read", daemon=True),
            threading.Thread(target=self._keep_decoding, name="camera-decode", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    async def close(self) -> None:
        self.rest()
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            await asyncio.to_thread(thread.join, _JOIN_S)
        self._threads = []
        self._health = Health(Condition.AWAY, "camera-away")

    def health(self) -> Health:
        health = self._health
        if health.condition is not Condition.AWAY and self._clock() - self._fresh_at > STALE_S:
            return Health(Condition.AWAY, "camera-away", "stale")
        return health

    def stuck(self) -> bool:
        """Whether one of the threads hangs in OpenCV or in a decoder: nothing but the end of the process mends that."""
        begun = (since for since in (self._reading_since, self._looking_since) if since is not None)
        return any(self._clock() - since > STUCK_S for since in begun)

    def watch(self, seen: Callable[[View], None]) -> None:
        with self._changed:
            self._watch = _Watch(seen)
            self._newest = None

    def rest(self) -> None:
        with self._changed:
            self._watch = None
            self._newest = None
        if self._glimpsed is not None:
            self._glimpsed(None)

    # the reading thread

    def _keep_reading(self) -> None:
        from devices.scanners.picture import Picture  # numpy, as OpenCV, is for this thread to wait for

        picture = Picture()
        failures = 0
        while not self._stopping.is_set():
            worked, lost = self._read_until_lost(picture)
            self._reading_since = None
            if self._stopping.is_set():
                return
            failures = 0 if worked else failures + 1
            self._health = lost
            self._offer(None, self._clock())
            self._stopping.wait(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])

    def _read_until_lost(self, picture: Picture) -> tuple[bool, Health]:
        """Reads until the camera is lost or frozen. Returns whether there was a picture at all, and how the camera is then."""
        self._reading_since = self._clock()
        capture, refused = open_capture(self._source)
        worked = False
        lost = Health(Condition.AWAY, "camera-away", "no-picture" if capture.isOpened() else "not-opened")
        picture.reopened()
        try:
            while not self._stopping.is_set():
                frame = next_frame(capture)
                if frame is None:
                    break
                self._reading_since = now = self._clock()
                health = picture.judge(frame, now)
                if health.fault == "camera-frozen":
                    return worked, health
                worked = True
                self._fresh_at = now
                self._health = self._how_well(frame, refused) if health.usable else health
                if not health.usable:
                    self._offer(None, now)
                elif not picture.repeats:
                    self._offer(frame, now)
        finally:
            capture.release()
        return worked, lost

    def _how_well(self, frame: Frame, refused: str) -> Health:
        """Of a picture that is alive; the detail says what size it really has."""
        height, width = frame.shape[:2]
        if max(width, height) < max(LEAST) or min(width, height) < min(LEAST):
            return Health(Condition.LOW, "camera-low-resolution", f"{width}x{height}")
        if refused:
            return Health(Condition.LOW, "camera-setting-refused", refused)
        if self._focus.lost:
            return Health(Condition.LOW, "camera-out-of-focus", f"{width}x{height}")
        return Health(Condition.READY, "", f"{width}x{height}")

    def _offer(self, frame: Frame | None, now: float) -> None:
        """None: there is nothing in view that can be used."""
        with self._changed:
            if self._watch is not None:
                self._newest = (self._watch, frame, now)
                self._changed.notify_all()

    # the decoding thread

    def _keep_decoding(self) -> None:
        while (taken := self._take()) is not None:
            started = time.monotonic()
            self._looking_since = self._clock()
            self._look_at(*taken)
            self._looking_since = None
            del taken  # a picture of somebody is not kept until the next one comes
            self._stopping.wait(max(0.0, 1 / DECODES_PER_S - (time.monotonic() - started)))

    def _look_at(self, watch: _Watch, frame: Frame | None, at: float) -> None:
        from devices.scanners.glimpse import glimpse  # late: see the head of this file

        assert self._loop is not None, "it is open"
        view = View(NO_PICTURE, (), watch.agreement.see((), at), None) if frame is None else self._view(watch, frame, at)
        changed = view != watch.told
        if changed:
            watch.told = view
            self._loop.call_soon_threadsafe(self._deliver, watch, view)
        if self._glimpsed is not None and (changed or frame is not None):
            self._offer_glimpse(watch, None if frame is None else glimpse(frame, view.sightings, self._mirrored))

    def _view(self, watch: _Watch, frame: Frame, at: float) -> View:
        from devices.scanners.decoding import decode
        from devices.scanners.guidance import Guide

        watch.guide = watch.guide or Guide(self._focus)
        height, width = frame.shape[:2]
        sightings = decode(frame, watch.agreement.agreed, watch.agreement.met, self._symbologies)
        agreed = watch.agreement.see((sighting.code for sighting in sightings), at)
        return View((width, height), sightings, agreed, watch.guide.see(frame, bool(sightings or agreed), at))

    def _offer_glimpse(self, watch: _Watch, newest: Glimpse | None) -> None:
        """Leaves it for the loop; one that the loop has not taken yet is replaced."""
        assert self._loop is not None, "it is open"
        with self._changed:
            waiting = bool(watch.glimpses)
            watch.glimpses.append(newest)
        if not waiting:
            self._loop.call_soon_threadsafe(self._pass_on, watch)

    def _take(self) -> tuple[_Watch, Frame | None, float] | None:
        """The newest frame not yet decoded and who wants it; None when the camera closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._stopping.is_set())
            taken, self._newest = self._newest, None
            return None if self._stopping.is_set() else taken

    # the loop

    def _pass_on(self, watch: _Watch) -> None:
        with self._changed:
            newest = watch.glimpses.pop()
        if self._watch is watch and self._glimpsed is not None:
            self._glimpsed(newest)

    def _deliver(self, watch: _Watch, view: View) -> None:
        if self._watch is watch:
            watch.seen(view)
