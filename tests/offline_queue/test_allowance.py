"""Offline limits from the hub and from settings: the tighter one binds, and nothing widens while nobody hears the hub."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from domain.limits import Limits
from domain.money import Money
from offline_queue.client import HubClient
from offline_queue.errors import LimitReached
from offline_queue.journal import Journal
from offline_queue.sync import Sync
from tests.offline_queue.world import FakeHub, World

OWN = Limits(Money(50_000, "USD"), Money(200_000, "USD"), 40, dt.timedelta(hours=72))
TOLD: dict[str, object] = {"currency": "USD", "payment": 10_000, "total": 30_000, "count": 2, "age_s": 3600}


async def hear(journal: Journal, client: HubClient, own: Limits | None) -> None:
    await Sync(journal, client, on_reachability=lambda _: None, limits=own).once()


async def offline(journal: Journal, world: World, minor: int, own: Limits = OWN) -> str:
    """What stands in the way of an offline payment of `minor`, "" when it is taken (and kept open)."""
    try:
        await journal.open_attempt(world.attempt(minor, offline=True), own)
    except LimitReached as error:
        return error.code
    return ""


async def test_the_hubs_limits_bind_where_they_are_tighter(
    journal: Journal, client: HubClient, hub: FakeHub, world: World
) -> None:
    assert await offline(journal, world, 10_001) == ""
    hub.limits = TOLD
    await hear(journal, client, OWN)
    assert await offline(journal, world, 10_001) == "limit-payment"
    assert await offline(journal, world, 10_000) == ""
    assert await offline(journal, world, 1) == "limit-count"
    hub.limits = TOLD | {"count": 99, "total": 99_999_999}
    await hear(journal, client, OWN)
    assert await offline(journal, world, 10_000) == ""
    hub.limits = None
    await hear(journal, client, OWN)
    assert await offline(journal, world, 50_000) == ""
    assert await offline(journal, world, 50_001) == "limit-payment"


async def test_no_restart_widens_anything_while_the_hub_is_away(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, folder: Path
) -> None:
    await hear(journal, client, OWN)
    await journal.close()
    journal = await world.journal(folder)
    wider = dataclasses.replace(OWN, payment=Money(90_000, "USD"))
    assert await offline(journal, world, 50_001, wider) == "limit-payment"
    narrower = dataclasses.replace(OWN, payment=Money(100, "USD"))
    assert await offline(journal, world, 101, narrower) == "limit-payment"
    await hear(journal, client, wider)
    assert await offline(journal, world, 50_001, wider) == ""
    await journal.close()


@pytest.mark.parametrize("own", [OWN, None])
async def test_limits_in_another_currency_allow_nothing(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, own: Limits | None
) -> None:
    hub.limits = TOLD | {"currency": "EUR"}
    await hear(journal, client, own)
    assert await offline(journal, world, 1) == "limit-payment"
