"""A capture, whatever it is kept in, to rows: finds out what the file is, and cuts its bytes into the protocol's packets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from devices.terminals.captures import hexdump, pcap
from devices.terminals.captures.neo2_rows import neo2_row
from devices.terminals.captures.network import Connections
from devices.terminals.captures.row import UNREADABLE, CaptureError, Piece, Row, unreadable
from devices.terminals.captures.zvt_rows import ZvtRows
from devices.terminals.neo2 import framing as neo2
from devices.terminals.neo2 import reports
from devices.terminals.zvt import framing as zvt
from devices.terminals.zvt.apdu import apdu_size
from devices.terminals.zvt.stream import CLASSES

MOST_BYTES = 64 * 1024 * 1024
"""Of a capture: a day of a busy terminal has some two million."""

USER_LINKS = range(147, 163)
"""LINKTYPE_USER0 to 15: what serial lines are captured as."""


class Protocol(StrEnum):
    ZVT_SERIAL = "zvt-serial"
    ZVT_TCP = "zvt-tcp"
    NEO2 = "neo2"


def decode(data: bytes, protocol: Protocol, port: int) -> Iterator[Row]:
    """The rows of a file's bytes. `port` is the terminal's, of a network capture. Raises CaptureError before the first row:
    "empty", "too-large", and "other-port N" where a network capture has nothing on `port`, but on N."""
    if not data:
        raise CaptureError("empty")
    if len(data) > MOST_BYTES:
        raise CaptureError("too-large")
    return _rows(_pieces(data, port), protocol)


def _pieces(data: bytes, port: int) -> Iterable[Piece]:
    if pcap.is_pcap(data):
        return _captured(data, port)
    text = hexdump.text_of(data)
    return [Piece(data)] if text is None else hexdump.pieces(text)


def _captured(data: bytes, port: int) -> Iterable[Piece]:
    if any(record.link in USER_LINKS for record in pcap.records(data)):
        return (Piece(record.data, why=record.why) for record in pcap.records(data))
    connections = Connections(port)
    pieces = list(connections.pieces(pcap.records(data)))
    if not any(piece.data for piece in pieces) and connections.others:
        raise CaptureError(f"other-port {connections.others.most_common(1)[0][0]}")
    return pieces


def _rows(pieces: Iterable[Piece], protocol: Protocol) -> Iterator[Row]:
    """Each direction of each stream is cut by itself; answers are told apart by what went before on their stream."""
    lines: dict[tuple[str, str], _Cutter] = {}
    talks: dict[str, ZvtRows] = {}
    for piece in pieces:
        if piece.why:
            yield unreadable(piece)
            continue
        key = (piece.stream, piece.direction)
        if key not in lines:
            lines[key] = _CUTTERS[protocol](talks.setdefault(piece.stream, ZvtRows()), piece.direction)
        yield from lines[key].feed(piece.data)
    for line in lines.values():
        yield from line.end()


class _Cutter(ABC):
    """One direction of one stream. `end` says what was begun and never finished."""

    def __init__(self, talk: ZvtRows, direction: str) -> None:
        self._talk = talk
        self._direction = direction

    @abstractmethod
    def feed(self, data: bytes) -> Iterator[Row]: ...

    @abstractmethod
    def end(self) -> Iterator[Row]: ...

    def _lost(self, reason: str) -> Row:
        return Row(self._direction, UNREADABLE, fields={"reason": reason})


class _ZvtSerial(_Cutter):
    def __init__(self, talk: ZvtRows, direction: str) -> None:
        super().__init__(talk, direction)
        self._parser = zvt.FrameParser()

    def feed(self, data: bytes) -> Iterator[Row]:
        return self._said(self._parser.feed(data))

    def end(self) -> Iterator[Row]:
        return self._said(self._parser.gap())

    def _said(self, events: Sequence[zvt.Event]) -> Iterator[Row]:
        for event in events:
            match event:
                case zvt.Received(apdu):
                    yield self._talk.row(apdu, self._direction)
                case zvt.Acknowledged():
                    yield Row(self._direction, "ack", f"{zvt.ACK:02x}")
                case zvt.NotAcknowledged():
                    yield Row(self._direction, "nak", f"{zvt.NAK:02x}")
                case zvt.Unreadable(reason):
                    yield self._lost(reason)
                case zvt.Noise():
                    yield self._lost("noise")


class _ZvtTcp(_Cutter):
    """There is no frame to look for: bytes that begin no APDU are lost up to the end of their piece."""

    def __init__(self, talk: ZvtRows, direction: str) -> None:
        super().__init__(talk, direction)
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Row]:
        self._held += data
        at = 0
        while at < len(self._held):
            if self._held[at] not in CLASSES:
                yield self._lost("no-apdu")
                at = len(self._held)
                break
            size = apdu_size(self._held, at)
            if size is None or at + size > len(self._held):
                break
            yield self._talk.row(bytes(self._held[at : at + size]), self._direction)
            at += size
        del self._held[:at]

    def end(self) -> Iterator[Row]:
        if self._held:
            yield self._lost("half-apdu")


class _Neo2(_Cutter):
    """Frames of a serial line, or HID reports where a piece is as long as one and begins like one."""

    def __init__(self, talk: ZvtRows, direction: str) -> None:
        super().__init__(talk, direction)
        self._parser = neo2.FrameParser()
        self._reports = reports.ReportParser()

    def feed(self, data: bytes) -> Iterator[Row]:
        is_report = len(data) == reports.REPORT and 1 <= data[0] <= 4
        return self._said((self._reports if is_report else self._parser).feed(data))

    def end(self) -> Iterator[Row]:
        return self._said([*self._reports.gap(), *self._parser.gap()])

    def _said(self, events: Sequence[neo2.Event]) -> Iterator[Row]:
        for event in events:
            match event:
                case neo2.Frame():
                    yield neo2_row(event, self._direction)
                case neo2.Garbled(reason):
                    yield self._lost(reason)
                case neo2.Noise():
                    yield self._lost("noise")


_CUTTERS: dict[Protocol, type[_Cutter]] = {
    Protocol.ZVT_SERIAL: _ZvtSerial,
    Protocol.ZVT_TCP: _ZvtTcp,
    Protocol.NEO2: _Neo2,
}
