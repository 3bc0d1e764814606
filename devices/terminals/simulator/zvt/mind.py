"""Puts a simulated ZVT terminal together: its device, its line, its master rights and its commands, as one machine."""

from __future__ import annotations

from typing import Any

from devices.terminals.simulator.faults import Faults
from devices.terminals.simulator.machine import Machine
from devices.terminals.simulator.rules import complaints
from devices.terminals.simulator.wires import Wire
from devices.terminals.simulator.zvt.device import Behaviour, Device
from devices.terminals.simulator.zvt.floor import Floor
from devices.terminals.simulator.zvt.line import Line, SerialLine, TcpLine
from devices.terminals.simulator.zvt.terminal import Terminal, ignoring


class ZvtMind:
    """machine.Mind in ZVT."""

    def __init__(self, device: Device, line: Line, floor: Floor) -> None:
        self.cards = device.cards
        self._device = device
        self._line = line
        self._terminal = Terminal(device, floor)

    async def serve(self) -> None:
        await self._terminal.serve()

    def behave(self, name: str) -> None:
        self._device.behaviour = Behaviour(name)

    def set(self, name: str, value: Any) -> None:
        self._device.set(name, value)

    def totals(self) -> dict[str, Any]:
        return self._device.books.totals()

    async def say(self, data: bytes) -> None:
        await self._line.send(data)

    def forget(self) -> None:
        self._device.forget()


def zvt_machine(wire: Wire, faults: Faults, device: Device, ack_s: float | None) -> Machine:
    """`ack_s` seconds are waited for a link acknowledgement; None where the wire has none (TCP)."""
    complain, ignores = complaints(device.report), ignoring(device)
    line: Line = TcpLine(wire, faults, ignores) if ack_s is None else SerialLine(wire, faults, ack_s, ignores, complain)
    mind = ZvtMind(device, line, Floor(line, faults, device.pace.answer, complain))
    return Machine(wire, faults, mind, device)
