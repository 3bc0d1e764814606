"""No card number that any test uses gets out of the reader's process: not to the engine, not into a log, not onto the disk."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.smartcards.driver import ReaderProcess
from devices.smartcards.messages import Look, to_line
from devices.smartcards.port import Kind, Refusal, Refused, Seen
from devices.smartcards.simulator import emv
from tests.devices.smartcards.people import first
from tests.log_watch import LogWatch

ROOT = Path(__file__).parents[3]


def is_card_number(digits: str) -> bool:
    """By its check digit (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def numbers() -> set[str]:
    """Every number with a card number's length, beginning and check digit in the suite and in the simulators."""
    places = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "devices").glob("*/simulator/*.py")]
    written = (
        match for place in places for match in re.findall(r"(?<![0-9])[2-6][0-9]{12,18}(?![0-9])", place.read_text("utf-8"))
    )
    return {digits for digits in written if is_card_number(digits)}


def spellings(number: str) -> Iterator[bytes]:
    """As text, in fours, as a card packs it, and that in hexadecimal either way."""
    yield number.encode()
    yield " ".join(number[at : at + 4] for at in range(0, len(number), 4)).encode()
    packed = bytes.fromhex(number + "F" * (len(number) % 2))
    yield packed
    yield repr(packed)[2:-1].encode()
    yield repr(packed)[2:-1].replace("\\", "\\\\").encode()  # that in JSON
    yield repr(list(packed))[1:-1].encode()
    yield packed.hex().encode()
    yield packed.hex().upper().encode()


def test_the_suite_has_numbers_to_look_for() -> None:
    assert emv.TEST_NUMBER in numbers()
    assert is_card_number("4111111111111111")
    assert not is_card_number("4111111111111112")


LEAKY = """
import sys
from devices.smartcards.reader_process import serve
from devices.smartcards.simulator import emv
from devices.smartcards.simulator.cards import PaymentCard, chip_atr
from devices.smartcards.simulator.slot import SimulatedSlot

class Leaky:
    atr = chip_atr(bytes.fromhex(emv.TEST_NUMBER))
    heard = []
    def answer(self, command):
        return emv.RECORDS[1] + b"\\x90\\x00"

slot = SimulatedSlot()
slot.put({"leaky": Leaky, "payment": PaymentCard, "named": lambda: PaymentCard(named=True)}[sys.argv[1]]())
sys.exit(serve(lambda: slot, sys.argv[2], False))
"""


@pytest.mark.parametrize("card", ["payment", "named", "leaky"])
async def test_nothing_that_leaves_the_reader_has_a_number_in_it(
    card: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """ "leaky" answers whatever it is asked with its number: as an application, as a certificate, as a health card's file."""
    from devices.smartcards.simulator.__main__ import issue

    issue(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    between: list[bytes] = [to_line(Look(frozenset(Kind), 1))]
    hear = ReaderProcess._hear

    def listen(self: ReaderProcess, line: bytes) -> None:
        between.append(line)
        hear(self, line)

    monkeypatch.setattr(ReaderProcess, "_hear", listen)
    reader, seen = ReaderProcess((sys.executable, "-c", LEAKY, card, str(tmp_path / "ca.pem"))), asyncio.Queue[Seen]()
    await reader.open()
    for wanted in (frozenset(Kind), frozenset({Kind.INSURANCE})):
        reader.watch(wanted, seen.put_nowait)
        refused = await first(seen)
        assert isinstance(refused, Refused)
        assert refused.reason is not Refusal.TAKEN_AWAY
        between.append(repr(refused).encode())
    await reader.close()

    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    places = [
        *between,
        repr(log_watch.events).encode(),
        "".join(capfd.readouterr()).encode(),
        repr(reader.health()).encode(),
        *kept,
    ]
    assert len(between) > 4
    for number in numbers():
        for spelling in spellings(number):
            assert not any(spelling in place for place in places), "a card number came out"
