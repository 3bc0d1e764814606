"""python -m devices.terminals.simulator [--protocol zvt|neo2] [--tcp PORT | --link PATH] [...] : a simulated terminal.

Prints {"ready": {"path": "/dev/pts/N"}} or {"ready": {"host": "127.0.0.1", "port": N}} and then, as they happen,
  {"sale": {"amount": MINOR, "state": S, "at_ns": MONOTONIC, "receipt": N}}  S: waiting-card, authorising, approved, acknowledged,
                                                completing (the last packet is about to be written), ended, declined, cancelled,
                                                reversed, unanswered
  {"cable": "in" | "out", ...}   {"power": "on" | "off", ...}   with the address, as above
  {"fault": {"name", "way", "unit", "left"}}    a fault has struck
  {"violation": {"rule": R, "hex": BYTES}}      the till broke a rule of the protocol
Takes one command a line on stdin:
  {"behave": B}      for the payments from now on; B is one of the protocol's Behaviour
  {"card": "insert" | "tap" | "remove" | "decline"}  with --manual; otherwise a card comes by itself after --card-delay-ms
  {"manual": true | false}   from the next payment on
  {"cable": "out" | "in"}   {"power": "off" | "on"}             power off forgets everything but the books
  {"fault": NAME, ...}      see faults.py: drop, duplicate, flip, truncate, delay, dribble, hold, nak, clear
  {"stray": HEX}            sends that as a frame that nobody asked for; with "as": "bytes" as bare bytes
  {"set": {NAME: VALUE}}    what it is: see the protocol's Device.set (tid, serial, status "df", profile; tampered, encrypts)
  {"do": "totals"}   prints {"totals": {"count", "amount", "charges": [{"receipt", "trace", "amount"}]}}: what stands charged
A command that means nothing prints {"error": why}. Ends when stdin closes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import random
import sys
from pathlib import Path

from devices.simulator_console import report
from devices.terminals.simulator.books import open_books
from devices.terminals.simulator.cards import Cardholder, Pace
from devices.terminals.simulator.faults import Faults
from devices.terminals.simulator.machine import Machine
from devices.terminals.simulator.neo2.device import TEST_BDK, TEST_KSN
from devices.terminals.simulator.neo2.device import Device as Reader
from devices.terminals.simulator.neo2.mind import neo2_machine
from devices.terminals.simulator.wires import PtyWire, TcpWire
from devices.terminals.simulator.zvt.device import Device as Terminal
from devices.terminals.simulator.zvt.mind import zvt_machine
from devices.terminals.simulator.zvt.profiles import PROFILES


async def _commands(machine: Machine) -> None:
    """Obeys stdin until it closes."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        try:
            command = json.loads(line)
            if not isinstance(command, dict):
                raise ValueError("a command is a JSON object")
            await machine.obey(command)
        except ValueError as wrong:
            report({"error": str(wrong)})


def _machine(options: argparse.Namespace) -> Machine:
    pace = Pace(
        card=options.card_delay_ms / 1000,
        bank=options.bank_ms / 1000,
        slow=options.slow_ms / 1000,
        answer=options.answer_ms / 1000,
        card_timeout=options.card_timeout_ms / 1000,
        repeat=options.repeat_ms / 1000,
    )
    wire = PtyWire(options.link) if options.tcp is None else TcpWire(options.tcp)
    faults = Faults(options.seed, report)
    books, chance = open_books(options.books, _clock), random.Random(options.seed)
    if options.protocol == "neo2":
        cards, bdk, ksn = Cardholder(options.manual, "tap", pace), bytes.fromhex(options.bdk), bytes.fromhex(options.ksn)
        return neo2_machine(wire, faults, Reader(books, cards, pace, report, chance, bdk, ksn))
    cards = Cardholder(options.manual, "insert", pace)
    terminal = Terminal(books, cards, pace, report, chance, options.tid, profile=PROFILES[options.profile])
    return zvt_machine(wire, faults, terminal, options.ack_ms / 1000 if options.tcp is None else None)


def _clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC).astimezone()


async def _run(options: argparse.Namespace) -> None:
    machine = _machine(options)
    await machine.start()
    report({"ready": machine.where()})
    obeying = asyncio.ensure_future(_commands(machine))
    await asyncio.wait({machine.failed, obeying}, return_when=asyncio.FIRST_COMPLETED)
    obeying.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await obeying
    await machine.stop()
    if machine.failed.done():
        machine.failed.result()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m devices.terminals.simulator", description="A simulated card terminal on a pty or a TCP port."
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--link", type=Path, help="a path to keep pointing at the pty, through pulled cables too")
    where.add_argument("--tcp", type=int, metavar="PORT", help="listen on this port of this machine; 0 is any free one")
    parser.add_argument("--protocol", choices=["zvt", "neo2"], default="zvt")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="plain", help="whose terminal it is (zvt)")
    parser.add_argument("--bdk", default=TEST_BDK, help="base derivation key of its card data, in hex digits (neo2)")
    parser.add_argument("--ksn", default=TEST_KSN, help="its key serial number, in hex digits: 20 TDES, 24 AES (neo2)")
    parser.add_argument("--books", type=Path, help="a file that keeps what was charged, through power cuts too")
    parser.add_argument("--manual", action="store_true", help="wait for card commands instead of a card that comes by itself")
    parser.add_argument("--seed", type=int, default=1, help="of the cards, the garbage and the faults")
    parser.add_argument("--tid", default="52523535", help="terminal id, eight digits")
    parser.add_argument("--card-delay-ms", type=int, default=400)
    parser.add_argument("--bank-ms", type=int, default=300, help="how long the bank takes")
    parser.add_argument("--slow-ms", type=int, default=2000, help="three times that, when it behaves slow")
    parser.add_argument("--ack-ms", type=int, default=2000, help="wait for a link acknowledgement, three times")
    parser.add_argument("--answer-ms", type=int, default=5000, help="wait for the till's answer to a packet")
    parser.add_argument("--card-timeout-ms", type=int, default=60000, help="how long it waits for a card")
    parser.add_argument("--repeat-ms", type=int, default=3000, help="before it repeats what the till was not ready for")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
