"""Random and mutated bytes: 100,000 at each run, ten million for each parser in long mode; and the worst ones by design."""

from __future__ import annotations

import sys
import time
import tracemalloc

import pytest

from tests.devices.terminals.fuzz.inputs import inputs
from tests.devices.terminals.fuzz.parsers import PARSERS, Parser

QUICK = 100_000
LONG, SHARES = 10_000_000, 10
BATCH = 10_000
PROGRESS_S = 20.0
MOST_US = 2_000
"""Of processor time that a batch's inputs may take each, on average: a hundred times what they do take, and a thousandth of what
an input that makes a parser go back and forth would."""

EACH = pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)


def fuzz(parser: Parser, seed: int, count: int) -> float:
    """Feeds it; inputs a second."""
    begun = told = time.monotonic()
    for batch in range(0, count, BATCH):
        size = min(BATCH, count - batch)
        took = time.thread_time()
        for data in inputs(seed * 1_000_000 + batch, size, parser.corpus):
            try:
                parser.read(data)
            except parser.errors:
                continue
            except Exception as surprise:
                surprise.add_note(f"{parser.name}: {data[:500].hex()}")
                raise
        took = time.thread_time() - took
        assert took / size * 1e6 < MOST_US
        if time.monotonic() - told > PROGRESS_S:
            told = time.monotonic()
            sys.stderr.write(f"\n{parser.name}: {batch + size} inputs, {(batch + size) / (told - begun):.0f}/s\n")
    return count / (time.monotonic() - begun)


@EACH
def test_nothing_surprises_a_parser(parser: Parser) -> None:
    fuzz(parser, 0, QUICK // len(PARSERS) // parser.weight)


@pytest.mark.slow
@EACH
@pytest.mark.parametrize("share", range(1, SHARES + 1))
def test_nothing_surprises_a_parser_for_long(parser: Parser, share: int) -> None:
    count = LONG // SHARES // parser.weight
    rate = fuzz(parser, share, count)
    sys.stderr.write(f"\n{parser.name}, share {share}: {count} inputs, {rate:.0f}/s\n")


LONGEST = 65_535
MOST_S, MOST_BYTES = 4.0, 24 << 20
"""Of processor time for half a dozen readings, and of memory, at LONGEST; a machine that is busy is no excuse for either."""
WORST = {
    "zeros": b"\0",
    "ones": b"\xff",
    "delimiters": b"\x10",
    "frames begun": b"\x10\x02",
    "frames that end at once": b"\x10\x02\x10\x03",
    "frames begun again": b"\x10\x02\x06\x10",
    "acknowledgements": b"\x06",
    "empty APDUs": b"\x06\x0f\x00",
    "print lines of digits": b"4761739001010010 ",
    "digits": b"4",
    "digits and blanks": b"4 ",
    "containers in one another": b"\x30\x83\x00\xff\xff",
    "small objects": b"\x50\x00",
    "long tags": b"\x1f\x81\x81",
    "bitmaps": b"\x27\x00",
    "text bitmaps": b"\x3c\xf0\xf1\xf74761739001010010\x20",
    "NEO 2 headers": b"ViVOtech2\0",
    "NEO 2 frames begun": b"ViVOtech2\0\x02\x40\x0f\xff",
    "NEO 2 frames of nothing": b"ViVOtech2\0\x18\x00\x00\x00",
    "NEO 2 beginnings": b"ViVOtech",
}


HEADS = (b"", b"\x06\xd1\xff\xff\xff\x00", b"\x04\x0f\xff\xff\xff", b"\xc1")
"""Of a print line and a status information of LONGEST bytes, and of a card."""


@EACH
@pytest.mark.parametrize("size", [4_096, pytest.param(LONGEST, marks=pytest.mark.slow)])
def test_the_worst_takes_bounded_time_and_memory(parser: Parser, size: int) -> None:
    """So many bytes of one thing after the other, bare and behind what makes them a packet's."""
    for name, unit in WORST.items():
        body = (unit * (size // len(unit) + 1))[:size]
        took = time.thread_time()
        for head in HEADS:
            _read(parser, head + body)
        assert time.thread_time() - took < MOST_S, name
        tracemalloc.start()
        try:
            _read(parser, body)
            assert tracemalloc.get_traced_memory()[1] < MOST_BYTES, name
        finally:
            tracemalloc.stop()


def _read(parser: Parser, data: bytes) -> None:
    try:
        parser.read(data)
    except parser.errors:
        return
