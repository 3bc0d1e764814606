"""A simulated ESC/POS printer on loopback TCP, as a process: `python -m devices.printers.simulator --out DIR [--port 0]`.

Ready:    {"ready": {"uri": "escpos+tcp://127.0.0.1:PORT"}}
Commands: {"paper": "ok" | "low" | "out"}   new paper, an almost empty roll, none
          {"paper_mm": 40}                  the roll ends 40 mm from now
          {"cover": "open" | "closed"}
          {"answers": true | false}         whether it answers questions at all (a cable with one direction does not)
          {"power": true | false}           off: connections break, and new ones at once
Reports:  {"printed": {"raw": "DIR/receipt-001.bin", "png": "DIR/receipt-001.png"}} at each cut, {"torn": {...}} for half a one,
          {"unknown": "1b 7f"} for bytes not understood, {"done": <the command's name>}, {"error": "..."}.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from devices.printers.simulator.machine import Machine, Supply
from devices.printers.simulator.paper import DOTS_PER_MM
from devices.simulator_console import commands, report


class PrinterServer:
    """Carries bytes between connections and the machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._answers = True
        self._power = True
        self._visitors: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    async def start(self, port: int) -> int:
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        chosen: int = server.sockets[0].getsockname()[1]
        return chosen

    async def stop(self) -> None:
        self._switch(False)
        await asyncio.gather(*self._visitors.values())

    def carry_out(self, command: dict[str, Any]) -> str:
        """Does what a command says and returns its name. Raises ValueError for one there is not."""
        match command:
            case {"paper": supply}:
                self._machine.load(Supply(supply))
            case {"paper_mm": int(length)}:
                self._machine.left_dots = length * DOTS_PER_MM
            case {"cover": "open" | "closed" as cover}:
                self._machine.cover_open = cover == "open"
            case {"answers": bool(answers)}:
                self._answers = answers
            case {"power": bool(power)}:
                self._switch(power)
            case _:
                raise ValueError(f"no such command: {sorted(command)}")
        self._say(self._machine.work())
        return next(iter(command))

    def _switch(self, power: bool) -> None:
        self._power = power
        if not power:
            for visitor in self._visitors:
                visitor.transport.abort()

    def _say(self, answer: bytes) -> None:
        if answer and self._answers:
            for visitor in self._visitors:
                visitor.write(answer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._visitors[writer] = task
        try:
            while self._power and (data := await reader.read(4096)):
                self._say(self._machine.receive(data))
                await writer.drain()
        except ConnectionError:
            return  # whoever printed has gone
        finally:
            del self._visitors[writer]
            writer.close()


async def _run(arguments: argparse.Namespace) -> None:
    arguments.out.mkdir(parents=True, exist_ok=True)
    server = PrinterServer(Machine(arguments.out, report))
    port = await server.start(arguments.port)
    report({"ready": {"uri": f"escpos+tcp://127.0.0.1:{port}"}})
    async for command in commands():
        try:
            report({"done": server.carry_out(command)})
        except ValueError as error:
            report({"error": str(error)})
    await server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m devices.printers.simulator", description="A simulated receipt printer.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the receipts, made if there is none")
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 lets the system choose")
    asyncio.run(_run(parser.parse_args()))


main()
