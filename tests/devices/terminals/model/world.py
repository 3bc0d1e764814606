"""One path from its beginning to its end, in virtual time: a kiosk, a device, patients, and the laws."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from offline_queue.simulation.loop import VirtualLoop
from tests.devices.terminals.model import laws
from tests.devices.terminals.model.choices import Path
from tests.devices.terminals.model.house import Device, House

Make = Callable[[Path], Device]


def play(path: Path, make: Make, amounts: tuple[int, ...], *, restarts: bool = False) -> House:
    """Plays `path`. Raises laws.LawBroken, choices.Walked, or a bug."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_play(path, make, amounts, restarts))


async def _play(path: Path, make: Make, amounts: tuple[int, ...], restarts: bool) -> House:
    device = make(path)
    house = House(path, amounts, device, restarts)
    device.books.accepting = lambda charge: laws.at_an_acceptance(house.disk, charge)

    def heard(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        house.bugs.append(context.get("exception") or RuntimeError(context["message"]))
        house.dies()

    asyncio.get_running_loop().set_exception_handler(heard)
    await house.stands()
    laws.at_the_end(house.disk, device.books)
    return house
