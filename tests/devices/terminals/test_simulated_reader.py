"""The simulated NEO 2 reader, spoken to by the fact sheet: its vectors, what a card's answer holds, and who may stop what."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.terminals.simulator.neo2.device import TEST_BDK
from devices.terminals.simulator.neo2.frames import burst, checksum, command, response
from domain.dukpt import decrypt, initial_key
from tests.devices.terminals.benched_reader import HASTY, benched_reader
from tests.devices.terminals.neo2_host import ACTIVATE, AMOUNT, HEADER, answer, check, objects, ordered

PUBLIC_NUMBERS = ("4761739001010010", "5413330089020011", "374245001751006")
START_CONTACT = "6010" + "00" + "0005" + "0005" + AMOUNT


def opened(found: dict[str, bytes], tag: str, bdk: str) -> str:
    """The hex digits of an object that was encrypted whole, and its filling."""
    ksn = found["DFEE12"]
    return bytes(decrypt(initial_key(bytes.fromhex(bdk), ksn), ksn, found[tag])).hex().upper()


@pytest.mark.parametrize(
    ("words", "vector"),
    [("1801", "18010000B3CD"), ("010100", "0101000100F624"), ("010101", "0101000101D734"), ("0300", "030000003BFF"),
     ("02010A", "020100010A6E6B"), ("6117", "61170000728D"), ("0302", "030200005B91"), ("0920", "092000005611"),
     ("0501", "0501000092EF"), ("2900", "29000000DEA0"), ("1201", "1201000018A5")],
)  # fmt: skip
def test_the_sheets_commands_have_the_checks_that_we_write(words: str, vector: str) -> None:
    raw = bytes.fromhex(words)
    assert command(raw[0], raw[1], raw[2:]) == HEADER + bytes.fromhex(vector) == ordered(words)


@pytest.mark.parametrize(
    ("words", "vector"),
    [("1800", "18000000FA83"), ("0100", "010000001253"), ("0300000000", "030000030000008DD0"), ("6100", "610000004B81")],
)
def test_the_sheets_responses_have_the_checks_that_we_write(words: str, vector: str) -> None:
    raw = bytes.fromhex(words)
    assert response(raw[0], raw[1], raw[2:]) == HEADER + bytes.fromhex(vector)


def test_a_burst_frame_and_the_check_are_the_sheets_and_crcmods() -> None:
    assert burst(bytes.fromhex("03030000")) == bytes.fromhex("450055000403030000E8DD")
    assert checksum(bytes(range(256))) == check(bytes(range(256)))


async def test_who_it_is() -> None:
    async with benched_reader() as (sim, there):
        assert (await there.ask("1801"))[:3] == (0x18, 0, b"")
        assert (await there.ask("1201")).data == b"SIM0000042"
        assert (await there.ask("2900")).data == b"Kiosk V NEO 2 SIM-1.0"
        assert (await there.ask("0920")).data
        assert (await there.ask("0101" + "02")).code == 0x05
        assert (await there.ask("0400")).data == b"\2"
        assert (await there.ask("0477" + "01")).code == 0x03
        assert (await there.ask("7700")).code == 0x02
        assert (await there.ask("6017")).code == 0x03
        assert (await there.ask("2C18")).code == 0
        await sim.do(set={"serial": "OTHER", "tampered": True})
        assert (await there.ask("1201")).data == b"OTHER"
        assert (await there.ask("0400")).data == b"\1"
        assert (await there.ask(ACTIVATE)).code == 0x1D
        assert sim.violations == []


async def test_a_cards_answer_is_opened_with_the_base_key_and_by_nobody_else() -> None:
    async with benched_reader() as (sim, there):
        first, second = await there.ask(ACTIVATE), await there.ask(ACTIVATE)
        assert (first.command, first.code, first.low_first) == (0x02, 0x23, False)
        found = objects(first.data[1:])
        assert first.data[0] == 0xC1
        assert found["DFEE12"] == bytes.fromhex("FFFF9876543210E00001")
        assert objects(second.data[1:])["DFEE12"] == bytes.fromhex("FFFF9876543210E00002")
        assert found["9F02"] == bytes.fromhex("000000001250")
        track2 = opened(found, "57", TEST_BDK)
        pan = track2[4:].split("D")[0]
        assert pan in PUBLIC_NUMBERS
        assert track2.startswith(f"5711{pan}D3012")
        assert opened(found, "5A", TEST_BDK).startswith(f"5A08{pan}")
        assert opened(found, "5F24", TEST_BDK).startswith("5F2403" + "301231")
        masked = found["DFEF5B"].hex().upper().rstrip("F")
        assert masked == pan[:4] + "C" * (len(pan) - 8) + pan[-4:]
        assert bytes.fromhex(pan[:12]) not in first.data
        assert (await sim.totals())["cards"] == 2
        assert (await sim.totals())["charges"] == []


async def test_aes_keys_say_so() -> None:
    bdk, ksn = "FEDCBA9876543210F1F1F1F1F1F1F1F1", "123456789012345600000000"
    async with benched_reader(bdk=bdk, ksn=ksn) as (_, there):
        said = await there.ask(ACTIVATE)
        assert said.data[0] == 0xC3
        assert opened(objects(said.data[1:]), "57", bdk)[4:].split("D")[0] in PUBLIC_NUMBERS


async def test_no_key_is_used_twice_across_a_power_cut(tmp_path: Path) -> None:
    books = tmp_path / "books.json"
    async with benched_reader(books=books) as (_, there):
        await there.ask(ACTIVATE)
    async with benched_reader(books=books) as (_, there):
        assert objects((await there.ask(ACTIVATE)).data[1:])["DFEE12"].endswith(b"\x02")


@pytest.mark.parametrize(("behaviour", "attribution", "ksn"), [("in-clear", 0x01, False), ("no-ksn", 0xC1, False)])
async def test_one_that_hands_over_what_it_should_not(behaviour: str, attribution: int, ksn: bool) -> None:
    async with benched_reader() as (sim, there):
        await sim.do(behave=behaviour)
        said = await there.ask(ACTIVATE)
        assert said.data[0] == attribution
        assert ("DFEE12" in objects(said.data[1:])) is ksn


@pytest.mark.parametrize(
    ("behaviour", "code"), [("busy", 0x0B), ("tampered", 0x1D), ("decline", 0x0A), ("approve-offline", 0x00)]
)
async def test_statuses(behaviour: str, code: int) -> None:
    async with benched_reader() as (sim, there):
        await sim.do(behave=behaviour)
        assert (await there.ask(ACTIVATE)).code == code


async def test_a_card_that_never_comes_and_an_amount_that_is_not_there() -> None:
    async with benched_reader(manual=True, pace=HASTY) as (sim, there):
        assert (await there.ask(ACTIVATE)).code == 0x08
        assert (await there.ask("0240" + "1E" + "9C0100")).code == 0x05
        assert (await there.ask("0240")).code == 0x05
        assert (await sim.until("cancelled"))["amount"] == 1250


async def test_cancel_and_stop_while_it_waits() -> None:
    async with benched_reader(manual=True) as (sim, there):
        for words in ("0501", "0502"):
            there.order(ACTIVATE)
            await sim.until("waiting-card")
            assert (await there.ask(words))[:2] == (0x05, 0x00)
            await sim.until("cancelled")
        assert sim.violations == []


async def test_any_other_word_while_it_waits_stops_it_and_is_told() -> None:
    async with benched_reader(manual=True) as (sim, there):
        there.order(ACTIVATE)
        await sim.until("waiting-card")
        assert (await there.ask("1801"))[:2] == (0x18, 0x0A)
        await sim.until("cancelled")
        assert sim.violations == ["command-while-active"]


@pytest.mark.parametrize(("words", "then"), [("0501", True), ("0502", False)])
async def test_a_stop_that_comes_too_late_is_answered_with_the_card(words: str, then: bool) -> None:
    async with benched_reader(manual=True) as (sim, there):
        await sim.do(behave="late-response")
        there.order(ACTIVATE)
        await sim.until("waiting-card")
        assert (await there.ask(words))[:2] == (0x02, 0x23)
        if then:
            assert (await there.hear())[:2] == (0x05, 0x00)


async def test_contact_in_three_steps() -> None:
    async with benched_reader(manual=True) as (sim, there):
        for host_says, result, cryptogram in (("8A023030", 2, 0x40), ("8A025A33", 3, 0x00)):
            assert (await there.ask(START_CONTACT))[:3] == (0x60, 0x63, b"")
            await sim.do(card="insert")
            started = await there.hear()
            assert (started.code, started.data[:3]) == (0, b"\x00\x10\xc0")
            assert (await there.ask("6012" + host_says)).code == 0x0B
            assert (await there.ask(START_CONTACT)).code == 0x63
            await sim.do(card="insert")
            await there.hear()
            assert (await there.ask("6011")).code == 0x63
            online = await there.hear()
            assert online.data[:3] == b"\x00\x04\xc0"
            assert objects(online.data[3:])["9F27"] == b"\x80"
            assert (await there.ask("6012" + host_says)).code == 0x63
            ended = await there.hear()
            assert ended.data[:2] == bytes([0, result])
            assert objects(ended.data[3:])["9F27"] == bytes([cryptogram])
        assert (await there.ask("6011")).code == 0x0B


async def test_a_card_that_declines_what_the_bank_approved_and_one_that_asks() -> None:
    async with benched_reader(manual=True) as (sim, there):
        for behaviour in ("card-declines", "tells", "asks"):
            await sim.do(behave=behaviour)
            await there.ask(START_CONTACT)
            await sim.do(card="insert")
            await there.hear()
            await there.ask("6011")
            if behaviour in ("tells", "asks"):
                question = await there.hear()
                assert (question.command, question.code, question.low_first) == (0x61, 0x01, True)
                there.write(answer("6100"))
            assert (await there.hear()).data[:2] == b"\x00\x04"
            await there.ask("6012" + "8A023030")
            assert (await there.hear()).data[:2] == (b"\x00\x03" if behaviour == "card-declines" else b"\x00\x02")
        await there.ask(START_CONTACT)
        await sim.do(card="insert")
        await there.hear()
        await there.ask("6011")
        await there.hear()
        assert (await there.hear())[:2] == (0x60, 0x0A)
        assert (await sim.told("violation"))["rule"] == "no-answer"


async def test_a_contact_sale_is_cancelled_and_times_out() -> None:
    async with benched_reader(manual=True, pace=HASTY) as (sim, there):
        await there.ask(START_CONTACT)
        await sim.until("waiting-card")
        assert (await there.ask("0501"))[:2] == (0x05, 0x00)
        await there.ask(START_CONTACT)
        assert (await there.hear()).code == 0x08


async def test_what_is_read_by_itself_is_told_once() -> None:
    async with benched_reader() as (sim, there):
        assert (await there.ask("0340")).code == 0x0B
        await there.ask("010100")
        assert (await there.ask(ACTIVATE)).code == 0x0B
        assert (await there.ask("0340")).code == 0x60
        assert (await there.ask("0300")).data == bytes(3)
        await sim.do(set={"sends": "polled"})
        assert (await there.ask("0340")).code == 0x23
        assert (await there.ask("0340")).code == 0x60


async def test_it_speaks_unasked() -> None:
    async with benched_reader() as (sim, there):
        await sim.do(set={"sends": "burst"})
        assert (await there.raw(11)).hex().upper() == "450055000403030000E8DD"
        await sim.do(set={"sends": "boot"})
        assert (await there.hear()) == (0x14, 0x01, b"NEO 2.0 v1.00\0", True)
        await sim.do(stray="1800AA")
        assert (await there.hear()) == (0x18, 0x00, b"\xaa", False)
        await sim.do(set={"events": True})
        assert (await there.ask(ACTIVATE))[:3] == (0x02, 0x0E, b"\1")
        assert (await there.hear()).code == 0x23


async def test_a_wrong_check_and_noise_are_told() -> None:
    async with benched_reader() as (sim, there):
        there.write(ordered("1801")[:-1] + b"\0")
        assert (await there.hear())[:2] == (0x18, 0x04)
        there.write(b"noise" + ordered("1801") + ordered("1801")[:12])
        assert (await there.hear())[:2] == (0x18, 0x00)
        for _ in range(3):
            await sim.told("violation")
        assert sim.violations == ["wrong-crc", "stray-bytes", "broken-frame"]


@pytest.mark.parametrize(("behaviour", "what", "back"), [("cable-out", "cable", "in"), ("power-off", "power", "on")])
async def test_a_card_that_is_read_and_lost_with_the_line(behaviour: str, what: str, back: str) -> None:
    async with benched_reader() as (sim, there):
        await sim.do(behave=behaviour)
        there.order(ACTIVATE)
        assert await sim.told(what) in ("out", "off")
        assert not sim.wire.plugged
        await sim.do(**{what: back})
        assert await sim.told(what) == back
        assert (await there.ask("1801")).code == 0


async def test_half_an_answer_garbage_and_silence() -> None:
    async with benched_reader() as (sim, there):
        await sim.do(behave="half-frame")
        there.order(ACTIVATE)
        assert (await there.raw(12))[:11] == HEADER + b"\x02"
    async with benched_reader() as (sim, there):
        await sim.do(behave="garbage")
        there.order(ACTIVATE)
        assert len(await there.raw(64)) == 64
        await sim.do(behave="silent-after-approve")
        there.order(ACTIVATE)
        await sim.until("approved")
        assert (await there.ask("1801")).command == 0x18, "of the card it says nothing"
        await sim.do(behave="nothing")
        there.order(ACTIVATE)
        assert (await there.ask("1801")).command == 0x18
        await sim.do(behave="other-amount")
        assert objects((await there.ask(ACTIVATE)).data[1:])["9F02"] == bytes.fromhex("000000001350")


async def test_a_card_that_is_left_in_the_slot() -> None:
    async with benched_reader(manual=True) as (sim, there):
        await sim.do(behave="card-left-in")
        await there.ask(START_CONTACT)
        await sim.until("waiting-card")
        await sim.do(card="insert")
        assert (await there.hear()).data[:2] == b"\x00\x10"
        assert (await there.ask(ACTIVATE)).code == 0x0B
        await sim.do(card="remove")
        there.order(ACTIVATE)
        await sim.until("waiting-card")
        await sim.do(card="tap")
        assert (await there.hear()).code == 0x23
