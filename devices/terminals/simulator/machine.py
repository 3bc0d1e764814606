"""A simulated terminal as a whole: its wire, its faults and its mind, and what can be done to it while it runs."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from devices.terminals.simulator.cards import Cardholder
from devices.terminals.simulator.device import AnyDevice
from devices.terminals.simulator.faults import Faults
from devices.terminals.simulator.wires import Wire


class Mind(Protocol):
    """What thinks behind the wire, in whichever protocol. Methods raise ValueError for what means nothing to it."""

    cards: Cardholder

    async def serve(self) -> None:
        """Answers the till for ever."""

    def behave(self, name: str) -> None: ...

    def set(self, name: str, value: Any) -> None: ...

    def totals(self) -> dict[str, Any]: ...

    async def say(self, data: bytes) -> None:
        """Sends `data` as a frame that nobody asked for."""

    def forget(self) -> None:
        """The power was off: only the books are left."""


class Machine:
    """`run` serves until `stop`; `obey` takes commands meanwhile."""

    def __init__(self, wire: Wire, faults: Faults, mind: Mind, device: AnyDevice) -> None:
        self._wire = wire
        self._faults = faults
        self._mind = mind
        self._report = device.report
        self._serving: asyncio.Task[None] | None = None
        self._saying: set[asyncio.Task[None]] = set()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Ends with what the mind died of."""
        device.unplug, device.power_fails = self.unplug, self._power_fails

    async def start(self) -> None:
        await self._wire.plug()
        self._switch_on()

    def where(self) -> dict[str, object]:
        return self._wire.where()

    async def obey(self, command: dict[str, Any]) -> None:
        """Raises ValueError for a command that means nothing."""
        match command:
            case {"behave": str(name)}:
                self._mind.behave(name)
            case {"card": str(what)}:
                self._mind.cards.show(what)
            case {"cable": "out"}:
                self.unplug()
            case {"cable": "in"}:
                await self._wire.plug()
                self._report({"cable": "in", **self._wire.where()})
            case {"power": "off"}:
                self.power_off()
            case {"power": "on"}:
                await self._wire.plug()
                self._switch_on()
                self._report({"power": "on", **self._wire.where()})
            case {"fault": str()}:
                self._faults.arm(command)
            case {"stray": str(hexes), "as": "bytes"}:
                self._wire.write(bytes.fromhex(hexes))
            case {"stray": str(hexes)}:
                self._say(bytes.fromhex(hexes))
            case {"manual": bool(whether)}:
                self._mind.cards.manual = whether
            case {"set": dict(options)}:
                for name, value in options.items():
                    self._mind.set(name, value)
            case {"do": "totals"}:
                self._report({"totals": self._mind.totals()})
            case _:
                raise ValueError("no such command")

    def unplug(self) -> None:
        self._wire.cut()
        self._report({"cable": "out", "path": ""})

    def power_off(self) -> None:
        """Everything that is not in the books is lost, and the till finds nobody there."""
        if self._serving is None:
            return
        serving, self._serving = self._serving, None
        serving.cancel()
        self._wire.cut()
        self._mind.forget()
        self._report({"power": "off"})

    def _power_fails(self) -> None:
        asyncio.get_running_loop().call_soon(self.power_off)

    async def stop(self) -> None:
        tasks = {task for task in (self._serving, *self._saying) if task is not None}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._wire.cut()

    def _switch_on(self) -> None:
        if self._serving is None:
            self._serving = asyncio.create_task(self._mind.serve())
            self._serving.add_done_callback(self._served)

    def _served(self, serving: asyncio.Task[None]) -> None:
        if not serving.cancelled() and (bug := serving.exception()) is not None and not self.failed.done():
            self.failed.set_exception(bug)

    def _say(self, data: bytes) -> None:
        task = asyncio.create_task(self._mind.say(data))
        self._saying.add(task)
        task.add_done_callback(self._saying.discard)
