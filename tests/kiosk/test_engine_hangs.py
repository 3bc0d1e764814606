"""A driver or a disk that hangs while a card is paid with, in virtual time: nobody stands there for ever, nobody pays twice."""

from __future__ import annotations

import asyncio
import dataclasses

from devices.terminals.port import NotStarted
from domain.payment import Outcome, Result, receipt_code
from kiosk.engine import LONGEST_SALE_S
from tests.kiosk.lobby import Lobby, visit
from tests.kiosk.visit.world import DUE, result
from tests.log_watch import LogWatch
from tests.virtual_time import passes

APPROVED = result(Outcome.APPROVED)
UNKNOWN = Result(Outcome.UNKNOWN, dataclasses.replace(DUE, minor=0), reason="no-answer")


async def hangs(lobby: Lobby) -> None:
    """A visit up to where a driver has said nothing for too long."""
    await lobby.reaches_card()
    await passes(LONGEST_SALE_S + 5)
    await lobby.at("unknown")


def test_a_driver_that_hangs_leaves_nobody_before_the_card_screen_for_ever(log_watch: LogWatch) -> None:
    """Law 3: nobody knows, and the patient is told so; what it says after all is still the payment's end."""
    log_watch.expect("terminal.unconfirmed")

    async def story(lobby: Lobby) -> None:
        await lobby.reaches_card()
        await passes(LONGEST_SALE_S - 5)
        assert lobby.shown.screen == "card"
        nudges = lobby.sync.nudges
        await passes(10)
        await lobby.at("unknown")
        assert "do not pay again" in str(lobby.shown).lower()
        (sold,) = lobby.terminal.sales
        (slip,) = lobby.printer.printed
        assert slip.name == receipt_code(sold.attempt)
        assert (lobby.memory.settled, lobby.terminal.inquiries) == ([(sold.attempt, UNKNOWN)], [])
        assert lobby.log.count("terminal cancel") == 1, "who wakes late must not ask the next person for a card"
        assert lobby.sync.nudges > nudges, "the hub hears of it, as the slip promises"
        lobby.touch("done")
        await lobby.at("thank-you")
        lobby.touch("done")
        await lobby.at("out-of-service")
        assert "payment-unclear" in [seen.fault for seen in lobby.engine._devices()]
        lobby.terminal.says.put_nowait(APPROVED)
        await lobby.at("attract")
        assert "payment-unclear" not in [seen.fault for seen in lobby.engine._devices()]
        assert lobby.memory.settled == [(sold.attempt, UNKNOWN), (sold.attempt, APPROVED)]

    visit(story)


def test_one_that_hung_before_any_card_was_asked_for_ends_what_is_unknown_by_now(log_watch: LogWatch) -> None:
    """Not as a sale that never was: the hub has been told of it, and is to hear that nothing was charged."""
    log_watch.expect("terminal.unconfirmed")

    async def story(lobby: Lobby) -> None:
        await hangs(lobby)
        lobby.terminal.says.put_nowait(NotStarted("terminal-away"))
        await lobby.at("cancelled")
        (sold,) = lobby.terminal.sales
        nothing = dataclasses.replace(UNKNOWN, outcome=Outcome.CANCELLED, reason="terminal-away")
        assert lobby.memory.settled == [(sold.attempt, UNKNOWN), (sold.attempt, nothing)]
        assert lobby.memory.closed == []

    visit(story)


def test_an_end_that_the_disk_hangs_on_is_not_contradicted(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")

    async def story(lobby: Lobby) -> None:
        lobby.memory.holding["settled"] = durable = asyncio.Event()
        await lobby.is_told(APPROVED)
        await passes(LONGEST_SALE_S + 5)
        await lobby.at("unknown")
        durable.set()
        await lobby.at("approved")
        await passes(60)
        assert [end for _, end in lobby.memory.settled] == [APPROVED]

    visit(story)


def test_a_driver_that_hangs_while_an_attempt_is_being_opened_charges_nobody(log_watch: LogWatch) -> None:
    log_watch.expect("attempt.refused")

    async def story(lobby: Lobby) -> None:
        lobby.terminal.hold = asyncio.Event()
        await lobby.pays()
        await lobby.at("opening")
        await passes(LONGEST_SALE_S + 5)
        assert lobby.shown.screen == "not-started"
        assert (lobby.memory.opened, lobby.terminal.sales) == ([], [])

    visit(story)


def test_one_that_hung_and_says_yes_in_time_is_told_to_who_is_still_there(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")

    async def story(lobby: Lobby) -> None:
        await hangs(lobby)
        lobby.terminal.says.put_nowait(APPROVED)
        await lobby.at("approved")

    visit(story)
