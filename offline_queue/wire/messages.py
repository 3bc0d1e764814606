"""Every message between kiosk and hub, version 1, as pydantic models: strict, closed, bounded.

POST /v1/enrolments                     Enrolment -> Enrolled          401 wrong code, 410 used or expired, 429
POST /v1/kiosks/{id}/certificates       CertificateRequest -> Certificate   signed; the one that needs no client certificate
GET  /v1/kiosks/{id}/head               -> Head                        signed; also the heartbeat
POST /v1/kiosks/{id}/batches            Batch -> BatchAnswer           signed; 409 Conflict (gap or fork)
GET  /v1/kiosks/{id}/outcomes?after=N   -> Outcomes                    signed; what became of records since
POST /v1/kiosks/{id}/statement-lookups  Lookup -> LookupAnswer         signed; 404 no match, 409 Held, 429 locked
POST /v1/kiosks/{id}/named-lookups      NamedLookup -> LookupAnswer    signed; the same answers
POST /v1/kiosks/{id}/receipts           ReceiptRequest -> ReceiptKept  signed; 404 not offered, 429 sent often enough
POST /v1/kiosks/{id}/calls              StaffCall -> CallTaken         signed; 429 answered and called again too often
POST /v1/kiosks/{id}/authorizations     AuthorizationRequest -> Authorized    signed; 409 Held, 504 nobody knows
POST /v1/kiosks/{id}/authorizations/{pid}/inquiry and .../void      AuthorizationCall -> Authorized    signed; 504 nobody knows
Other refusals carry Refused: 401 signature (with the hub's time), 403 epoch-stale, certificate-wrong or kiosk-revoked, 400 and
413 malformed and too large.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from domain.billing import Adjustment, Charge, PaymentReceived, Statement
from domain.calls import CallReason
from domain.letters import MOST_ADDRESS, Channel, is_address
from domain.money import MOST_MINOR, Money
from domain.names import MOST_NAME, PIN_DIGITS, Proof
from domain.payment import MOST_CARD_DATA, MOST_PARTS, Outcome, Part, Tender, shared
from domain.statement_codes import RefKind

MOST_RECORDS = 100
MOST_BYTES = 262_144
MOST_VISITS = 100
MOST_LINES = 1_000
MOST_WORDS = 200
"""Of one statement, its visits and the lines of them all: what a screen can page through and a hub can send; and the characters
of each of its texts."""

KioskId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Epoch = Annotated[int, Field(ge=1, lt=2**31)]
"""The number of an enrolment; a kiosk keeps it and a record's number in one of 63 bits."""
UuidText = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Base64 = Annotated[
    str,
    StringConstraints(pattern=r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", min_length=4, max_length=16_384),
]
Key32 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""Thirty-two bytes in base64."""
Short = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Instant = Annotated[
    AwareDatetime,
    Field(ge=dt.datetime(1970, 1, 1, tzinfo=dt.UTC), lt=dt.datetime(2200, 1, 1, tzinfo=dt.UTC)),
]


class Message(BaseModel):
    """What does not validate is told by where it is wrong, never by what stood there (law 10)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, cache_strings="keys")


class Enrolment(Message):
    """`code` is the one-time code; `csr` a PKCS #10 request (base64 of DER) signed with the kiosk's own Ed25519 key; `after` the
    last epoch that this kiosk has lived through, 0 for a new one: a hub that was restored may have forgotten it."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{20}$")]
    csr: Base64
    name: Short
    after: Annotated[int, Field(ge=0, lt=2**30)]


class HubKey(Message):
    """A key to seal to: X25519 public, 32 bytes, base64."""

    kid: Short
    pub: Key32


HubKeys = Annotated[tuple[HubKey, ...], Field(min_length=1, max_length=100)]
"""The newest first: the kiosk seals to that one."""


class LinkKey(Message):
    """`until` is the last day on which a link that it signed is believed; absent while there is no such day, as in a hub of an
    earlier release, whose kiosks do not know the field."""

    kid: Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]$")]
    key: Base64
    until: dt.date | None = Field(default=None, exclude_if=lambda day: day is None)


class Enrolled(Message):
    """`certificate` (base64 of DER) is for `csr`'s key. Only an answer that the first release has stored lacks it."""

    kiosk: KioskId
    epoch: Epoch
    certificate: Base64 | None = None
    hub_keys: HubKeys
    link_hosts: tuple[Short, ...]
    link_keys: tuple[LinkKey, ...]


class CertificateRequest(Message):
    """`csr` as in Enrolment, of the key that signs the request."""

    csr: Base64


class Certificate(Message):
    certificate: Base64


