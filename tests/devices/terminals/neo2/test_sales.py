"""One card at a time: what each answer of the reader, the card and the hub comes to, in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from devices.terminals.neo2.framing import Frame, command, response
from devices.terminals.neo2.session import Timers
from devices.terminals.port import NotStarted, Step
from domain.money import Money
from domain.payment import Card, CardData, Outcome
from tests.devices.terminals.neo2.bank import AWAY, LOST, NO, Bank
from tests.devices.terminals.neo2.cards import KSN, OBJECTS, contact_word, inserted, item, tapped
from tests.devices.terminals.neo2.virtual import (
    ACCEPTED,
    ACTIVATE,
    AUTHENTICATE,
    COMPLETE,
    OFFLINE,
    SALE,
    SERIAL,
    SETUP,
    FakeLink,
    Peer,
    driver,
    hangs_up,
    inserting,
    paid,
    ready,
    serving,
    silence,
    tapping,
    until,
)
from tests.devices.terminals.simulated import Journal
from tests.log_watch import LogWatch
from tests.virtual_time import run

EVENT = response(0x02, 0x0E, b"\x01")
VISA = Card("Visa", "0010")


@pytest.mark.parametrize("status", [0x00, 0x23])
def test_a_tapped_card_is_authorised_by_the_hub(status: int) -> None:
    bank, journal = Bank(), Journal()
    result, link = paid(tapping(EVENT, tapped(status=status)), bank=bank, journal=journal)
    assert (result.outcome, result.amount, result.card) == (Outcome.APPROVED, SALE.amount, VISA)
    assert (result.authorization, result.terminal_id, result.hub_authorised) == ("A1B2C3", SERIAL, True)
    assert bank.cards == [CardData(KSN, OBJECTS)]
    assert journal.steps == [Step.INSERT_CARD, Step.READING, Step.WAIT]
    assert link.sent(*COMPLETE) == 0


def test_an_inserted_card_hears_the_host_and_has_the_last_word() -> None:
    bank, journal = Bank(), Journal()
    result, link = paid(inserting(), bank=bank, journal=journal)
    assert (result.outcome, result.card) == (Outcome.APPROVED, VISA)
    assert journal.steps == [Step.INSERT_CARD, Step.READING, Step.WAIT, Step.REMOVE_CARD]
    (told,) = (frame for frame in link.heard if (frame.command, frame.code) == COMPLETE)
    assert bytes(told.data) == bank.says.response
    assert link.sent(0x2C, 0x18) == 1


@pytest.mark.parametrize(
    ("says", "word"),
    [
        (replace(Bank().says, response=b""), b"\x8a\x0200"),
        (replace(NO, response=b""), b"\x8a\x0205"),
        (NO, NO.response),
    ],
)
def test_what_the_card_is_told(says: object, word: bytes) -> None:
    bank = Bank(says=says)  # type: ignore[arg-type]
    _, link = paid(inserting(), bank=bank)
    (told,) = (frame for frame in link.heard if (frame.command, frame.code) == COMPLETE)
    assert bytes(told.data) == word


def test_a_card_that_was_started_with_a_result_before_its_objects() -> None:
    start = response(0x02, 0x00, b"\x00\x10" + bytes(inserted().data))
    assert paid(inserting(start=start))[0].outcome is Outcome.APPROVED


@pytest.mark.parametrize("code", [0x0000, 0x0002])
def test_a_card_that_approves_offline_is_authorised_all_the_same(code: int) -> None:
    bank = Bank()
    result, link = paid(inserting(authenticates=(ACCEPTED, contact_word(code))), bank=bank)
    assert result.outcome is Outcome.APPROVED
    assert bank.calls == ["authorize"]
    assert link.sent(*COMPLETE) == 0


@pytest.mark.parametrize("what", [tapping(), inserting()])
def test_a_decline(what: object) -> None:
    bank = Bank(says=NO)
    result, _ = paid(what, bank=bank)  # type: ignore[arg-type]
    assert (result.outcome, result.reason, result.amount) == (Outcome.DECLINED, "gateway-05", Money(0, "USD"))
    assert not result.hub_authorised


READER_ENDS = [
    (response(0x02, 0x08), Outcome.CANCELLED, "neo2-08"),
    (response(0x02, 0x0A), Outcome.DECLINED, "neo2-0a"),
    (response(0x02, 0x0A, b"\xc1" + item(0xFFEE1F, b"\x20\x69\x85\x03")), Outcome.DECLINED, "neo2-0a-20-6985-03"),
    (response(0x02, 0x0A, b"\xc1\xff"), Outcome.DECLINED, "neo2-0a"),
    (response(0x02, 0x77), Outcome.CANCELLED, "neo2-77"),
    (tapped(b""), Outcome.CANCELLED, "neo2-card-no-card"),
    (response(0x02, 0x23), Outcome.CANCELLED, "neo2-card-no-card"),
    (tapped(OBJECTS + b"\x9f"), Outcome.CANCELLED, "neo2-card-tlv"),
    (tapped(OBJECTS[14:]), Outcome.CANCELLED, "neo2-card-no-ksn"),
    (tapped(OBJECTS + item(0x9F02, bytes.fromhex("000000001235"))), Outcome.CANCELLED, "neo2-other-amount"),
]


@pytest.mark.parametrize(("answer", "outcome", "reason"), READER_ENDS)
def test_what_ends_before_the_hub_is_asked(answer: Frame, outcome: Outcome, reason: str) -> None:
    bank = Bank()
    result, _ = paid(tapping(answer), bank=bank)
    assert (result.outcome, result.reason, result.amount) == (outcome, reason, Money(0, "USD"))
    assert bank.calls == []


CONTACT_ENDS = [
    ((ACCEPTED, contact_word(0x0001)), Outcome.DECLINED, "neo2-result-0001"),
    ((contact_word(0x0003),), Outcome.DECLINED, "neo2-result-0003"),
    ((ACCEPTED, contact_word(0x0007)), Outcome.CANCELLED, "neo2-result-0007"),
    ((ACCEPTED, response(0x60, 0x00)), Outcome.CANCELLED, "neo2-result-ffff"),
    ((response(0x60, 0x0B),), Outcome.CANCELLED, "neo2-0b"),
    ((ACCEPTED, response(0x60, 0x0A, b"\x00\x01")), Outcome.DECLINED, "neo2-0a"),
    ((ACCEPTED, contact_word(0x0004, OBJECTS + b"\x9f")), Outcome.CANCELLED, "neo2-card-tlv"),
]


@pytest.mark.parametrize(("answers", "outcome", "reason"), CONTACT_ENDS)
def test_what_a_contact_card_ends_with(answers: tuple[Frame, ...], outcome: Outcome, reason: str) -> None:
    bank, journal = Bank(), Journal()
    result, link = paid(inserting(authenticates=answers), bank=bank, journal=journal)
    assert (result.outcome, result.reason) == (outcome, reason)
    assert bank.calls == []
    assert journal.steps[-1] is Step.REMOVE_CARD
    assert link.sent(0x2C, 0x18) == 1


def test_another_amount_in_a_contact_card_is_told_to_it_as_unable() -> None:
    words = (ACCEPTED, contact_word(4, OBJECTS + item(0x9F02, bytes.fromhex("000000009999"))))
    bank = Bank()
    result, link = paid(inserting(authenticates=words), bank=bank)
    assert (result.outcome, result.reason) == (Outcome.CANCELLED, "neo2-other-amount")
    assert bytes(link.heard[-2].data) == b"\x8a\x02Z3"
    assert bank.calls == []


@pytest.mark.parametrize("status", [0x02, 0x03, 0x05, 0x0B])
def test_an_activation_that_is_refused_did_not_begin(status: int) -> None:
    async def main() -> None:
        terminal = driver(FakeLink(tapping(response(0x02, status))))
        await ready(terminal)
        journal = Journal()
        with pytest.raises(NotStarted) as refused:
            await terminal.pay(SALE, journal.commit, journal.steps.append)
        assert refused.value.fault == ("terminal-busy" if status == 0x0B else "terminal-refused")
        assert journal.tried == []
        await terminal.close()

    run(main)


def test_a_reader_that_may_not_begin_after_a_chip_has_its_card_in_it_still() -> None:
    async def script(peer: Peer) -> None:
        await until(peer, ACTIVATE)
        peer.say(inserted())
        await until(peer, AUTHENTICATE)
        peer.say(contact_word(3))
        for _ in range(2):
            await until(peer, ACTIVATE)
            peer.say(response(0x02, 0x0B))
        await until(peer, ACTIVATE)

    async def main() -> None:
        terminal = driver(FakeLink(script))
        await ready(terminal)
        journal = Journal()
        assert (await terminal.pay(SALE, journal.commit, journal.steps.append)).outcome is Outcome.DECLINED
        for _ in range(2):
            with pytest.raises(NotStarted) as refused:
                await terminal.pay(SALE, journal.commit, journal.steps.append)
            assert refused.value.fault == "terminal-card-left"
        await terminal.close()

    run(main)


@pytest.mark.parametrize("after", [silence, hangs_up])
@pytest.mark.parametrize("kind", ["activate", "authenticate"])
def test_a_reader_that_falls_silent_before_the_hub_was_asked(log_watch: LogWatch, after: object, kind: str) -> None:
    log_watch.expect("terminal.frame")
    bank = Bank()

    async def script(peer: Peer) -> None:
        await until(peer, ACTIVATE)
        if kind == "authenticate":
            peer.say(inserted())
            await until(peer, AUTHENTICATE)
        await after(peer)  # type: ignore[operator]

    result, _ = paid(script, serving(), bank=bank)
    assert (result.outcome, bank.calls) == (Outcome.CANCELLED, [])
    assert result.reason in ("neo2-silence", "neo2-lost")


@pytest.mark.parametrize("boot", [command(0x14, 0x01, b"NEO 2.0 v1.00\0")])
def test_a_reader_that_starts_anew_in_the_middle(log_watch: LogWatch, boot: Frame) -> None:
    log_watch.expect("terminal.frame")
    result, _ = paid(tapping(boot), serving())
    assert (result.outcome, result.reason) == (Outcome.CANCELLED, "neo2-restarted")


# offline


def test_offline_a_card_is_captured() -> None:
    bank = Bank()
    result, _ = paid(tapping(), bank=bank, what=OFFLINE)
    assert (result.outcome, result.amount, result.card) == (Outcome.CAPTURED, SALE.amount, VISA)
    assert result.card_data == CardData(KSN, OBJECTS)
    assert (bank.calls, result.hub_authorised) == ([], False)


@pytest.mark.parametrize("word", [contact_word(3), contact_word(2), response(0x60, 0x0A)])
def test_offline_a_contact_card_is_told_that_nobody_was_reached(word: Frame) -> None:
    bank = Bank()
    result, link = paid(inserting(ACCEPTED, word), bank=bank, what=OFFLINE)
    assert result.outcome is Outcome.CAPTURED
    assert [bytes(frame.data) for frame in link.heard if (frame.command, frame.code) == COMPLETE] == [b"\x8a\x02Z3"]
    assert bank.calls == []


@pytest.mark.parametrize("after", [silence, hangs_up])
def test_offline_a_card_whose_last_word_is_missing_was_captured(log_watch: LogWatch, after: object) -> None:
    log_watch.expect("terminal.frame")

    async def script(peer: Peer) -> None:
        await until(peer, ACTIVATE)
        peer.say(inserted())
        await until(peer, AUTHENTICATE)
        peer.say(contact_word(4))
        await until(peer, COMPLETE)
        await after(peer)  # type: ignore[operator]

    assert paid(script, serving(), what=OFFLINE)[0].outcome is Outcome.CAPTURED


def test_offline_without_leave_nothing_begins() -> None:
    async def main() -> None:
        link = FakeLink(tapping())
        terminal = driver(link, setup=replace(SETUP, captures=False))
        await ready(terminal)
        journal = Journal()
        with pytest.raises(NotStarted, match="hub-away"):
            await terminal.pay(OFFLINE, journal.commit, journal.steps.append)
        assert (journal.tried, link.sent(*ACTIVATE)) == ([], 0)
        assert (await terminal.pay(SALE, journal.commit, journal.steps.append)).outcome is Outcome.APPROVED
        await terminal.close()

    run(main)


def test_a_capture_that_cannot_be_kept_moved_nothing(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")
    result, _ = paid(tapping(), what=OFFLINE, journal=Journal(fails=1))
    assert (result.outcome, result.reason, result.card_data) == (Outcome.CANCELLED, "commit-failed", None)


# the hub


def test_a_hub_that_was_not_reached_moved_nothing() -> None:
    for what in (tapping(), inserting()):
        bank = Bank(authorize_says=[AWAY])
        result, link = paid(what, bank=bank)
        assert (result.outcome, result.reason, bank.calls) == (Outcome.CANCELLED, "hub-away", ["authorize"])
        if link.sent(*COMPLETE):
            assert b"Z3" in bytes(link.heard[-2].data)


def test_a_hub_that_never_ends_its_answer_is_asked_what_became_of_it() -> None:
    class Deaf(Bank):
        async def authorize(self, *asked: object) -> object:  # type: ignore[override]
            await super().authorize(*asked)  # type: ignore[arg-type]
            return await asyncio.Event().wait()

    bank, journal = Deaf(), Journal()
    result, _ = paid(tapping(), bank=bank, journal=journal, timers=Timers(recovery=20))
    assert (result.outcome, bank.calls) == (Outcome.APPROVED, ["authorize", "inquire"])
    assert journal.steps[-1] is Step.CHECKING


def test_a_hub_that_stays_silent_leaves_it_unknown() -> None:
    bank = Bank(authorize_says=[LOST], inquire_says=[LOST, AWAY] * 50)
    result, link = paid(inserting(), bank=bank)
    assert result.outcome is Outcome.UNKNOWN
    assert result.reason in ("hub-away", "hub-timeout")
    assert b"Z3" in bytes(link.heard[-2].data)


# what is no sale


def test_what_is_no_sale() -> None:
    async def main() -> None:
        terminal = driver(FakeLink(tapping(after=None)))
        journal = Journal()
        with pytest.raises(NotStarted, match="terminal-away"):
            await terminal.pay(SALE, journal.commit, journal.steps.append)
        with pytest.raises(ValueError, match="takes something"):
            await terminal.pay(replace(SALE, amount=Money(0, "USD")), journal.commit, journal.steps.append)
        with pytest.raises(NotStarted, match="terminal-currency"):
            await terminal.pay(replace(SALE, amount=Money(1, "EUR")), journal.commit, journal.steps.append)
        await ready(terminal)
        one = asyncio.ensure_future(terminal.pay(SALE, journal.commit, journal.steps.append))
        await asyncio.sleep(0)
        for refused in (terminal.pay(SALE, journal.commit, journal.steps.append), terminal.newest()):
            with pytest.raises(NotStarted, match="terminal-busy"):
                await refused
        await one
        await terminal.close()

    run(main)
