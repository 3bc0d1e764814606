"""Captures as technicians bring them, for `terminal decode`: dumps, pcap files of lines and networks, bare bytes."""

from __future__ import annotations

import struct

from devices.terminals.captures.decoding import Protocol, decode
from tests.devices.terminals.neo2.vectors import COMMANDS, HEADER
from tests.devices.terminals.vectors import APDUS, EVEREST_APPROVAL, SERIAL, octets

_USER0, _ETHERNET, _RAW = 147, 1, 101
PORT = 20007


def pcap(link: int, records: list[bytes]) -> bytes:
    """The classic format, low byte first."""
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFF, link)
    return header + b"".join(struct.pack("<IIII", 0, 0, len(raw), len(raw)) + raw for raw in records)


def internet(data: bytes) -> bytes:
    """IPv4 and TCP to the terminal's port."""
    tcp = struct.pack("!HHIIBBHHH", 50000, PORT, 1, 1, 5 << 4, 0x18, 8192, 0, 0)
    address = bytes([10, 0, 0, 1, 10, 0, 0, 5])
    return struct.pack("!BBHHHBBH", 0x45, 0, 40 + len(data), 0, 0, 64, 6, 0) + address + tcp + data


def _dump(data: bytes) -> bytes:
    return b"12:00:01 ECR -> PT " + data.hex(" ").encode("ascii") + b"  ; a remark\n"


_FRAMES = [octets(frame) for frame in SERIAL.values()]
_APDUS = [octets(apdu) for apdu in (*APDUS.values(), EVEREST_APPROVAL)]
_NEO2 = [octets(HEADER + rest) for rest in COMMANDS.values()]

CAPTURES = [
    pcap(_USER0, _FRAMES[:4]),
    pcap(_RAW, [internet(apdu) for apdu in _APDUS[:3]]),
    pcap(_ETHERNET, [bytes(12) + b"\x08\x00" + internet(_APDUS[-1])]),
    b"".join(map(_dump, _APDUS[-3:])),
    b"".join(map(_dump, _NEO2[:4])),
    b"00000000: " + _FRAMES[0].hex(" ").encode("ascii") + b"  ................\n",
    b"".join(_FRAMES[:3]),
    b"".join(_NEO2[:3]),
]


def read(data: bytes) -> str:
    """All that is said of a capture, in each of the protocols. Raises CaptureError."""
    return " ".join(f"{row.hex} {row.fields}" for protocol in Protocol for row in decode(data, protocol, PORT))
