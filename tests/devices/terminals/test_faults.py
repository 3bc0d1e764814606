"""The fault layer by itself: what each order does to what passes, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from devices.terminals.simulator.faults import Faults
from tests.virtual_time import now, passes, run

FRAME, NEXT = b"0123456789", b"abcdef"


class Passage:
    """Orders, what was sent through, and what came out of it when."""

    def __init__(self, *orders: dict[str, Any]) -> None:
        self.reports: list[dict[str, Any]] = []
        self.faults = Faults(3, self.reports.append)
        self.came: list[tuple[float, bytes]] = []
        for order in orders:
            self.faults.arm(order)

    def send(self, data: bytes, way: str = "out", unit: str = "frame") -> None:
        self.faults.through(way, unit, data, lambda piece: self.came.append((round(now(), 3), piece)))

    @property
    def pieces(self) -> list[bytes]:
        return [piece for _, piece in self.came]


def passage(test: Callable[[Passage], Coroutine[Any, Any, None]], *orders: dict[str, Any]) -> None:
    async def main() -> None:
        await test(Passage(*orders))

    run(main)


def came_of(order: dict[str, Any], *sent: bytes, way: str = "out", unit: str = "frame") -> list[bytes]:
    found: list[bytes] = []

    async def test(through: Passage) -> None:
        for data in sent:
            through.send(data, way, unit)
        await passes(60)
        found.extend(through.pieces)

    passage(test, order)
    return found


def test_nothing_is_done_without_an_order() -> None:
    assert came_of({"fault": "clear"}, FRAME, NEXT) == [FRAME, NEXT]


@pytest.mark.parametrize(
    ("order", "came"),
    [
        ({"fault": "drop"}, [NEXT]),
        ({"fault": "drop", "count": 2}, []),
        ({"fault": "duplicate"}, [FRAME, FRAME, NEXT]),
        ({"fault": "truncate"}, [FRAME[:5], NEXT]),
        ({"fault": "hold"}, [NEXT, FRAME]),
        ({"fault": "dribble"}, [*(FRAME[at : at + 1] for at in range(10)), NEXT]),
        ({"fault": "delay"}, [FRAME, NEXT]),
        ({"fault": "drop", "way": "in"}, [FRAME, NEXT]),
        ({"fault": "drop", "unit": "ack"}, [FRAME, NEXT]),
    ],
)
def test_frames(order: dict[str, Any], came: list[bytes]) -> None:
    assert came_of(order, FRAME, NEXT) == came


def test_one_bit_of_a_frame_is_the_other_one() -> None:
    flipped, after = came_of({"fault": "flip"}, FRAME, NEXT)
    assert after == NEXT
    assert sum((one ^ other).bit_count() for one, other in zip(flipped, FRAME, strict=True)) == 1


def test_one_byte_of_a_frame() -> None:
    (shorter,) = came_of({"fault": "drop", "unit": "byte"}, FRAME)
    assert any(FRAME[:at] + FRAME[at + 1 :] == shorter for at in range(10))
    (longer,) = came_of({"fault": "duplicate", "unit": "byte"}, FRAME)
    assert any(FRAME[: at + 1] + FRAME[at:] == longer for at in range(10))
    (other,) = came_of({"fault": "flip", "unit": "byte"}, FRAME)
    assert sum((one ^ two).bit_count() for one, two in zip(other, FRAME, strict=True)) == 1
    assert came_of({"fault": "drop", "unit": "byte"}, FRAME, unit="ack") == [FRAME]


def test_the_same_seed_strikes_the_same_bit() -> None:
    assert came_of({"fault": "flip"}, FRAME) == came_of({"fault": "flip"}, FRAME)


def test_what_is_late_keeps_its_order() -> None:
    async def test(through: Passage) -> None:
        through.send(FRAME)
        through.send(NEXT)
        assert through.came == []
        await passes(0.3)
        assert through.came == [(0.25, FRAME), (0.25, NEXT)]
        through.send(NEXT)
        assert through.pieces[-1] == NEXT

    passage(test, {"fault": "delay", "ms": 250})


def test_bytes_dribble_at_their_pace() -> None:
    async def test(through: Passage) -> None:
        through.send(NEXT, "in")
        await passes(1)
        assert [at for at, _ in through.came] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]

    passage(test, {"fault": "dribble", "way": "in", "ms": 100})


def test_a_lasting_fault_strikes_until_it_is_cleared_and_each_strike_is_told() -> None:
    async def test(through: Passage) -> None:
        for _ in range(5):
            through.send(FRAME)
        assert through.came == []
        assert through.faults.strikes == 5
        assert through.reports == [{"fault": {"name": "drop", "way": "out", "unit": "frame", "left": None}}] * 5
        through.faults.arm({"fault": "clear"})
        through.send(FRAME)
        assert through.pieces == [FRAME]

    passage(test, {"fault": "drop", "count": 0})


def test_one_order_after_the_other() -> None:
    async def test(through: Passage) -> None:
        for _ in range(3):
            through.send(FRAME)
        assert through.pieces == [FRAME, FRAME, FRAME]
        assert [report["fault"]["left"] for report in through.reports] == [0, 0]

    passage(test, {"fault": "drop"}, {"fault": "duplicate"})


def test_a_nak_is_for_inward_frames_and_asked_for() -> None:
    async def test(through: Passage) -> None:
        through.send(FRAME, "in")
        assert through.pieces == [FRAME]
        assert through.faults.refuses()
        assert not through.faults.refuses()

    passage(test, {"fault": "nak", "way": "in"})


def test_a_pulled_cable_loses_what_was_under_way() -> None:
    async def test(through: Passage) -> None:
        through.send(FRAME)
        through.send(FRAME)
        through.faults.reset()
        await passes(10)
        through.send(NEXT)
        assert through.pieces == [NEXT]

    passage(test, {"fault": "hold"}, {"fault": "delay"})


@pytest.mark.parametrize(
    "order",
    [
        {"fault": "explode"},
        {"fault": "drop", "way": "up"},
        {"fault": "drop", "unit": "bit"},
        {"fault": "drop", "count": -1},
        {"fault": "drop", "count": "many"},
        {"fault": "delay", "ms": 0.5},
        {"fault": "drop", "colour": "red"},
        {"fault": "nak"},
        {"fault": "delay", "unit": "byte"},
    ],
)
def test_orders_that_mean_nothing(order: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Faults(1, list[dict[str, Any]]().append).arm(order)
