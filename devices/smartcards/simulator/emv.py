"""What a payment card would say if it were asked, which ours never are: a selection's answer and the records of one.

The number is a card scheme's published test number, and no key exists for what stands where certificates do.
"""

from __future__ import annotations

from devices.tlv import Tlv, encode

TEST_NUMBER = "5413330089010012"


def _filling(size: int) -> bytes:
    """Bytes that stand for a signature: of that size, and never two the same in a row."""
    return bytes((37 * place + 11) % 256 for place in range(size))


SELECTED = encode(
    (
        Tlv(
            0x6F,
            children=(
                Tlv(0x84, bytes.fromhex("A0000000041010")),
                Tlv(
                    0xA5,
                    children=(
                        Tlv(0x50, b"MASTERCARD"),
                        Tlv(0x87, b"\x01"),
                        Tlv(0x9F38, bytes.fromhex("9F1A025F2A02")),
                        Tlv(0x5F2D, b"deenfr"),
                        Tlv(0x9F11, b"\x01"),
                        Tlv(0x9F12, b"Mastercard"),
                        Tlv(0xBF0C, children=(Tlv(0x9F4D, b"\x0b\x0a"), Tlv(0x5F55, b"DE"))),
                    ),
                ),
            ),
        ),
    )
)
"""The file control information of a payment application: 76 bytes."""

_RECORDS = (
    (
        Tlv(0x57, bytes.fromhex(TEST_NUMBER + "D3012201" + "0000000000000F")),
        Tlv(0x5F20, b"TEST/CARD TWELVE"),
        Tlv(0x9F1F, b"0000000000000000"),
        Tlv(0x9F0B, b"TEST/CARD TWELVE OF A KIOSK MAKER."),
        Tlv(0x5F30, bytes.fromhex("0201")),
    ),
    (
        Tlv(0x5A, bytes.fromhex(TEST_NUMBER)),
        Tlv(0x5F24, bytes.fromhex("301231")),
        Tlv(0x5F25, bytes.fromhex("240101")),
        Tlv(0x5F28, bytes.fromhex("0056")),
        Tlv(0x5F34, b"\x01"),
        Tlv(0x8C, bytes.fromhex("9F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F3403")),
        Tlv(0x8D, bytes.fromhex("910A8A0295059F37049F4C08")),
        Tlv(0x8E, bytes.fromhex("000000000000000042015E03420302031F03")),
        Tlv(0x9F07, bytes.fromhex("FFC0")),
        Tlv(0x9F08, bytes.fromhex("0002")),
        Tlv(0x9F0D, bytes.fromhex("B850AC8800")),
        Tlv(0x9F0E, bytes.fromhex("0000000000")),
        Tlv(0x9F0F, bytes.fromhex("B870BC9800")),
        Tlv(0x9F14, b"\x03"),
        Tlv(0x9F23, b"\x05"),
        Tlv(0x9F42, bytes.fromhex("0978")),
        Tlv(0x9F44, b"\x02"),
        Tlv(0x9F4A, b"\x82"),
    ),
    (
        Tlv(0x8F, b"\xfa"),
        Tlv(0x90, _filling(176)),
        Tlv(0x92, _filling(36)),
        Tlv(0x9F32, b"\x03"),
    ),
    (
        Tlv(0x9F46, _filling(176)),
        Tlv(0x9F47, b"\x03"),
        Tlv(0x9F48, _filling(42)),
        Tlv(0x9F49, bytes.fromhex("9F3704")),
    ),
)

RECORDS = tuple(encode((Tlv(0x70, children=objects),)) for objects in _RECORDS)
"""The records that the application would have read: 726 bytes together."""