class Position(Message):
    """The last record the hub holds of this kiosk and epoch; seq 0 and 64 zeros before the first."""

    seq: Annotated[int, Field(ge=0)]
    hash: Hash


class Word(Message):
    """Where the hub stands with a kiosk. `gen` counts its restores; payloads may be forgotten up to `durable_seq` only, the
    last record that the hub's newest backup holds; `news` is the number of the kiosk's newest outcome, 0 before the first."""

    gen: Annotated[int, Field(ge=1)]
    epoch: Epoch
    head: Position
    durable_seq: Annotated[int, Field(ge=0)]
    hub_time: AwareDatetime
    news: Annotated[int, Field(ge=0)]


class OfflineLimits(Message):
    """What may be taken while the hub is away, as the hub sees it: `payment` and `total` in minor units of `currency`, `count`
    payments, the oldest at most `age_s` seconds old. The kiosk's own settings can only make it less."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    payment: Annotated[int, Field(ge=0, le=MOST_MINOR)]
    total: Annotated[int, Field(ge=0, le=MOST_MINOR)]
    count: Annotated[int, Field(ge=0, le=1_000_000)]
    age_s: Annotated[int, Field(ge=0, le=31_536_000)]


class Head(Word):
    """`hub_keys` as in Enrolled, the newest first; `limits` is null where the kiosk's own are enough; `receipts` is by which
    channels this hub sends receipts, absent where by none, as in a hub of an earlier release, whose kiosks do not know the field.
    """

    hub_keys: HubKeys
    limits: OfflineLimits | None
    receipts: tuple[Channel, ...] = Field(default=(), exclude_if=lambda channels: not channels)


class Origin(Message):
    """Where a record was sealed: the place that its sealed bytes are bound to."""

    epoch: Epoch
    seq: Annotated[int, Field(ge=1, lt=2**63)]


class SealedRecord(Message):
    """`origin` is null, but for a record of an earlier enrolment that is carried into this one."""

    seq: Annotated[int, Field(ge=1)]
    pid: UuidText
    kid: Short
    sealed: Base64
    hash: Hash
    origin: Origin | None


class Batch(Message):
    """`gen_seen` is the newest `gen` that the kiosk has heard: a hub below it is an old copy, and takes nothing."""

    v: Literal[1]
    kiosk: KioskId
    epoch: Epoch
    gen_seen: Annotated[int, Field(ge=1, lt=2**31)]
    prev_hash: Hash
    records: Annotated[tuple[SealedRecord, ...], Field(min_length=1, max_length=MOST_RECORDS)]


class RecordStatus(StrEnum):
    """POSTED reached the ledger; ACCEPTED is stored and needs no posting; PARKED is stored and waits for a person. DECLINED is
    never a first answer: what was taken on trust, the bank refused later, and the balance is open again."""

    POSTED = "posted"
    ACCEPTED = "accepted"
    PARKED = "parked"
    DECLINED = "declined"


class RecordAnswer(Message):
    """`posting` is the hub's own id of the ledger entry, empty unless POSTED; `code` says why when PARKED."""

    seq: int
    pid: UuidText
    status: Literal[RecordStatus.POSTED, RecordStatus.ACCEPTED, RecordStatus.PARKED]
    posting: Short = ""
    code: Short = ""


class BatchAnswer(Word):
    results: tuple[RecordAnswer, ...]


class RecordOutcome(Message):
    """What became of record `seq` of `epoch` after its first answer. `number` counts a kiosk's outcomes from 1; `code` says why
    when PARKED or DECLINED."""

    number: Annotated[int, Field(ge=1)]
    epoch: Epoch
    seq: Annotated[int, Field(ge=1)]
    pid: UuidText
    status: RecordStatus
    posting: Short
    code: Short


MOST_OUTCOMES = 100


class Outcomes(Message):
    """The outcomes after the number that was asked for, ascending; more wait while the last one is below `news`."""

    gen: Annotated[int, Field(ge=1)]
    news: Annotated[int, Field(ge=0)]
    outcomes: Annotated[tuple[RecordOutcome, ...], Field(max_length=MOST_OUTCOMES)]


class Conflict(Message):
    """409: `kind` gap: send from head.seq + 1; fork: the histories differ, stop sending and tell staff."""

    kind: Literal["gap", "fork"]
    gen: int
    head: Position


class Ref(Message):
    """What names a statement (domain.statement_codes.StatementRef); a hub before schema 0006 knows no kind "biller"."""

    kind: RefKind
    value: Annotated[str, StringConstraints(pattern=r"^([A-Z0-9]{1,64}|[A-Z0-9]{1,16}/[A-Z0-9]{1,47})$")]


