"""A day from a seed: acts of trouble, each followed by one in which everything is mended and the laws must hold."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from offline_queue.simulation.kiosk import Kiosk
from offline_queue.simulation.temper import drawn
from offline_queue.simulation.template import Template
from offline_queue.simulation.world import World, world

WEEK_S = 8 * 86_400.0

PACES_S = (15, 40, 200)
"""Between two events, on average: one of these for a day."""

EVENTS = {
    "resolve": 1,
    "power": 1.5,
    "week": 0.4,
    "line": 2,
    "hub": 1.5,
    "backup": 1.5,
    "restore": 2,
    "ghost": 0.5,
    "jump": 0.7,
    "enrol": 0.7,
    "revoke": 0.3,
    "image": 0.7,
    "set-back": 0.7,
    "rotate": 0.3,
    "decline": 1,
}
"""How often each happens besides payments, against the others. Each day knows only some of them, and some of those thrice as
often: so that days meet what a mixture of all would keep apart (swarm testing)."""


def simulate(seed: int, made: Template, acts: int = 1, events: Mapping[str, float] | None = None) -> str:
    """Lives the day of `seed` in so many `acts`, with these `events` or with those that it draws. Returns the digest of all that
    happened, the same for the same seed. Raises LawBroken."""
    kiosks = 2 if seed % 8 == 0 else 1
    with world(seed, made, kiosks) as day:
        day.does(_acts(day, acts, events or _some(day.chance)))
        return day.trace.hexdigest()


def _some(chance: Random) -> Mapping[str, float]:
    return {event: weight * chance.choice((0, 1, 3)) for event, weight in EVENTS.items()} | {"nothing": 1.0}


async def _acts(day: World, acts: int, events: Mapping[str, float]) -> None:
    chance = day.chance
    pace = chance.choice(PACES_S)
    await day.open()
    for _ in range(acts):
        day.set_temper(drawn(chance))
        for _ in range(chance.randrange(2, 7)):
            kiosk = chance.choice(day.kiosks)
            if chance.random() < 0.85:
                kiosk.pay(chance)
                await day.passes(chance.expovariate(1 / 15))
                await day.check_belief()
            await _happens(chance.choices(list(events), list(events.values()))[0], day, kiosk)
            await day.passes(chance.expovariate(1 / pace))
            await day.check_belief()
        await day.mended()


async def _happens(event: str, day: World, kiosk: Kiosk) -> None:
    office = day.office
    match event:
        case "resolve":
            kiosk.resolve()
        case "power":
            kiosk.cut_power()
        case "week":
            for each in day.kiosks:
                each.cut_power(WEEK_S)
            await day.passes(WEEK_S)
        case "line":
            kiosk.network.cut = not kiosk.network.cut
            day.note("line", who=kiosk.name, cut=kiosk.network.cut)
        case "hub":
            if office.hub is None:
                office.start()
            else:
                office.die()
        case "backup":
            office.backup()
        case "restore":
            office.restore(runbook=day.chance.random() < 0.8)
        case "ghost":
            office.exorcise()
        case "jump":
            day.jump(kiosk)
        case "enrol":
            await day.enrol(kiosk)
        case "revoke":
            kiosk.may_stop = True
            office.revoke(kiosk.name)
        case "image":
            await kiosk.take_image()
        case "set-back":
            await kiosk.restore_image()
        case "rotate":
            office.rotate_key()
        case "decline":
            office.decline(day.chance)
