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
from devices.terminals.zvt.tlv import TEXT_LINE
from devices.tlv import Tlv, find


class Kind(StrEnum):
    """What a packet is. OTHER is one that we have no layout for: its data is dropped while decoding."""

    REGISTRATION = "registration"
    LOG_OFF = "log-off"
    AUTHORISATION = "authorisation"
    REVERSAL = "reversal"
    REFUND = "refund"
    RESERVATION = "reservation"
    RESERVATION_BOOKING = "reservation-booking"
    RESERVATION_TOTAL = "reservation-total"
    RESERVATION_REVERSAL = "reservation-reversal"
    REPEAT_RECEIPT = "repeat-receipt"
    END_OF_DAY = "end-of-day"
    TURNOVER = "turnover"
    SEND_OFFLINE = "send-offline"
    DIAGNOSIS = "diagnosis"
    SELF_TEST = "self-test"
    INITIALISATION = "initialisation"
    RESET = "reset"
    PRINT_SETUP = "print-setup"
    SET_CLOCK = "set-clock"
    LANGUAGE = "language"
    READ_CARD = "read-card"
    STATUS_ENQUIRY = "status-enquiry"
    TILL_ABORT = "till-abort"
    TILL_CLOCK = "till-clock"
    INPUT_REQUEST = "input-request"
    MENU_REQUEST = "menu-request"
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
    """A line, and with some makers bitmaps after it (Portalum.Zvt: CardComplete)."""
    SHOWN = "shown"
    """A time-out in minutes (BCD), which may be missing, and bitmaps."""
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


_PASSWORD = (Head("password", 3),)
LAYOUTS = (
    Layout(Kind.TILL_CLOCK, 0x0401),
    Layout(Kind.INPUT_REQUEST, 0x040D),
    Layout(Kind.MENU_REQUEST, 0x040E),
    Layout(Kind.STATUS_INFORMATION, 0x040F),
    Layout(Kind.INTERMEDIATE_STATUS, 0x04FF, (Head("status", 1),), Tail.SHOWN),
    Layout(Kind.STATUS_ENQUIRY, 0x0501, (Head("password", 3, optional=True),)),
    Layout(Kind.REGISTRATION, 0x0600, (*_PASSWORD, Head("config", 1), Head("currency", 2, optional=True))),
    Layout(Kind.AUTHORISATION, 0x0601),
    Layout(Kind.LOG_OFF, 0x0602),
    Layout(Kind.COMPLETION, 0x060F, tail=Tail.VERSION),
    Layout(Kind.TURNOVER, 0x0610, _PASSWORD),
    Layout(Kind.RESET, 0x0618),
    Layout(Kind.PRINT_SETUP, 0x061A),
    Layout(Kind.ABORT, 0x061E, (Head("code", 1),)),
    Layout(Kind.REPEAT_RECEIPT, 0x0620, _PASSWORD),
    Layout(Kind.RESERVATION, 0x0622),
    Layout(Kind.RESERVATION_BOOKING, 0x0623),
    Layout(Kind.RESERVATION_TOTAL, 0x0624),
    Layout(Kind.RESERVATION_REVERSAL, 0x0625),
    Layout(Kind.REVERSAL, 0x0630, _PASSWORD),
    Layout(Kind.REFUND, 0x0631, _PASSWORD),
    Layout(Kind.END_OF_DAY, 0x0650, _PASSWORD),
    Layout(Kind.SEND_OFFLINE, 0x0651, _PASSWORD),
    Layout(Kind.DIAGNOSIS, 0x0670),
    Layout(Kind.SELF_TEST, 0x0679),
    Layout(Kind.SET_CLOCK, 0x0691),
    Layout(Kind.INITIALISATION, 0x0693, _PASSWORD),
    Layout(Kind.TILL_ABORT, 0x06B0),
    Layout(Kind.READ_CARD, 0x06C0, (Head("seconds", 1),)),
    Layout(Kind.PRINT_LINE, 0x06D1, (Head("attribute", 1),), Tail.TEXT),
    Layout(Kind.PRINT_TEXT_BLOCK, 0x06D3),
    Layout(Kind.LANGUAGE, 0x0830, (Head("language", 1),)),
    Layout(Kind.ACCEPTED, 0x8000),
)
_BY_CONTROL = {layout.control: layout for layout in LAYOUTS}
_BY_KIND = {layout.kind: layout for layout in LAYOUTS}
_REFUSED_CLASS = 0x84
_SAYS_NOTHING_OF_MONEY = (Kind.INTERMEDIATE_STATUS, Kind.PRINT_LINE, Kind.PRINT_TEXT_BLOCK)
"""What cannot be read of these is dropped: a maker's own form of them must not end a sale (Portalum.Zvt#29)."""


