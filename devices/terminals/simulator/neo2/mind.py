"""Puts a simulated NEO 2 reader together: its device, its line and its commands, as one machine."""

from __future__ import annotations

from typing import Any

from devices.terminals.simulator.faults import Faults
from devices.terminals.simulator.machine import Machine
from devices.terminals.simulator.neo2.device import Behaviour, Device
from devices.terminals.simulator.neo2.frames import ReaderLine, response
from devices.terminals.simulator.neo2.reader import Reader
from devices.terminals.simulator.rules import complaints
from devices.terminals.simulator.wires import Wire


class Neo2Mind:
    """machine.Mind in NEO 2."""

    def __init__(self, device: Device, line: ReaderLine, reader: Reader) -> None:
        self.cards = device.cards
        self._device = device
        self._line = line
        self._reader = reader

    async def serve(self) -> None:
        await self._reader.serve()

    def behave(self, name: str) -> None:
        self._device.behaviour = Behaviour(name)

    def set(self, name: str, value: Any) -> None:
        """`sends` is what it does by itself: "burst", "boot", or a card "polled" while it polls."""
        match name, value:
            case "sends", "burst":
                self._reader.burst()
            case "sends", "boot":
                self._reader.boots()
            case "sends", "polled":
                self._reader.poll()
            case _:
                self._device.set(name, value)

    def totals(self) -> dict[str, Any]:
        """A reader charges nobody: only the cards it has handed over are counted."""
        return self._device.books.totals() | {"cards": self._device.books.counter}

    async def say(self, data: bytes) -> None:
        """`data` is a response's command, status and data."""
        if len(data) < 2:
            raise ValueError("a response has a command and a status")
        self._line.send(response(data[0], data[1], data[2:]))

    def forget(self) -> None:
        self._device.forget()
        self._reader.forget()


def neo2_machine(wire: Wire, faults: Faults, device: Device) -> Machine:
    complain = complaints(device.report)
    line = ReaderLine(wire, faults, complain)
    return Machine(wire, faults, Neo2Mind(device, line, Reader(device, line, complain)), device)
