"""What can happen to a visit, and what a visit can ask for. Events go into `step`, effects come out; both are plain values.

What a person does comes as `Intent` (kiosk.visit.screens); everything else that happens is one of the events below.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.billing import Statement
from domain.calls import CallReason
from domain.letters import Channel
from domain.money import Money
from domain.names import Proof
from domain.payment import Part, Result
from domain.statement_codes import Refusal, StatementRef
from kiosk.visit.screens import Intent
from kiosk.visit.staff_report import StaffReport

if TYPE_CHECKING:
    from kiosk.visit.stages import Earlier


class CardStep(StrEnum):
    """Where a sale is at the terminal. The same names as the terminal port's `Step`."""

    INSERT_CARD = "insert-card"
    READING = "reading"
    ENTER_PIN = "enter-pin"
    WAIT = "wait"
    REMOVE_CARD = "remove-card"
    CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class Named:
    """Who somebody without a bill says they are, as they typed it, and what they will prove it with."""

    proof: Proof
    name: str


Asked = StatementRef | Named
"""What a bill is looked for by."""


@dataclass(frozen=True, slots=True)
class World:
    """What works at this moment. `hub` is the best knowledge of whether the hospital's computer answers; `printer` is true for
    one that cannot say how it is: it may well print. `voice`: whether the screen can be listened to; `channels`: by which the hub
    sends receipts, while it is there; `today` is the date at the kiosk, dt.date.max until that was looked at."""

    terminal: bool
    scanner: bool
    printer: bool
    hub: bool
    voice: bool = False
    channels: frozenset[Channel] = frozenset()
    today: dt.date = dt.date.max


# events


@dataclass(frozen=True, slots=True)
class WorldChanged:
    world: World


@dataclass(frozen=True, slots=True)
class CodeRead:
    """What the scanner read, already turned into what it means. `beside` is the number of a statement in view of a link, as
    sure as that, empty for none: most likely printed on the same page, and only the hub can tell."""

    meaning: StatementRef | Refusal
    beside: str = ""


@dataclass(frozen=True, slots=True)
class TwoBills:
    """The scanner sees two bills at once. Which of them is meant is the person's to say."""


@dataclass(frozen=True, slots=True)
class StillInView:
    """The bill that was taken last has not left the scanner's view since: it is not taken again."""


@dataclass(frozen=True, slots=True)
class BillsGone:
    """No bill is in view any more, after TwoBills or StillInView."""


class Guidance(StrEnum):
    """Why the scanner can read nothing. The same names as the scanner port's `Hint`."""

    TOO_DARK = "too-dark"
    GLARE = "glare"
    TOO_FAR = "too-far"
    BLURRED = "blurred"


@dataclass(frozen=True, slots=True)
class Guided:
    """What would help the scanner from now on; None when nothing has to be said."""

    guidance: Guidance | None


@dataclass(frozen=True, slots=True)
class Found:
    """`others` are what is open on the other accounts of the same guarantor; `earlier` is a payment on this statement at this
    kiosk a short while ago, None where there was none."""

    ref: Asked
    statement: Statement
    others: tuple[Statement, ...] = ()
    earlier: Earlier | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """No such statement or person, or not that birth date, or not those digits: nobody can tell which."""

    ref: Asked


@dataclass(frozen=True, slots=True)
class TooManyTries:
    ref: Asked


@dataclass(frozen=True, slots=True)
class BillBlocked:
    """A payment on this bill is still being checked, here or at another kiosk."""

    ref: Asked


@dataclass(frozen=True, slots=True)
class NotYet:
    """This kiosk stands in an emergency department, and the hub has not heard yet that the screening is done (EMTALA)."""

    ref: Asked


@dataclass(frozen=True, slots=True)
class BillUnread:
    """The hub is there, and could not answer this question, or not so that it made sense: what is due is not ours to guess."""

    ref: Asked


@dataclass(frozen=True, slots=True)
class LookUpFailed:
    """The hub could not be asked."""

    ref: Asked


@dataclass(frozen=True, slots=True)
class HubProbed:
    """Whether the hub answered just before paying that the bill is what was shown: frozen into the attempt."""

    online: bool


@dataclass(frozen=True, slots=True)
class BillChanged:
    """Just before paying, the hub has another statement under the same number than one that was shown; `others` as in Found."""

    statement: Statement
    others: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """The attempt is committed; the terminal may be armed."""

    attempt: str


@dataclass(frozen=True, slots=True)
class OpenRefused:
    """The journal refused the attempt; `reason` is a Breach, or "account-blocked", "not-enrolled", "queue-disk-full"."""

    reason: str


@dataclass(frozen=True, slots=True)
class TerminalStep:
    attempt: str
    step: CardStep


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome is committed; an unknown one may also be of an attempt that is as open as it was."""

    attempt: str
    result: Result


@dataclass(frozen=True, slots=True)
class TerminalRefused:
    """The sale never began; nothing was charged. `fault` is the terminal's."""

    attempt: str
    fault: str


class Paper(StrEnum):
    """What is printed: a receipt, the slip that says "do not pay again", who helps with paying, how a bill is disputed."""

    RECEIPT = "receipt"
    SLIP = "slip"
    HELP = "help"
    RIGHTS = "rights"


@dataclass(frozen=True, slots=True)
class Printed:
    paper: Paper


@dataclass(frozen=True, slots=True)
class PrintFailed:
    paper: Paper
    fault: str


