"""Engine, face and hub are killed at random moments of whole visits, again and again; afterwards the books are compared.

`kill -9` loses no page of the disk cache: that is tests/offline_queue/power/. Here it is whether
whole processes find their way back.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.bills import birth_digits
from demo.children import Child
from demo.world import World
from hub.bills import Bill
from hub.demo_data import demo_bills
from tests.journeys.hall import Hall, bounded
from tests.journeys.visitor import PATIENCE_S, Visitor
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("journeys")

CARD_MS = 150
VISIT_S = 3.0
"""Somewhat more than a visit takes here."""


class Patient:
    """Pays some cents of a bill, and takes every screen as it comes."""

    def __init__(self, visitor: Visitor, bill: Bill, cents: int) -> None:
        self._visitor = visitor
        number, birth = bill.numbered_text.removeprefix("LP"), birth_digits(bill.birth_date, "en")
        self._typed = {"number": number, "birth-date": birth, "amount": str(cents)}

    def visits(self) -> None:
        """Until the attract screen is back, or the engine is gone (ConnectionError)."""
        self._visitor.leave()
        self._visitor.touch("choose-language", "en")
        answered, end = "attract", time.monotonic() + PATIENCE_S
        while True:
            snapshot = self._visitor.read()
            assert time.monotonic() < end, f"the visit does not end: {self._visitor.screens[-12:]}"
            if snapshot["screen"] == answered:
                continue
            answered = snapshot["screen"]
            match answered:
                case "attract":
                    return
                case "scan":
                    self._visitor.touch("other-ways")
                case "other-ways":
                    self._visitor.touch("type-number")
                case "number" | "birth-date" | "amount":
                    self._visitor.type(self._typed[answered])
                    self._visitor.touch("pay" if answered == "amount" else "next")
                case "statement":
                    self._visitor.press("secondary")
                case "choose-bills" | "choose-visits":
                    self._visitor.touch("other-amount")
                case "approved" | "accepted":
                    self._visitor.touch("no-receipt")
                case "paid-before":
                    self._visitor.touch("show-bill")
                case "looking-up" | "probing" | "opening" | "card" | "printing":
                    pass
                case _:  # consent, and whatever says that it did not work: on with it
                    self._visitor.press("primary")


@contextmanager
def killed(parts: list[Child], seconds: float) -> Iterator[None]:
    """Those parts die in the same moment, `seconds` after the block has begun, or at its end where that is sooner."""

    def kill() -> None:
        for part in parts:
            part.kill()

    timer = threading.Timer(seconds, kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        kill()


SLOW = [pytest.param(seed, 10, marks=pytest.mark.slow) for seed in range(1, 21)]
"""Two hundred rounds, in days of ten: none comes near the five minutes that a test may take."""


@pytest.mark.parametrize(("seed", "rounds"), [(0, 4), *SLOW])
def test_money_is_conserved_whatever_dies_when(tmp_path: Path, seed: int, rounds: int) -> None:
    chance = random.Random(seed)
    with bounded(60 + 60 * rounds), World(tmp_path, seed=5, card_delay_ms=CARD_MS) as world:
        hall = Hall(world)
        bills = [bill for bill in demo_bills(world.hub_folder) if bill.statement.due.minor > 500]
        with Visitor(world.socket) as visitor:
            Patient(
                visitor, chance.choice(bills), 100
            ).visits()  # a terminal that has sold nothing yet cannot tell a sale from none
        face = start_face(world)
        for number in range(rounds):
            parts = {"engine": world.engine, "face": face, "hub": world.hub}
            names = chance.sample(sorted(parts), chance.choice((1, 1, 1, 2, 3)))
            with Visitor(world.socket) as visitor, killed([parts[name] for name in names], chance.uniform(0, VISIT_S)):
                try:
                    Patient(visitor, chance.choice(bills), 101 + number).visits()
                except ConnectionError:
                    assert "engine" in names
            if not world.hub.alive:
                world.restore_hub()
            if not world.engine.alive:
                world.start_engine()
            if not face.alive:
                face.stop()
                face = start_face(world)
        face.stop()
        until(lambda: all(attempt.state.value != "open" for attempt in hall.attempts()), 90)
        check(hall)


def start_face(world: World) -> Child:
    arguments = ["-m", "ui", "--socket", str(world.socket), "--windowed"]
    return Child("face", arguments, world.folder / "face.log", {"QT_QPA_PLATFORM": "offscreen"})


def check(hall: Hall) -> None:
    """Every sale has an amount of its own. What was charged is approved here and posted there, or is told as unknown."""
    hall.delivered()
    charged = hall.charged()
    assert len(set(charged)) == len(charged)
    approved = {attempt.amount.minor for attempt in hall.check_posted()}
    unknown = {attempt.amount.minor for attempt in hall.attempts() if attempt.state.value == "unknown"}
    assert approved <= set(charged) <= approved | unknown
    assert approved
