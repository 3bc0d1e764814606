"""The loop: each card once, only while somebody looks, and what cannot be looked at is said."""

from __future__ import annotations

from collections.abc import Callable

from devices.health import Condition
from devices.own_process import Alive, State
from devices.smartcards.identify import Asking
from devices.smartcards.messages import Look, Report, Said
from devices.smartcards.port import Insured, Kind, Refusal, Refused
from devices.smartcards.reading import AWAY_S, Reading
from devices.smartcards.simulator.cards import HealthCard, Spoilt, TornOut, health_card
from devices.smartcards.simulator.slot import SimulatedSlot
from tests.devices.smartcards.people import random

INSURANCE = frozenset({Kind.INSURANCE})


class Script:
    """Looks, each with what a hand does before the loop gets it; ends after the last."""

    def __init__(self, *steps: tuple[Callable[[], None], Look | None]) -> None:
        self._steps = list(steps)
        self.waits: list[float] = []

    def next(self, seconds: float) -> Look | None:
        self.waits.append(seconds)
        if not self._steps:
            raise EOFError
        hand, look = self._steps.pop(0)
        hand()
        return look


def nothing() -> None:
    pass


def a_card() -> HealthCard:
    return health_card("Robin", "Tester", "19800101")


def said_over(slot: SimulatedSlot, *steps: tuple[Callable[[], None], Look | None], skip_present: bool = False) -> list[Said]:
    said: list[Said] = []
    Reading(slot, Asking(None, random), said.append, skip_present).run(Script(*steps))
    return [message for message in said if not isinstance(message, Alive)]


def test_a_card_is_asked_once_while_it_lies_there() -> None:
    slot, card = SimulatedSlot(), a_card()
    said = said_over(slot, (lambda: slot.put(card), Look(INSURANCE, 1)), (nothing, None), (nothing, None))
    assert said[0] == State(Condition.READY)
    assert [type(report.seen) for report in said[1:] if isinstance(report, Report)] == [Insured]


def test_a_new_look_asks_again_and_says_for_which() -> None:
    slot = SimulatedSlot()
    said = said_over(slot, (lambda: slot.put(a_card()), Look(INSURANCE, 1)), (nothing, Look(INSURANCE, 2)))
    assert [report.number for report in said if isinstance(report, Report)] == [1, 2]


def test_the_next_card_is_asked_even_if_nobody_saw_the_first_one_go() -> None:
    slot, cards = SimulatedSlot(), [a_card(), a_card()]
    said_over(slot, (lambda: slot.put(cards[0]), Look(INSURANCE, 1)), (lambda: slot.put(cards[1]), None))
    assert all(card.heard for card in cards)


def test_at_rest_no_card_hears_a_word() -> None:
    slot, card = SimulatedSlot(), a_card()
    said = said_over(slot, (lambda: slot.put(card), None), (nothing, Look(frozenset(), 1)))
    assert card.heard == []
    assert said == [State(Condition.READY)]


def test_a_card_that_hung_is_left_alone_until_it_was_taken_out() -> None:
    slot, hung, next_one = SimulatedSlot(), a_card(), a_card()
    slot.put(hung)
    said = said_over(
        slot,
        (nothing, Look(INSURANCE, 1)),
        (slot.take, None),
        (lambda: slot.put(next_one), None),
        skip_present=True,
    )
    assert hung.heard == []
    assert next_one.heard
    assert said[:2] == [State(Condition.OUT, "smartcard-left-in"), State(Condition.READY)]


def test_without_a_card_there_is_nothing_to_skip() -> None:
    slot, card = SimulatedSlot(), a_card()
    said_over(slot, (nothing, Look(INSURANCE, 1)), (lambda: slot.put(card), None), skip_present=True)
    assert card.heard


def test_a_service_that_goes_and_comes_is_said_once_and_not_asked_all_the_time() -> None:
    slot = SimulatedSlot()
    slot.away("smartcard-service-away")
    script = Script((nothing, None), (nothing, None), (lambda: slot.away(""), None))
    said: list[Said] = []
    Reading(slot, Asking(None, random), said.append, False).run(script)
    assert [message for message in said if isinstance(message, State)] == [
        State(Condition.AWAY, "smartcard-service-away", "simulated"),
        State(Condition.READY),
    ]
    assert script.waits == [0.0, AWAY_S, AWAY_S, 0.0]


def test_a_card_torn_out_is_said_and_the_next_one_is_read() -> None:
    slot = SimulatedSlot()
    torn = Spoilt(a_card(), 2, TornOut)
    said = said_over(slot, (lambda: slot.put(torn), Look(INSURANCE, 1)), (nothing, None), (lambda: slot.put(a_card()), None))
    reports = [report.seen for report in said if isinstance(report, Report)]
    assert reports[0] == Refused(Refusal.TAKEN_AWAY)
    assert isinstance(reports[1], Insured)


def test_it_is_alive_after_every_answer() -> None:
    slot, card, said = SimulatedSlot(), a_card(), list[Said]()
    Reading(slot, Asking(None, random), said.append, False).run(Script((lambda: slot.put(card), Look(INSURANCE, 1))))
    reported = next(place for place, message in enumerate(said) if isinstance(message, Report))
    assert sum(isinstance(message, Alive) for message in said[:reported]) == len(card.heard) > 3
