"""What a technician asks of a terminal between payments: its last one, taking one back, the day's end, a diagnosis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from devices.health import DeviceError
from devices.terminals.authorizer import Authorization, NotReached
from devices.terminals.port import TOOK_BACK, DayTotals, NotStarted, Reversal, ReversalEnd, Reversed, Reverses, Serviced
from domain.errors import Known
from domain.money import Money
from domain.payment import CardData, Outcome, Result
from kiosk.terminal_journal import Entry, JournalRefused, TerminalJournal
from kiosk.terminal_voice import NOT_STARTED, Voice, line_of, money_words, numbers_words, result_words
from kiosk.terminal_words import fault_sentence, reason_sentence

T = TypeVar("T")

_OUTCOME_OF = {
    ReversalEnd.REVERSED: Outcome.APPROVED,
    ReversalEnd.REFUSED: Outcome.DECLINED,
    ReversalEnd.OTHER: Outcome.UNKNOWN,
    ReversalEnd.UNKNOWN: Outcome.UNKNOWN,
}
"""A reversal's end among the outcomes that every verb's last line has: approved is that it was taken back."""


class NoHub:
    """devices.terminals.authorizer.Authorizer where there is no hub: on a workbench nothing is authorised, and it says so."""

    async def authorize(self, attempt: str, amount: Money, card: CardData) -> Authorization:
        raise NotReached("no-hub")

    async def inquire(self, attempt: str) -> Authorization | None:
        raise NotReached("no-hub")

    async def void(self, attempt: str) -> None:
        raise NotReached("no-hub")


async def tell_last(driver: Serviced, voice: Voice) -> None:
    found = await _begun(driver.last, voice)
    if found is None:
        voice.end(_line(NOT_STARTED, "no-last-receipt", slip=[]), "The terminal shows no last payment.")
        return
    line = line_of(found.outcome.value, attempt=None, amount=found.amount, result=found)
    slip = {"terminal_id": found.terminal_id, "slip": list(found.slip)}
    took_back = f"The last thing it did was to take a payment back: {numbers_words(found, found.amount)}."
    said = took_back if found.reason == TOOK_BACK else f"Its last one: {result_words(found, found.amount)}"
    voice.end(line | slip, said, *_paper(found.slip))


async def take_back(
    driver: Serviced,
    receipt: int,
    given: Money | None,
    own: str,
    patients: Mapping[int, dt.datetime] | None,
    journal: TerminalJournal,
    voice: Voice,
) -> None:
    """`given` is the amount that must come back, else the journal knows it (of the terminal called `own`), or the terminal.
    `patients` are the numbers of payments that the kiosk's hub has, and when they were opened: nobody would tell it. None where
    the terminal is no kiosk's."""
    entry = journal.of_receipt(own, receipt)
    _refuse_patients(receipt, entry, patients or {})
    if patients is not None and driver.capabilities.reverses is Reverses.LAST:
        last = await _begun(driver.last, voice)
        if last is None or last.receipt != receipt:
            raise JournalRefused(
                "not-the-last",
                f"This terminal takes back its last payment only, and that is not receipt {receipt}: it may be a patient's. "
                "Nothing was done.",
            )
    amount = given or (entry.amount if entry else await _amount_of(driver, receipt, voice))
    voice.progress("reversing", f"Taking back receipt {receipt}, {money_words(amount)}.")
    done = await _begun(lambda: driver.reverse(Reversal(receipt, amount), voice.step), voice)
    attempt = entry.id if entry else None
    result = Result(_OUTCOME_OF[done.end], done.amount or amount, receipt=done.receipt, trace=done.trace, reason=done.reason)
    line = line_of(result.outcome.value, attempt=attempt, amount=result.amount, result=result)
    line |= {"reversal": done.end.value, "slip": list(done.slip)}
    if done.end is ReversalEnd.REVERSED:
        voice.end(line, f"Taken back: {money_words(result.amount)}, receipt {receipt}.", *_paper(done.slip))
        return
    voice.end(line)
    raise Known(_not_reversed(done, receipt))


