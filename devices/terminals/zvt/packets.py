"""ZVT's packets, declared as data: a name, a control field, the unnamed bytes at its head, and bitmaps after those.

Master rights: the till sends a command, the terminal answers 80 00 00 and is master until it sends completion or abort; each
packet it sends meanwhile is answered. Pure: bytes to values and back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from devices.terminals.zvt.apdu import Apdu, decode_apdu, encode_apdu
from devices.terminals.zvt.bmp import (
    CHARSET,
    NO_FIELDS,
    Fields,
    bcd,
    decode_fields,
    decode_llvar,
    encode_fields,
    encode_llvar,
    fields,
)
from devices.terminals.zvt.card_data import mask_text
from devices.terminals.zvt.errors import CodecError
from devices.terminals.zvt.tlv import Tlv, find


class Kind(StrEnum):
    """What a packet is. OTHER is one that we have no layout for: its data is dropped while decoding."""

    REGISTRATION = "registration"
    LOG_OFF = "log-off"
    AUTHORISATION = "authorisation"
    REVERSAL = "reversal"
    RESERVATION = "reservation"
    RESERVATION_REVERSAL = "reservation-reversal"
    REPEAT_RECEIPT = "repeat-receipt"
    END_OF_DAY = "end-of-day"
    DIAGNOSIS = "diagnosis"
    INITIALISATION = "initialisation"
    RESET = "reset"
    STATUS_ENQUIRY = "status-enquiry"
    TILL_ABORT = "till-abort"
    STATUS_INFORMATION = "status-information"
    INTERMEDIATE_STATUS = "intermediate-status"
    PRINT_LINE = "print-line"
    PRINT_TEXT_BLOCK = "print-text-block"
    COMPLETION = "completion"
    ABORT = "abort"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    OTHER = "other"


class Tail(StrEnum):
    """What follows a packet's head."""

    BITMAPS = "bitmaps"
    TEXT = "text"
    VERSION = "version"
    """Either bitmaps, or software version (LLLVAR), a status byte and bitmaps: the answer to a status enquiry."""


@dataclass(frozen=True, slots=True)
class Head:
    """Bytes without a tag. An optional one is there when anything is left."""

    name: str
    size: int
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    kind: Kind
    control: int
    head: tuple[Head, ...] = ()
    tail: Tail = Tail.BITMAPS


_PASSWORD = Head("password", 3)
LAYOUTS = (
    Layout(Kind.REGISTRATION, 0x0600, (_PASSWORD, Head("config", 1), Head("currency", 2, optional=True))),
    Layout(Kind.AUTHORISATION, 0x0601),
    Layout(Kind.LOG_OFF, 0x0602),
    Layout(Kind.COMPLETION, 0x060F, tail=Tail.VERSION),
    Layout(Kind.RESET, 0x0618),
    Layout(Kind.ABORT, 0x061E, (Head("code", 1),)),
    Layout(Kind.REPEAT_RECEIPT, 0x0620, (_PASSWORD,)),
    Layout(Kind.RESERVATION, 0x0622),
    Layout(Kind.RESERVATION_REVERSAL, 0x0625),
    Layout(Kind.REVERSAL, 0x0630, (_PASSWORD,)),
    Layout(Kind.END_OF_DAY, 0x0650, (_PASSWORD,)),
    Layout(Kind.DIAGNOSIS, 0x0670),
    Layout(Kind.INITIALISATION, 0x0693, (_PASSWORD,)),
    Layout(Kind.TILL_ABORT, 0x06B0),
    Layout(Kind.PRINT_LINE, 0x06D1, (Head("attribute", 1),), Tail.TEXT),
    Layout(Kind.PRINT_TEXT_BLOCK, 0x06D3),
    Layout(Kind.STATUS_INFORMATION, 0x040F),
    Layout(Kind.INTERMEDIATE_STATUS, 0x04FF, (Head("status", 1), Head("timeout", 1, optional=True))),
    Layout(Kind.STATUS_ENQUIRY, 0x0501, (Head("password", 3, optional=True),)),
    Layout(Kind.ACCEPTED, 0x8000),
)
_BY_CONTROL = {layout.control: layout for layout in LAYOUTS}
_BY_KIND = {layout.kind: layout for layout in LAYOUTS}
_REFUSED_CLASS = 0x84


