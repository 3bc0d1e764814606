"""The engine ends the terminal's day when nobody is there, and takes no card meanwhile."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from devices.health import DeviceError
from devices.terminals.port import DayTotals, NotStarted
from domain.money import Money
from kiosk.day_end import AGAIN
from offline_queue.errors import DiskFailing
from tests.kiosk.lobby import Lobby, attempt, visit
from tests.log_watch import LogWatch
from tests.virtual_time import now, passes

UNTIL_DUE = 20 * 60
ENDS, ENDED = "terminal ends its day", "terminal's day ended"
TOTALS = DayTotals(3, None)


def test_at_its_hour_once() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.at("attract")
        await passes(UNTIL_DUE - 1)
        assert ENDS not in lobby.log
        await lobby.at("out-of-service")
        assert lobby.log.count(ENDS) == 1
        lobby.terminal.days.put_nowait(TOTALS)
        await lobby.at("attract")
        await passes(60)
        assert lobby.log.count(ENDS) == 1

    visit(story)


SUM = Money(12_50, "USD")


@pytest.mark.parametrize(
    ("totals", "kept", "differs"),
    [
        (DayTotals(2, SUM, (7, 8), "52523535"), (2, SUM), False),
        (DayTotals(2, SUM, (7, 8), "52523535"), (1, SUM), True),
        (DayTotals(2, SUM, (7, 8), "52523535"), (2, Money(12_49, "USD")), True),
        (DayTotals(2, SUM, None, "52523535"), (0, Money(0, "USD")), False),
        (DayTotals(2, SUM, (7, 8)), (0, Money(0, "USD")), False),
        (DayTotals(None, None, (7, 8), "52523535"), (0, Money(0, "USD")), False),
    ],
)
def test_a_day_that_is_not_the_journals_is_told_of_until_the_next(
    log_watch: LogWatch, totals: DayTotals, kept: tuple[int, Money], differs: bool
) -> None:
    if differs:
        log_watch.expect("terminal.day_differs")

    async def story(lobby: Lobby) -> None:
        lobby.memory.taken = kept
        await lobby.logged(ENDS)
        lobby.terminal.days.put_nowait(totals)
        await lobby.at("attract")
        await passes(1)
        assert terminal_as_seen(lobby) == ("day-differs" if differs else "")
        ending = asyncio.ensure_future(lobby.engine._end_day())
        lobby.terminal.days.put_nowait(TOTALS)
        await ending
        await passes(1)
        assert terminal_as_seen(lobby) == ""

    visit(story)


def test_a_day_that_the_driver_closed_by_itself_is_compared_too(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.day_differs")

    async def story(lobby: Lobby) -> None:
        lobby.memory.taken = (1, SUM)
        await lobby.at("attract")
        lobby.terminal.closed = DayTotals(2, SUM, (7, 8), "52523535")
        await passes(1)
        assert terminal_as_seen(lobby) == "day-differs"
        assert ENDS not in lobby.log

    visit(story)


def test_a_day_that_cannot_be_compared_is_ended_all_the_same(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.day_not_compared")

    async def story(lobby: Lobby) -> None:
        lobby.memory.refusing["taken"] = DiskFailing("EIO")
        await lobby.logged(ENDS)
        lobby.terminal.days.put_nowait(DayTotals(2, SUM, (7, 8), "52523535"))
        await lobby.at("attract")
        await passes(1)
        assert terminal_as_seen(lobby) == ""

    visit(story)


def terminal_as_seen(lobby: Lobby) -> str:
    """The fault that staff would see of the terminal now."""
    return next(seen.fault for seen in lobby.engine._devices() if seen.device == "terminal")


def test_not_while_somebody_is_there() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.at("attract")
        await passes(UNTIL_DUE - 5)
        lobby.touch("choose-language en")
        await lobby.at("scan")
        await passes(10)
        assert ENDS not in lobby.log
        lobby.touch("cancel")
        await lobby.logged(ENDS)

    visit(story)


@pytest.mark.parametrize("failure", [NotStarted("terminal-away"), DeviceError("terminal-away", "zvt-6c")])
def test_what_failed_is_tried_again_later(failure: Exception, log_watch: LogWatch) -> None:
    log_watch.expect("terminal.day_not_ended")

    async def story(lobby: Lobby) -> None:
        await lobby.logged(ENDS)
        lobby.terminal.days.put_nowait(failure)
        await lobby.at("attract")
        failed = now()
        await passes(AGAIN.total_seconds() - 60)
        assert lobby.log.count(ENDS) == 1
        await lobby.until(lambda: lobby.log.count(ENDS) == 2)
        assert now() - failed >= AGAIN.total_seconds() - 1

    visit(story)


def test_not_before_an_unknown_sale_has_been_asked_after() -> None:
    def unknown(lobby: Lobby) -> None:
        lobby.memory.left_over = attempt(1)

    async def story(lobby: Lobby) -> None:
        await passes(UNTIL_DUE + 60)
        assert ENDS not in lobby.log
        assert terminal_as_seen(lobby) == "payment-unclear"

    visit(story, unknown)


def test_never_at_a_terminal_without_days() -> None:
    def without(lobby: Lobby) -> None:
        lobby.terminal.capabilities = dataclasses.replace(lobby.terminal.capabilities, end_of_day=False)

    async def story(lobby: Lobby) -> None:
        await passes(UNTIL_DUE + 60)
        assert ENDS not in lobby.log

    visit(story, without)