@dataclass(frozen=True, slots=True)
class ReceiptTaken:
    """The hub has taken the receipt and sends it."""


@dataclass(frozen=True, slots=True)
class ReceiptNotTaken:
    """The hub did not take the receipt, or could not be asked."""


@dataclass(frozen=True, slots=True)
class StaffSees:
    """The PIN was right: what there is to see."""

    report: StaffReport


@dataclass(frozen=True, slots=True)
class StaffRefused:
    """`why` is "pin-wrong", "pin-locked", "pin-unread" when the queue could not be read just now, or why a card at the reader is
    no badge of the staff's (devices.smartcards.port.Refusal)."""

    why: str


@dataclass(frozen=True, slots=True)
class BadgeProved:
    """Somebody who works here has put their badge on the reader, and the badge has proved itself."""


@dataclass(frozen=True, slots=True)
class StaffCalled:
    """Whoever looks at the hub's console sees that somebody here needs a person."""


@dataclass(frozen=True, slots=True)
class StaffNotCalled:
    """The hub did not take the call, or could not be asked."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody did anything for as long as `patience` allows."""


Event = (
    Intent
    | WorldChanged
    | CodeRead
    | TwoBills
    | StillInView
    | BillsGone
    | Guided
    | Found
    | NotFound
    | TooManyTries
    | BillBlocked
    | NotYet
    | BillUnread
    | LookUpFailed
    | HubProbed
    | BillChanged
    | Opened
    | OpenRefused
    | TerminalStep
    | Settled
    | TerminalRefused
    | Printed
    | PrintFailed
    | ReceiptTaken
    | ReceiptNotTaken
    | StaffSees
    | StaffRefused
    | BadgeProved
    | StaffCalled
    | StaffNotCalled
    | Idle
)


def names_no_bill(event: Event) -> bool:
    """Whether that is only what a picture looks like, or a paper that is no use: one that was left on the shelf says it too."""
    match event:
        case Guided() | TwoBills() | StillInView() | BillsGone() | CodeRead(Refusal()):
            return True
        case _:
            return False


# effects


@dataclass(frozen=True, slots=True)
class StartScanning:
    pass


@dataclass(frozen=True, slots=True)
class StopScanning:
    pass


class Sound(StrEnum):
    """What is heard; never the only sign of what happened. The names of files in assets/sounds."""

    KEY = "key"
    FOUND = "found"
    DONE = "done"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Play:
    sound: Sound


@dataclass(frozen=True, slots=True)
class LookUp:
    """Asks the hub with both factors. Answered by Found, NotFound, TooManyTries, BillBlocked, NotYet, BillUnread or
    LookUpFailed."""

    ref: StatementRef
    birth_date: dt.date


@dataclass(frozen=True, slots=True)
class LookUpNamed:
    """Asks the hub with a name, a birth date and what proves them at once. Answered as LookUp is."""

    named: Named
    birth_date: dt.date
    digits: str


@dataclass(frozen=True, slots=True)
class ProbeHub:
    """Asks whether the hub is there, and all of `shown` still as they were, by the bill `number`, one of theirs or of the same
    guarantor. Answered by HubProbed or BillChanged; or by NotFound, TooManyTries, BillBlocked, NotYet or BillUnread, with that
    number."""

    number: str
    birth_date: dt.date
    shown: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """Commits an attempt under a fresh id. Answered by Opened, OpenRefused, or TerminalRefused with no attempt.

    `statement`, `account` and `parts` as in domain.payment.Attempt."""

    ref: StatementRef
    statement: str
    account: str
    amount: Money
    offline: bool
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class ArmTerminal:
    """Starts the committed attempt's sale. Answered by TerminalStep..., then Settled or TerminalRefused."""

    attempt: str


@dataclass(frozen=True, slots=True)
class AbandonAttempt:
    """The attempt was committed but will never reach the terminal: closes it as not started."""

    attempt: str


@dataclass(frozen=True, slots=True)
class CancelTerminal:
    """Asks the terminal to stop. Its last word still comes as Settled."""


@dataclass(frozen=True, slots=True)
class Print:
    """Prints what the stage is about. Answered by Printed or PrintFailed."""

    paper: Paper


@dataclass(frozen=True, slots=True)
class SendReceipt:
    """Asks the hub to send the receipt that the stage is about. Answered by ReceiptTaken or ReceiptNotTaken."""

    channel: Channel
    address: str


@dataclass(frozen=True, slots=True)
class LookForStaff:
    """Looks at the queue for whoever knows the PIN. Answered by StaffSees or StaffRefused."""

    pin: str


@dataclass(frozen=True, slots=True)
class LookForBadge:
    """Looks at the queue for whose badge has proved itself. Answered by StaffSees or StaffRefused."""


@dataclass(frozen=True, slots=True)
class CallStaff:
    """Has the hub call a member of staff to this kiosk, also when the visit ends meanwhile. Answered by StaffCalled or
    StaffNotCalled."""

    why: CallReason


@dataclass(frozen=True, slots=True)
class Wipe:
    """The visit is over: nothing of this patient stays anywhere (law 10)."""


Effect = (
    StartScanning
    | StopScanning
    | Play
    | LookUp
    | LookUpNamed
    | ProbeHub
    | OpenAttempt
    | ArmTerminal
    | AbandonAttempt
    | CancelTerminal
    | Print
    | SendReceipt
    | LookForStaff
    | LookForBadge
    | CallStaff
    | Wipe
)
