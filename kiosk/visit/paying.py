"""The second part of a visit: from a statement to what became of the payment. Part of `step`; None for what it has no use for."""

from __future__ import annotations

from dataclasses import replace

from domain.billing import Statement, over_estimate
from domain.money import Money, from_digits
from domain.payment import HANDED_BACK, Outcome, Result
from domain.statement_codes import RefKind, StatementRef
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.choosing import Item, by_visit, choose_again, due, items, of_one, open_ones, parts, settled_on, shown, toggled
from kiosk.visit.finding import ATTENTION, Moved, typed, unread
from kiosk.visit.screens import Intent
from kiosk.visit.stages import Bill, By, HubAway, Payment, Slip, Visit

AMOUNT_DIGITS = 11

DONE = ev.Play(ev.Sound.DONE)

TAKEN_BACK = "taken-back"
"""Why nothing was paid although the bank had said yes: we refused it, and the terminal reversed it."""

READER_FAULTS = frozenset({"terminal-tampered", "terminal-unencrypted"})
"""Reasons of a sale at a reader that has sold its last: it is not tried again, and the patient is asked to tell the staff."""

READER_OUT = READER_FAULTS | {
    f"terminal-{fault}" for fault in ("out-of-order", "not-zvt", "not-neo2", "other", "refused", "needs-service", "currency")
}
"""Reasons of a sale at a reader that needs a person: the desk is the way to pay, and another try is second."""


def paid_step(visit: Visit, event: ev.Event) -> Moved:
    """ShowStatement to Attract."""
    match visit.stage, event:
        case st.ShowStatement() as stage, Intent():
            return _reading(visit, stage, event)
        case st.Choose() as stage, Intent():
            return _choosing(visit, stage, event)
        case st.OtherAmount() as stage, Intent():
            return _typing_amount(visit, stage, event)
        case st.OverEstimate(bill, amount, said=said), Intent("go-on"):
            return _confirm(visit, bill, amount, said | {bill.number})
        case st.OverEstimate(bill), Intent("back"):
            return choose_again(bill), ()
        case st.Probing() as stage, _:
            return _probed(visit, stage, event)
        case st.Consent() as stage, Intent():
            return _consenting(stage, event)
        case st.Opening() as stage, _:
            return _opening(stage, event)
        case st.AtTerminal() as stage, _:
            return _at_terminal(stage, event)
        case st.NotPaid(why=why), Intent("done") if why in READER_OUT:
            return st.Attract(), ()
        case st.NotPaid(why=why), Intent() if why in READER_FAULTS:
            return None
        case st.NotPaid(payment), Intent("again"):
            return _ask(visit, payment.bill, payment.amount)
        case st.NotPaid(payment), Intent("other-amount"):
            return choose_again(payment.bill), ()
        case _:
            return _after_unclear(visit, event)


def _reading(visit: Visit, stage: st.ShowStatement, intent: Intent) -> Moved:
    """One statement is on the screen."""
    owed = due(stage.bill)
    payable = owed is not None and owed.minor > 0
    match intent:
        case Intent("pay") if payable and owed is not None:
            return _confirm(visit, stage.bill, owed)
        case Intent("choose") if _by_visit(stage.bill):
            return st.Choose(replace(stage.bill, by=By.VISIT)), ()
        case Intent("other-amount") if payable and not _by_visit(stage.bill):
            return st.OtherAmount(stage.bill), ()
        case Intent("back") if stage.bill.family:
            return st.Choose(replace(stage.bill, by=By.BILL)), ()
        case Intent("back"):
            return st.Scan(), (ev.StartScanning(),)
        case Intent("done") if not payable:
            return st.Attract(), ()
        case _:
            return None


def _by_visit(bill: Bill) -> bool:
    return bill.statement is not None and by_visit(bill.statement)


def _choosing(visit: Visit, stage: st.Choose, intent: Intent) -> Moved:
    """Bills, or the visits of one: each is paid or not."""
    bill, owed = stage.bill, due(stage.bill)
    match intent:
        case Intent("toggle", value) if (item := _item(bill, value)) is not None:
            return st.Choose(toggled(bill, item)), ()
        case Intent("see", value) if bill.by is By.BILL and (item := _item(bill, value)) is not None:
            return st.ShowStatement(of_one(bill, item)), ()
        case Intent("pay") if owed is not None and owed.minor > 0:
            return _confirm(visit, settled_on(bill), owed)
        case Intent("other-amount") if owed is not None and owed.minor > 0:
            return st.OtherAmount(settled_on(bill)), ()
        case Intent("back") if bill.by is By.VISIT:
            return st.ShowStatement(replace(bill, by=None)), ()
        case Intent("back"):
            return st.Scan(), (ev.StartScanning(),)
        case _:
            return None


def _item(bill: Bill, value: str) -> Item | None:
    """The one that a touch named, by its place on the screen."""
    return next((item for place, item in enumerate(items(bill)) if value == str(place)), None)


