"""The simulated ZVT terminal's serial line: every fault seen from the till's side, and what it says of a till that errs."""

from __future__ import annotations

from typing import Any

import pytest

from devices.terminals.simulator.zvt.line import framed, whole
from tests.devices.terminals.benched import REGISTER, Bench, benched
from tests.virtual_time import now, passes

ACK, NAK = "06", "15"
ACK_S = 2.0


def frame(apdu: str) -> str:
    return framed(bytes.fromhex(apdu)).hex().upper()


YES = frame("800000")
COMPLETED = frame("060F0A19002952523535490978")


async def registered(till: Bench) -> None:
    """A registration in which nothing goes wrong."""
    till.write(frame(REGISTER))
    assert [await till.hear(), await till.hear()] == [ACK, YES]
    till.write(ACK)
    assert await till.hear() == COMPLETED
    till.write(ACK + YES)
    assert await till.hear() == ACK


def on_line(test: Any, *orders: dict[str, Any]) -> None:
    """Runs `test` once the orders have been given, on a terminal that has been registered."""

    async def main(till: Bench) -> None:
        await registered(till)
        assert till.violations == []
        for order in orders:
            await till.do(**order)
        await test(till)

    benched(main, ack_s=ACK_S)


def test_nothing_goes_wrong() -> None:
    async def test(till: Bench) -> None:
        await registered(till)

    on_line(test)


def test_a_frame_is_sent_three_times_and_then_the_till_is_blamed() -> None:
    async def test(till: Bench) -> None:
        till.write(frame(REGISTER))
        begun = now()
        assert [await till.hear() for _ in range(4)] == [ACK, YES, YES, YES]
        await passes(ACK_S + 0.1)
        assert now() - begun == pytest.approx(3 * ACK_S, abs=0.2)
        assert till.violations[0] == "no-link-ack"

    on_line(test)


def test_a_nak_has_it_sent_again_at_once() -> None:
    async def test(till: Bench) -> None:
        till.write(frame(REGISTER))
        assert [await till.hear(), await till.hear()] == [ACK, YES]
        begun = now()
        till.write(NAK)
        assert await till.hear() == YES
        assert now() - begun < 0.1

    on_line(test)


def test_a_lost_ack_and_the_repeated_frame_that_is_acknowledged_and_dropped() -> None:
    async def test(till: Bench) -> None:
        till.write(frame(REGISTER))
        assert await till.hear() == YES
        till.write(frame(REGISTER))
        assert await till.hear() == ACK
        till.write(ACK)
        assert await till.hear() == COMPLETED
        till.write(ACK + YES)
        assert await till.hear() == ACK
        assert till.struck == ["drop"]
        assert till.violations == []

    on_line(test, {"fault": "drop", "unit": "ack"})


def test_a_storm_of_naks() -> None:
    async def test(till: Bench) -> None:
        for _ in range(3):
            till.write(frame(REGISTER))
            assert await till.hear() == NAK
        till.write(frame(REGISTER))
        assert [await till.hear(), await till.hear()] == [ACK, YES]
        assert till.violations == []

    on_line(test, {"fault": "nak", "way": "in", "count": 3})


def test_an_answer_that_comes_before_the_ack() -> None:
    async def test(till: Bench) -> None:
        till.write(frame(REGISTER))
        assert [await till.hear(), await till.hear()] == [YES, ACK]

    on_line(test, {"fault": "hold", "unit": "ack"})


def test_a_frame_that_arrives_twice_or_damaged_or_slowly() -> None:
    async def test(till: Bench) -> None:
        till.write(frame(REGISTER))
        assert [await till.hear(), await till.hear(), await till.hear()] == [ACK, YES, YES]
        till.write(ACK)
        assert (await till.hear()) != COMPLETED
        till.write(NAK)
        slowly = "".join([await till.hear() for _ in range(len(COMPLETED) // 2)])
        assert slowly == COMPLETED
        assert till.struck == ["duplicate", "flip", "dribble"]

    on_line(test, {"fault": "duplicate"}, {"fault": "flip"}, {"fault": "dribble"})


@pytest.mark.parametrize("name", ["drop", "truncate", "flip"])
def test_what_is_lost_on_the_way_in_is_not_blamed_on_the_till(name: str) -> None:
    async def test(till: Bench) -> None:
        till.write(frame(REGISTER))
        await passes(1)
        till.write(frame(REGISTER))
        heard = [await till.hear()]
        while heard[-1] != YES:
            heard.append(await till.hear())
        assert heard in ([ACK, YES], [NAK, ACK, YES])
        assert till.violations == []

    on_line(test, {"fault": name, "way": "in"})


def test_a_till_that_errs_is_told_of() -> None:
    async def test(till: Bench) -> None:
        wrong = frame(REGISTER)[:-4] + "0000"
        till.write(wrong)
        assert await till.hear() == NAK
        till.write("4142")
        till.write(frame(REGISTER)[:20])
        await passes(1)
        assert await till.hear() == NAK
        assert till.violations == ["wrong-crc", "stray-bytes", "stray-bytes", "broken-frame"]

    on_line(test)


def test_strays_frames_and_bytes() -> None:
    async def test(till: Bench) -> None:
        await till.do(**{"stray": "DEADBEEF", "as": "bytes"})
        assert await till.hear() == "DEADBEEF"
        await till.do(stray="04FF0117")
        assert await till.hear() == frame("04FF0117")
        till.write(ACK)
        await passes(ACK_S + 1)
        assert till.violations == []

    on_line(test)


def test_a_pulled_cable_ends_what_was_waited_for() -> None:
    async def test(till: Bench) -> None:
        till.write(frame(REGISTER))
        assert [await till.hear(), await till.hear()] == [ACK, YES]
        await till.do(cable="out")
        await till.do(cable="in")
        await registered(till)
        assert till.violations == []

    on_line(test)


@pytest.mark.parametrize(
    ("words", "size"),
    [("", 0), ("0601", 0), ("060F00", 3), ("06D3FF0200", 0), ("06D3FF0200AABB", 7), ("06D3FF0001" + "00" * 256 + "06", 261)],
)
def test_where_a_bare_apdu_ends(words: str, size: int) -> None:
    assert whole(bytes.fromhex(words)) == size
