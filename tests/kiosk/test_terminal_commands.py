"""`./lobbypay terminal` as a technician uses it: real processes, the shipped driver, and the simulated terminal at its wire."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.devices.terminals.simulated import BRIEF, PATIENT, Simulator, simulator
from tests.kiosk.technician import Technician, sold_before

KEYS = {
    "outcome", "attempt", "amount_cents", "currency", "receipt", "trace", "card", "approved_offline", "reason",
}  # fmt: skip


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[Simulator]:
    async with simulator(tmp_path, "--books", str(sold_before(tmp_path))) as running:
        yield running


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[Simulator]:
    """One that waits for a person's card."""
    async with simulator(tmp_path, "--manual", "--books", str(sold_before(tmp_path))) as running:
        yield running


@pytest.fixture
def technician(tmp_path: Path) -> Technician:
    return Technician(tmp_path, str(tmp_path / "tty"))


# paying


async def test_a_payment_its_progress_its_last_line_and_the_same_id_again(sim: Simulator, technician: Technician) -> None:
    said = await technician.types("pay", "12.34", "--attempt", "A1", "--json")
    assert (said.code, said.err) == (0, "")
    assert [line["progress"] for line in said.json[:-1]] == ["attempt", "insert-card", "reading", "wait", "remove-card"]
    card = said.last["card"]
    assert card.keys() == {"brand", "last4"}
    assert len(card["last4"]) == 4
    assert said.last == {
        "outcome": "approved",
        "attempt": "A1",
        "amount_cents": 1234,
        "currency": "EUR",
        "receipt": 2,
        "trace": 2,
        "card": card,
        "approved_offline": False,
        "reason": "",
    }
    assert stat.S_IMODE(technician.journal.stat().st_mode) == 0o600
    technician.port = "nowhere"  # what is settled is told without any terminal
    again = await technician.types("--json", "pay", "12.34", "--attempt", "A1")
    assert (again.code, again.json) == (0, [said.last])
    other = await technician.types("pay", "12.35", "--attempt", "A1", "--json")
    assert "another amount is another attempt" in other.sentence
    assert (other.last["outcome"], other.last["reason"]) == ("not_started", "attempt-differs")
    assert (await sim.totals())["amount"] == 1234


async def test_what_a_person_reads(sim: Simulator, technician: Technician) -> None:
    said = await technician.types("pay", "12")
    assert said.code == 0
    assert said.lines[0].endswith(", \N{EURO SIGN}12.00.")
    assert said.lines[1] == "The terminal waits for a card."
    assert said.lines[-2].startswith("Approved. \N{EURO SIGN}12.00, receipt 2, trace 2, ")
    assert said.lines[-1] == "To take it back: reverse 2"


async def test_a_currency_of_ones_own(sim: Simulator, technician: Technician) -> None:
    technician.before = ["--currency", "USD"]
    said = await technician.types("pay", "12", "--json")
    assert (said.last["outcome"], said.last["currency"]) == ("approved", "USD")


async def test_approved_offline_is_said(sim: Simulator, technician: Technician) -> None:
    await sim.tell(behave="approve-offline")
    said = await technician.types("pay", "1", "--json")
    assert (said.code, said.last["approved_offline"]) == (0, True)


async def test_a_decline(sim: Simulator, technician: Technician) -> None:
    await sim.tell(behave="decline")
    said = await technician.types("pay", "1.00", "--json")
    assert said.sentence.startswith("Declined: nothing was charged.")
    assert "zvt-05" in said.sentence
    assert said.last["outcome"] == "declined"


async def test_another_amount_is_never_booked(sim: Simulator, technician: Technician) -> None:
    await sim.tell(behave="other-amount")
    said = await technician.types("pay", "1.00", "--json")
    assert said.last["reason"] == "zvt-other-amount"
    assert "it approved another amount" in said.sentence
    assert (await sim.totals())["count"] == 0


