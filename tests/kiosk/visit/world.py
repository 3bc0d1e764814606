"""A small world for visits: one site, a few bills, and every event that can happen to a visit there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from domain.billing import Adjustment, Charge, PaymentReceived, Statement, VisitLines
from domain.letters import Channel
from domain.money import Money
from domain.names import Proof
from domain.payment import Card, Outcome, Result
from domain.statement_codes import RefKind, Refusal, StatementRef, numbered_text
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.pages.page import HelpPaying, Site
from kiosk.visit.screens import Intent
from kiosk.visit.staff_report import DeviceSeen, StaffReport
from kiosk.visit.stages import Bill, By, Rules, Visit, at_rest
from kiosk.words import LOCALES, FluentWords


def usd(minor: int) -> Money:
    return Money(minor, "USD")


DUE = usd(2_50)
OFFLINE_MOST = usd(2_00)
"""Less than is due: paying all of it while the hub is away is refused."""

RULES = Rules("USD", ("en", "es"), OFFLINE_MOST, idle_s=60, warning_s=20, thanks_s=15, motion=True, staff=True, help_paying=True)
DESK = {
    "en": "the desk by the door",
    "es": "la mesa junto a la puerta",
    "zh": "门边的前台",
    "vi": "bàn gần cửa",
    "ar": "المكتب بجانب الباب",
}
HELP = HelpPaying("555-0177", {language: (f"Help in {language}.", "2") for language in DESK})
SITE = Site("St. Brendan", DESK, "555-0100", answer_days=3, check_host="PAY.EXAMPLE", help_paying=HELP)
LANGUAGES = {code: FluentWords(code, dt.timezone(dt.timedelta(hours=-5))) for code in LOCALES}

UP = ev.World(terminal=True, scanner=True, printer=True, hub=True, channels=frozenset(Channel))
HUB_AWAY = ev.World(terminal=True, scanner=True, printer=True, hub=False)

LINK = StatementRef(RefKind.LINK, "ABCDEFGHIJKLMNOP")
NUMBER = StatementRef(RefKind.NUMBER, "0001234567")
FOREIGN = StatementRef(RefKind.NUMBER, "7777777777")
"""A bill that no visit here is ever about."""

NAMED = ev.Named(Proof.STATEMENT_PIN, "A B")
EXPECTED = ev.Named(Proof.APPOINTMENT, "A B")
"""Somebody without a bill, who knows a PIN, or a code."""
STRANGER = ev.Named(Proof.STATEMENT_PIN, "X Y")
"""Who no visit here ever names."""

TYPED_NUMBER = numbered_text(NUMBER.value).removeprefix("LP")
WRONG_CHECK = NUMBER.value + "00"

BORN = dt.date(1962, 3, 4)
NOT_BORN = dt.date(1962, 4, 3)
BORN_KEYS = {"en": "03041962", "es": "04031962"}
"""In the other language's order these are NOT_BORN: a real date, and the wrong one."""

ATTEMPTS = ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c073990")
FOREIGN_ATTEMPT = "017f22e2-79b0-7cc3-98c4-dc0c0c0739ff"

DAY = dt.date(2026, 3, 4)


def statement(charged: int, adjusted: int = 0, paid: int = 0, currency: str = "USD") -> Statement:
    """A bill of one visit with these lines, in cents."""

    def money(minor: int) -> Money:
        return Money(minor, currency)

    visit = VisitLines(
        "V1",
        DAY,
        "Clinic",
        "Ada Byrne",
        (Charge(DAY, "Blood test", money(charged)),),
        (Adjustment(DAY, "Contract", money(adjusted)),) if adjusted else (),
        (
            PaymentReceived(DAY, "BlueCross", money(paid - 1), by_insurance=True),
            PaymentReceived(DAY, "Copay", money(1), by_insurance=False),
        )
        if paid
        else (),
    )
    return Statement("0001234567", "ACC-77", "Ada Byrne", DAY, money(charged - adjusted - paid), (visit,))


