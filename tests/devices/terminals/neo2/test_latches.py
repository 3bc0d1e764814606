"""A reader that shows a card in clear, or that somebody has opened, is out of service at once and stays so."""

from __future__ import annotations

import asyncio

import pytest

from devices.health import Condition, Health
from devices.terminals.neo2.framing import Frame, response
from devices.terminals.port import NotStarted
from domain.payment import Outcome
from tests.devices.terminals.neo2.bank import Bank
from tests.devices.terminals.neo2.cards import NUMBER, OBJECTS, contact_word, inserted, item, tapped
from tests.devices.terminals.neo2.virtual import (
    ACCEPTED,
    ACTIVATE,
    AUTHENTICATE,
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

SHOWN = [
    tapped(attribution=0x01),
    tapped(attribution=0x41),
    tapped(OBJECTS + item(0x5A, NUMBER)),
    response(0x02, 0x0A, b"\x01" + item(0xFFEE1F, b"\x20\0\0\0")),
    inserted(attribution=0x00),
]
UNENCRYPTED = Health(Condition.LATCHED, "terminal-unencrypted")
TAMPERED = Health(Condition.LATCHED, "terminal-tampered")


def refused_and_latched(what: object, health: Health) -> None:
    async def main() -> None:
        link, bank, journal = FakeLink(what, serving()), Bank(), Journal()  # type: ignore[arg-type]
        terminal = driver(link, bank)
        await ready(terminal)
        result = await terminal.pay(SALE, journal.commit, journal.steps.append)
        assert (result.outcome, result.reason, result.card_data) == (Outcome.CANCELLED, health.fault, None)
        assert "4761" not in repr(journal.tried)
        assert bank.calls == []
        assert terminal.health() == health
        assert link.card_data_left() == []
        await passes(600)
        assert terminal.health() == health
        for refused in (terminal.newest(), terminal.pay(SALE, journal.commit, journal.steps.append), terminal.diagnose()):
            with pytest.raises(NotStarted) as said:
                await refused
            assert said.value.fault == health.fault
        await terminal.close()

    run(main)


@pytest.mark.parametrize("answer", SHOWN)
def test_a_card_that_is_not_encrypted_ends_the_readers_service(answer: Frame) -> None:
    refused_and_latched(tapping(answer), UNENCRYPTED)


@pytest.mark.parametrize("answer", [contact_word(4, attribution=0), contact_word(3, OBJECTS + item(0x5A, NUMBER))])
def test_a_chip_that_is_not_encrypted_ends_it_too(answer: Frame) -> None:
    refused_and_latched(inserting(authenticates=(ACCEPTED, answer)), UNENCRYPTED)


def test_a_reader_that_was_opened_ends_its_service_in_the_middle_of_a_sale() -> None:
    refused_and_latched(tapping(response(0x02, 0x1D)), TAMPERED)


def test_opened_while_the_chip_completes_the_sale_stands() -> None:
    async def main() -> None:
        terminal = driver(FakeLink(inserting(response(0x60, 0x1D)), serving()))
        await ready(terminal)
        journal = Journal()
        result = await terminal.pay(SALE, journal.commit, journal.steps.append)
        assert result.outcome is Outcome.APPROVED
        assert terminal.health() == TAMPERED
        await terminal.close()

    run(main)


@pytest.mark.parametrize("answer", [response(0x2C, 0x1D), None])
def test_a_card_that_cannot_be_released_changes_nothing(log_watch: LogWatch, answer: Frame | None) -> None:
    if answer is None:
        log_watch.expect("terminal.frame")

    async def script(peer: Peer) -> None:
        for wanted, says in ((ACTIVATE, (inserted(),)), (AUTHENTICATE, (contact_word(4),)), (COMPLETE, (contact_word(2),))):
            await until(peer, wanted)
            for frame in says:
                peer.say(frame)
        await until(peer, (0x2C, 0x18))
        if answer is not None:
            peer.say(answer)
        await asyncio.Event().wait()

    assert paid(script, serving())[0].outcome is Outcome.APPROVED
