"""The far end of `bench terminal`: a bare ZVT terminal on a pty, that says when it wrote each packet of a sale.

`python -m benchmarks.terminal_peer` writes a line of JSON with the pty's path, then one for each sale: the nanoseconds on the
monotonic clock at which it was about to write the packets to which the till has something to say. It ends with its stdin.
"""

from __future__ import annotations

import json
import os
import pty
import select
import sys
import time
import tty

from devices.terminals.zvt.bmp import bcd, fields
from devices.terminals.zvt.framing import Acknowledged, FrameParser, Received, frame
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet, decode, encode
from devices.tlv import Tlv

ACK = b"\x06"
TERMINAL_ID = (0x29, bytes.fromhex("52523535"))
_LINES = ("Terminal 52523535", "Mastercard ...8074", "Total 25.00 EUR", "Approved", "", "Thank you")


def approval(minor: int, receipt: int) -> Packet:
    values = (
        (0x27, b"\0"), (0x04, bcd(minor, 6)), (0x49, bcd(978, 2)), (0x87, bcd(receipt, 2)), (0x0B, bcd(receipt, 3)),
        TERMINAL_ID, (0x22, bytes.fromhex("eeeeeeeeeeee8074")), (0x3B, b"750071\0\0"), (0x8A, b"\6"), (0x8B, b"Mastercard\0"),
    )  # fmt: skip
    return Packet(Kind.STATUS_INFORMATION, fields=fields(*values))


def receipt_text() -> Packet:
    lines = Tlv(0x25, children=tuple(Tlv(0x07, line.ljust(24).encode("ascii")) for line in _LINES))
    return Packet(Kind.PRINT_TEXT_BLOCK, fields=fields(tlv=(Tlv(0x1F07, b"\2"), lines)))


WAITING = Packet(Kind.INTERMEDIATE_STATUS, (b"\x04",))
COMPLETION = Packet(Kind.COMPLETION)
IDENTITY = Packet(Kind.COMPLETION, fields=fields((0x19, b"\0"), TERMINAL_ID, (0x49, bcd(978, 2))))
READY = Packet(Kind.COMPLETION, version=b"BENCH-1", status=0)


class Peer:
    """Serves one till. Everything that it says is acknowledged and answered before it goes on."""

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._theirs)
        self.path = os.ttyname(self._theirs)
        self._parser = FrameParser()
        self._events: list[object] = []
        self._receipt = 0

    def serve(self) -> None:
        while (event := self._next()) is not None:
            if isinstance(event, Received):
                self._command(decode(event.apdu))

    def _command(self, packet: Packet) -> None:
        os.write(self._ours, ACK)
        self._say(ACCEPTED)
        match packet.kind:
            case Kind.REGISTRATION:
                self._ask(IDENTITY)
            case Kind.STATUS_ENQUIRY:
                self._ask(READY)
            case Kind.REPEAT_RECEIPT:
                self._ask(approval(1, self._receipt))
                self._ask(COMPLETION)
            case Kind.AUTHORISATION:
                self._receipt += 1
                amount = packet.fields.number(0x04) or 0
                wrote = [self._ask(WAITING), self._ask(approval(amount, self._receipt))]
                self._ask(receipt_text())
                wrote.append(self._ask(COMPLETION))
                print(json.dumps(wrote), flush=True)
            case _:
                self._ask(COMPLETION)

    def _say(self, packet: Packet) -> int:
        """When it was about to be written; returns when the till's link has it."""
        raw = frame(encode(packet))
        wrote = time.monotonic_ns()
        os.write(self._ours, raw)
        while not isinstance(self._next(), Acknowledged | None):
            continue
        return wrote

    def _ask(self, packet: Packet) -> int:
        wrote = self._say(packet)
        while not isinstance(self._next(), Received | None):
            continue
        os.write(self._ours, ACK)
        return wrote

    def _next(self) -> object | None:
        """What the till's link says next. None when nobody is there who wants to know."""
        while not self._events:
            readable, _, _ = select.select([self._ours, sys.stdin], [], [])
            if sys.stdin in readable:
                return None
            self._events = list(self._parser.feed(os.read(self._ours, 4096)))
        return self._events.pop(0)


if __name__ == "__main__":
    peer = Peer()
    print(json.dumps({"path": peer.path}), flush=True)
    peer.serve()
