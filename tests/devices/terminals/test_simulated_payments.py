"""The simulated ZVT terminal's money, asked for in hex digits: goods that are not issued, stops, reversals, reservations."""

from __future__ import annotations

import pytest

from tests.devices.terminals.benched import PACE, PASSWORD, RESERVE, SALE, YES, Bench, benched, field, kinds
from tests.devices.terminals.vectors import APDUS, octets
from tests.virtual_time import now, passes

# Issue of goods


def test_goods_that_are_not_issued_are_not_charged() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        assert (await till.run(SALE, "846600"))[-1] == "061E016C"
        assert await till.charged() == []
        assert till.states[-1] == "reversed"

    benched(test)


def test_a_till_that_needs_time_gets_as_much_as_it_said() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        begun = now()
        said = await till.run(SALE[:4] + "0C" + SALE[6:] + "0203", *["849C00"] * 2)
        assert kinds(said).count("040F") == 3
        assert now() - begun >= 2 * PACE.repeat
        assert await till.charged() == [1250]
        said = await till.run(SALE[:4] + "0C" + SALE[6:] + "0203", *["849C00"] * 9)
        assert (kinds(said).count("040F"), said[-1]) == (4, "061E016C")
        said = await till.run(SALE[:4] + "0E" + SALE[6:] + "0107" + "02FF", *["849C00"] * 9)
        assert (kinds(said).count("040F"), said[-1]) == (3, "061E016C")
        assert await till.charged() == [1250]

    benched(test)


def test_a_valina_hammers_where_it_was_given_no_time_limit() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        begun = now()
        said = await till.run(SALE, *["849C00"] * 300)
        assert kinds(said).count("040F") == 256
        assert now() - begun < 5
        said = await till.run(SALE[:4] + "0C" + SALE[6:] + "010A", *["849C00"] * 300)
        assert kinds(said).count("040F") == 4

    benched(test, profile="valina")


@pytest.mark.parametrize(("profile", "charged"), [("plain", [700]), ("cardcomplete", [])])
def test_a_part_of_the_goods(profile: str, charged: list[int]) -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.run(SALE, "849D" + "07" + "04000000000700")
        assert await till.charged() == charged

    benched(test, profile=profile)


# Stopping


def test_a_stop_while_a_card_is_awaited() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        till.write(SALE)
        assert [await till.hear(), (await till.hear())[:4]] == [YES, "04FF"]
        till.write(YES)
        await passes(0.1)
        till.write("06B000")
        assert await till.hear() == YES
        assert kinds(await till.rest()) == ["040F", "061E"]
        assert await till.charged() == []
        assert till.states[-1] == "cancelled"
        assert till.violations == []

    benched(test, manual=True)


@pytest.mark.parametrize(("profile", "end"), [("plain", "060F00"), ("stoppable", "061E016C")])
def test_a_stop_once_the_card_is_in(profile: str, end: str) -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        till.write(SALE)
        for _ in range(2):
            await till.hear()
        till.write(YES)
        await passes(PACE.card)
        assert (await till.hear())[:4] == "04FF"
        till.write("06B000")
        assert await till.hear() == YES
        till.write(YES)
        assert (await till.rest())[-1] == end
        assert await till.charged() == ([1250] if end == "060F00" else [])

    benched(test, profile=profile)


def test_one_that_cannot_be_stopped_and_one_that_only_says_so() -> None:
    async def stopped(till: Bench, answer: str) -> None:
        await till.ready()
        till.write(SALE)
        for _ in range(2):
            await till.hear()
        till.write(YES)
        await passes(0.1)
        till.write("06B000")
        assert await till.hear() == answer
        assert (await till.rest())[-1] == "060F00"
        assert await till.charged() == [1250]

    async def late(till: Bench) -> None:
        await till.do(behave="approves-after-abort")
        await stopped(till, YES)

    benched(lambda till: stopped(till, "848300"), profile="gp-pax")
    benched(late, manual=False)


def test_nobody_comes_with_a_card() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        begun = now()
        assert (await till.run(SALE))[-1] == "061E016C"
        assert now() - begun >= PACE.card_timeout

    benched(test, manual=True)


def test_a_card_that_is_left_in() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        till.write(SALE)
        await till.hear()
        await till.hear()
        till.write(YES)
        await passes(0.1)
        await till.do(card="insert")
        assert (await till.rest())[-1] == "060F00"
        assert (await till.run("050100"))[0][26:28] == "DC"
        assert (await till.run(SALE))[-1] == "061E01DC"
        await till.do(card="remove")
        assert (await till.run("050100"))[0][26:28] == "00"

    benched(test, manual=True)


