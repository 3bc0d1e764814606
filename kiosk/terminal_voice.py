"""How `./lobbypay terminal` speaks: progress as it comes, then one last line; as text for a person, as JSON for a program."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from devices.terminals.captures.row import IN, OUT, UNSAID, Row
from devices.terminals.port import Step
from domain.money import Money, format_money
from domain.payment import Outcome, Result
from kiosk.terminal_payment import Ended
from kiosk.terminal_words import outcome_sentence, reason_sentence, step_sentence

_ARROWS = {OUT: "->", IN: "<-", UNSAID: "  "}

NOT_STARTED = "not_started"
"""The outcome where no money can have moved because none was asked for; a verb that never asks for any ends with it too."""


class Voice:
    """Writes to stdout and flushes. Nobody listening any more (a closed pipe, a window that is gone) ends nothing: the payment
    under way has to be seen to its end all the same."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def step(self, step: Step) -> None:
        self.progress(step.value, step_sentence(step))

    def progress(self, what: str, text: str, **more: object) -> None:
        """`what` is a code, the same in every release; `text` may change."""
        self._write(json.dumps({"progress": what, **more, "text": text}) if self.as_json else text)

    def end(self, line: dict[str, Any], *texts: str) -> None:
        """The last line; `texts` are the same for a person."""
        if self.as_json:
            self._write(json.dumps(line))
        else:
            for text in texts:
                self._write(text)

    def row(self, row: Row) -> None:
        """One packet of a capture."""
        if self.as_json:
            self._write(json.dumps({"direction": row.direction, "name": row.name, "hex": row.hex, "fields": row.fields}))
            return
        self._write(f"{_ARROWS[row.direction]} {row.name:20} {bytes.fromhex(row.hex).hex(' ')}".rstrip())
        for name, value in row.fields.items():
            text = value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)
            self._write(f"     {name}: {_printable(str(text))}")

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except OSError:
            # What is still in the buffer would fail again when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _printable(text: str) -> str:
    """What comes from a wire must not move a cursor."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def line_of(
    outcome: str, *, attempt: str | None, amount: Money | None, result: Result | None = None, reason: str = ""
) -> dict[str, Any]:
    """The last line's keys, the same for every verb; null where a verb has no such thing."""
    return {
        "outcome": outcome,
        "attempt": attempt,
        "amount_cents": amount.minor if amount else None,
        "currency": amount.currency if amount else None,
        "receipt": result.receipt if result else None,
        "trace": result.trace if result else None,
        "card": {"brand": result.card.brand if result else "", "last4": result.card.last4 if result else ""},
        "approved_offline": result.approved_offline if result else False,
        "reason": result.reason if result else reason,
    }


def line_of_payment(ended: Ended) -> dict[str, Any]:
    outcome = ended.result.outcome.value if ended.result else NOT_STARTED
    order = ended.order
    return line_of(outcome, attempt=order.attempt, amount=order.amount, result=ended.result, reason=ended.fault)


def result_words(result: Result, amount: Money) -> str:
    """A payment's end in one line: "Approved. 12.34 EUR, receipt 7, trace 9, VISA 1234"."""
    ending = f" {reason_sentence(result.reason)}" if result.reason else ""
    return f"{outcome_sentence(result.outcome)} {numbers_words(result, amount)}.{ending}"


def numbers_words(result: Result, amount: Money) -> str:
    """What a receipt is known by: "12.34 EUR, receipt 7, trace 9, VISA 1234"."""
    said = [money_words(amount)]
    if result.receipt is not None:
        said.append(f"receipt {result.receipt}")
    if result.trace is not None:
        said.append(f"trace {result.trace}")
    if card := f"{result.card.brand} {result.card.last4}".strip():
        said.append(card)
    if result.approved_offline:
        said.append("approved offline: the bank may still refuse")
    return ", ".join(said)


def failed(outcome: Outcome) -> bool:
    """Whether the command says so with exit code 1: all but the payment that was made."""
    return not outcome.money_moved


def money_words(amount: Money) -> str:
    return format_money(amount, "en_US")
