"""Law 8 under random surroundings: wherever a terminal may put a card's number, nothing that is decoded shows it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from random import Random

import pytest

from devices.terminals.zvt.apdu import Apdu, encode_apdu
from devices.terminals.zvt.bmp import bcd, encode_llvar
from devices.terminals.zvt.errors import CodecError
from devices.terminals.zvt.framing import frame
from devices.terminals.zvt.packets import Packet, decode, printed_lines
from devices.tlv import encode_length
from tests.devices.terminals.fuzz.captures import internet, pcap, read

NUMBERS = ("4761739001010010", "5413330089020011", "374245455400126", "6799998900000060018")
"""Public test numbers of four brands: sixteen, fifteen and nineteen digits."""
QUICK, LONG = 20_000, 2_000_000

_AROUND = (
    b"\x27\x00", b"\x04" + bcd(2500, 6), b"\x49\x09\x78", b"\x87\x02\x31", b"\x0b\x00\x09\x75", b"\x29\x52\x52\x35\x35",
    b"\x8a\x06", b"\x3b12345678", b"\x8b\xf1\xf1MasterCard\0",
)  # fmt: skip


def _packed(number: str) -> bytes:
    return bytes.fromhex(number + "f" * (len(number) % 2))


def _track2(number: str) -> bytes:
    track = f"{number}d30122011143804400"
    return bytes.fromhex(track + "f" * (len(track) % 2))


def _container(objects: bytes) -> bytes:
    return b"\x06" + encode_length(len(objects)) + objects


def _object(tag: str, value: bytes) -> bytes:
    return bytes.fromhex(tag) + encode_length(len(value)) + value


Place = Callable[[str, Random], bytes]
BITMAPS: dict[str, Place] = {
    "22 card number": lambda number, chance: b"\x22" + encode_llvar(_packed(number), 2),
    "23 track 2": lambda number, chance: b"\x23" + encode_llvar(_track2(number), 2),
    "24 track 3": lambda number, chance: b"\x24" + encode_llvar(_packed(number) * 3, 3),
    "2D track 1": lambda number, chance: b"\x2d" + encode_llvar(f"B{number}^BYRNE/ADA^3012201".encode(), 2),
    "2E chip data": lambda number, chance: b"\x2e" + encode_llvar(_object("5A", _packed(number)), 3),
    "3C text": lambda number, chance: b"\x3c" + encode_llvar(_text(number, chance), 3),
    "06 5A": lambda number, chance: _container(_object("5A", _packed(number))),
    "06 57 in E4": lambda number, chance: _container(_object("E4", _object("57", _track2(number)))),
    "06 1F.. track": lambda number, chance: _container(_object("1F08", f"B{number}^BYRNE".encode())),
}


def _text(number: str, chance: Random) -> bytes:
    """As terminals print it: in one, or in groups of four."""
    gap = chance.choice(("", " ", "-"))
    groups = gap.join(number[at : at + 4] for at in range(0, len(number), 4))
    return f"{chance.choice(('', 'PAN ', 'Karte: '))}{groups}{chance.choice(('', ' ok', '.'))}".encode("ascii")


def status(number: str, chance: Random) -> bytes:
    """A status information with the number somewhere in it; what comes after that may be anything."""
    before = b"".join(chance.sample(_AROUND, chance.randrange(5)))
    place = chance.choice(list(BITMAPS.values()))(number, chance)
    return encode_apdu(Apdu(0x040F, before + place + chance.choice((b"", chance.randbytes(chance.randrange(12))))))


def line(number: str, chance: Random) -> bytes:
    return encode_apdu(Apdu(0x06D1, b"\0" + _text(number, chance)))


def block(number: str, chance: Random) -> bytes:
    lines = _object("25", _object("07", b"Total 25.00") + _object("07", _text(number, chance)) + _object("09", b"\x81"))
    return encode_apdu(Apdu(0x06D3, _container(_object("1F07", b"\2") + lines)))


def shown(packet: Packet) -> str:
    """Everything that can be had from a packet that says what a person may read, and all bytes that it keeps, in both ways."""
    said = packet.fields
    texts = [packet.text, *printed_lines(packet), said.last4, said.text(0x3C), said.text(0x8B)]
    kept = b"".join((*packet.head, packet.version, *(value for _, value in said.values)))
    objects = list(said.tlv)
    for item in objects:
        objects += item.children
    # A text's own bytes are kept, and masked when they are read: only what is packed must be gone from them.
    kept += b"".join(item.value for item in objects)
    return " ".join((*texts, kept.hex(), repr(texts)))


def look(seed: int, count: int) -> int:
    """How many of `count` packets could be decoded; none of those shows its number, and no refusal does."""
    chance, decoded = Random(seed), 0
    for _ in range(count):
        number = chance.choice(NUMBERS)
        data = chance.choice((status, line, block))(number, chance)
        try:
            words = shown(decode(data))
            decoded += 1
        except CodecError as error:
            words = str(error)
        assert number not in words.replace(" ", "").replace("-", ""), data.hex()
    return decoded


def test_no_card_number_comes_through() -> None:
    assert look(1, QUICK) > QUICK / 2


def look_at_captures(seed: int, count: int) -> None:
    """The same packets in a capture: what `terminal decode` says of them, masked bytes and fields, shows no number either."""
    chance = Random(seed)
    for _ in range(count):
        number = chance.choice(NUMBERS)
        data = chance.choice((status, line, block))(number, chance)
        capture = chance.choice((pcap(101, [internet(data)]), pcap(147, [frame(data)]), data.hex(" ").encode("ascii")))
        said = read(capture)
        assert len(said) > 20
        packed = "".join(f"3{digit}" for digit in number)
        assert not any(form in said.replace(" ", "").replace("-", "") for form in (number, packed)), capture.hex()


def test_no_card_number_comes_through_in_a_capture() -> None:
    look_at_captures(3, QUICK // 10)


@pytest.mark.slow
def test_no_card_number_comes_through_for_long() -> None:
    sys.stderr.write(f"\n{look(2, LONG)} of {LONG} packets with a card's number could be decoded\n")
    look_at_captures(4, LONG // 20)
