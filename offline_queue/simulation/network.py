"""The network between kiosk and hub: loses, delays, repeats and reorders what it is given, and sometimes lies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

import httpx2

from offline_queue.simulation.temper import CALM

FOR_EVER = 86_400.0
"""Seconds: longer than any kiosk waits for an answer."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A request on its way, whoever still waits for it, on a line that showed `certificate` (PEM)."""

    method: str
    url: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    certificate: str


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Far(Protocol):
    """What is at the other end."""

    async def __call__(self, letter: Letter) -> Reply | None:
        """The answer; None when nobody is there, or nobody is left to answer."""


Spawn = Callable[[Coroutine[Any, Any, Reply | None]], asyncio.Task[Reply | None]]

BROKEN = (
    Reply(502, ((b"content-type", b"text/html"),), b"<html>Bad Gateway</html>"),
    Reply(503, ((b"retry-after", b"20"),), b'{"code": "busy", "hub_time": "2026-11-21T09:00:00Z"}'),
    Reply(429, ((b"retry-after", b"7"),), b'{"code": "busy", "hub_time": "2026-11-21T09:00:00Z"}'),
    Reply(413, ((b"content-type", b"text/html"),), b"<html>Request Entity Too Large</html>"),
    Reply(400, ((b"content-type", b"text/html"),), b"<html>Bad Request</html>"),
    Reply(403, ((b"content-type", b"text/html"),), b"<html>This site is blocked by your network's policy.</html>"),
    Reply(200, ((b"content-type", b"text/html"),), b"<html>Welcome to the guest network. Please accept our terms.</html>"),
    Reply(200, ((b"content-type", b"application/json"),), b'{"gen": 1, "epoch": 1, "head": {"se'),
)
"""Answers of things between a kiosk and its hub: proxies, portals, a line that breaks in the middle."""


class Network(httpx2.AsyncBaseTransport):
    """The kiosk's client sends into this; `spawn` runs what happens when the kiosk has stopped waiting."""

    def __init__(
        self,
        chance: Random,
        far: Far,
        note: Callable[..., None],
        spawn: Spawn,
    ) -> None:
        self.temper = CALM
        self.cut = False
        self.certificate = ""
        self.sent = 0
        self.heard = 0
        """How many answers the kiosk was given, whoever made them."""
        self.answered = 0
        """How many requests have had their own answer, and a good one."""
        self._chance = chance
        self._far = far
        self._note = note
        self._spawn = spawn
        self._earlier: Reply | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = await request.aread()
        letter = Letter(request.method, str(request.url), tuple(request.headers.raw), body, self.certificate)
        self.sent += 1
        if self.cut:
            await self._passes(0.01, 1)
            raise httpx2.ConnectError("no route", request=request)
        fate = self._fate()
        if fate:
            self._note("net", fate=fate, method=letter.method)
        await self._passes(0.005, 0.4 if self.temper is CALM else 6)
        reply = await self._through(letter, fate)
        if reply is None:
            raise httpx2.ReadError("reset", request=request)
        self.heard += 1
        self.answered += not fate and reply.status == 200
        return httpx2.Response(reply.status, headers=list(reply.headers), stream=httpx2.ByteStream(reply.body))

    def _fate(self) -> str:
        at, temper = self._chance.random(), self.temper
        for fate in ("lost", "deaf", "late", "twice", "crossed", "broken"):
            at -= getattr(temper, fate)
            if at < 0:
                return fate
        return ""

    async def _through(self, letter: Letter, fate: str) -> Reply | None:
        match fate:
            case "lost":
                await self._nothing()
            case "late":
                self._spawn(self._later(letter, self._chance.uniform(5, 400)))
                await self._nothing()
            case "broken":
                return self._chance.choice(BROKEN)
            case "crossed" if self._earlier is not None and self._chance.random() < 0.8:
                return self._earlier  # and this one went nowhere
            case "twice":
                self._spawn(self._later(letter, self._chance.uniform(0, 90)))
        # on its own: what reached the hub is carried out there, whether or not the kiosk lives to hear of it
        reply, earlier = await asyncio.shield(self._spawn(self._far(letter))), self._earlier
        self._earlier = reply
        if fate == "deaf":
            await self._nothing()
        return earlier if fate == "crossed" else reply

    async def _nothing(self) -> None:
        """No answer: the client's own time limit ends this. Or, as often, the connection is reset."""
        if self._chance.random() < 0.5:
            await asyncio.sleep(FOR_EVER)
        await self._passes(0.1, 3)
        raise httpx2.ReadError("reset")

    async def _later(self, letter: Letter, after: float) -> Reply | None:
        await asyncio.sleep(after)
        reply = await self._far(letter)
        self._earlier = reply
        self._note("net", fate="arrived", method=letter.method, status=reply.status if reply else 0)
        return reply

    async def _passes(self, least: float, most: float) -> None:
        await asyncio.sleep(self._chance.uniform(least, most))
