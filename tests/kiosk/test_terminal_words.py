"""A technician's sentences: every fault that a driver can name has one, and codes are told in words where they have some."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from devices.terminals.port import Step
from domain.payment import Outcome
from kiosk import terminal_words
from kiosk.terminal_words import fault_sentence, outcome_sentence, reason_sentence, step_sentence

DRIVERS = Path(terminal_words.__file__).parents[1] / "devices" / "terminals"
NO_FAULTS = {"terminal-id", "terminal-status"}
"""Names of fields."""


def test_every_fault_of_a_driver_has_its_sentence() -> None:
    named = {
        fault
        for room in ("zvt", "neo2")
        for file in (DRIVERS / room).glob("*.py")
        for fault in re.findall(r'"(terminal-[a-z0-9-]+)"', file.read_text(encoding="utf-8"))
    }
    assert len(named) > 8
    assert not {fault for fault in named - NO_FAULTS if "cannot be used" in fault_sentence(fault)}


@pytest.mark.parametrize(
    ("fault", "detail", "words"),
    [
        ("terminal-away", "", "does not answer"),
        ("terminal-away", "cannot-open", "cannot be reached"),
        ("terminal-away", "a-new-one", "does not answer"),
        ("terminal-not-zvt", "ecr17", "ECR17"),
        ("terminal-not-zvt", "", "no ZVT terminal"),
        ("terminal-refused", "zvt-83", "It says: it does not know that command"),
        ("terminal-needs-service", "zvt-c2-0017", "It says: it wants a diagnosis"),
        ("terminal-busy", "zvt-9c", "in a minute. (terminal-busy zvt-9c)"),
        ("of-tomorrow", "x", "cannot be used. (of-tomorrow x)"),
    ],
)
def test_faults(fault: str, detail: str, words: str) -> None:
    said = fault_sentence(fault, detail)
    assert words in said
    assert said.endswith(f"({f'{fault} {detail}'.strip()})")


@pytest.mark.parametrize(
    ("reason", "words"),
    [("", ""), ("zvt-05", "The terminal: the bank declined (zvt-05)."), ("zvt-df-173a", "out of order"), ("new", "(new)")],
)
def test_reasons(reason: str, words: str) -> None:
    assert words in reason_sentence(reason)


def test_steps_and_outcomes_have_theirs() -> None:
    assert len({step_sentence(step) for step in Step}) == len(Step)
    assert len({outcome_sentence(outcome) for outcome in Outcome}) == len(Outcome)
