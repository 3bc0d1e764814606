"""The engine in virtual time: the order in which things become durable, and what every failure of the world turns into."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt

import pytest

from devices.health import Condition, DeviceError, Health
from devices.scanners.port import Code
from devices.terminals.port import NotStarted, Sale, Step
from domain.limits import Breach
from domain.payment import Outcome, Result, receipt_code
from domain.receipt import Code as PrintedCode
from domain.statement_codes import numbered_text
from kiosk.engine import GLANCE_S, PRINT_S
from kiosk.visit import events as ev
from offline_queue.client import Blocked, HubAway, HubConfused, Locked, NoMatch
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
from tests.kiosk.lobby import AWAY, LIMITS, LONGEST_S, NOON, READY, Lobby, attempt, visit
from tests.kiosk.visit.world import BORN, DUE, NUMBER, OWING, RULES, result
from tests.virtual_time import now, passes

APPROVED = result(Outcome.APPROVED)
UNKNOWN = Result(Outcome.UNKNOWN, dataclasses.replace(DUE, minor=0), reason="no-answer")


def texts(lobby: Lobby) -> str:
    shown = lobby.shown
    return " ".join(said.text for said in (shown.title, *shown.lines, *([shown.notice] if shown.notice else [])))


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
        assert sale == Sale(opened.id, OWING.due, opened.newest, opened.opened_at)
        assert lobby.memory.settled == [(opened.id, APPROVED)]
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
        lobby.hub.heads.put_nowait(None)
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
        lobby.hub.heads.put_nowait(None)
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
        assert asked == sold
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
        lobby.touch("done", "done", "start")
        assert lobby.shown.screen == "out-of-service"
        await passes(600)
        assert lobby.shown.screen == "out-of-service"
        lobby.terminal.remembers.put_nowait(UNKNOWN)
        await lobby.at("attract")

    visit(story)


def test_what_an_earlier_process_left_open_is_settled_before_the_kiosk_is_in_service() -> None:
    left = attempt(1)

    def before(lobby: Lobby) -> None:
        lobby.memory.left_over = (left,)

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


def test_of_several_only_the_newest_is_asked_after_and_an_equal_amount_is_no_proof() -> None:
    """Three sales of the same amount, of which only the last was charged: its receipt is the first one's for nobody."""
    older, newest = (attempt(1), attempt(2)), attempt(3)

    def before(lobby: Lobby) -> None:
        lobby.memory.left_over = (*older, newest)

    async def story(lobby: Lobby) -> None:
        lobby.terminal.remembers.put_nowait(APPROVED)
        await lobby.at("attract")
        await passes(60)
        assert lobby.memory.settled == [(newest.id, APPROVED)]

    visit(story, before)


def test_a_terminal_that_goes_away_while_it_is_asked_is_asked_again_when_it_is_back() -> None:
    def before(lobby: Lobby) -> None:
        lobby.memory.left_over = (attempt(1),)
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


# the hub


@pytest.mark.parametrize(
    ("answer", "screen", "words"),
    [
        (OWING, "statement", ""),
        (NoMatch(), "birth-date", "do not match"),
        (Locked(60), "see-desk", ""),
        (Blocked(), "see-desk", ""),
        (HubAway("hub-away"), "amount", ""),
        (HubConfused("hub-status", 500), "amount", ""),
    ],
)
def test_every_answer_of_the_hub_has_a_screen(answer: object, screen: str, words: str) -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.asks()
        await lobby.at("looking-up")
        lobby.hub.answers.put_nowait(answer)  # type: ignore[arg-type]
        await lobby.at(screen)
        assert lobby.hub.asked == [(NUMBER, BORN)]
        assert words in texts(lobby)
        await passes(1)
        assert lobby.sync.nudges == 2  # somebody is here, and an answer came or did not

    visit(story)


def test_an_answer_that_comes_after_cancel_is_never_given_to_the_next_patient() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.asks()
        await lobby.until(lambda: len(lobby.hub.asked) == 1)
        lobby.touch("cancel")
        await lobby.asks()
        await lobby.until(lambda: len(lobby.hub.asked) == 2)
        assert lobby.hub.dropped == 1
        lobby.hub.answers.put_nowait(NoMatch())
        await lobby.at("birth-date")
        await passes(10)
        assert lobby.shown.screen == "birth-date"

    visit(story)


def test_a_question_that_is_cancelled_in_the_same_breath_is_never_asked() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.asks()
        lobby.touch("cancel")
        await lobby.at("attract")
        await passes(1)
        assert lobby.hub.asked == []

    visit(story)


