"""One path from its beginning to its end, in virtual time: a kiosk, a device, patients, and the laws."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from offline_queue.simulation.loop import VirtualLoop
from tests.devices.terminals.model import laws
from tests.devices.terminals.model.choices import Path
from tests.devices.terminals.model.house import Device, House


def play(
    path: Path, make: Callable[[Path], Device], amounts: tuple[int, ...], *, restarts: bool = False, hub_away: bool = False
) -> House:
    """Plays `path`. Raises laws.LawBroken, choices.Walked, or a bug."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_play(House(path, amounts, make(path), restarts, hub_away)))


async def _play(house: House) -> House:
    books = house.device.books
    books.accepting = lambda charge: laws.at_an_acceptance(house.disk, charge)

    def heard(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        house.bugs.append(context.get("exception") or RuntimeError(context["message"]))
        house.dies()

    asyncio.get_running_loop().set_exception_handler(heard)
    await house.stands()
    house.device.settle()
    laws.at_the_end(house.disk, books, tells=house.device.tells)
    return house