def _typing_amount(visit: Visit, stage: st.OtherAmount, intent: Intent) -> Moved:
    match intent:
        case Intent("pay"):
            amount = from_digits(stage.digits, visit.rules.currency)
            notice = _amount_notice(visit, stage.bill, amount)
            if notice:
                return replace(stage, notice=notice), ()
            return _confirm(visit, stage.bill, amount)
        case Intent("back"):
            if stage.bill.statement:
                return choose_again(stage.bill), ()
            return st.Scan(), (ev.StartScanning(),)
        case _:
            another = bool(stage.notice) and intent.name == "key"  # nobody adds a digit to an amount that was refused
            digits = typed("" if another else stage.digits, intent, AMOUNT_DIGITS)
            return None if digits is None else (st.OtherAmount(stage.bill, digits), ())


def _amount_notice(visit: Visit, bill: Bill, amount: Money) -> str:
    """Why an amount cannot be paid, as a code with words; empty when it can."""
    owed = due(bill)
    if amount.minor == 0:
        return "amount-zero"
    if owed is not None and owed < amount:
        return "amount-above-due"
    if owed is None and visit.rules.offline_most < amount:
        return "limit-payment"
    return ""


def _confirm(visit: Visit, bill: Bill, amount: Money, said: frozenset[str] = frozenset()) -> Moved:
    """Of each bill that may be disputed this is said first, with or without the hub."""
    disputed = next((each for each in shown(bill) if each.number not in said and over_estimate(each) is not None), None)
    if disputed is None:
        return _ask(visit, bill, amount)
    ref = bill.ref if disputed == bill.statement else StatementRef(RefKind.NUMBER, disputed.number)
    return st.OverEstimate(replace(bill, ref=ref, statement=disputed), amount, said=said), ()


def _ask(visit: Visit, bill: Bill, amount: Money) -> Moved:
    """The last thing before yes: is the hub there, and the bill still what was shown? One that it never confirmed is paid as if
    it were away, whatever it is now: nobody has checked a birth date, nor whether a payment on it is still unclear."""
    if bill.statement is None:
        return _out_of_reach(visit, bill, amount)
    assert bill.birth_date is not None, "no statement is shown without one"
    return st.Probing(bill, amount), (ev.ProbeHub(_asked_by(bill), bill.birth_date, shown(bill)),)


def _asked_by(bill: Bill) -> str:
    """The number by which the hub is asked again: of several bills the one that was asked for first, whose factors are proved."""
    return bill.family[0].number if bill.family else bill.number


def _probed(visit: Visit, stage: st.Probing, event: ev.Event) -> Moved:
    """A bill that has changed is shown again: nobody pays what they have not seen."""
    asked = StatementRef(RefKind.NUMBER, _asked_by(stage.bill))
    match event:
        case ev.HubProbed(online=True):
            return _open(Payment(stage.bill, stage.amount, offline=False))
        case ev.HubProbed():
            return _out_of_reach(visit, stage.bill, stage.amount)
        case ev.BillChanged(now) if now.due.currency != visit.rules.currency:
            return st.SeeDesk("bill-currency"), ()
        case ev.BillChanged(now, others):
            return _changed(visit, stage.bill, now, others), ()
        case ev.NotFound(ref) if ref == asked:
            return st.SeeDesk("bill-withdrawn"), ()
        case ev.TooManyTries(ref) if ref == asked:
            return st.SeeDesk("too-many-tries"), ()
        case ev.NotYet(ref) if ref == asked:
            return st.NotYet(), ()
        case ev.BillBlocked(ref) if ref == asked:
            return st.SeeDesk("account-blocked"), ()
        case ev.BillUnread(ref) if ref == asked:
            return unread(visit), ()
        case _:
            return None


def _changed(visit: Visit, bill: Bill, now: Statement, others: tuple[Statement, ...]) -> st.Stage:
    """What there is to pay now: of several bills those that are left, all of them; else the one."""
    family = open_ones((now, *others), visit.rules.currency) if bill.family else ()
    if len(family) > 1:
        again = replace(bill, statement=family[0], family=family, by=By.BILL, left_out=frozenset())
        return st.Choose(replace(again, ref=StatementRef(RefKind.NUMBER, family[0].number)), "bills-changed")
    alone = family[0] if family else now
    ref = bill.ref if alone.number == bill.number else StatementRef(RefKind.NUMBER, alone.number)
    return st.ShowStatement(Bill(ref, alone, bill.birth_date), before=due(bill))


def _out_of_reach(visit: Visit, bill: Bill, amount: Money) -> Moved:
    """The hub did not answer, or did not when the bill was looked up."""
    if visit.rules.emergency:
        return st.NotYet(), ()
    if visit.rules.away is HubAway.REFUSED:
        return st.SeeDesk("hub-away"), ()
    if visit.rules.offline_most < amount:
        return st.OtherAmount(bill, notice="limit-payment"), ()
    return st.Consent(bill, amount), ()


