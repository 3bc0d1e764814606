"""The stages of a visit and all that each one knows. A visit is a frozen value: hashable, comparable, replayable."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from domain.billing import Statement
from domain.letters import Channel
from domain.money import Money
from domain.names import Proof
from domain.payment import Result
from domain.statement_codes import RefKind, StatementRef
from kiosk.visit.events import Asked, CardStep, Named, World
from kiosk.visit.hearing import SILENT, Hearing
from kiosk.visit.screens import Theme
from kiosk.visit.staff_report import StaffReport


class By(StrEnum):
    """What is chosen one by one: the bills of one guarantor, or the visits of one bill."""

    BILL = "bill"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Bill:
    """What is being paid: the reference, and the statement when the hub could be asked. `birth_date` is the second factor that
    it was shown for, with which the hub is asked again before anything is paid.

    `family` are the open bills of one guarantor, this among them, where there are several. `by` says what of them, or of this
    one, is paid one by one, and `left_out` what of that is not (kiosk.visit.choosing); None where this one is paid."""

    ref: StatementRef
    statement: Statement | None
    birth_date: dt.date | None = None
    family: tuple[Statement, ...] = ()
    by: By | None = None
    left_out: frozenset[str] = frozenset()

    @property
    def number(self) -> str:
        """The statement's own; empty for a link, or another biller's reference, that the hub could not be asked about."""
        if self.statement is not None:
            return self.statement.number
        return self.ref.value if self.ref.kind is RefKind.NUMBER else ""


@dataclass(frozen=True, slots=True)
class Payment:
    """What the patient said yes to. `offline` was frozen when they did."""

    bill: Bill
    amount: Money
    offline: bool


@dataclass(frozen=True, slots=True)
class Attract:
    """Nobody is here."""


@dataclass(frozen=True, slots=True)
class Scan:
    """`notice` is the code of what went wrong with the last thing shown, here and below; empty when nothing did."""

    notice: str = ""


@dataclass(frozen=True, slots=True)
class WhichBill:
    """Two bills are in view. The person answers by leaving one there: nothing that could be said of either of them on a screen
    tells them apart without telling of somebody."""


@dataclass(frozen=True, slots=True)
class OtherWays:
    """There is no bill to show, or its code does not read: how else it may be found."""

    notice: str = ""


@dataclass(frozen=True, slots=True)
class TypeName:
    """The name of who the bill is addressed to, as typed so far."""

    proof: Proof
    letters: str = ""
    tries: int = 0
    notice: str = ""


@dataclass(frozen=True, slots=True)
class TypeNumber:
    digits: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class BirthDate:
    """The second factor, as typed: up to eight digits in the order of the language's date hint. `beside` as in CodeRead."""

    ref: Asked
    tries: int = 0
    digits: str = ""
    notice: str = ""
    beside: str = ""


@dataclass(frozen=True, slots=True)
class TypeProof:
    """The digits that prove a name and a birth date, as typed."""

    named: Named
    birth_date: dt.date
    tries: int = 0
    digits: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class LookingUp:
    ref: Asked
    birth_date: dt.date
    tries: int
    beside: str = ""


@dataclass(frozen=True, slots=True)
class ShowStatement:
    """`before` is what was due on it when it was shown last, of a bill that has changed since and is shown again; `details`:
    whether the patient has asked for its lines."""

    bill: Bill
    before: Money | None = None
    details: bool = False


@dataclass(frozen=True, slots=True)
class Choose:
    """Several bills, or several visits of one, of which each is paid or not; the bill's `by` says which."""

    bill: Bill
    notice: str = ""


@dataclass(frozen=True, slots=True)
class OtherAmount:
    """An amount of the patient's own; the only way while the statement is out of reach."""

    bill: Bill
    digits: str = ""
    notice: str = ""


class Slip(StrEnum):
    """What became of a receipt, of the note that says "do not pay again", or of another paper."""

    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"
    EMAILED = "emailed"
    TEXTED = "texted"
    SHOWN = "shown"
    NOT_WANTED = "not-wanted"


@dataclass(frozen=True, slots=True)
class HelpPaying:
    """Who helps with paying a bill, laid before the screen `behind`. `slip` is what became of its paper, None before any."""

    behind: ShowStatement | Choose | OtherAmount
    slip: Slip | None = None


@dataclass(frozen=True, slots=True)
class OverEstimate:
    """The bill is so far above its estimate that it may be disputed: said before it is paid (45 CFR 149.610, 149.620). `said` are
    the numbers of those of several bills of which it has been said already."""

    bill: Bill
    amount: Money
    slip: Slip | None = None
    said: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Probing:
    """Asking whether the hub is there and the bill still what was shown, so that the patient knows before saying yes (law 4)."""

    bill: Bill
    amount: Money


@dataclass(frozen=True, slots=True)
class Consent:
    """The hub is away: what that means is said before the patient commits (law 4)."""

    bill: Bill
    amount: Money


@dataclass(frozen=True, slots=True)
class Opening:
    """The attempt is being committed. A cancel now means that the terminal is never armed."""

    payment: Payment
    cancelling: bool = False


@dataclass(frozen=True, slots=True)
class AtTerminal:
    payment: Payment
    attempt: str
    step: CardStep = CardStep.WAIT
    cancelling: bool = False


@dataclass(frozen=True, slots=True)
class Paid:
    """Approved, or captured to be approved later. `noted`: a slip was printed before that says not to pay again."""

    payment: Payment
    attempt: str
    result: Result
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """A payment that somebody may ask for the receipt of again, and when it was (aware): what its receipt says and no more.
    `share` is what of it came to the bill that they show."""

    paid: Paid
    at: dt.datetime
    share: Money


