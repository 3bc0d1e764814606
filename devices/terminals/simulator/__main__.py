"""python -m devices.terminals.simulator [--link PATH] [--manual] [--seed N] [--tid N] ... : a ZVT terminal on a pty.

Prints {"ready": {"path": "/dev/pts/N"}} and then, as they happen,
  {"sale": {"amount": MINOR, "state": S, "at_ns": MONOTONIC, "receipt": N}}  S: waiting-card, authorising, approved, acknowledged,
                                                completing (the last packet is about to be written), ended, declined, cancelled,
                                                reversed, unanswered
  {"cable": "in" | "out", "path": ...}
Takes one command a line on stdin:
  {"behave": B}      for the sales from now on; B is one of terminal.Behaviour
  {"card": "insert" | "tap" | "remove" | "decline"}    with --manual; otherwise a card comes by itself after --card-delay-ms
  {"cable": "out" | "in"}                              needs --link, since the pty's own name changes
  {"do": "totals"}   prints {"totals": {"count", "amount", "charges": [{"receipt", "trace", "amount"}]}}: what stands charged
A command that means nothing prints {"error": why}. Ends when stdin closes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from devices.terminals.simulator.line import Line
from devices.terminals.simulator.terminal import Behaviour, Pace, Terminal


def _say(happening: dict[str, object]) -> None:
    print(json.dumps(happening), flush=True)


def _obey(terminal: Terminal, command: dict[str, object], link: Path | None) -> None:
    match command:
        case {"behave": str(name)}:
            terminal.behaviour = Behaviour(name)
        case {"card": "insert" | "tap" | "remove" | "decline" as card}:
            terminal.cards.put_nowait(card)
        case {"cable": "out"} if link is not None:
            terminal.line.cut()
            _say({"cable": "out", "path": ""})
        case {"cable": "in"} if link is not None:
            terminal.line.plug()
            _say({"cable": "in", "path": terminal.line.path})
        case {"do": "totals"}:
            _say({"totals": terminal.books.totals()})
        case _:
            raise ValueError("no such command")


async def _commands(terminal: Terminal, link: Path | None) -> None:
    """Obeys stdin until it closes."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        try:
            _obey(terminal, json.loads(line), link)
        except ValueError as wrong:
            _say({"error": str(wrong)})


async def _run(options: argparse.Namespace) -> None:
    pace = Pace(
        card=options.card_delay_ms / 1000,
        bank=options.bank_ms / 1000,
        slow=options.slow_ms / 1000,
        answer=options.answer_ms / 1000,
        card_timeout=options.card_timeout_ms / 1000,
    )
    link = options.link
    terminal = Terminal(
        lambda ignores: Line(link, options.ack_ms / 1000, ignores), pace, options.tid, options.seed, options.manual
    )
    terminal.report = _say
    terminal.line.plug()
    _say({"ready": {"path": str(link or terminal.line.path)}})
    serving = asyncio.ensure_future(terminal.serve())
    obeying = asyncio.ensure_future(_commands(terminal, link))
    await asyncio.wait({serving, obeying}, return_when=asyncio.FIRST_COMPLETED)
    serving.cancel()
    terminal.line.cut()
    if serving.done() and not serving.cancelled():
        serving.result()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m devices.terminals.simulator", description="A simulated ZVT terminal on a pty."
    )
    parser.add_argument("--link", type=Path, help="a path to keep pointing at the pty, through pulled cables too")
    parser.add_argument("--manual", action="store_true", help="wait for card commands instead of a card that comes by itself")
    parser.add_argument("--seed", type=int, default=1, help="of the cards and the garbage")
    parser.add_argument("--tid", default="52523535", help="terminal id, eight digits")
    parser.add_argument("--card-delay-ms", type=int, default=400)
    parser.add_argument("--bank-ms", type=int, default=300, help="how long the bank takes")
    parser.add_argument("--slow-ms", type=int, default=2000, help="three times that, when it behaves slow")
    parser.add_argument("--ack-ms", type=int, default=2000, help="wait for a link acknowledgement, three times")
    parser.add_argument("--answer-ms", type=int, default=5000, help="wait for the till's answer to a packet")
    parser.add_argument("--card-timeout-ms", type=int, default=60000, help="how long it waits for a card")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