OWING = statement(10_00, adjusted=5_00, paid=2_50)
ZERO = statement(10_00, paid=10_00)
CREDIT = statement(10_00, paid=12_00)
EUROS = statement(2_50, currency="EUR")
OVER = replace(statement(402_50, adjusted=2_50, paid=0), estimate=usd(0))
"""$400 above its estimate, without insurance: it may be disputed."""
STATEMENTS = (OWING, ZERO, CREDIT, EUROS)
SIBLING = replace(statement(3_00), number="0001234568", account="ACC-78", issued=DAY - dt.timedelta(days=40))
"""An older bill of the same guarantor's other account."""
TWO_VISITS = replace(
    OWING,
    number="0001234569",
    due=usd(3_50),
    visits=(*OWING.visits, replace(statement(1_00).visits[0], number="V2", date=DAY - dt.timedelta(days=40))),
)
"""The second is the older one."""

VISA = Card("VISA", "4242")


def result(outcome: Outcome, amount: Money = DUE, card: Card = VISA, approved_offline: bool = False) -> Result:
    took = amount if outcome.money_moved else usd(0)
    return Result(outcome, took, card, 17, 4711, "52523535", "123456", approved_offline, slip=("not for the patient",))


RESULTS = (
    result(Outcome.APPROVED),
    result(Outcome.APPROVED, approved_offline=True),
    result(Outcome.CAPTURED),
    result(Outcome.DECLINED),
    result(Outcome.CANCELLED),
    result(Outcome.UNKNOWN),
)


def fresh(world: ev.World = UP) -> Visit:
    return at_rest(RULES, world)


INTENTS = (
    *(Intent(name) for name in ("start", "back", "type-number", "next", "pay", "pay-offline", "other-amount", "again")),
    *(Intent(name) for name in ("other-ways", "by-name", "by-appointment", "details", "help-paying")),
    *(Intent(name) for name in ("other-receipt", "show-code", "show-bill", "other-keys")),
    *(Intent("send", channel) for channel in Channel),
    *(Intent(name) for name in ("print", "no-receipt", "done", "cancel", "help", "stay", "staff", "erase", "clear")),
    *(Intent(name, place) for name in ("toggle", "see") for place in ("0", "1")),
    Intent("choose"),
    Intent("choose-language", "en"),
    Intent("choose-language", "es"),
)
"""Every touch there is but the keypad's digits, the language, the size, the colours, and a call for staff: those are tried
apart."""

REPORT = StaffReport(
    count=3,
    sums=(usd(376_50),),
    oldest=dt.datetime(2026, 3, 4, 14, 30, tzinfo=dt.UTC),
    parked=1,
    declined=0,
    tried_at=dt.datetime(2026, 3, 4, 19, 58, tzinfo=dt.UTC),
    next_at=dt.datetime(2026, 3, 4, 20, 3, tzinfo=dt.UTC),
    trouble="hub-away",
    devices=(
        DeviceSeen("terminal", "ready", ""),
        DeviceSeen("scanner", "ready", ""),
        DeviceSeen("printer", "out", "printer-no-paper"),
    ),
)
"""What staff see of a kiosk on a bad day."""

EARLIER = st.Earlier(
    st.Paid(st.Payment(st.Bill(NUMBER, OWING, BORN), DUE, offline=False), ATTEMPTS[1], result(Outcome.APPROVED)),
    dt.datetime(2026, 3, 4, 14, 30, tzinfo=dt.UTC),
    DUE,
)
"""What was paid on that bill a few minutes ago."""

UNFOUND = (ev.NotFound, ev.TooManyTries, ev.BillBlocked, ev.NotYet, ev.BillUnread, ev.LookUpFailed)