Emergency = Annotated[bool, Field(default=False, exclude_if=lambda said: not said)]
"""Whether the kiosk stands in an emergency department, where nothing is shown before the screening is done. Not written where it
does not, so that a hub of an earlier release understands those; one that is asked so refuses, and nothing is shown."""


class Lookup(Message):
    """Both factors at once: the hub says nothing about a statement until the birth date is right too. `others`: whether the kiosk
    knows what to do with the bills of the same guarantor's other accounts."""

    ref: Ref
    birth_date: dt.date
    others: bool = False
    emergency: Emergency = False


class NamedLookup(Message):
    """Of who has no bill to show, all three at once: the name of the person that bills are addressed to, as it was typed; their
    birth date; and the digits of what `proof` says. `others` as in Lookup."""

    proof: Proof
    name: Annotated[str, StringConstraints(max_length=MOST_NAME)]
    birth_date: dt.date
    digits: Annotated[str, StringConstraints(pattern=rf"^[0-9]{{{PIN_DIGITS}}}$")]
    others: bool = False
    emergency: Emergency = False


_TEN_DIGITS = re.compile(r"[0-9]{10}")
_ACCOUNT = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_WORDS = re.compile(rf"[^\x00-\x1f\x7f]{{0,{MOST_WORDS}}}")


def _lines(statement: Statement) -> list[Charge | Adjustment | PaymentReceived]:
    lines = list[Charge | Adjustment | PaymentReceived]()
    for visit in statement.visits:
        lines += [*visit.charges, *visit.adjustments, *visit.payments]
    return lines


def fits_an_answer(statements: Sequence[Statement]) -> bool:
    """Whether one answer may hold `statements`."""
    lines = sum(len(_lines(statement)) for statement in statements)
    return sum(len(statement.visits) for statement in statements) <= MOST_VISITS and lines <= MOST_LINES


def _bounded(statement: Statement) -> Statement:
    """What a kiosk shows, compares and seals again later must fit now, not when money is about to move."""
    visits, lines = statement.visits, _lines(statement)
    words = [statement.guarantor_name, *(text for visit in visits for text in (visit.number, visit.place, visit.patient))]
    if not _TEN_DIGITS.fullmatch(statement.number):
        raise ValueError("a statement's number has ten digits")
    if not _ACCOUNT.fullmatch(statement.account):
        raise ValueError("an account has 1 to 64 characters")
    if not fits_an_answer((statement,)):
        raise ValueError("a statement has too many visits or lines")
    if not all(_WORDS.fullmatch(text) for text in (*words, *(line.description for line in lines))):
        raise ValueError(f"a text of a statement has more than {MOST_WORDS} characters, or control characters")
    return statement


MOST_OTHERS = 7


class LookupAnswer(Message):
    """The statement's number is what is typed: ten digits; its texts have at most 200 characters, none of them a control.
    `others`, only for who asked: what is open on the same guarantor's other accounts, one statement of each. All together have no
    more visits and lines than one may have. What a statement does not say (an estimate, a category) is not written: a kiosk of an
    earlier release does not know those."""

    statement: Annotated[Statement, AfterValidator(_bounded)]
    others: tuple[Annotated[Statement, AfterValidator(_bounded)], ...] = Field(
        default=(), max_length=MOST_OTHERS, exclude_if=lambda others: not others
    )

    @model_validator(mode="after")
    def _holds_together(self) -> LookupAnswer:
        if not fits_an_answer((self.statement, *self.others)):
            raise ValueError("the statements have too many visits or lines")
        return self


class Held(Message):
    """409 to a look-up with both factors right, and to an authorization: a payment on the account is still unknown, so no second
    one may be taken. "not-yet" only to a look-up from an emergency department: the screening is not done."""

    code: Literal["payment-unknown", "not-yet"]


class Refused(Message):
    """Any other refusal. `code` is for the technician; `hub_time` lets a kiosk with a wrong clock correct its offset."""

    code: Short
    hub_time: AwareDatetime


