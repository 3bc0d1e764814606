"""BER-TLV as the simulated terminals read and write it. Shares nothing with the drivers' own."""

from __future__ import annotations


def tlv(tag: int, *values: bytes) -> bytes:
    """An object of one to three bytes of tag; several values are one after the other."""
    value = b"".join(values)
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + length(len(value)) + value


def length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    return bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")


def read(data: bytes) -> dict[int, bytes]:
    """The outermost objects, a later one of the same tag in the place of the earlier. Raises ValueError for what is cut off."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        end = at + 1
        if data[at] & 0x1F == 0x1F:
            while exactly(data, end, 1)[0] & 0x80:
                end += 1
            end += 1
        tag = int.from_bytes(data[at:end], "big")
        size, at = read_length(data, end)
        found[tag] = exactly(data, at, size)
        at += size
    return found


def read_length(data: bytes, at: int) -> tuple[int, int]:
    """The length at `at`, and where the value begins."""
    first = exactly(data, at, 1)[0]
    more = {0x81: 1, 0x82: 2}.get(first, 0)
    if first > 0x7F and not more:
        raise ValueError("a TLV's length of no known form")
    return (int.from_bytes(exactly(data, at + 1, more), "big") if more else first), at + 1 + more


def exactly(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise ValueError("a value that is cut off")
    return data[at : at + size]
