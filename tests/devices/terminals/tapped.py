"""A tap on the line between a driver and a simulated terminal: everything that goes over it is kept, as it was cut."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import tty
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

TILL, TERMINAL = "till", "terminal"


@dataclass
class Tap:
    """`said` is who said what, in order. `where` is what a driver opens: a pty's path, or a port."""

    where: str = ""
    said: list[tuple[str, bytes]] = field(default_factory=list)

    def of(self, who: str) -> bytes:
        return b"".join(data for speaker, data in self.said if speaker == who)


@contextlib.asynccontextmanager
async def tapped_pty(terminal: str) -> AsyncIterator[Tap]:
    """`terminal` is the path of the pty that the simulator serves."""
    loop = asyncio.get_running_loop()
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    far = os.open(terminal, os.O_RDWR | os.O_NOCTTY)
    tap = Tap(os.ttyname(theirs))

    def carry(who: str, source: int, goal: int) -> None:
        data = os.read(source, 4096)
        tap.said.append((who, data))
        os.write(goal, data)

    loop.add_reader(ours, carry, TILL, ours, far)
    loop.add_reader(far, carry, TERMINAL, far, ours)
    try:
        yield tap
    finally:
        loop.remove_reader(ours)
        loop.remove_reader(far)
        for fd in (ours, theirs, far):
            os.close(fd)


@contextlib.asynccontextmanager
async def tapped_tcp(port: int) -> AsyncIterator[Tap]:
    """`port` is where the simulator listens. It ends when driver and simulator have hung up."""
    tap = Tap()
    async with asyncio.TaskGroup() as carrying:

        async def carry(who: str, source: asyncio.StreamReader, goal: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                while data := await source.read(4096):
                    tap.said.append((who, data))
                    goal.write(data)
                    await goal.drain()
            goal.close()
            with contextlib.suppress(ConnectionError):
                await goal.wait_closed()

        async def connected(till: asyncio.StreamReader, to_till: asyncio.StreamWriter) -> None:
            terminal, to_terminal = await asyncio.open_connection("127.0.0.1", port)
            carrying.create_task(carry(TILL, till, to_terminal))
            carrying.create_task(carry(TERMINAL, terminal, to_till))

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        tap.where = str(server.sockets[0].getsockname()[1])
        yield tap
        server.close()
        await server.wait_closed()
