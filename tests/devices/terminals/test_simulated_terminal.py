"""The simulated ZVT terminal, spoken to in hex digits: what it says to each command, and whose quirks it can play."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.terminals.zvt.packets import decode
from tests.devices.terminals.benched import PACE, REGISTER, SALE, YES, Bench, benched
from tests.devices.terminals.vectors import APDUS, octets
from tests.virtual_time import now, passes

RESERVE = octets(APDUS["pre-authorisation 25.00 (EVerest)"]).hex()
PASSWORD = "123456"


def kinds(said: list[str]) -> list[str]:
    return [packet[:4] for packet in said]


def field(packet: str, tag: int) -> str:
    """A bitmap's value in hex digits, as the driver reads it: the two were written apart."""
    return decode(bytes.fromhex(packet)).fields.digits(tag).upper()


# Who it is


def test_registration_and_identity() -> None:
    async def test(till: Bench) -> None:
        # Everest's answer but for its status byte
        assert await till.run(REGISTER) == ["060F0A1900295252353549" + "0978"]
        assert await till.run("0600" + "06" + "654321" + "BE" + "0978") == ["061E0183"]
        (enquiry,) = await till.run("0501" + "03" + PASSWORD)
        assert bytes.fromhex(enquiry)[3:13] == b"\xf0\xf0\xf7SIM-1.0"
        assert enquiry[26:28] == "00"
        assert "1F440452523535" in enquiry
        assert b"SIM0000042" in bytes.fromhex(enquiry)
        await till.do(set={"tid": "12345678", "serial": "X1", "status": "9c"})
        (enquiry,) = await till.run("0501" + "00")
        assert "1F440412345678" in enquiry
        assert enquiry[26:28] == "9C"

    benched(test)


def test_who_has_not_registered_sells_nothing() -> None:
    async def test(till: Bench) -> None:
        assert await till.run(SALE) == ["061E016B"]
        await till.ready()
        assert (await till.run(SALE))[-1] == "060F00"
        await till.do(power="off")
        await till.do(power="on")
        assert await till.run(SALE) == ["061E016B"]

    benched(test)


def test_what_it_does_not_know() -> None:
    async def test(till: Bench) -> None:
        for command, answer in (("06C000", "848300"), ("060200", YES), ("083000", YES), ("06B000", YES)):
            till.write(command)
            assert await till.hear() == answer
        till.write("0601" + "02" + "0400")
        till.write("060200")
        assert await till.hear() == YES
        assert till.violations == ["unreadable: a value that is cut off"]

    benched(test)


# A sale


def test_a_sale_from_end_to_end() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        said = await till.run(SALE)
        assert kinds(said) == ["04FF"] * 3 + ["040F", "06D3", "06D3", "06D1", "04FF", "060F"]
        status = said[3]
        assert (field(status, 0x27), field(status, 0x04), field(status, 0x87)) == ("00", "000000001250", "0001")
        assert till.states == ["waiting-card", "authorising", "approved", "acknowledged", "completing", "ended"]
        assert await till.charged() == [1250]
        assert till.violations == []

    benched(test)


@pytest.mark.parametrize(("config", "has"), [("BE", "04FF"), ("B6", ""), ("BC", "04FF"), ("3E", "04FF")])
def test_the_till_says_what_it_wants_to_hear(config: str, has: str) -> None:
    async def test(till: Bench) -> None:
        await till.run("0600" + "06" + PASSWORD + config + "0978")
        said = kinds(await till.run(SALE))
        assert ("04FF" in said) is bool(has)
        assert ("06D3" in said) is (config in ("BE", "B6"))

    benched(test)


def test_text_blocks_are_for_a_till_that_permits_them() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        assert "06D1" in kinds(await till.run(SALE))
        permits = "06" + "06" + "2604" + "0A0206D3"
        await till.run("0600" + "0E" + PASSWORD + "BE" + "0978" + permits)
        assert "06D3" in kinds(await till.run(SALE))

    benched(test, profile="valina")


def test_a_receipt_in_another_charset_with_a_container_after_its_lines() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        lines = [bytes.fromhex(packet) for packet in await till.run(SALE) if packet.startswith("06D1")]
        assert lines[-1].endswith("für 1 €-Einkauf".encode("iso8859-15") + bytes.fromhex("06041F070102"))

    benched(test, profile="cardcomplete")


def test_each_line_has_its_attribute_or_the_last_has_one_for_all() -> None:
    def attributes(profile: str) -> int:
        async def test(till: Bench) -> int:
            await till.ready()
            block = next(packet for packet in await till.run(SALE) if packet.startswith("06D3"))
            return block.count("090181")

        return benched(test, profile=profile)

    assert (attributes("plain"), attributes("feig")) == (1, 4)


def test_another_currency_is_refused() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        assert (await till.run(SALE.replace("490978", "490840")))[-1] == "061E016F"
        assert await till.charged() == []

    benched(test)


def test_a_blocked_terminal_says_so_in_its_makers_words() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.do(set={"tid": "00000000", "status": "df"})
        status, end = await till.run(SALE)
        assert status == octets(APDUS["blocked terminal (parts from ecrterm#7, lengths ours)"]).hex().upper()
        assert end.startswith("061E")
        assert end[6:8] == "DF"
        await till.do(set={"status": "00"})
        await till.do(behave="tampered")
        assert (await till.run("0501" + "00"))[0][26:28] == "DF"

    benched(test)


