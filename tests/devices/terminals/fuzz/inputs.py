"""Random and mutated bytes from a seed: the same seed gives the same inputs, on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

MOST_RANDOM = 64
MOST_MUTATIONS = 4
_RANDOM_ONES = 0.15
_ODD = bytes.fromhex("00 01 02 03 06 10 15 1f 22 24 27 3f 5a 7f 80 81 82 83 84 f0 f9 ff".replace(" ", ""))
"""Bytes that mean something to one of the parsers: they are met more often than their share."""


def inputs(seed: int, count: int, corpus: Sequence[bytes]) -> Iterator[bytes]:
    """`count` inputs: some random, most of them a member of `corpus` with a few mutations, one after the other."""
    chance = Random(seed)
    draw = chance.random
    for _ in range(count):
        if draw() < _RANDOM_ONES:
            yield chance.randbytes(int(draw() * MOST_RANDOM))
            continue
        data = corpus[int(draw() * len(corpus))]
        for _ in range(1 + int(draw() * MOST_MUTATIONS)):
            data = _mutated(data, chance, corpus)
        yield data


def _mutated(data: bytes, chance: Random, corpus: Sequence[bytes]) -> bytes:
    draw = chance.random
    at = int(draw() * (len(data) + 1))
    match int(draw() * 7):
        case 0:  # a bit flips
            return data if at == len(data) else data[:at] + bytes((data[at] ^ 1 << int(draw() * 8),)) + data[at + 1 :]
        case 1:  # a byte that means something
            return data[:at] + _ODD[(odd := int(draw() * len(_ODD))) : odd + 1] + data[at + 1 :]
        case 2:  # it ends here
            return data[:at]
        case 3:  # some bytes are lost
            return data[:at] + data[at + 1 + int(draw() * 8) :]
        case 4:  # some come in
            return data[:at] + chance.randbytes(1 + int(draw() * 8)) + data[at:]
        case 5:  # some are said twice
            return data[:at] + data[max(0, at - int(draw() * 16)) :]
        case _:  # another goes on where this one stops
            other = corpus[int(draw() * len(corpus))]
            return data[:at] + other[int(draw() * (len(other) + 1)) :]