def test_one_lost_answer_does_not_make_a_kiosk_believe_that_it_is_alone() -> None:
    async def story(lobby: Lobby) -> None:
        lobby.hub.answers.put_nowait(HubConfused("hub-status", 500))
        await lobby.asks()
        await lobby.at("amount")
        lobby.touch("cancel")
        await lobby.scans()
        await lobby.at("birth-date")

    visit(story)


# scanning


def test_the_camera_is_watched_while_a_bill_is_asked_for_and_not_longer() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.at("attract")
        lobby.touch("start", "choose-language en")
        await lobby.at("scan")
        lobby.scanner.see(Code("QRCode", "hello"))
        await lobby.until(lambda: lobby.shown.notice is not None)
        lobby.scanner.see(Code("Code128", numbered_text(NUMBER.value)))
        await lobby.at("birth-date")
        lobby.touch("back")
        await lobby.at("scan")
        lobby.touch("cancel")
        await lobby.at("attract")
        wanted = ["scanner watches", "scanner rests"] * 2
        assert [entry for entry in lobby.log if entry.startswith("scanner ") and entry != "scanner opened"] == wanted

    visit(story)


# paper


def test_a_receipt_in_the_language_of_the_visit() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.reaches_card()
        lobby.touch("language es")
        lobby.terminal.says.put_nowait(APPROVED)
        await lobby.at("approved")
        lobby.touch("print")
        await lobby.at("thank-you")
        (paper,) = lobby.printer.printed
        code = receipt_code(lobby.terminal.sales[0].attempt)
        assert PrintedCode(f"HTTPS://PAY.EXAMPLE/R1/{code}") in paper.blocks
        assert paper.name == code
        assert "Gracias" in str(paper)
        assert "Por favor, tome su papel" in texts(lobby)

    visit(story)


def test_a_printer_without_paper_is_said_and_stands_in_nobodys_way() -> None:
    async def story(lobby: Lobby) -> None:
        lobby.printer.fault = "printer-no-paper"
        await lobby.is_told(APPROVED)
        await lobby.at("approved")
        lobby.touch("print")
        shown = await lobby.at("thank-you")
        assert shown.notice is not None
        assert "could not be printed" in shown.notice.text

    visit(story)


def test_a_printer_that_never_ends_is_not_waited_for() -> None:
    async def story(lobby: Lobby) -> None:
        lobby.printer.hold = asyncio.Event()
        await lobby.is_told(APPROVED)
        await lobby.at("approved")
        lobby.touch("print")
        await lobby.at("printing")
        since = now()
        shown = await lobby.at("thank-you")
        assert shown.notice is not None
        assert now() - since == pytest.approx(PRINT_S)

    visit(story)


def test_what_became_of_a_former_patients_slip_is_not_told_to_the_next() -> None:
    async def story(lobby: Lobby) -> None:
        lobby.printer.hold = asyncio.Event()
        lobby.terminal.remembers.put_nowait(UNKNOWN)
        await lobby.is_told(UNKNOWN)
        await lobby.at("unknown")
        lobby.touch("done", "done")
        await lobby.at("attract")
        lobby.terminal.remembers.put_nowait(UNKNOWN)
        await lobby.is_told(UNKNOWN)
        await lobby.at("unknown")
        first, lobby.printer.hold = lobby.printer.hold, asyncio.Event()
        lobby.printer.fault = "printer-no-paper"
        first.set()
        await passes(1)
        assert len(lobby.printer.printed) == 0
        assert lobby.shown.notice is None

    visit(story)


def test_there_is_nothing_to_print_where_nothing_was_paid() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.at("attract")
        with pytest.raises(AssertionError, match="Attract"):
            lobby.engine._carry_out(ev.Print(ev.Paper.RECEIPT))

    visit(story)


# people who walk away


async def warned(lobby: Lobby) -> float:
    """Waits for the warning; returns how long that took."""
    since = now()
    await lobby.until(lambda: lobby.shown.overlay is not None)
    return now() - since


def test_nobody_there_is_warned_then_wiped() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.finds_bill()
        assert await warned(lobby) == pytest.approx(RULES.idle_s, abs=GLANCE_S)
        assert lobby.shown.screen == "statement"
        since = now()
        await lobby.at("attract")
        assert now() - since == pytest.approx(RULES.warning_s, abs=GLANCE_S)
        assert OWING.guarantor_name not in str(lobby.shown)

    visit(story)


def test_a_touch_anywhere_gives_time_anew() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.finds_bill()
        for _ in range(5):
            await passes(RULES.idle_s - 1)
            lobby.touch("nothing-on-this-screen")
        assert lobby.shown.overlay is None
        assert await warned(lobby) == pytest.approx(RULES.idle_s, abs=GLANCE_S)

    visit(story)