class SealedCard(Message):
    """A card as its reader encrypted it (domain.payment.CardData): both in base64. Always inside of what is sealed to the hub."""

    ksn: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9+/]{14}==|[A-Za-z0-9+/]{16})$")]
    data: Annotated[Base64, StringConstraints(max_length=-(-MOST_CARD_DATA // 3) * 4)]


class RecordPart(Message):
    """What of a payment is for one bill (domain.payment.Part)."""

    statement: Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
    account: Short
    visit: Short
    minor: Annotated[int, Field(gt=0, le=MOST_MINOR)]


RecordParts = Annotated[
    tuple[RecordPart, ...], Field(default=(), max_length=MOST_PARTS, exclude_if=lambda parts: not parts, validate_default=False)
]
"""They come to the amount. Absent where all is the one bill's: a hub of an earlier release understands that."""


def _check_sum(parts: Sequence[RecordPart], minor: int) -> None:
    if parts and sum(part.minor for part in parts) != minor:
        raise ValueError("the parts of a payment do not come to its amount")


def record_parts(parts: Sequence[Part], amount: Money) -> tuple[RecordPart, ...]:
    """What the hub is told of an attempt's parts when `amount` is taken: more or less than they ask for is shared out."""
    return tuple(
        RecordPart(statement=part.statement, account=part.account, visit=part.visit, minor=part.amount.minor)
        for part in shared(parts, amount)
    )


class AuthorizationRequest(Message):
    """Asks the hub's gateway for `minor` of `currency`. `sealed` is a SealedCard, sealed to the hub's key `kid` for this kiosk,
    enrolment, payment and amount (sealing.card_context); `ref`, `account` and `parts` are the bills', as in PaymentRecord."""

    v: Literal[1]
    pid: UuidText
    minor: Annotated[int, Field(gt=0, le=MOST_MINOR)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    ref: Ref
    account: Short
    kid: Short
    sealed: Base64
    parts: RecordParts

    @model_validator(mode="after")
    def _holds_together(self) -> AuthorizationRequest:
        _check_sum(self.parts, self.minor)
        return self


class AuthorizationCall(Message):
    """An inquiry or a void: the path says which, and of what."""

    v: Literal[1]


class Authorized(Message):
    """How an authorization stands. CLOSED was never authorised and never will be; `authorization` is the bank's code where it is
    or was approved; `response` the host's EMV objects for the card in base64, or empty."""

    pid: UuidText
    state: Literal["approved", "declined", "voided", "closed"]
    authorization: Short
    reason: Short
    response: Annotated[
        str, StringConstraints(pattern=r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", max_length=2048)
    ]


MOST_SUBJECT = 200
MOST_BODY = 8_000
"""Characters of a receipt in words: the longest of ours has a quarter of that."""


class ReceiptRequest(Message):
    """Asks the hub to send the receipt of payment `pid` once, in `language`, as plain text. What a kiosk asks for again while it
    has not been sent is the same letter, or goes to another address instead."""

    v: Literal[1]
    pid: UuidText
    channel: Channel
    address: Annotated[str, StringConstraints(max_length=MOST_ADDRESS)]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    subject: Annotated[str, StringConstraints(max_length=MOST_SUBJECT, pattern=r"^[^\x00-\x1f\x7f\x85\u2028\u2029]*$")]
    body: Annotated[str, StringConstraints(min_length=1, max_length=MOST_BODY, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$")]

    @model_validator(mode="after")
    def _addressed(self) -> ReceiptRequest:
        if not is_address(self.channel, self.address):
            raise ValueError("nothing can be sent there")
        return self


class ReceiptKept(Message):
    """The hub has the letter and sends it as soon as it can."""

    pid: UuidText
    channel: Channel


class StaffCall(Message):
    """Calls a member of staff to the kiosk, and says of nobody who needs one."""

    v: Literal[1]
    why: CallReason


class CallTaken(Message):
    """Whoever looks at the hub's console sees the call, for a while."""

    why: CallReason


class PaymentRecord(Message):
    """What is sealed: the plain text of one record. `pid` is the attempt's id; a record per outcome that the hub must know
    (approved, captured, unknown; and how an unknown one was settled, whatever that was).

    What most payments do not have is not written either, so that a hub of an earlier release understands those: `card_data` is
    of a captured payment only, `hub_authorised` of one that the hub's own gateway is said to have approved, `parts` of one that
    is for several bills or for single visits of one: `ref` and `account` are the first part's then."""

    v: Literal[1]
    pid: UuidText
    outcome: Outcome
    tender: Tender
    minor: Annotated[int, Field(gt=0, le=MOST_MINOR)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    ref: Ref
    account: Short
    offline: bool
    approved_offline: bool
    brand: Short
    last4: Annotated[str, StringConstraints(pattern=r"^([0-9]{4})?$")]
    terminal_id: Short
    receipt: Annotated[int, Field(ge=0, le=999_999_999)] | None
    trace: Annotated[int, Field(ge=0, le=999_999_999)] | None
    authorization: Short
    reason: Short
    opened_at: Instant
    settled_at: Instant
    card_data: SealedCard | None = Field(default=None, exclude_if=lambda card: card is None)
    hub_authorised: bool = Field(default=False, exclude_if=lambda said: not said)
    parts: RecordParts

    @model_validator(mode="after")
    def _holds_together(self) -> PaymentRecord:
        _check_sum(self.parts, self.minor)
        if self.card_data is not None and self.outcome is not Outcome.CAPTURED:
            raise ValueError("card data is of a captured payment only")
        return self