@dataclass(frozen=True, slots=True)
class PaidBefore:
    """This very bill was paid here a short while ago: its receipt can be had again, and nobody pays twice by mistake. `bill` is
    as it stands now."""

    bill: Bill
    earlier: Earlier


@dataclass(frozen=True, slots=True)
class NotPaid:
    """Declined, cancelled or never begun: nothing was charged. `why` is "declined", "cancelled" or a fault; `noted` as in
    Paid."""

    payment: Payment
    why: str
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """We do not know yet whether the card was charged (law 3). The slip prints by itself."""

    payment: Payment
    attempt: str
    slip: Slip


@dataclass(frozen=True, slots=True)
class Printing:
    of: Paid | PaidBefore


@dataclass(frozen=True, slots=True)
class ReceiptWays:
    """The ways to a receipt besides paper."""

    of: Paid | PaidBefore
    notice: str = ""


@dataclass(frozen=True, slots=True)
class TypeAddress:
    """Where the receipt is sent, as typed so far; `signs`: the keys are those for digits and signs, in place of letters."""

    of: Paid | PaidBefore
    channel: Channel
    typed: str = ""
    notice: str = ""
    signs: bool = False


@dataclass(frozen=True, slots=True)
class SendingReceipt:
    of: Paid | PaidBefore
    channel: Channel


@dataclass(frozen=True, slots=True)
class ShowCode:
    """The receipt's code on the screen, for a telephone's camera."""

    of: Paid | PaidBefore


@dataclass(frozen=True, slots=True)
class ThankYou:
    paid: Paid | Unclear
    slip: Slip


@dataclass(frozen=True, slots=True)
class SeeDesk:
    """Nothing more can be done here; a person can. `why` is a code with words."""

    why: str


@dataclass(frozen=True, slots=True)
class NotYet:
    """In an emergency department nobody is asked to pay before the hub has said that the screening is done (EMTALA), nor while it
    cannot say so."""


@dataclass(frozen=True, slots=True)
class StaffPin:
    """Somebody says that they work here. `notice` is the code of why they were refused."""

    digits: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class StaffChecking:
    pass


@dataclass(frozen=True, slots=True)
class StaffView:
    """What waits at this kiosk; nothing of any patient."""

    report: StaffReport


Stage = (
    Attract
    | Scan
    | WhichBill
    | OtherWays
    | TypeName
    | TypeNumber
    | BirthDate
    | TypeProof
    | LookingUp
    | ShowStatement
    | Choose
    | OtherAmount
    | HelpPaying
    | OverEstimate
    | Probing
    | Consent
    | Opening
    | AtTerminal
    | Paid
    | PaidBefore
    | NotPaid
    | Unclear
    | Printing
    | ReceiptWays
    | TypeAddress
    | SendingReceipt
    | ShowCode
    | ThankYou
    | SeeDesk
    | NotYet
    | StaffPin
    | StaffChecking
    | StaffView
)


class Asking(StrEnum):
    """A question laid over the stage."""

    NOTHING = "nothing"
    STILL_THERE = "still-there"
    HELP = "help"
    LANGUAGE = "language"
    LISTEN = "listen"
    RECEIPT = "receipt"


class Call(StrEnum):
    """What became of the newest call for a member of staff: not made, not answered yet, taken by the hub, or not."""

    NONE = "none"
    ASKED = "asked"
    TAKEN = "taken"
    MISSED = "missed"


class HubAway(StrEnum):
    """What becomes of a card while the hub is away: its terminal asks the bank itself, or the card is kept, encrypted, until the
    hub can ask, or it is not taken at all."""

    SENT_LATER = "sent-later"
    CAPTURED = "captured"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the site has settled: its currency, its languages (the first is the kiosk's own), the most that one payment may be
    while the hub is away, and for how long we wait for a person (seconds). `staff`: whether there is a PIN for their screen,
    `badges` whether a badge opens it as well;
    `away` is what its terminal and its acquirer make possible; `camera`: whether it has one, or hand-held scanners only;
    `emergency`: whether it stands in an emergency department; `help_paying`: whether the site says who helps with a bill."""

    currency: str
    languages: tuple[str, ...]
    offline_most: Money
    idle_s: int
    warning_s: int
    thanks_s: int
    motion: bool
    staff: bool
    away: HubAway = HubAway.SENT_LATER
    badges: bool = False
    camera: bool = True
    emergency: bool = False
    help_paying: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    rules: Rules
    world: World
    stage: Stage
    language: str
    theme: Theme = Theme.DAY
    text_percent: int = 100
    reach: bool = False
    """Whether what is touched is wanted low: by somebody who sits, or who cannot lift an arm."""
    asking: Asking = Asking.NOTHING
    hearing: Hearing = SILENT
    call: Call = Call.NONE


SCANNING = (Scan, WhichBill)
"""The stages at which the scanner watches."""


def payment_of(of: Paid | PaidBefore) -> Paid:
    """The payment that a receipt is for."""
    return of.earlier.paid if isinstance(of, PaidBefore) else of


def takes_cards(visit: Visit) -> bool:
    """Whether somebody who comes now can pay."""
    alone = visit.rules.away is not HubAway.REFUSED and not visit.rules.emergency
    return visit.world.terminal and (visit.world.hub or alone)


def at_rest(rules: Rules, world: World) -> Visit:
    """A kiosk that nobody stands at."""
    return Visit(rules, world, Attract(), rules.languages[0])