ANSWERS: tuple[ev.Event, ...] = (
    ev.CodeRead(LINK),
    ev.CodeRead(LINK, beside=NUMBER.value),
    ev.CodeRead(LINK, beside=FOREIGN.value),
    ev.CodeRead(NUMBER),
    ev.CodeRead(Refusal.FORGED),
    ev.TwoBills(),
    ev.StillInView(),
    ev.BillsGone(),
    *(ev.Guided(guidance) for guidance in (*ev.Guidance, None)),
    *(ev.Found(LINK, bill) for bill in STATEMENTS),
    ev.Found(NUMBER, OWING),
    ev.Found(NUMBER, OWING, earlier=EARLIER),
    *(ev.Found(NAMED, bill) for bill in (OWING, EUROS)),
    ev.Found(EXPECTED, TWO_VISITS),
    ev.Found(NAMED, OWING, (SIBLING, ZERO, EUROS)),
    *(kind(ref) for kind in UNFOUND for ref in (LINK, NUMBER, NAMED, EXPECTED)),
    ev.HubProbed(True),
    ev.HubProbed(False),
    ev.BillChanged(CREDIT),
    ev.BillChanged(OVER),
    ev.BillChanged(EUROS),
    ev.BillChanged(OWING, (SIBLING,)),
    *(ev.Opened(attempt) for attempt in ATTEMPTS),
    ev.OpenRefused("limit-total"),
    *(ev.TerminalStep(attempt, where) for where in ev.CardStep for attempt in ATTEMPTS),
    *(ev.Settled(attempt, what) for what in RESULTS for attempt in ATTEMPTS),
    ev.TerminalRefused("", "terminal-away"),
    *(ev.TerminalRefused(attempt, "terminal-away") for attempt in ATTEMPTS),
    ev.ReceiptTaken(),
    ev.ReceiptNotTaken(),
    *(ev.Printed(paper) for paper in ev.Paper),
    *(ev.PrintFailed(paper, "printer-no-paper") for paper in ev.Paper),
    ev.StaffSees(REPORT),
    ev.StaffRefused("pin-wrong"),
    ev.BadgeProved(),
    ev.StaffCalled(),
    ev.StaffNotCalled(),
)
"""Everything that can be said to a visit by anything but a person, at the right time or not."""

STRANGERS: tuple[ev.Event, ...] = (
    ev.Found(FOREIGN, OWING),
    ev.Found(STRANGER, OWING),
    *(kind(ref) for kind in UNFOUND for ref in (FOREIGN, STRANGER)),
    *(ev.TerminalStep(FOREIGN_ATTEMPT, where) for where in ev.CardStep),
    *(ev.Settled(FOREIGN_ATTEMPT, what) for what in RESULTS),
    ev.TerminalRefused(FOREIGN_ATTEMPT, "terminal-away"),
)
"""Answers to what this visit never asked."""

NUMBERS = (TYPED_NUMBER, WRONG_CHECK)
DATES = (*BORN_KEYS.values(), "13131962")
PINS = ("24682468",)
NAMES_TYPED = (NAMED.name, "-")
PROOFS = ("123456",)
AMOUNTS = ("0", "99999999999")
ADDRESSES = {Channel.EMAIL: ("a@b.co",), Channel.TEXT: ("3125550142",)}


FAMILY = Bill(StatementRef(RefKind.NUMBER, OWING.number), OWING, BORN, (OWING, SIBLING), By.BILL)
"""Both bills, which test_choosing pays."""


def _tried_elsewhere(stage: st.Stage, intent: Intent) -> bool:
    if not isinstance(stage, st.ShowStatement | st.Choose) or not (stage.bill.family or stage.bill.statement == TWO_VISITS):
        return False
    return intent.name in ("pay", "other-amount")


def keys(visit: Visit) -> Iterator[Intent]:
    """The digits that lead on towards one of the numbers, dates and amounts of this world; and one too many at the end."""
    match visit.stage:
        case st.TypeNumber(digits):
            targets: tuple[str, ...] = NUMBERS
        case st.BirthDate(digits=digits):
            targets = DATES
        case st.OtherAmount(digits=digits):
            targets = AMOUNTS
        case st.StaffPin(digits):
            targets = PINS
        case st.TypeName(letters=digits):
            targets = NAMES_TYPED
        case st.TypeProof(digits=digits):
            targets = PROOFS
        case st.TypeAddress(of, channel, digits) if st.payment_of(of) == EARLIER.paid:  # one of hundreds: they are all alike
            targets = ADDRESSES[channel]
        case st.TypeAddress():
            return
        case _:
            yield Intent("key", "1")
            return
    following = {target[len(digits)] for target in targets if target.startswith(digits) and len(target) > len(digits)}
    for digit in sorted(following or {"0"}):
        if following or len(digits) >= 8:
            yield Intent("key", digit)


def everything(visit: Visit) -> Iterator[ev.Event]:
    """All that can happen at `visit`; but that it goes on to pay a bill above its estimate, which is as with any other. What
    follows a choice is as well: test_choosing pays those."""
    yield from (intent for intent in INTENTS if not _tried_elsewhere(visit.stage, intent))
    yield from keys(visit)
    yield from ANSWERS
    yield ev.Idle()
