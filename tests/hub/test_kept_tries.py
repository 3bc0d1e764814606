"""Tries of look-ups outlast the hub's process, and what is kept of them says nothing of anybody and is soon gone."""

from __future__ import annotations

import asyncio
import datetime as dt

import httpx2
from sqlalchemy import func, select

from hub.app import make_app
from hub.folder import Folder
from hub.hub import Hub, open_hub
from hub.kept_tries import WINDOW, mac_of
from hub.lookups import TRIES_PER_KEY, TRIES_PER_KIOSK
from hub.schema import tries
from tests.hub.conftest import NUMBER, Time
from tests.hub.kiosk import ScriptedKiosk
from tests.tls import Tls

RIGHT, WRONG = "1984-03-17", "1984-03-18"


def kept(hub: Hub) -> int:
    with hub.store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(tries)) or 0


async def test_who_is_locked_out_is_so_after_a_restart(hub: Hub, folder: Folder, time: Time, kiosk: ScriptedKiosk) -> None:
    """With another clock of the machine's own, too: it begins anew when the machine does."""
    for _ in range(TRIES_PER_KEY):
        assert (await kiosk.look_up("number", NUMBER, WRONG)).status_code == 404
    hub.store.close()
    time.seconds = 1.0
    again = open_hub(folder, hub.world)
    try:
        async with httpx2.AsyncClient(transport=Tls(make_app(again)), base_url="https://hub.example") as line:
            kiosk.client = line
            locked = await kiosk.look_up("number", NUMBER, RIGHT)
            assert (locked.status_code, locked.json()["code"]) == (429, "too-many-tries")
            time.pass_by(dt.timedelta(seconds=int(locked.headers["retry-after"])))
            assert (await kiosk.look_up("number", NUMBER, RIGHT)).status_code == 200
    finally:
        again.store.close()


async def test_a_kiosk_that_asks_on_for_what_is_locked_is_locked_itself(kiosk: ScriptedKiosk) -> None:
    for _ in range(TRIES_PER_KIOSK):
        await kiosk.look_up("number", NUMBER, WRONG)
    assert (await kiosk.look_up("number", "9999999999", RIGHT)).status_code == 429


async def test_trying_in_parallel_gains_nothing(kiosk: ScriptedKiosk) -> None:
    days = [(dt.date(1984, 1, 1) + dt.timedelta(day)).isoformat() for day in range(12)]
    answers = await asyncio.gather(*(kiosk.look_up("number", NUMBER, day) for day in days))
    assert sorted(answer.status_code for answer in answers) == [404] * TRIES_PER_KEY + [429] * (12 - TRIES_PER_KEY)


async def test_what_counts_no_more_is_forgotten_with_the_next_wrong_try(hub: Hub, kiosk: ScriptedKiosk, time: Time) -> None:
    for _ in range(3):
        await kiosk.look_up("number", NUMBER, WRONG)
    assert kept(hub) == 6  # of the kiosk and of the statement
    time.pass_by(WINDOW)
    await kiosk.look_up("number", NUMBER, RIGHT)
    assert kept(hub) == 6  # what is right writes nothing: a full disk does not stop it
    await kiosk.look_up("number", NUMBER, WRONG)
    assert kept(hub) == 2


async def test_nobody_reads_there_who_was_tried(hub: Hub, kiosk: ScriptedKiosk) -> None:
    await kiosk.look_up("number", NUMBER, WRONG)
    with hub.store.reading() as connection:
        keys = connection.scalars(select(tries.c.key)).all()
    assert len(set(keys)) == 2
    what = f"kiosk:{kiosk.id}"
    assert mac_of(hub.keys.pins, what) in keys
    assert mac_of(b"", what) not in keys, "who has no key finds nobody there by trying"


async def test_a_clock_that_was_years_ahead_locks_nobody_out_for_years(kiosk: ScriptedKiosk, time: Time) -> None:
    time.now += dt.timedelta(days=1500)
    for _ in range(TRIES_PER_KEY):
        await kiosk.look_up("number", NUMBER, WRONG)
    time.now -= dt.timedelta(days=1500)
    assert (await kiosk.look_up("number", NUMBER, RIGHT)).status_code == 200


async def test_nor_does_one_that_was_set_back_a_little_forget(kiosk: ScriptedKiosk, time: Time) -> None:
    for _ in range(TRIES_PER_KEY):
        await kiosk.look_up("number", NUMBER, WRONG)
    time.now -= dt.timedelta(minutes=1)
    assert (await kiosk.look_up("number", NUMBER, RIGHT)).status_code == 429