@dataclass(frozen=True, slots=True)
class Packet:
    """`head` has the layout's values in their order; `text` is a print line's; `version` and `status` a status answer's.

    `control` tells packets of kind OTHER and REFUSED apart (84 xx: `code` is xx).
    """

    kind: Kind
    head: tuple[bytes, ...] = ()
    fields: Fields = NO_FIELDS
    text: str = ""
    version: bytes = b""
    status: int | None = None
    control: int = 0

    @property
    def code(self) -> int:
        """Why: of 84 xx the xx, of an abort its first byte."""
        return self.control & 0xFF if self.kind is Kind.REFUSED else self.head[0][0]

    @property
    def result(self) -> int | None:
        """A status information's result code, BMP 27; 0 is success. None when it says none that could be read."""
        return self.fields.byte(0x27)

    def tlv(self, tag: int) -> Tlv | None:
        return find(self.fields.tlv, tag)


ACCEPTED = Packet(Kind.ACCEPTED)


def refused(code: int) -> Packet:
    """84 xx 00: 66 says that the goods were not issued, 83 that we cannot do that."""
    return Packet(Kind.REFUSED, control=_REFUSED_CLASS << 8 | code)


def registration(password: str, config: int, currency: int) -> Packet:
    """`password` is six digits; `config` as the fact sheet's config byte; `currency` its ISO 4217 number."""
    return Packet(Kind.REGISTRATION, (bytes.fromhex(password), bytes([config]), bcd(currency, 2)))


def authorisation(minor: int, currency: int) -> Packet:
    """A sale of `minor` units. Payment type 40: the terminal decides how the card is read."""
    return Packet(Kind.AUTHORISATION, fields=fields((0x04, bcd(minor, 6)), (0x49, bcd(currency, 2)), (0x19, b"\x40")))


def status_enquiry(password: str) -> Packet:
    return Packet(Kind.STATUS_ENQUIRY, (bytes.fromhex(password),))


def repeat_receipt(password: str) -> Packet:
    return Packet(Kind.REPEAT_RECEIPT, (bytes.fromhex(password),))


def encode(packet: Packet) -> bytes:
    """The APDU's bytes. Raises CodecError for values that do not fit."""
    if packet.kind in (Kind.REFUSED, Kind.OTHER):
        return encode_apdu(Apdu(packet.control, encode_fields(packet.fields)))
    layout = _BY_KIND[packet.kind]
    data = b"".join(packet.head)
    if layout.tail is Tail.TEXT:
        data += packet.text.encode(CHARSET)
    elif packet.status is not None:
        data += encode_llvar(packet.version, 3) + bytes([packet.status])
    return encode_apdu(Apdu(layout.control, data + encode_fields(packet.fields)))


def decode(raw: bytes) -> Packet:
    """The packet in an APDU. Raises CodecError; an unknown control field is no error but Kind.OTHER."""
    apdu = decode_apdu(raw)
    if apdu.control >> 8 == _REFUSED_CLASS:
        accepted = apdu.control == 0x8400
        return ACCEPTED if accepted else Packet(Kind.REFUSED, control=apdu.control)
    layout = _BY_CONTROL.get(apdu.control)
    if layout is None:
        return Packet(Kind.OTHER, control=apdu.control)
    head, rest = _head(layout, apdu.data)
    match layout.tail:
        case Tail.TEXT:
            return Packet(layout.kind, head, text=mask_text(rest.decode(CHARSET)))
        case Tail.VERSION if _says_version(rest):
            version, at = decode_llvar(rest, 0, 3)
            if at >= len(rest):
                raise CodecError("status-short")
            return Packet(layout.kind, head, decode_fields(rest[at + 1 :]), version=version, status=rest[at])
        case _:
            return Packet(layout.kind, head, decode_fields(rest))


def _head(layout: Layout, data: bytes) -> tuple[tuple[bytes, ...], bytes]:
    values, at = [], 0
    for head in layout.head:
        if head.optional and at == len(data):
            break
        if at + head.size > len(data):
            raise CodecError("head-short")
        values.append(data[at : at + head.size])
        at += head.size
    return tuple(values), data[at:]


def _says_version(rest: bytes) -> bool:
    return len(rest) >= 3 and all(0xF0 <= byte <= 0xF9 for byte in rest[:3])


def printed_lines(packet: Packet) -> tuple[str, ...]:
    """The lines of a print line or of a text block (TLV 25, in it 07 for each line), card numbers masked."""
    if packet.kind is Kind.PRINT_LINE:
        return (packet.text,)
    texts = packet.tlv(0x25)
    lines = texts.children if texts else ()
    return tuple(mask_text(line.value.decode(CHARSET)) for line in lines if line.tag == 0x07)


def for_patient(packet: Packet) -> bool:
    """False for the merchant's copy and administration's (TLV 1F07 is 01 or 03)."""
    receipt_type = packet.tlv(0x1F07)
    return receipt_type is None or receipt_type.value not in (b"\x01", b"\x03")
