"""`tlv`: how fast a card's answers are read, and how strictly, against three parsers that others would take.

What is read is a payment application's selection (76 bytes) and four records (726 bytes together), each by itself as it comes
from a card. The parsers take turns, round by round, so that a busy machine is busy for all; the best round of each counts,
because a parser's own time is what is left when nothing disturbs it. emv is handed the lists of numbers that it wants, made
before.

`tlv.cases_wrong` gives each parser the same odd inputs: some are right (repeats, filler, a tag of three bytes) and must come out
whole, in their order; some are wrong and must be refused, with an error that its caller can name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.figure import Figure
from benchmarks.peers import install
from devices.smartcards.simulator import emv as card
from devices.tlv import Tlv, TlvError, encode_length, parse

ROUNDS = 40
REPEATS = 100
FCI_LIMIT_US = 20.0
RECORDS_LIMIT_US = 50.0

Leaves = list[tuple[int, bytes]]
"""Every primitive with its tag, in the order of the bytes."""


@dataclass(frozen=True, slots=True)
class Parser:
    """`ready` turns bytes into what `read` wants; `leaves` flattens what it gave; `refusals` is how it says no."""

    name: str
    ready: Callable[[bytes], Any]
    read: Callable[[Any], Any]
    leaves: Callable[[Any], Leaves]
    refusals: tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """`leaves` None: `data` is not BER-TLV, or more than anybody should read."""

    what: str
    data: bytes
    leaves: Leaves | None


def _nested(levels: int) -> bytes:
    nest = b"\x5a\x01\x01"
    for _ in range(levels):
        nest = b"\x70" + encode_length(len(nest)) + nest
    return nest


def _hex(digits: str) -> bytes:
    return bytes.fromhex(digits)


CASES = (
    Case("two of one tag", _hex("6106 4F01AA 4F01BB 6103 4F01CC"), [(0x4F, b"\xaa"), (0x4F, b"\xbb"), (0x4F, b"\xcc")]),
    Case("filler", _hex("0000 5001AA 00 8701BB 00"), [(0x50, b"\xaa"), (0x87, b"\xbb")]),
    Case("filler in a container", _hex("7008 00 5001AA 00 8701BB"), [(0x50, b"\xaa"), (0x87, b"\xbb")]),
    Case("a tag of three bytes", _hex("DF812901AA"), [(0xDF8129, b"\xaa")]),
    Case("a length in three bytes", _hex("5083000001AA"), [(0x50, b"\xaa")]),
    Case("an empty value", _hex("5000 8701BB"), [(0x50, b""), (0x87, b"\xbb")]),
    Case("a value cut short", _hex("5005AABB"), None),
    Case("a value cut short in a container", _hex("7004 5005AABB"), None),
    Case("a tag cut short", _hex("5001AA 9F"), None),
    Case("no length", _hex("5001AA 50"), None),
    Case("a length cut short", _hex("5082 01"), None),
    Case("indefinite length", _hex("7080 5001AA 0000"), None),
    Case("a length of 126 bytes", b"\x50\xfe" + bytes(126), None),
    Case("a tag of six bytes", _hex("DF8181818101 01AA"), None),
    Case("a tag whose number begins with 0", _hex("9F8001 01AA"), None),
    Case("5,000 containers in one another", _nested(5_000), None),
)


def figures(progress: Callable[[str], None]) -> Iterator[Figure]:
    """Yields tlv.fci_us, tlv.records_us and tlv.cases_wrong."""
    install(progress)
    parsers = (OURS, *peers())
    yield _speed("tlv.fci_us", FCI_LIMIT_US, (card.SELECTED,), parsers)
    progress("records")
    yield _speed("tlv.records_us", RECORDS_LIMIT_US, card.RECORDS, parsers)
    progress("odd inputs")
    wrong = {parser.name: sum(not judges_rightly(parser, case) for case in CASES) for parser in parsers}
    note = f"of {len(CASES)} odd inputs; wrongly taken or wrongly refused by {_listed(wrong)}"
    yield Figure("tlv.cases_wrong", wrong[OURS.name], 0, "lower", note)


def peers() -> tuple[Parser, ...]:
    """pyemv, emv and ber-tlv, which the dependency group bench brings."""
    import pyemv
    from ber_tlv.tlv import BadLength, BadTag, UnexpectedEnd
    from ber_tlv.tlv import Tlv as BerTlv
    from emv.protocol import structures

    return (
        Parser("pyemv", bytes, pyemv.tlv.decode, _of_pyemv, (pyemv.tlv.DecodeError,)),
        Parser("emv", list, structures.TLV.unmarshal, _of_emv, (IndexError,)),
        Parser("ber-tlv", bytes, BerTlv.parse, _of_ber_tlv, (BadLength, BadTag, UnexpectedEnd)),
    )


def judges_rightly(parser: Parser, case: Case) -> bool:
    """Whether what is right came out whole, and what is wrong was refused by name. emv has none: any IndexError is."""
    try:
        leaves = parser.leaves(parser.read(parser.ready(case.data)))
    except parser.refusals:
        return case.leaves is None
    except RecursionError:
        return False
    return leaves == case.leaves


def _speed(figure: str, limit: float, pieces: tuple[bytes, ...], parsers: tuple[Parser, ...]) -> Figure:
    wanted = {parser.name: [parser.ready(piece) for piece in pieces] for parser in parsers}
    best = dict.fromkeys(wanted, float("inf"))
    for _ in range(ROUNDS):
        for parser in parsers:
            best[parser.name] = min(best[parser.name], _microseconds(parser.read, wanted[parser.name]))
    size = sum(map(len, pieces))
    note = f"{size} bytes, best of {ROUNDS} rounds of {REPEATS}: {_listed({name: round(us, 1) for name, us in best.items()})}"
    return Figure(figure, round(best[OURS.name], 2), limit, "lower", note)


def _microseconds(read: Callable[[Any], Any], pieces: list[Any]) -> float:
    begun = time.perf_counter()
    for _ in range(REPEATS):
        for piece in pieces:
            read(piece)
    return (time.perf_counter() - begun) / REPEATS * 1e6


def _listed(numbers: dict[str, Any]) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items())


def _of_ours(objects: tuple[Tlv, ...]) -> Leaves:
    leaves: Leaves = []
    for item in objects:
        leaves += _of_ours(item.children) if item.children else [(item.tag, item.value)]
    return leaves


def _of_pyemv(objects: dict[str, Any]) -> Leaves:
    leaves: Leaves = []
    for tag, value in objects.items():
        leaves += _of_pyemv(value) if isinstance(value, dict) else [(int(tag, 16), value)]
    return leaves


def _of_emv(objects: Any) -> Leaves:
    leaves: Leaves = []
    for tag, value in objects.items() if isinstance(objects, dict) else ():
        number = tag.value if isinstance(tag.value, int) else int.from_bytes(bytes(tag.value), "big")
        repeats = value if isinstance(value, list) and any(isinstance(each, list | dict) for each in value) else [value]
        for each in repeats:
            leaves += _of_emv(each) if isinstance(each, dict) else [(number, bytes(each))]
    return leaves


def _of_ber_tlv(objects: list[tuple[int, Any]]) -> Leaves:
    leaves: Leaves = []
    for tag, value in objects:
        leaves += _of_ber_tlv(value) if isinstance(value, list) else [(tag, value)]
    return leaves


OURS = Parser("ours", bytes, parse, _of_ours, (TlvError,))
