"""The engine and money, in virtual time: what is durable before what, and an end that was not heard."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt

import pytest

from devices.health import Condition, DeviceError, Health
from devices.terminals.port import NotStarted, Sale, Step
from domain.limits import Breach
from domain.payment import Outcome, Result, receipt_code
from kiosk.engine import INQUIRY_S, SCREEN_FIRST_S
from offline_queue.errors import (
    AccountBlocked,
    DatabaseDamaged,
    DatabaseUnsafe,
    DiskFailing,
    DiskFull,
    LimitReached,
    NotEnrolled,
    QueueError,
)
from tests.kiosk.fakes import AWAY, READY
from tests.kiosk.lobby import LIMITS, LONGEST_S, NOON, Lobby, attempt, visit
from tests.kiosk.visit.world import DUE, NUMBER, OWING, result
from tests.virtual_time import passes

APPROVED = result(Outcome.APPROVED)
UNKNOWN = Result(Outcome.UNKNOWN, dataclasses.replace(DUE, minor=0), reason="no-answer")


# money: what is durable before what


def test_an_attempt_is_durable_before_the_terminal_hears_and_its_end_before_anybody_is_told() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.is_told(APPROVED)
        await lobby.at("approved")
        steps = (
            "terminal asked for its numbers",
            "memory opened",
            "terminal armed",
            "memory settled",
            "terminal acknowledged",
            "screen approved",
        )
        assert [entry for entry in lobby.log if entry in steps] == list(steps)

    visit(story)


def test_while_the_attempt_is_not_durable_the_terminal_stays_asleep() -> None:
    async def story(lobby: Lobby) -> None:
        lobby.memory.holding["opened"] = durable = asyncio.Event()
        await lobby.pays()
        await lobby.at("opening")
        await passes(30)
        assert lobby.terminal.sales == []
        durable.set()
        await lobby.logged("memory opened", "terminal armed")

    visit(story)


def test_while_the_end_is_not_durable_the_screen_says_nothing_of_it() -> None:
    async def story(lobby: Lobby) -> None:
        lobby.memory.holding["settled"] = durable = asyncio.Event()
        await lobby.is_told(APPROVED)
        await passes(30)
        assert lobby.shown.screen == "card"
        assert "terminal acknowledged" not in lobby.log
        durable.set()
        await lobby.at("approved")

    visit(story)


def test_the_attempt_is_what_the_patient_said_yes_to() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.is_told(APPROVED)
        await lobby.at("approved")
        ((opened, limits),) = lobby.memory.opened
        assert (opened.ref, opened.amount, opened.offline) == (NUMBER, OWING.due, False)
        assert (opened.statement, opened.account) == (OWING.number, OWING.account)
        assert opened.newest == lobby.terminal.mark
        assert opened.opened_at - NOON < dt.timedelta(seconds=LONGEST_S)
        assert limits is None
        (sale,) = lobby.terminal.sales
        assert sale == Sale(opened.id, OWING.due, opened.newest, opened.opened_at, opened.offline)
        assert lobby.memory.settled == [(opened.id, APPROVED)]
        assert lobby.sync.nudges == 3
        await passes(SCREEN_FIRST_S)
        assert lobby.sync.nudges == 4  # somebody is here, the look-up, the probe, and what is now queued

    visit(story)


def test_with_the_hub_away_the_limits_go_with_the_attempt() -> None:
    async def story(lobby: Lobby) -> None:
        lobby.link.heard(False)
        await lobby.scans()
        await lobby.at("amount")
        lobby.keys("150")
        lobby.touch("pay")
        await lobby.at("consent")
        assert lobby.memory.opened == []
        lobby.touch("pay-offline")
        await lobby.logged("terminal armed")
        ((opened, limits),) = lobby.memory.opened
        assert (opened.offline, opened.amount.minor, limits) == (True, 150, LIMITS)
        assert (opened.statement, opened.account) == (NUMBER.value, "")

    visit(story)


REFUSALS: list[QueueError] = [
    *(LimitReached(breach) for breach in Breach),
    AccountBlocked(),
    NotEnrolled(),
    DiskFull(),
    DiskFailing(),
    DatabaseDamaged(),
    DatabaseUnsafe(),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_what_the_journal_refuses_is_never_charged_and_has_words(refusal: QueueError) -> None:
    async def story(lobby: Lobby) -> None:
        lobby.memory.refusing["opened"] = refusal
        await lobby.pays()
        shown = await lobby.at("see-desk")
        assert shown.lines[0].text
        assert lobby.terminal.sales == []
        lobby.touch("done")
        await lobby.at("attract")

    visit(story)


def test_a_terminal_that_cannot_be_asked_for_its_numbers_gets_no_sale() -> None:
    async def story(lobby: Lobby) -> None:
        lobby.terminal.mark = NotStarted("terminal-away")
        await lobby.pays()
        await lobby.at("not-started")
        assert lobby.memory.opened == []
        lobby.terminal.mark = None
        lobby.hub.answers.put_nowait(OWING)
        lobby.touch("again")
        await lobby.at("card")
        ((opened, _),) = lobby.memory.opened
        assert opened.newest is None

    visit(story)


def test_a_sale_that_was_not_begun_is_closed_and_may_be_tried_again_under_a_new_id() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.reaches_card()
        lobby.terminal.says.put_nowait(NotStarted("terminal-busy"))
        await lobby.at("not-started")
        first = lobby.terminal.sales[0].attempt
        assert lobby.memory.closed == [(first, "terminal-busy")]
        lobby.hub.answers.put_nowait(OWING)
        lobby.touch("again")
        await lobby.at("card")
        lobby.terminal.says.put_nowait(APPROVED)
        await lobby.at("approved")
        second = lobby.terminal.sales[1].attempt
        assert second != first
        assert lobby.memory.settled == [(second, APPROVED)]

    visit(story)


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.CANCELLED])
def test_no_money_no_questions(outcome: Outcome) -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.is_told(result(outcome))
        await lobby.at(outcome.value)
        await passes(5)
        assert lobby.terminal.inquiries == []

    visit(story)


def test_the_screen_follows_the_terminal() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.reaches_card()
        seen = []
        for where in Step:
            lobby.terminal.says.put_nowait(where)
            await passes(1)
            seen.append(lobby.shown.title.text)
        assert lobby.shown.screen == "card"
        assert len(set(seen)) == len(Step)

    visit(story)


def test_a_cancel_is_a_request_and_the_terminal_has_the_last_word() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.reaches_card()
        lobby.touch("cancel", "cancel")
        await lobby.logged("terminal cancel")
        assert lobby.shown.screen == "card"
        lobby.terminal.says.put_nowait(APPROVED)
        await lobby.at("approved")
        assert lobby.log.count("terminal cancel") == 1

    visit(story)


def test_a_cancel_before_the_terminal_is_armed_closes_the_attempt() -> None:
    async def story(lobby: Lobby) -> None:
        lobby.memory.holding["opened"] = durable = asyncio.Event()
        await lobby.pays()
        await lobby.at("opening")
        lobby.touch("cancel")
        durable.set()
        await lobby.at("cancelled")
        await lobby.logged("memory opened", "memory not started")
        ((opened, _),) = lobby.memory.opened
        assert lobby.memory.closed == [(opened.id, "cancelled")]
        assert lobby.terminal.sales == []

    visit(story)


# money: an end that was not heard


def test_an_unknown_end_is_said_printed_and_asked_after() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.is_told(UNKNOWN)
        await lobby.at("unknown")
        await lobby.logged("memory settled", "screen unknown", "printer prints", "terminal inquired")
        (sold,), (asked,) = lobby.terminal.sales, lobby.terminal.inquiries
        assert asked == dataclasses.replace(sold, doubt=UNKNOWN.reason)
        (slip,) = lobby.printer.printed
        assert slip.name == receipt_code(sold.attempt)
        lobby.terminal.remembers.put_nowait(APPROVED)
        await lobby.at("approved")
        assert lobby.memory.settled == [(sold.attempt, UNKNOWN), (sold.attempt, APPROVED)]

    visit(story)


def test_an_end_that_cannot_be_told_stays_unknown_and_does_not_stand_in_the_way() -> None:
    async def story(lobby: Lobby) -> None:
        lobby.terminal.remembers.put_nowait(UNKNOWN)
        await lobby.is_told(UNKNOWN)
        await lobby.at("unknown")
        await lobby.logged("terminal inquired")
        lobby.touch("done")
        await lobby.at("thank-you")
        lobby.touch("done")
        await lobby.at("attract")
        await passes(60)
        assert len(lobby.terminal.inquiries) == 1
        assert [end for _, end in lobby.memory.settled] == [UNKNOWN, UNKNOWN]

    visit(story)


def test_no_sale_begins_before_the_terminal_has_answered_for_the_last_one() -> None:
    """Not even within the moment between two looks at the world."""

    async def story(lobby: Lobby) -> None:
        await lobby.is_told(UNKNOWN)
        await lobby.at("unknown")
        lobby.touch("done", "done", "choose-language en")
        assert lobby.shown.screen == "out-of-service"
        await passes(600)
        assert lobby.shown.screen == "out-of-service"
        lobby.terminal.remembers.put_nowait(UNKNOWN)
        await lobby.at("attract")

    visit(story)


def test_what_an_earlier_process_left_open_is_settled_before_the_kiosk_is_in_service() -> None:
    left = attempt(1)

    def before(lobby: Lobby) -> None:
        lobby.memory.left_over = left

    async def story(lobby: Lobby) -> None:
        await lobby.logged("terminal inquired")
        await passes(60)
        assert lobby.terminal.health().usable
        assert {shown.screen for shown in lobby.screen.snapshots} == {"out-of-service"}
        lobby.terminal.remembers.put_nowait(APPROVED)
        await lobby.logged("memory settled", "screen attract")
        assert lobby.memory.settled == [(left.id, APPROVED)]
        assert lobby.sync.nudges == 1

    visit(story, before)


def test_what_an_earlier_process_was_told_of_an_unknown_end_goes_with_the_question() -> None:
    """Goods that were refused to the terminal stay refused, whatever it says of them to the next process."""

    def before(lobby: Lobby) -> None:
        lobby.memory.left_over = attempt(1)
        lobby.memory.said = dataclasses.replace(UNKNOWN, reason="commit-failed")

    async def story(lobby: Lobby) -> None:
        assert lobby.terminal.let_be
        await lobby.logged("terminal inquired")
        assert [sale.doubt for sale in lobby.terminal.inquiries] == ["commit-failed"]
        assert lobby.terminal.let_be
        lobby.terminal.remembers.put_nowait(UNKNOWN)
        await lobby.at("attract")
        assert not lobby.terminal.let_be

    visit(story, before)


def test_a_terminal_that_can_sell_nothing_is_asked_what_it_sold() -> None:
    def before(lobby: Lobby) -> None:
        lobby.memory.left_over = attempt(1)
        lobby.terminal.state = Health(Condition.OUT, "terminal-needs-end-of-day")

    async def story(lobby: Lobby) -> None:
        await lobby.logged("terminal inquired")
        lobby.terminal.remembers.put_nowait(APPROVED)
        await lobby.logged("memory settled")

    visit(story, before)


def test_a_terminal_that_goes_away_while_it_is_asked_is_asked_again_when_it_is_back() -> None:
    def before(lobby: Lobby) -> None:
        lobby.memory.left_over = attempt(1)
        lobby.terminal.state = AWAY

    async def story(lobby: Lobby) -> None:
        await passes(60)
        assert lobby.terminal.inquiries == []
        lobby.terminal.state = READY
        lobby.terminal.remembers.put_nowait(DeviceError("terminal-away"))
        await lobby.until(lambda: len(lobby.terminal.inquiries) == 2)
        assert lobby.shown.screen == "out-of-service"
        assert lobby.memory.settled == []
        lobby.terminal.remembers.put_nowait(APPROVED)
        await lobby.at("attract")

    visit(story, before)


# a reader that the hub authorises


def of_hub(lobby: Lobby) -> None:
    lobby.terminal.capabilities = dataclasses.replace(lobby.terminal.capabilities, hub_authorises=True)


def test_an_approval_of_the_hubs_own_gateway_is_recorded_as_that() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.is_told(result(Outcome.APPROVED))
        await lobby.at("approved")
        ((_, settled),) = lobby.memory.settled
        assert settled.hub_authorised

    visit(story, of_hub)


@pytest.mark.parametrize("outcome", [Outcome.CAPTURED, Outcome.DECLINED, Outcome.UNKNOWN])
def test_nothing_else_is(outcome: Outcome) -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.is_told(UNKNOWN if outcome is Outcome.UNKNOWN else result(outcome))
        await lobby.logged("memory settled")
        assert not lobby.memory.settled[0][1].hub_authorised

    visit(story, of_hub)


def test_a_terminal_that_asks_the_bank_itself_says_nothing_of_the_hub() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.is_told(result(Outcome.APPROVED))
        await lobby.at("approved")
        assert not lobby.memory.settled[0][1].hub_authorised

    visit(story)


def test_what_the_hub_has_authorised_it_is_asked_about_once_it_is_there_and_not_in_haste() -> None:
    """After a restart: the attempt is open, the hub away; then it is back, and stutters once."""
    left = attempt(1)

    def before(lobby: Lobby) -> None:
        of_hub(lobby)
        lobby.memory.left_over = left
        lobby.link.heard(False)

    async def story(lobby: Lobby) -> None:
        await lobby.at("out-of-service")
        await passes(60)
        assert lobby.terminal.inquiries == []
        lobby.link.heard(True)
        await lobby.logged("terminal inquired")
        lobby.terminal.remembers.put_nowait(DeviceError("hub-away", "hub-timeout"))
        await passes(INQUIRY_S - 0.5)
        assert len(lobby.terminal.inquiries) == 1
        lobby.terminal.remembers.put_nowait(result(Outcome.APPROVED))
        await lobby.logged("memory settled")
        ((settled, outcome),) = lobby.memory.settled
        assert (settled, outcome.hub_authorised) == (left.id, True)
        await lobby.at("attract")

    visit(story, before)


@pytest.mark.parametrize("health", [AWAY, Health(Condition.LATCHED, "reader-tampered")])
def test_the_hub_is_asked_whatever_the_reader_is(health: Health) -> None:
    """The reader has nothing to tell: broken or gone, it must not keep an account held and an approval from being taken back."""

    def before(lobby: Lobby) -> None:
        of_hub(lobby)
        lobby.memory.left_over = attempt(1)
        lobby.terminal.state = health
        lobby.terminal.remembers.put_nowait(result(Outcome.DECLINED))

    async def story(lobby: Lobby) -> None:
        await lobby.logged("terminal inquired", "memory settled")

    visit(story, before)


def test_a_card_that_was_only_to_be_captured_needs_no_hub_to_be_asked_about() -> None:
    """After a crash between the card and its commit, while the hub stays away: the kiosk is open again."""

    def before(lobby: Lobby) -> None:
        of_hub(lobby)
        lobby.memory.left_over = dataclasses.replace(attempt(1), offline=True)
        lobby.link.heard(False)
        lobby.terminal.remembers.put_nowait(result(Outcome.CANCELLED))

    async def story(lobby: Lobby) -> None:
        await lobby.at("attract")
        assert len(lobby.terminal.inquiries) == 1

    visit(story, before)