def _consenting(stage: st.Consent, intent: Intent) -> Moved:
    match intent:
        case Intent("pay-offline"):  # a name of its own: the second touch of a double "pay" is no consent
            return _open(Payment(stage.bill, stage.amount, offline=True))
        case Intent("back"):
            return choose_again(stage.bill), ()
        case _:
            return None


def _open(payment: Payment) -> Moved:
    """What was shown is what is paid: by the time that the hub hears of it, another biller's reference may name a newer
    statement."""
    bill, shares = payment.bill, parts(payment.bill, payment.amount)
    if shares:
        first = shares[0]
        told = () if len(shares) == 1 and not first.visit else shares
        ref = StatementRef(RefKind.NUMBER, first.statement)
        return st.Opening(payment), (ev.OpenAttempt(ref, first.statement, first.account, payment.amount, payment.offline, told),)
    account = bill.statement.account if bill.statement else ""
    ref = StatementRef(RefKind.NUMBER, bill.number) if bill.ref.kind is RefKind.BILLER else bill.ref
    return st.Opening(payment), (ev.OpenAttempt(ref, bill.number, account, payment.amount, payment.offline),)


def _opening(stage: st.Opening, event: ev.Event) -> Moved:
    match event:
        case ev.Opened(attempt) if stage.cancelling:
            return st.NotPaid(stage.payment, "cancelled"), (ev.AbandonAttempt(attempt),)
        case ev.Opened(attempt):
            return st.AtTerminal(stage.payment, attempt), (ev.ArmTerminal(attempt),)
        case ev.OpenRefused(reason):
            return st.SeeDesk(reason), ()
        case ev.TerminalRefused("", fault):
            return st.NotPaid(stage.payment, "cancelled" if stage.cancelling else fault), ()
        case _:
            return None


def _at_terminal(stage: st.AtTerminal, event: ev.Event) -> Moved:
    match event:
        case ev.TerminalStep(attempt, where) if attempt == stage.attempt:
            return replace(stage, step=where), ()
        case ev.Settled(attempt, result) if attempt == stage.attempt:
            return _settled(stage.payment, attempt, result)
        case ev.TerminalRefused(attempt, fault) if attempt == stage.attempt:
            return st.NotPaid(stage.payment, fault), ()
        case _:
            return None


def _settled(payment: Payment, attempt: str, result: Result, noted: bool = False) -> Moved:
    if result.outcome is Outcome.UNKNOWN:
        return st.Unclear(payment, attempt, Slip.PRINTING), (ev.Print(ev.Paper.SLIP), ATTENTION)
    if result.outcome.money_moved:
        paid = st.Paid(payment, attempt, result, noted)
        return paid, (DONE if settled(paid) else ATTENTION,)  # accepted does not sound approved either (law 4)
    if result.outcome is Outcome.CANCELLED and result.reason in HANDED_BACK:
        return st.NotPaid(payment, TAKEN_BACK, noted), (ATTENTION,)
    out_of_order = result.reason in READER_FAULTS
    return st.NotPaid(payment, result.reason if out_of_order else result.outcome.value, noted), (ATTENTION,)


def _after_unclear(visit: Visit, event: ev.Event) -> Moved:
    """The note that protects from a second charge, and what becomes known meanwhile."""
    match visit.stage, event:
        case st.Unclear(slip=Slip.PRINTING) as stage, ev.Printed(ev.Paper.SLIP):
            return replace(stage, slip=Slip.PRINTED), ()
        case st.Unclear(slip=Slip.PRINTING) as stage, ev.PrintFailed(ev.Paper.SLIP):
            return replace(stage, slip=Slip.FAILED), ()
        case st.Unclear(payment, attempt, slip), ev.Settled(settled, result) if settled == attempt:
            known = result.outcome is not Outcome.UNKNOWN
            return _settled(payment, attempt, result, noted=slip is not Slip.FAILED) if known else None
        case st.Unclear() as stage, Intent("done"):
            return st.ThankYou(stage, stage.slip), ()
        case st.ThankYou(slip=Slip.PRINTING) as stage, ev.Printed(ev.Paper.SLIP):
            return replace(stage, slip=Slip.PRINTED), ()
        case st.ThankYou(slip=Slip.PRINTING) as stage, ev.PrintFailed(ev.Paper.SLIP):
            return replace(stage, slip=Slip.FAILED), ()
        case _:
            return None


def bank_approved(stage: st.Paid) -> bool:
    """Whether the card's bank itself has said yes; law 4: accepted is not approved."""
    return stage.result.outcome is Outcome.APPROVED and not stage.result.approved_offline


def settled(stage: st.Paid) -> bool:
    """Whether nothing is left to be confirmed: the bank has said yes, and the hospital's computer was there."""
    return bank_approved(stage) and not stage.payment.offline