def test_under_the_warning_only_its_own_buttons_count() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.finds_bill()
        await warned(lobby)
        since = now()
        while lobby.shown.overlay is not None:
            lobby.touch("pay")
            await passes(1)
        assert lobby.shown.screen == "attract"
        assert now() - since == pytest.approx(RULES.warning_s, abs=1)

    visit(story)


def test_stay_stays() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.finds_bill()
        await warned(lobby)
        await passes(RULES.warning_s - 1)
        lobby.touch("stay")
        assert (lobby.shown.screen, lobby.shown.overlay) == ("statement", None)
        assert await warned(lobby) == pytest.approx(RULES.idle_s, abs=GLANCE_S)

    visit(story)


def test_a_device_that_comes_and_goes_does_not_keep_a_bill_on_the_screen() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.finds_bill()
        since, well = now(), True
        while lobby.shown.screen == "statement":
            well = not well
            lobby.printer.state = Health(Condition.READY if well else Condition.OUT)
            await passes(7)
        assert now() - since == pytest.approx(RULES.idle_s + RULES.warning_s, abs=7)

    visit(story)


def test_nobody_is_hurried_while_the_card_is_being_read() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.reaches_card()
        await passes(1000)
        assert (lobby.shown.screen, lobby.shown.overlay) == ("card", None)

    visit(story)


def test_the_last_screen_goes_by_itself() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.is_told(APPROVED)
        await lobby.at("approved")
        lobby.touch("no-receipt")
        await lobby.at("thank-you")
        since = now()
        await lobby.at("attract")
        assert now() - since == pytest.approx(RULES.thanks_s, abs=GLANCE_S)

    visit(story)


# devices


@pytest.mark.parametrize(
    ("condition", "usable"),
    [(Condition.READY, True), (Condition.LOW, True), (Condition.UNKNOWN, True), (Condition.OUT, False), (Condition.AWAY, False)],
)
def test_paper_is_offered_unless_the_printer_says_that_it_cannot(condition: Condition, usable: bool) -> None:
    def before(lobby: Lobby) -> None:
        lobby.printer.state = Health(condition)

    async def story(lobby: Lobby) -> None:
        await lobby.is_told(APPROVED)
        shown = await lobby.at("approved")
        assert shown.primary is not None
        assert (shown.primary.intent == "print") == usable

    visit(story, before)


def test_without_a_terminal_the_kiosk_is_closed_and_opens_again() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.at("attract")
        lobby.terminal.state = AWAY
        await lobby.at("out-of-service")
        lobby.terminal.state = READY
        await lobby.at("attract")

    visit(story)


def test_a_terminal_that_is_busy_with_our_own_sale_does_not_close_the_kiosk() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.reaches_card()
        lobby.terminal.state = Health(Condition.BUSY, "terminal-busy")
        await passes(5)
        lobby.terminal.says.put_nowait(result(Outcome.DECLINED))
        await lobby.at("declined")
        assert lobby.log.count("screen out-of-service") == 1  # at the very start

    visit(story)


def test_devices_are_opened_and_closed() -> None:
    lobbies: list[Lobby] = []

    async def story(lobby: Lobby) -> None:
        lobbies.append(lobby)
        await lobby.at("attract")

    visit(story)
    log = lobbies[0].log
    assert log[:3] == ["terminal opened", "scanner opened", "printer opened"]
    assert log[-3:] == ["terminal closed", "scanner closed", "printer closed"]


# bugs, and the disk


async def never(lobby: Lobby) -> None:
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("where", ["opened", "settled", "not started"])
def test_a_bug_ends_the_engine(where: str) -> None:
    async def story(lobby: Lobby) -> None:
        lobby.memory.refusing[where] = ZeroDivisionError("a bug")
        await lobby.pays()
        lobby.terminal.says.put_nowait(NotStarted("terminal-busy") if where == "not started" else APPROVED)
        await never(lobby)

    with pytest.raises(ExceptionGroup) as ended:
        visit(story)
    assert ended.group_contains(ZeroDivisionError, match="a bug")
    assert len(ended.value.exceptions) == 1


@pytest.mark.parametrize("where", ["settled", "sync"])
def test_a_disk_that_fails_ends_the_engine(where: str) -> None:
    """Nothing can be promised any more; what was under way is asked after at the next start."""

    async def story(lobby: Lobby) -> None:
        lobby.memory.refusing[where] = DiskFull("SQLITE_FULL")
        await lobby.is_told(APPROVED)
        if where == "sync":
            await lobby.at("approved")
            lobby.sync.end.set_exception(DiskFull("SQLITE_FULL"))
        await never(lobby)

    with pytest.raises(ExceptionGroup) as ended:
        visit(story)
    assert ended.group_contains(DiskFull)
    assert len(ended.value.exceptions) == 1
