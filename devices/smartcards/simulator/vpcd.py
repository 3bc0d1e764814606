"""A virtual card at vsmartcard's vpcd, which stands behind the real pcscd: 2 bytes of length, then a command or control byte."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from devices.smartcards.simulator.cards import Card, TornOut

PORT = 0x8C7B
_OFF, _ON, _RESET, _ATR = b"\x00", b"\x01", b"\x02", b"\x04"


@contextmanager
def put_on(card: Card, port: int = PORT) -> Iterator[None]:
    """The card is in the reader inside this context. Raises OSError where no vpcd listens."""
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.settimeout(None)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    serving = threading.Thread(target=_serve, args=(line, card), name="virtual card", daemon=True)
    serving.start()
    try:
        yield
    finally:
        with _gone():
            line.shutdown(socket.SHUT_RDWR)
        serving.join(10)
        line.close()


@contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except OSError:  # it was torn out before
        return


def _serve(line: socket.socket, card: Card) -> None:
    """Until the reader has gone, or the card has."""
    with _gone():
        while message := _read(line):
            if message in (_OFF, _ON, _RESET):
                continue
            try:
                said = card.atr if message == _ATR else card.answer(message)
            except TornOut:
                line.shutdown(socket.SHUT_RDWR)
                return
            if said is not None:
                line.sendall(struct.pack("!H", len(said)) + said)


def _read(line: socket.socket) -> bytes:
    """One message; empty at the end."""
    head = _exactly(line, 2)
    return _exactly(line, struct.unpack("!H", head)[0]) if head else b""


def _exactly(line: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        # vpcd writes length and command apart: without this each command waits for a delayed acknowledgement, 44 ms
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        more = line.recv(size - len(found))
        if not more:
            return b""
        found += more
    return found
