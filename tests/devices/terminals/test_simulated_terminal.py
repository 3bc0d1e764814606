"""The simulated ZVT terminal, spoken to in hex digits: what it says to each command, and whose quirks it can play."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.devices.terminals.benched import PACE, PASSWORD, REGISTER, RESERVE, SALE, YES, Bench, benched, field, kinds
from tests.devices.terminals.vectors import APDUS, octets
from tests.virtual_time import passes

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
    [("f0", "0650" + "03" + PASSWORD), ("6a", "0650" + "03" + PASSWORD), ("b1", "0651" + "03" + PASSWORD),
     ("51", "0693" + "03" + PASSWORD), ("c2", "067000"), ("e4", "067000"),
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
