"""A day from a seed: acts of trouble, each followed by one in which everything is mended and the laws must hold."""

from __future__ import annotations

from random import Random

from offline_queue.simulation.temper import drawn
from offline_queue.simulation.template import Template
from offline_queue.simulation.world import World, world

WEEK_S = 8 * 86_400.0


def simulate(seed: int, made: Template, acts: int = 1) -> str:
    """Lives the day of `seed` in so many `acts`. Returns the digest of all that happened, the same for the same seed. Raises
    LawBroken."""
    with world(seed, made) as day:
        day.does(_acts(day, acts))
        return day.trace.hexdigest()


async def _acts(day: World, acts: int) -> None:
    chance = day.chance
    await day.open()
    for _ in range(acts):
        day.set_temper(drawn(chance))
        for _ in range(chance.randrange(3, 9)):
            await _something(day, chance)
            await day.passes(chance.expovariate(1 / 30))
            await day.check_belief()
        await day.mended()


async def _something(day: World, chance: Random) -> None:
    office = day.office
    match chance.choices(
        ("pay", "resolve", "power", "week", "line", "hub", "backup", "restore", "ghost", "jump"),
        (12, 1, 1.5, 0, 2, 1.5, 1.5, 2, 0.5, 0.7),
    )[0]:
        case "pay":
            await day.pay()
        case "resolve":
            await day.resolve()
        case "power":
            await day.cut_power()
        case "week":
            await day.cut_power(WEEK_S)
            await day.passes(WEEK_S)
        case "line":
            day.network.cut = not day.network.cut
            day.note("line", cut=day.network.cut)
        case "hub":
            if office.hub is None:
                office.start()
            else:
                office.die()
        case "backup":
            office.backup()
        case "restore":
            office.restore(runbook=chance.random() < 0.8)
        case "ghost":
            office.exorcise()
        case "jump":
            await day.jump()
