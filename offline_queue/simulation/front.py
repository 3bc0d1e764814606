"""The hub's front door: its shipped application, made once, and the hub behind it that a request reaches."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any, cast
from urllib.parse import urlsplit

from fastapi import FastAPI

from domain.letters import Channel
from hub.app import make_app
from hub.folder import Folder
from hub.hub import Hub, World
from hub.keys import Keys
from hub.receipts.port import Post
from hub.store import Store
from offline_queue.simulation.network import Letter, Reply

_answering: ContextVar[Hub] = ContextVar("answering")


class _Whichever:
    """Stands where the application expects its hub, and is the one that this request reached: an application takes longer to
    make than a day to simulate, so there is one for all of them."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def store(self) -> Store:
        return _answering.get().store

    @property
    def keys(self) -> Keys:
        return _answering.get().keys

    @property
    def folder(self) -> Folder:
        return _answering.get().folder

    @property
    def generation(self) -> int:
        return _answering.get().generation

    @property
    def posts(self) -> Mapping[Channel, Post]:
        return _answering.get().posts


class Front:
    """Serves whichever hub of `world` it is asked to. It tells the application of the certificate that the line showed as
    hub/server.py does."""

    def __init__(self, world: World) -> None:
        self._app: FastAPI = make_app(cast("Hub", _Whichever(world)))

    async def answer(self, hub: Hub, letter: Letter) -> Reply:
        """What `hub` answers. A bug in it is raised here."""
        _answering.set(hub)
        url = urlsplit(letter.url)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": letter.method,
            "scheme": url.scheme,
            "server": (url.hostname, url.port),
            "client": ("192.0.2.1", 1),
            "root_path": "",
            "path": url.path,
            "raw_path": url.path.encode("ascii"),
            "query_string": url.query.encode("ascii"),
            "headers": [(name.lower(), value) for name, value in letter.headers],
            "extensions": {"tls": {"client_cert_chain": (letter.certificate,) if letter.certificate else ()}},
        }
        asked = [{"type": "http.request", "body": letter.body, "more_body": False}]
        said: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return asked.pop() if asked else {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            said.append(message)

        await self._app(scope, receive, send)
        start, *rest = said
        body = b"".join(message.get("body", b"") for message in rest)
        return Reply(start["status"], tuple(start["headers"]), body)