async def test_silence_is_unknown_and_the_same_id_finds_out(sim: Simulator, technician: Technician) -> None:
    await sim.tell(behave="cable-out")
    technician.options = BRIEF
    said = await technician.types("pay", "1.00", "--attempt", "A1", "--json")
    assert said.sentence.startswith("Unknown: the card may have been charged. Do not pay again.")
    assert (said.last["outcome"], said.last["reason"]) == ("unknown", "no-answer")
    await sim.tell(behave="approve")
    await sim.tell(cable="in")
    held_up = await technician.types("pay", "2.00", "--attempt", "A2", "--json")
    assert "pay` with its amount and --attempt A1" in held_up.sentence
    assert (held_up.last["outcome"], held_up.last["reason"]) == ("not_started", "older-attempt")
    technician.port, there = "nowhere", technician.port  # told before any terminal is looked for
    for verb in (("reverse", "1"), ("end-of-day",)):
        held_up = await technician.types(*verb, "--json")
        assert (held_up.last["outcome"], held_up.last["reason"]) == ("not_started", "older-attempt")
    technician.port = there
    found = await technician.types("pay", "1.00", "--attempt", "A1", "--json")
    assert (found.code, found.last["outcome"], found.last["receipt"]) == (0, "approved", 2)
    assert [line["progress"] for line in found.json[:-1]] == ["attempt", "checking"]
    assert (await technician.types("pay", "2.00", "--attempt", "A2")).code == 0
    assert (await sim.totals())["amount"] == 300


async def test_a_terminal_that_never_heard_it_is_asked_and_cannot_tell(sim: Simulator, technician: Technician) -> None:
    await sim.tell(behave="nothing")
    technician.options = BRIEF.replace("t3=5", "t3=1")
    said = await technician.types("pay", "1.00", "--attempt", "A1", "--json")
    assert said.last["outcome"] == "unknown"
    asked = await technician.types("pay", "1.00", "--attempt", "A1", "--json")
    assert (asked.code, asked.last["outcome"], asked.last["reason"]) == (1, "unknown", "last-receipt-older")
    await sim.tell(behave="approve")
    assert (await technician.types("pay", "1.00", "--attempt", "A2")).code == 0
    late = await technician.types("pay", "1.00", "--attempt", "A1", "--json")
    assert (late.last["outcome"], late.last["reason"]) == ("unknown", "newer-attempt")
    assert (await sim.totals())["count"] == 1


# stopping


async def test_ctrl_c_asks_and_the_terminal_has_the_last_word(slow: Simulator, technician: Technician) -> None:
    async with technician.typing("pay", "1.00", "--attempt", "A1", "--json") as paying:
        await paying.until("insert-card")
        await slow.until("waiting-card")
        paying.interrupt()
        said = await paying.end()
    assert said.sentence.startswith("Cancelled: nothing was charged.")
    assert (said.last["outcome"], said.last["reason"]) == ("cancelled", "zvt-6c")
    assert [line["progress"] for line in said.json[:-1]][-1] == "cancelling"
    assert (await slow.totals())["count"] == 0


async def test_ctrl_c_too_late_reports_the_payment(slow: Simulator, technician: Technician) -> None:
    technician.options = PATIENT.replace("closing=5", "closing=60")
    async with technician.typing("pay", "1.00", "--json") as paying:
        await slow.until("waiting-card")
        await slow.tell(card="insert")
        await paying.until("remove-card")
        for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            paying.interrupt(told)
            word = await paying.until("cancelling")
            assert ("Still waiting" in word) == (told is not signal.SIGINT)
        await slow.tell(card="remove")
        said = await paying.end()
    assert (said.code, said.last["outcome"]) == (0, "approved")


async def test_ctrl_c_while_the_terminal_is_not_there(tmp_path: Path, technician: Technician) -> None:
    master, slave = os.openpty()  # a line on which nobody answers
    technician.port, technician.options = os.ttyname(slave), "t2=1"
    async with technician.typing("pay", "1.00", "--json") as paying:
        await paying.until("attempt")
        os.read(master, 1)  # the driver is trying
        paying.interrupt()
        said = await paying.end()
    os.close(master)
    os.close(slave)
    assert (said.last["outcome"], said.last["reason"]) == ("not_started", "cancelled")
    assert said.sentence.startswith("Nothing was charged.")