@dataclass(frozen=True, slots=True)
class Packet:
    """`head` has the layout's values in their order; `text` is a print line's, byte for byte in CHARSET; `version` and `status`
    are a status answer's.

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

    @property
    def minutes(self) -> int:
        """How long an intermediate status says that it may take until the next; 0 when it does not say."""
        said = self.head[1].hex() if self.kind is Kind.INTERMEDIATE_STATUS and len(self.head) > 1 else ""
        return int(said) if said.isdecimal() else 0

    def tlv(self, tag: int) -> Tlv | None:
        return find(self.fields.tlv, tag)

    def why(self, code: int) -> str:
        """`code` as a reason for the technician, with the maker's own error number (TLV 1F16) where there is one: zvt-df-173a.
        The words that may come with it (1F17) are free text, which no log and no journal takes."""
        more = self.tlv(0x1F16)
        return f"zvt-{code:02x}" + (f"-{more.value.hex()}" if more is not None and more.value else "")


ACCEPTED = Packet(Kind.ACCEPTED)


def refused(code: int) -> Packet:
    """84 xx 00: 66 says that the goods were not issued, 83 that we cannot do that."""
    return Packet(Kind.REFUSED, control=_REFUSED_CLASS << 8 | code)


_ANSWER_WITHIN_S = 60
"""BMP 01: how long the terminal waits for our word on an approval. Without it one was seen to ask 255 times in two seconds and
to give up (Portalum.Zvt#44)."""
_MOST_ASKED = 60
"""BMP 02: how often the terminal asks again, after 84 9C, whether the goods were issued. Then it reverses by itself."""
_TEXT_BLOCKS = Tlv(0x26, children=(Tlv(0x0A, b"\x06\xd3"),))
"""In a registration: we take text blocks (06 D3)."""
NO_RECEIPT = b"\xff\xff"
"""In place of a receipt number: asks for the reservations that are open, and answers that there is none."""


def registration(password: str, config: int, currency: int, *, blocks: bool = False) -> Packet:
    """`password` is six digits; `config` as the fact sheet's config byte; `currency` its ISO 4217 number."""
    head = (bytes.fromhex(password), bytes([config]), bcd(currency, 2))
    return Packet(Kind.REGISTRATION, head, fields(tlv=(_TEXT_BLOCKS,)) if blocks else NO_FIELDS)


def authorisation(minor: int, currency: int) -> Packet:
    """A sale of `minor` units. Payment type 40: the terminal decides how the card is read."""
    asked = (0x01, bytes([_ANSWER_WITHIN_S])), (0x02, bytes([_MOST_ASKED]))
    return command(Kind.AUTHORISATION, (0x04, bcd(minor, 6)), (0x49, bcd(currency, 2)), (0x19, b"\x40"), *asked)


def command(kind: Kind, *values: tuple[int, bytes], password: str = "") -> Packet:
    """Any other command: its password, if it has one, and its bitmaps."""
    return Packet(kind, (bytes.fromhex(password),) if password else (), fields(*values))


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
    try:
        return _tail(layout, head, rest)
    except CodecError:
        if layout.kind not in _SAYS_NOTHING_OF_MONEY:
            raise
        return Packet(layout.kind, head, Fields(unread=len(rest)))


def _tail(layout: Layout, head: tuple[bytes, ...], rest: bytes) -> Packet:
    match layout.tail:
        case Tail.TEXT:
            at = before_bitmaps(layout.tail, rest)
            return Packet(layout.kind, head, decode_fields(rest[at:]), text=mask_text(rest[:at].decode(CHARSET)))
        case Tail.SHOWN:
            at = before_bitmaps(layout.tail, rest)
            return Packet(layout.kind, (*head, rest[:at]) if at else head, decode_fields(rest[at:]))
        case Tail.VERSION if says_version(rest):
            version, at = decode_llvar(rest, 0, 3)
            if at >= len(rest):
                raise CodecError("status-short")
            return Packet(layout.kind, head, decode_fields(rest[at + 1 :]), version=version, status=rest[at])
        case _:
            return Packet(layout.kind, head, decode_fields(rest))


def before_bitmaps(tail: Tail, rest: bytes) -> int:
    """How many bytes of `rest` come before its bitmaps: a line's text, or (SHOWN) the minutes. A container is known by its tag,
    06, which is no text, and by ending with the last byte."""
    if tail is Tail.TEXT:
        at = rest.find(b"\x06")
        return at if at >= 0 and _container(rest, at) else len(rest)
    return 0 if not rest or _container(rest, 0) else 1


def _container(rest: bytes, at: int) -> Fields | None:
    """The container that begins at `at` and is all the rest; None when that is something else."""
    if rest[at] != 0x06:
        return None
    try:
        found = decode_fields(rest[at:])
    except CodecError:
        return None
    return found if found.tlv and not found.unread else None


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


def says_version(rest: bytes) -> bool:
    """Whether a software version comes first: a length begins with F0 to F9. So do bitmaps that nobody sends first; one that is
    read there would be a length when it is written again."""
    return 0xF0 <= rest[0] <= 0xF9 if rest else False


_LINE_FEEDS, _MOST_FEEDS = 0xFF, 9
"""A print line's attribute that feeds as many lines as its text says; its other bits are looks, and 80 is the last line's."""


def printed_lines(packet: Packet, charset: str = CHARSET) -> tuple[str, ...]:
    """The lines of a print line, or of a text block or a display (TLV 25, 24; in it 07 for each line)."""
    if packet.kind is Kind.PRINT_LINE:
        return _printed_line(packet.head[0][0], packet.text.encode(CHARSET), charset)
    texts = packet.tlv(0x25) or packet.tlv(0x24)
    lines = texts.children if texts else ()
    return tuple(line.value.decode(charset, "replace") for line in lines if line.tag == TEXT_LINE)


def _printed_line(attribute: int, text: bytes, charset: str) -> tuple[str, ...]:
    if attribute == _LINE_FEEDS:
        count = text[0] & 0x0F if text else 1  # a number, or its digit
        return ("",) * min(count, _MOST_FEEDS)
    if attribute & 0x80 and not text:
        return ()
    return (text.decode(charset, "replace"),)


def for_patient(packet: Packet) -> bool:
    """False for the merchant's copy and administration's (TLV 1F07 is 01 or 03)."""
    receipt_type = packet.tlv(0x1F07)
    return receipt_type is None or receipt_type.value not in (b"\x01", b"\x03")
