"""Who comes back within a quarter of an hour has the receipt again, and is not charged twice by mistake; in virtual time."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from domain.billing import Statement
from domain.letters import Channel
from domain.money import Money
from domain.payment import CardData, Outcome, Result
from domain.statement_codes import numbered_text
from kiosk.belated import BELATED_S, KEY_BYTES, Belated
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.present import present
from kiosk.visit.receipts import letter, without_person
from kiosk.visit.visit import step
from offline_queue.client import HubAway, HubRefused, NoMatch
from tests.kiosk.lobby import NOON, Lobby, visit
from tests.kiosk.visit.world import (
    ATTEMPTS,
    BORN,
    DUE,
    FAMILY,
    LANGUAGES,
    LINK,
    NUMBER,
    OWING,
    SIBLING,
    SITE,
    ZERO,
    fresh,
    result,
    usd,
)
from tests.virtual_time import now, passes, run

APPROVED = result(Outcome.APPROVED)


def texts(lobby: Lobby) -> str:
    shown = lobby.shown
    return " ".join(said.text for said in (shown.title, *shown.lines, *([shown.notice] if shown.notice else [])))


async def has_paid(lobby: Lobby) -> None:
    await lobby.is_told(APPROVED)
    await lobby.at("approved")
    lobby.touch("no-receipt", "done")
    await lobby.at("attract")


async def comes_back(lobby: Lobby, screen: str) -> None:
    await lobby.asks()
    lobby.hub.answers.put_nowait(ZERO)
    await lobby.at(screen)


def test_the_receipt_is_had_again_for_a_quarter_of_an_hour_and_says_when_it_was_paid() -> None:
    async def story(lobby: Lobby) -> None:
        await has_paid(lobby)
        paid_at = NOON + dt.timedelta(seconds=now())
        await passes(600)
        await comes_back(lobby, "paid-before")
        assert "already paid" in texts(lobby)
        assert "$2.50" in texts(lobby)
        lobby.touch("print")
        await lobby.at("thank-you")
        (paper,) = lobby.printer.printed
        said = str(paper)
        assert (paid_at - dt.timedelta(hours=5)).strftime("%-I:%M") in said
        assert not re.search("Ada|Byrne|Clinic|Blood|ACC-77|0001234567", said)
        lobby.touch("done")
        await passes(BELATED_S - 600)
        await comes_back(lobby, "statement")

    visit(story)


def test_without_the_second_factor_nobody_hears_of_it() -> None:
    async def story(lobby: Lobby) -> None:
        await has_paid(lobby)
        await lobby.asks()
        lobby.hub.answers.put_nowait(NoMatch())
        await lobby.until(lambda: lobby.shown.screen == "birth-date" and lobby.shown.notice is not None)
        assert "paid" not in texts(lobby)

    visit(story)


def test_a_receipt_goes_by_email_in_the_language_of_the_visit_and_its_address_nowhere_else() -> None:
    async def story(lobby: Lobby) -> None:
        lobby.hub.receipts = frozenset(Channel)
        await lobby.is_told(APPROVED)
        await lobby.at("approved")
        lobby.touch("languages", "language es", "other-receipt", "send email")
        lobby.keys("ada@b.co")
        lobby.touch("next")
        await lobby.at("sending")
        lobby.hub.posts.put_nowait(None)
        await lobby.at("thank-you")
        ((pid, letter),) = lobby.hub.letters
        assert pid == lobby.terminal.sales[0].attempt
        assert (letter.channel, letter.address, letter.language) == (Channel.EMAIL, "ada@b.co", "es")
        assert letter.subject == "St. Brendan: Recibo"
        assert "$2.50" in letter.body
        assert f"HTTPS://PAY.EXAMPLE/R1/{(pid and lobby.printer.printed) or ''}"[:25] in letter.body
        assert not re.search("Ada|Byrne|Clinic|Blood|ACC-77|0001234567", letter.body)
        assert "en camino" in texts(lobby)
        lobby.touch("done")
        await lobby.at("attract")
        assert "ada@" not in repr(lobby.engine.__dict__)

    visit(story)


@pytest.mark.parametrize("failure", [HubAway("hub-timeout"), HubRefused("too-many-receipts", 429)])
def test_a_letter_that_the_hub_does_not_take_leaves_the_other_ways(failure: Exception) -> None:
    async def story(lobby: Lobby) -> None:
        lobby.hub.receipts = frozenset({Channel.TEXT})
        await lobby.is_told(APPROVED)
        await lobby.at("approved")
        lobby.touch("other-receipt")
        shown = await lobby.at("receipt-ways")
        assert [(item.intent, item.value) for item in shown.middle.items] == [  # type: ignore[union-attr]
            ("send", "text"),
            ("show-code", ""),
            ("no-receipt", ""),
        ]
        lobby.touch("send text")
        lobby.keys("3125550142")
        lobby.touch("next")
        lobby.hub.posts.put_nowait(failure)
        await lobby.until(lambda: lobby.shown.screen == "receipt-ways" and lobby.shown.notice is not None)
        assert "could not send" in texts(lobby)
        ((_, letter),) = lobby.hub.letters
        assert letter.address == "+13125550142"
        assert re.fullmatch(
            r"St\. Brendan: Receipt\. Amount: \$2\.50\. Bill ending in: \d{4}\. Reference: \w{4}-\w{4}", letter.body
        )
        lobby.touch("show-code")
        shown = await lobby.at("receipt-code")
        lobby.touch("done")
        await lobby.at("thank-you")

    visit(story)


# what is kept


def kept(paid: st.Paid) -> Belated:
    belated = Belated(lambda: NOON + dt.timedelta(seconds=now()), bytes(KEY_BYTES))
    belated.keep(paid)
    return belated


PAID = st.Paid(st.Payment(st.Bill(LINK, OWING, BORN), DUE, offline=False), ATTEMPTS[0], APPROVED)
FOUND = ev.Found(LINK, OWING)


def test_one_payment_is_kept_from_its_first_moment_and_the_next_takes_its_place() -> None:
    async def story() -> None:
        belated = kept(PAID)
        await passes(60)
        belated.keep(PAID)
        first = belated.told(FOUND).earlier
        assert first is not None
        assert first.at == NOON
        second = st.Paid(PAID.payment, ATTEMPTS[1], APPROVED)
        belated.keep(second)
        await passes(BELATED_S - 60)
        newer = belated.told(FOUND).earlier
        assert newer is not None
        assert newer.paid.attempt == ATTEMPTS[1]
        await passes(60)
        assert belated.told(FOUND).earlier is None

    run(story)


THIRD = replace(SIBLING, number="0001234570", account="ACC-79", issued=OWING.issued)


def of_three(amount: Money, *left_out: str) -> st.Paid:
    """Scanned: OWING. The oldest of its family: SIBLING."""
    bill = replace(FAMILY, family=(OWING, SIBLING, THIRD), left_out=frozenset(left_out))
    return st.Paid(st.Payment(bill, amount, offline=False), ATTEMPTS[0], result(Outcome.APPROVED, amount))


@pytest.mark.parametrize(
    ("paid", "numbers"),
    [
        (of_three(usd(6_00), OWING.number), {SIBLING.number, THIRD.number}),
        (of_three(usd(5_50), THIRD.number), {SIBLING.number, OWING.number}),
        (of_three(usd(3_00)), {SIBLING.number}),
    ],
    ids=["the scanned one left out", "the scanned one among them", "no more than the oldest"],
)
def test_of_several_bills_those_are_known_that_were_paid_and_no_other(paid: st.Paid, numbers: set[str]) -> None:
    async def story() -> None:
        belated = kept(paid)
        family = (OWING, SIBLING, THIRD)
        told = {each.number for each in family if belated.told(ev.Found(NUMBER, each)).earlier is not None}
        assert told == numbers
        await passes(BELATED_S)
        assert belated._kept == {}

    run(story)


@pytest.mark.parametrize(
    ("paid", "shown", "said"),
    [
        (of_three(usd(4_00), OWING.number), SIBLING, "You paid $4.00 here: .* Of this payment, $3.00 was for this bill."),
        (of_three(usd(4_00), OWING.number), THIRD, "You paid $4.00 here: .* Of this payment, $1.00 was for this bill."),
        (of_three(usd(3_00)), SIBLING, "You paid $3.00 here: .* again."),
        (PAID, OWING, "You paid $2.50 here: .* again."),
    ],
)
def test_who_comes_back_is_told_what_of_the_payment_was_for_this_bill(paid: st.Paid, shown: Statement, said: str) -> None:
    async def story() -> None:
        looking = replace(fresh(), stage=st.LookingUp(NUMBER, BORN, 0))
        back, _ = step(looking, kept(paid).told(ev.Found(NUMBER, shown)))
        lines = " ".join(line.text for line in present(back, LANGUAGES, SITE, 1).lines)
        assert re.fullmatch(said.replace("$", r"\$"), lines)

    run(story)


def test_a_text_message_says_what_came_to_each_bill() -> None:
    sent = replace(fresh(), stage=st.SendingReceipt(of_three(usd(4_00), OWING.number), Channel.TEXT))
    _, told = letter(sent, Channel.TEXT, "+13125550142", LANGUAGES["en"], SITE, NOON)
    assert ". Bill ending in 6848: $3.00. Bill ending in 7042: $1.00. Reference: " in told.body


def test_a_link_that_nobody_knows_the_number_of_is_not_kept() -> None:
    async def story() -> None:
        unseen = st.Paid(st.Payment(st.Bill(LINK, None), DUE, offline=True), ATTEMPTS[0], APPROVED)
        belated = kept(unseen)
        assert belated._kept == {}

    run(story)


def test_what_is_kept_says_what_the_receipt_says_and_nobodys_name() -> None:
    card = CardData(bytes(10), b"\x01")
    captured = Result(Outcome.CAPTURED, usd(1_00), APPROVED.card, card_data=card, slip=("x",))
    bare = without_person(st.Paid(PAID.payment, ATTEMPTS[0], captured))
    assert not re.search("Ada|Byrne|Clinic|Blood|ACC-77|0001234567|ABCDEFGH|1962", repr(bare))
    assert (bare.result.card_data, bare.result.slip) == (None, ())
    assert bare.payment.bill.statement is not None
    assert bare.payment.bill.statement.due == OWING.due
    typed = without_person(st.Paid(st.Payment(st.Bill(NUMBER, None), DUE, offline=True), ATTEMPTS[0], APPROVED))
    assert (typed.payment.bill.number, typed.payment.bill.statement) == (numbered_text(NUMBER.value)[-4:], None)