def _refuse_patients(receipt: int, entry: Entry | None, patients: Mapping[int, dt.datetime]) -> None:
    if receipt in patients and (entry is None or entry.opened_at < patients[receipt]):
        raise JournalRefused(
            "of-a-patient",
            f"Receipt {receipt} is a patient's payment, and the hub has it: taken back here, the bill would stay paid. "
            "Nothing was done. The billing office pays back what has to be paid back.",
        )


Kept = Callable[[DayTotals], tuple[int, Money] | None]
"""What a kiosk's journal has of the day that its terminal closed; None where that cannot be compared."""


async def close_day(driver: Serviced, kept_of: Kept, voice: Voice) -> None:
    done = await _begun(lambda: driver.end_of_day(voice.step), voice)
    kept = kept_of(done)
    differs = kept is not None and kept != (done.count, done.amount)
    line = line_of(Outcome.APPROVED.value, attempt=None, amount=done.amount)
    count = "" if done.count is None else f" {_payments(done.count)}"
    sums = "" if done.amount is None else f" {money_words(done.amount)}"
    voice.end(
        line | {"count": done.count, "day_differs": differs, "slip": list(done.slip)},
        f"The day is closed.{count}{sums}".rstrip(".") + ".",
        *((_not_the_kiosks(*kept),) if kept is not None and differs else ()),
        *_paper(done.slip),
    )


def _payments(count: int) -> str:
    return f"{count} payment{'s' * (count != 1)}"


def _not_the_kiosks(count: int, amount: Money) -> str:
    return (
        f"That is not what the kiosk has: {_payments(count)} {money_words(amount)} with those receipt numbers. The rest are test "
        "payments, or for the billing office to look at."
    )


async def tell_diagnosis(driver: Serviced, voice: Voice) -> None:
    done = await _begun(driver.diagnose, voice)
    who = {"software": done.software, "serial": done.serial, "terminal_id": done.terminal_id}
    said = [f"{name.replace('_', ' ')} {value}" for name, value in who.items() if value]
    text = f"The diagnosis ended well: {', '.join(said) or 'it says nothing of itself'}."
    voice.end(_line(NOT_STARTED, "", **who, slip=list(done.slip)), text, *_paper(done.slip))


async def _begun(work: Callable[[], Awaitable[T]], voice: Voice) -> T:
    """`work`'s answer. Known, after the last line, where it was not begun, or did not end."""
    try:
        return await work()
    except NotStarted as refusal:
        voice.end(_line(NOT_STARTED, refusal.fault))
        raise Known(f"Nothing was done. {fault_sentence(refusal.fault, refusal.detail)}") from refusal
    except DeviceError as error:
        voice.end(_line(Outcome.UNKNOWN.value, error.fault))
        raise Known(f"It was begun and did not end well. {fault_sentence(error.fault, error.detail)}") from error


async def _amount_of(driver: Serviced, receipt: int, voice: Voice) -> Money:
    last = await _begun(driver.last, voice)
    sale = (receipt, Outcome.APPROVED, "")
    if last is not None and (last.receipt, last.outcome, last.reason) == sale and last.amount.minor > 0:
        return last.amount
    voice.end(_line(NOT_STARTED, "amount-unknown"))
    raise Known(
        f"Nothing was done: receipt {receipt} is neither in the journal nor the terminal's last one, so its amount is not known. "
        "Give it with --amount: what the terminal takes back is compared with it."
    )


def _not_reversed(done: Reversed, receipt: int) -> str:
    why = f" {reason_sentence(done.reason)}" if done.reason else ""
    match done.end:
        case ReversalEnd.REFUSED:
            return f"Receipt {receipt} was not taken back: the terminal refused.{why}"
        case ReversalEnd.OTHER:
            what = "another amount" if done.amount is None else money_words(done.amount)
            number = "" if done.receipt is None else f", receipt {done.receipt}"
            return (
                f"The terminal took back something else than receipt {receipt}: {what}{number}. That payment is undone now; "
                f"compare with the terminal's receipts, and see to it by hand.{why}"
            )
        case _:
            return f"Whether receipt {receipt} was taken back is not known: look at the terminal's receipts first.{why}"


def _line(outcome: str, reason: str, **more: Any) -> dict[str, Any]:
    return line_of(outcome, attempt=None, amount=None, reason=reason) | more


def _paper(slip: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"  | {line}" for line in slip)
