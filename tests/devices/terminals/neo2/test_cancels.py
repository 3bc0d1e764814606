"""Cancel is a request: what it does at each moment of a sale, its races with the card, and what the reader asks of its host."""

from __future__ import annotations

import asyncio

import pytest

from devices.terminals.neo2.driver import Neo2Terminal
from devices.terminals.neo2.framing import Frame, command, response
from domain.payment import Outcome
from tests.devices.terminals.neo2.bank import Bank
from tests.devices.terminals.neo2.cards import contact_word, inserted, tapped
from tests.devices.terminals.neo2.virtual import (
    ACCEPTED,
    ACTIVATE,
    AUTHENTICATE,
    CANCEL,
    COMPLETE,
    SALE,
    FakeLink,
    Peer,
    driver,
    inserting,
    paid,
    ready,
    serving,
    tapping,
    until,
)
from tests.devices.terminals.simulated import Journal
from tests.log_watch import LogWatch
from tests.virtual_time import passes, run

EVENT = response(0x02, 0x0E, b"\x01")


def when_active(what: str) -> object:
    """Cancels as soon as the reader has heard the command."""

    async def beside(terminal: Neo2Terminal, link: FakeLink) -> None:
        wanted = {"activate": ACTIVATE, "authenticate": AUTHENTICATE}[what]
        while not link.sent(*wanted):  # noqa: ASYNC110 - the link tells nobody what it sends
            await asyncio.sleep(0)
        await terminal.cancel()

    return beside


def crossing(*says: Frame, then: object = None) -> object:
    """A reader that waits for a card, and says all this when it is cancelled."""

    async def script(peer: Peer) -> None:
        await until(peer, ACTIVATE)
        await until(peer, CANCEL)
        for frame in says:
            peer.say(frame)
        await until(peer, ACTIVATE)

    return script


@pytest.mark.parametrize(
    "says",
    [
        (response(0x05, 0),),
        (response(0x05, 0x0A),),
        (tapped(), response(0x05, 0)),
        (EVENT, tapped(), response(0x05, 0)),
        (inserted(), response(0x05, 0)),
        (response(0x02, 0x08), response(0x05, 0)),
        (command(0x61, 0x01, b"\x01menu"), response(0x05, 0)),
    ],
)
def test_cancelled_and_answered_leaves_the_line_open(says: tuple[Frame, ...]) -> None:
    bank = Bank()
    result, link = paid(crossing(*says), bank=bank, during=when_active("activate"))  # type: ignore[arg-type]
    assert (result.outcome, result.reason, bank.calls) == (Outcome.CANCELLED, "cancelled", [])
    assert len(link.opened_at) == 1


@pytest.mark.parametrize("says", [(tapped(),), (), (inserted(),)])
def test_a_card_instead_of_the_stops_answer_is_dropped_and_the_line_opened_afresh(
    log_watch: LogWatch, says: tuple[Frame, ...]
) -> None:
    log_watch.expect("terminal.frame")
    bank = Bank()
    scripts = (crossing(*says), serving())
    result, link = paid(*scripts, bank=bank, during=when_active("activate"))  # type: ignore[arg-type]
    assert (result.outcome, result.reason, bank.calls) == (Outcome.CANCELLED, "cancelled", [])
    assert link.sent(*ACTIVATE) == 1
    assert link.sent(*CANCEL) >= 2


def test_cancelled_while_the_chip_works() -> None:
    bank = Bank()

    async def script(peer: Peer) -> None:
        await until(peer, ACTIVATE)
        peer.say(inserted())
        await until(peer, AUTHENTICATE)
        peer.say(ACCEPTED)
        await until(peer, CANCEL)
        peer.say(response(0x05, 0))
        await until(peer, ACTIVATE)

    result, _ = paid(script, bank=bank, during=when_active("authenticate"))  # type: ignore[arg-type]
    assert (result.outcome, result.reason, bank.calls) == (Outcome.CANCELLED, "cancelled", [])


@pytest.mark.parametrize("what", [tapping(), inserting()])
def test_cancelled_when_the_card_is_there_already(what: object) -> None:
    """The stop comes with the last frame: the card has been read, and no bank is asked."""
    bank = Bank()

    async def main() -> None:
        link = FakeLink(what)  # type: ignore[arg-type]
        terminal = driver(link, bank)
        await ready(terminal)
        journal = Journal()
        receive = link.receive

        async def receives() -> Frame:
            frame = await receive()
            if (frame.command == 0x60 and frame.code == 0) or (frame.command == 0x02 and frame.code == 0x23):
                await terminal.cancel()
            return frame

        link.receive = receives  # type: ignore[method-assign]
        result = await terminal.pay(SALE, journal.commit, journal.steps.append)
        assert (result.outcome, result.reason, bank.calls) == (Outcome.CANCELLED, "cancelled", [])
        assert journal.results == [result]
        if link.sent(*COMPLETE):
            assert [bytes(frame.data) for frame in link.heard if (frame.command, frame.code) == COMPLETE] == [b"\x8a\x02Z3"]
        await terminal.close()

    run(main)


def test_cancelled_before_it_began() -> None:
    async def main() -> None:
        link = FakeLink(serving())
        terminal = driver(link)
        await ready(terminal)
        assert await terminal.newest() is None
        await terminal.cancel()
        journal = Journal()
        result = await terminal.pay(SALE, journal.commit, journal.steps.append)
        assert (result.outcome, result.reason) == (Outcome.CANCELLED, "cancelled-before-start")
        assert link.sent(*ACTIVATE) == 0
        await terminal.cancel()
        await terminal.newest()  # a new attempt begins
        await terminal.close()

    run(main)


def test_a_cancel_while_the_bank_is_asked_changes_nothing() -> None:
    class Slow(Bank):
        async def authorize(self, *asked: object) -> object:  # type: ignore[override]
            await passes(5)
            return await super().authorize(*asked)  # type: ignore[arg-type]

    async def beside(terminal: Neo2Terminal, link: FakeLink) -> None:
        await passes(2)
        await terminal.cancel()

    result, link = paid(tapping(), bank=Slow(), during=beside)
    assert result.outcome is Outcome.APPROVED
    assert link.sent(*CANCEL) == 1  # the one that every line begins with


# what the reader asks


@pytest.mark.parametrize(
    ("asks", "status"),
    [(command(0x61, 0x01, b"\x03hello"), 0), (command(0x61, 0x01, b"\x01a\0b"), 0x0A), (command(0x61, 0x02), 0x0A)],
)
def test_the_readers_own_questions_are_answered(asks: Frame, status: int) -> None:
    async def script(peer: Peer) -> None:
        await until(peer, ACTIVATE)
        peer.say(inserted())
        await until(peer, AUTHENTICATE)
        peer.say(ACCEPTED)
        peer.say(asks)
        assert await peer.hear() == response(0x61, status)
        peer.say(contact_word(4))
        await until(peer, COMPLETE)
        peer.say(contact_word(2))
        await until(peer, ACTIVATE)

    assert paid(script)[0].outcome is Outcome.APPROVED