async def test_nobody_listening_ends_no_payment(slow: Simulator, technician: Technician) -> None:
    async with technician.typing("pay", "1.00", "--attempt", "A1", "--json") as paying:
        await paying.until("insert-card")
        transport = paying.process._transport.get_pipe_transport(1)  # type: ignore[attr-defined]
        transport.close()
        await slow.until("waiting-card")
        await slow.tell(card="tap")
        await slow.until("ended")
        await paying.process.wait()
    assert paying.process.returncode == 0
    technician.port = "nowhere"
    assert (await technician.types("pay", "1.00", "--attempt", "A1", "--json")).last["outcome"] == "approved"


async def test_cancel_from_another_window(slow: Simulator, technician: Technician) -> None:
    async with technician.typing("pay", "1.00", "--attempt", "A1", "--json") as paying:
        await slow.until("waiting-card")
        second = await technician.types("pay", "1.00", "--attempt", "A2", "--json")
        assert f"({paying.process.pid}) is paying attempt A1" in second.sentence
        assert (second.last["outcome"], second.last["reason"]) == ("not_started", "journal-held")
        said = await technician.types("cancel", "--json")
        assert (said.code, said.last["outcome"], said.last["attempt"]) == (0, "cancelled", "A1")
        assert (await paying.end()).last["outcome"] == "cancelled"
    assert (await slow.totals())["count"] == 0


async def test_cancel_too_late(slow: Simulator, technician: Technician) -> None:
    technician.options = PATIENT.replace("closing=5", "closing=60")
    async with technician.typing("pay", "1.00", "--attempt", "A1", "--json") as paying:
        await slow.until("waiting-card")
        await slow.tell(card="insert")
        await paying.until("remove-card")
        async with technician.typing("cancel", "--json") as cancelling:
            await cancelling.until("cancelling")
            await slow.tell(card="remove")
            said = await cancelling.end()
        assert (await paying.end()).last["outcome"] == "approved"
    assert said.sentence.startswith("It could not be stopped. Approved.")
    assert said.last["outcome"] == "approved"


async def test_cancel_when_nothing_runs(sim: Simulator, technician: Technician) -> None:
    said = await technician.types("cancel", "--json")
    assert (said.code, said.last["outcome"], said.last["condition"]) == (0, "not_started", "ready")


async def test_cancel_after_a_payment_was_cut_off(slow: Simulator, technician: Technician) -> None:
    async with technician.typing("pay", "1.00", "--attempt", "A1") as paying:
        await slow.until("waiting-card")
        paying.process.kill()
        await paying.end()
    await slow.tell(card="tap")
    await slow.until("approved")
    said = await technician.types("cancel", "--json")
    assert said.last["attempt"] == "A1"
    assert said.last["outcome"] == "approved"
    assert "could not be stopped" in said.sentence


# how it is


async def test_status(sim: Simulator, technician: Technician) -> None:
    said = await technician.types("status", "--json")
    assert said.code == 0
    assert said.last.keys() > KEYS
    assert (said.last["outcome"], said.last["condition"], said.last["protocol"]) == ("not_started", "ready", "zvt")


@pytest.mark.parametrize(
    ("setting", "options", "reason", "words"),
    [
        ({"status": "df"}, "", "terminal-out-of-order", "Only its supplier can free it"),
        ({"status": "dc"}, "", "terminal-card-left", "Take it out"),
        ({"password": "999999"}, "", "terminal-refused", "--password-file"),
        ({"tid": "11111111"}, "&tid=52523535", "terminal-other", "11111111"),
    ],
)
async def test_a_terminal_that_cannot_pay_says_why(
    sim: Simulator, technician: Technician, setting: dict[str, str], options: str, reason: str, words: str
) -> None:
    await sim.tell(set=setting)
    technician.options += options
    paid = await technician.types("pay", "1.00", "--json")
    assert paid.sentence.startswith("Nothing was charged. ")
    assert words in paid.sentence
    assert (paid.last["outcome"], paid.last["reason"]) == ("not_started", reason)


async def test_a_port_that_is_not_there(technician: Technician) -> None:
    said = await technician.types("status", "--json")
    assert "cannot be reached" in said.sentence
    assert said.last["reason"] == "terminal-away"
