"""The engine in virtual time: hub, codes, paper, people who walk away, devices, and bugs."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import itertools
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from devices.health import Condition, Health
from devices.scanners.port import Code, Hint
from devices.terminals.port import NotStarted
from domain.payment import Outcome, Result, receipt_code
from domain.receipt import Code as PrintedCode
from domain.statement_codes import LinkProfile, MacKey, ending, link_text, numbered_text
from kiosk.engine import GLANCE_S, PRINT_S
from kiosk.visit import events as ev
from offline_queue.client import Blocked, HubAway, HubConfused, Locked, NoMatch
from offline_queue.errors import (
    DiskFull,
)
from tests.billers import ours
from tests.kiosk.fakes import AWAY, READY, FakeScanner
from tests.kiosk.lobby import NOON, PLACE, Lobby, visit
from tests.kiosk.visit.world import BORN, DUE, FOREIGN, NUMBER, OWING, RULES, result
from tests.log_watch import LogWatch
from tests.virtual_time import now, passes

APPROVED = result(Outcome.APPROVED)
UNKNOWN = Result(Outcome.UNKNOWN, dataclasses.replace(DUE, minor=0), reason="no-answer")


def texts(lobby: Lobby) -> str:
    shown = lobby.shown
    return " ".join(said.text for said in (shown.title, *shown.lines, *([shown.notice] if shown.notice else [])))


# the hub


@pytest.mark.parametrize(
    ("answer", "screen", "words"),
    [
        (OWING, "statement", ""),
        (NoMatch(), "birth-date", "do not match"),
        (Locked(60), "see-desk", ""),
        (Blocked(), "see-desk", ""),
        (HubAway("hub-away"), "amount", ""),
        (HubConfused("hub-status", 503), "amount", ""),
        (HubConfused("hub-status", 500), "see-desk", "could not show this bill"),
    ],
)
def test_every_answer_of_the_hub_has_a_screen(answer: object, screen: str, words: str, log_watch: LogWatch) -> None:
    if isinstance(answer, HubConfused) and answer.status == 500:
        log_watch.expect("visit.bill_unread")

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
        lobby.hub.answers.put_nowait(HubAway("hub-timeout"))
        await lobby.asks()
        await lobby.at("amount")
        lobby.touch("cancel")
        await lobby.scans()
        await lobby.at("birth-date")

    visit(story)


def test_a_birth_date_of_tomorrow_at_the_kiosk_is_not_asked_for() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.scans()
        await lobby.at("birth-date")
        lobby.keys(f"{(NOON + dt.timedelta(days=1)):%m%d%Y}")
        lobby.touch("next")
        await lobby.until(lambda: lobby.shown.notice is not None)
        await passes(1)
        assert (lobby.shown.screen, lobby.hub.asked) == ("birth-date", [])

    visit(story)


# scanning


def test_the_camera_is_watched_while_a_bill_is_asked_for_and_not_longer() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.at("attract")
        lobby.touch("choose-language en")
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


def test_a_links_key_ends_with_its_last_day_at_the_site() -> None:
    """Noon in Greenwich is two o'clock of the next morning on Kiritimati: the key that was good for that day only is over."""
    secret, opaque = b"a key of sixteen bytes", "ABCDEFGHIJKLMNOP"
    days = {"A": NOON.date(), "B": NOON.date() + dt.timedelta(days=1)}
    links = LinkProfile(frozenset({"PAY.EXAMPLE"}), {name: MacKey(secret, until=day) for name, day in days.items()})

    async def story(lobby: Lobby) -> None:
        await lobby.at("attract")
        lobby.touch("choose-language en")
        await lobby.at("scan")
        lobby.scanner.see(Code("QRCode", link_text(secret, "PAY.EXAMPLE", "A", opaque)))
        await lobby.until(lambda: lobby.shown.notice is not None or lobby.shown.screen != "scan")
        assert lobby.shown.screen == "scan"
        lobby.scanner.see(Code("QRCode", link_text(secret, "PAY.EXAMPLE", "B", opaque)))
        await lobby.at("birth-date")

    visit(story, place=dataclasses.replace(PLACE, profiles=ours(links), zone=ZoneInfo("Pacific/Kiritimati")))


def test_a_code_is_heard_when_it_counts_and_when_it_does_not() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.at("attract")
        lobby.touch("choose-language en")
        await lobby.at("scan")
        lobby.scanner.see(hint=Hint.TOO_DARK)
        lobby.scanner.see(Code("QRCode", "hello"))
        await lobby.until(lambda: "heard attention" in lobby.log)
        assert lobby.shown.notice is not None
        lobby.scanner.see(Code("Code128", numbered_text(NUMBER.value)))
        await lobby.at("birth-date")
        assert [entry for entry in lobby.log if entry.startswith("heard")] == ["heard attention", "heard found"]

    visit(story, speaker=True)


def test_of_two_bills_the_one_that_stays_is_looked_for() -> None:
    async def story(lobby: Lobby) -> None:
        mine, other = (Code("Code128", numbered_text(ref.value)) for ref in (NUMBER, FOREIGN))
        await lobby.at("attract")
        lobby.touch("choose-language en")
        await lobby.at("scan")
        lobby.scanner.see(mine, other)
        await lobby.at("which-bill")
        lobby.scanner.see(mine)
        shown = await lobby.at("birth-date")
        assert ending(NUMBER.value) in shown.lines[0].text
        lobby.touch("back")
        await lobby.at("scan")
        lobby.scanner.see(mine)
        await lobby.until(lambda: lobby.shown.notice is not None)
        lobby.touch("cancel")
        await lobby.scans()
        await lobby.at("birth-date")

    visit(story)


# paper


def test_a_receipt_in_the_language_of_the_visit() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.reaches_card()
        lobby.touch("languages", "language es")
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
        shown = await lobby.at("receipt-ways")
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
        shown = await lobby.at("receipt-ways")
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


LEFT_THERE: dict[str, tuple[Callable[[FakeScanner], None], ...]] = {
    "an empty room, light and dark": (lambda scanner: scanner.see(hint=Hint.TOO_DARK), lambda scanner: scanner.see()),
    "a paper that is no use": (lambda scanner: scanner.see(Code("QRCode", "hello")), lambda scanner: scanner.see()),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT_THERE)
def test_what_the_camera_sees_without_a_person_does_not_keep_a_visit_alive(name: str) -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.at("attract")
        lobby.touch("choose-language en")
        since, sights = now(), itertools.cycle(LEFT_THERE[name])
        await lobby.at("scan")
        noticed = False
        while lobby.shown.screen == "scan":
            next(sights)(lobby.scanner)
            noticed |= lobby.shown.notice is not None
            await passes(7)
        assert noticed
        assert now() - since == pytest.approx(RULES.idle_s + RULES.warning_s, abs=7)

    visit(story)


def test_nobody_is_hurried_while_the_card_is_being_read() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.reaches_card()
        await passes(800)
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
