"""Captures made by hand, header by header: what tcpdump and Wireshark would have written."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

TILL, TERMINAL = bytes((10, 0, 0, 9)), bytes((10, 0, 0, 5))
PORT = 20007


def classic(records: Iterable[bytes], link: int, *, order: str = "<", nanoseconds: bool = False) -> bytes:
    """A pcap file."""
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    head = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 0xFFFF, link)
    return head + b"".join(struct.pack(f"{order}IIII", 1, 2, len(raw), len(raw)) + raw for raw in records)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += b"\0" * (-len(body) % 4)
    size = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + size + body + size


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int, order: str = "<") -> bytes:
    return block(1, struct.pack(f"{order}HHI", link, 0, 0), order)


def enhanced(raw: bytes, order: str = "<", number: int = 0) -> bytes:
    return block(6, struct.pack(f"{order}IIIII", number, 0, 0, len(raw), len(raw)) + raw, order)


def next_generation(records: Sequence[bytes], link: int, order: str = "<") -> bytes:
    """A pcapng file."""
    return section(order) + interface(link, order) + b"".join(enhanced(raw, order) for raw in records)


def segment(
    data: bytes, sequence: int, *, out: bool = True, syn: bool = False, port: int = PORT, options: bytes = b"", till: int = 51000
) -> bytes:
    """A TCP segment to (or from) the terminal, without IP."""
    ends = (till, port) if out else (port, till)
    offset = (20 + len(options)) // 4 << 4
    return struct.pack(">HHIIBBHHH", *ends, sequence, 0, offset, 0x02 if syn else 0x18, 65535, 0, 0) + options + data


def ipv4(
    payload: bytes, *, out: bool = True, kind: int = 6, fragment: int = 0, padding: bytes = b"", options: bytes = b""
) -> bytes:
    ends = (TILL, TERMINAL) if out else (TERMINAL, TILL)
    head = struct.pack(
        ">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(payload), 7, fragment, 64, kind, 0, *ends
    )
    return head + options + payload + padding


def ipv6(payload: bytes, *, out: bool = True, extension: bytes = b"") -> bytes:
    ends = (TILL * 4, TERMINAL * 4) if out else (TERMINAL * 4, TILL * 4)
    kind = 0 if extension else 6
    return struct.pack(">IHBB16s16s", 6 << 28, len(extension) + len(payload), kind, 64, *ends) + extension + payload


def ethernet(packet: bytes, *, vlan: bool = False) -> bytes:
    kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"
    return b"\1" * 12 + (b"\x81\x00\x00\x07" if vlan else b"") + kind + packet


def talk(*said: tuple[bool, bytes]) -> list[bytes]:
    """Ethernet packets of one connection: (whether it goes to the terminal, what) in their order."""
    at = {True: 1000, False: 9000}
    packets = []
    for out, data in said:
        packets.append(ethernet(ipv4(segment(data, at[out], out=out), out=out)))
        at[out] += len(data)
    return packets
