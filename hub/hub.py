"""What every part of a running hub is given: its database, keys and generation, and its world of clocks and chance (law 14)."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from domain.letters import Channel
from hub.folder import Folder, generation
from hub.gateway.port import Gateway
from hub.gateway.sandbox import open_sandbox
from hub.keys import Keys, open_keys
from hub.passwords import Cost
from hub.receipts.port import Post
from hub.store import Store, open_store


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class World:
    """`clock` is aware; `monotonic` counts seconds; `random(n)` gives n bytes fit for secrets; `cost` is a password's."""

    clock: Callable[[], dt.datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[int], bytes] = secrets.token_bytes
    cost: Cost = field(default_factory=Cost)


@dataclass(frozen=True, slots=True)
class Hub:
    """`generation` counts the restores of this hub from a backup, plus one; `gateway` asks the bank, where this hub has one;
    `posts` are the channels by which it sends receipts."""

    store: Store
    keys: Keys
    generation: int
    world: World
    folder: Folder
    gateway: Gateway | None = None
    posts: Mapping[Channel, Post] = field(default_factory=dict)


def open_hub(folder: Folder, world: World | None = None, public_host: str | None = None, *, sandbox: bool = False) -> Hub:
    """The hub whose data lies in `folder`, made at its first start; `sandbox` for one whose cards are test cards. Raises HubError
    when it cannot be opened."""
    world = world or World()
    folder.make()
    with folder.locked():
        keys = open_keys(folder, world.clock(), public_host)
        gateway = open_sandbox(folder) if sandbox else None
        return Hub(open_store(folder), keys, generation(folder), world, folder, gateway)