# Taking back


def test_a_reversal_by_its_receipt() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        for _ in range(2):
            await till.run(SALE)
        said = await till.run("0630" + "06" + PASSWORD + "870001")
        status = next(packet for packet in said if packet.startswith("040F"))
        assert field(status, 0x87) == "0003"
        assert field(status, 0x37) == "000001"
        assert said[-1] == "060F00"
        assert await till.charged() == [1250]
        assert (await till.run("0630" + "06" + PASSWORD + "870001"))[-1] == "061E01B5"
        assert (await till.run("0630" + "06" + "000000" + "870002"))[-1] == "061E0183"

    benched(test)


def test_one_that_takes_back_the_last_whatever_it_is_asked() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.run(SALE)
        await till.run(SALE.replace("1250", "0300"))
        said = await till.run("0630" + "06" + PASSWORD + "870001")
        assert "04000000000300" in said[1]
        assert await till.charged() == [1250]
        await till.do(behave="other-reversal")
        said = await till.run("0630" + "06" + PASSWORD + "870001")
        assert "04000000001350" in said[1]
        assert await till.charged() == []

    benched(test, profile="last-only")


def test_a_refund() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.run("0631" + "0D" + PASSWORD + "04000000000500" + "490978")
        assert await till.charged() == [-500]

    benched(test)


# Reservations


def test_reservations_are_asked_for_booked_and_released() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        assert await till.run("0623" + "03" + "87FFFF") == [octets(APDUS["no open pre-authorisation (EVerest)"]).hex().upper()]
        assert (await till.run(RESERVE))[-1] == "060F00"
        assert await till.run("0623" + "03" + "87FFFF") == ["061E04B8870001"]
        assert (await till.run("0650" + "03" + PASSWORD))[-1] == "061E0177"
        assert await till.run("0625" + "08" + "1940" + "870231" + "490978") == ["061E04B8870001"]
        assert (await till.run("0625" + "08" + "1940" + "870001" + "490978"))[-1] == "060F00"
        assert await till.charged() == []
        await till.run(RESERVE)
        assert (await till.run("0623" + "0A" + "870003" + "04000000002000"))[-1] == "060F00"
        await till.run(RESERVE)
        assert (await till.run("0624" + "0A" + "870005" + "04000000000100"))[-1] == "060F00"
        await till.run(RESERVE)
        assert (await till.run("0624" + "0A" + "870007" + "04000000009900"))[-1] == "061E01B8"
        assert (await till.run(RESERVE, "846600"))[-1] == "061E016C"
        assert await till.charged() == [500, 100]

    benched(test)


# Saying so in the wrong order, or not at all


def test_a_result_that_comes_before_the_command_is_accepted() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.do(behave="result-before-accept")
        till.write(SALE)
        said = await till.rest()
        assert (kinds(said)[0], said[-1]) == ("040F", "060F00")
        assert YES not in said
        assert await till.charged() == [1250]

    benched(test)


@pytest.mark.parametrize("behaviour", ["silent-after-approve", "garbage", "half-frame"])
def test_what_is_charged_and_not_told(behaviour: str) -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.do(behave=behaviour)
        till.write(SALE)
        heard = [await till.hear()]
        while till.states[-1:] != ["approved"]:
            heard.append(await till.hear())
            till.write(YES)
            await passes(PACE.card + PACE.bank + 0.1)
        rest = "" if till.wire.out.empty() else await till.hear()
        assert (rest == "", rest.startswith("040F"), len(rest) == 128) == {
            "silent-after-approve": (True, False, False),
            "half-frame": (False, True, False),
            "garbage": (False, False, True),
        }[behaviour]
        assert not any(packet.startswith(("040F", "060F")) for packet in heard)
        assert await till.charged() == [1250]
        await till.do(behave="approve")
        assert (await till.run("0620" + "03" + PASSWORD))[0].startswith("040F")

    benched(test)


def test_a_reversal_that_is_not_told() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.run(SALE)
        await till.do(behave="silent-after-approve")
        till.write("0630" + "06" + PASSWORD + "870001")
        assert [await till.hear(), (await till.hear())[:4]] == [YES, "04FF"]
        till.write(YES)
        await passes(1)
        assert await till.charged() == []
        assert till.wire.out.empty()

    benched(test)