@pytest.mark.parametrize(
    ("status", "cure"),
    [("f0", "0650" + "03" + PASSWORD), ("51", "0693" + "03" + PASSWORD), ("c2", "067000"), ("e4", "067000"),
     ("62", "0691" + "08" + "AA261122" + "0C041500")],
)  # fmt: skip
def test_what_keeps_it_from_selling_and_what_cures_it(status: str, cure: str) -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.do(set={"status": status})
        assert (await till.run(SALE))[-1] == f"061E01{status.upper()}"
        assert (await till.run(cure))[-1] == "060F00"
        assert (await till.run(SALE))[-1] == "060F00"

    benched(test)


def test_one_that_is_busy_answers_that() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.do(behave="busy")
        till.write(SALE)
        assert await till.hear() == "849C00"
        assert (await till.run("050100"))[0][26:28] == "9C"

    benched(test)


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


# What it remembers


def test_repeating_a_receipt() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        assert kinds(await till.run("0620" + "03" + PASSWORD)) == ["060F"]
        sale = await till.run(SALE)
        again = await till.run("0620" + "03" + PASSWORD)
        assert kinds(again) == ["040F", "06D3", "06D3", "06D1", "060F"]
        assert again[0] == sale[3]

    benched(test)


def test_a_till_that_does_not_administer_may_get_no_receipt() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.run(SALE)
        assert kinds(await till.run("0620" + "03" + PASSWORD))[0] == "040F"
        await till.run(REGISTER.replace("BE", "8E"))
        assert kinds(await till.run("0620" + "03" + PASSWORD)) == ["060F"]

    benched(test, profile="gp-pax")


def test_the_days_totals() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.run(SALE)
        await till.run(SALE)
        for command in ("0610" + "03" + PASSWORD, "0650" + "03" + PASSWORD):
            said = await till.run(command)
            totals = next(packet for packet in said if packet.startswith("040F"))
            kept = field(totals, 0x60)
            assert kept[:8] == "00010002"
            counted = [(int(kept[at : at + 2], 16), int(kept[at + 2 : at + 14])) for at in range(8, 106, 14)]
            assert (sum(count for count, _ in counted), sum(amount for _, amount in counted)) == (2, 2500)
            assert said[-1] == "060F00"
        said = await till.run("0610" + "03" + PASSWORD)
        assert "60F0F5F300000000" in next(packet for packet in said if packet.startswith("040F"))
        assert await till.charged() == [1250, 1250], "a closed day is still charged"

    benched(test)


def test_what_was_approved_offline_is_sent_later() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.do(behave="approve-offline")
        said = await till.run(SALE)
        assert "04FF01F3" in said
        assert "1F110100" in said[3]
        await till.do(behave="offline-unsent")
        assert (await till.run("0651" + "03" + PASSWORD))[-1] == "061E01FA"
        await till.do(do="totals")
        assert till.reports[-1]["totals"]["unsent"] == 1
        await till.do(behave="approve")
        assert (await till.run("0651" + "03" + PASSWORD))[-1] == "060F00"
        await till.do(do="totals")
        assert till.reports[-1]["totals"]["unsent"] == 0

    benched(test)


def test_service() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        await till.do(set={"sets-time": True})
        diagnosis = await till.run("067000")
        assert "0401" in kinds(diagnosis)
        for command in ("067900", "061A00"):
            assert kinds(await till.run(command)) == ["06D3", "060F"]
        assert await till.run("061800") == ["060F00"]
        assert await till.run(SALE) == ["061E016B"]

    benched(test)


def test_the_books_outlive_a_power_cut(tmp_path: Path) -> None:
    async def dies(till: Bench) -> None:
        await till.ready()
        await till.run(SALE)
        await till.run(RESERVE)
        await till.do(behave="power-off")
        till.write(SALE.replace("1250", "0999"))
        await till.hear()
        for _ in range(3):
            await till.hear()
            till.write(YES)
        await passes(1)
        assert {"power": "off"} in till.reports
        assert not till.wire.plugged

    async def lives(till: Bench) -> None:
        assert await till.charged() == [1250, 999]
        await till.ready()
        status = (await till.run("0620" + "03" + PASSWORD))[0]
        assert "04000000000999" in status
        assert field(status, 0x87) == "0003"
        assert await till.run("0623" + "03" + "87FFFF") == ["061E04B8870002"]

    benched(dies, books=tmp_path / "books.json")
    benched(lives, books=tmp_path / "books.json")


# What no till may do


def test_a_till_that_breaks_the_rules_is_told_of() -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        till.write(YES)
        till.write(SALE)
        await till.hear()
        await till.hear()
        till.write("050100")
        assert await till.hear() == "849C00"
        await passes(PACE.answer)
        await passes(PACE.card + 1)
        assert till.violations[:3] == ["answer-to-nothing", "command-while-terminal-is-master", "no-answer"]

    benched(test)


@pytest.mark.parametrize("command", [{"set": {"tid": "12"}}, {"set": {"colour": "red"}}, {"card": "eat"}, {"behave": "sulk"}, {}])
def test_what_nobody_can_do_to_it(command: dict[str, object]) -> None:
    async def test(till: Bench) -> None:
        with pytest.raises(ValueError):
            await till.machine.obey(command)

    benched(test)
