"""An attempt to pay and what became of it: the five outcomes of law 3, and the id that names it for ever."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.money import Money, total
from domain.statement_codes import StatementRef


class Outcome(StrEnum):
    """What became of an attempt (law 3). UNKNOWN is never treated as DECLINED and never retried as a new sale."""

    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    CAPTURED = "captured"
    UNKNOWN = "unknown"

    @property
    def money_moved(self) -> bool:
        """True when the patient has been, or will be, charged."""
        return self in (Outcome.APPROVED, Outcome.CAPTURED)


IN_DOUBT = "approval-in-doubt"
"""The reason of an UNKNOWN that comes after APPROVED, once that is committed: the terminal's last word went against it. Both
words stand, and a person compares the terminal's receipts with the ledger."""


COMMIT_FAILED = "commit-failed"
"""The reason of a result that was turned round because an approval could not be made durable, as far as that is known: a commit
that failed may have been kept all the same, and is in doubt then."""

HANDED_BACK = frozenset({COMMIT_FAILED, "zvt-no-result", "zvt-other-amount"})
"""The reasons for answering what the bank may have approved by "goods not issued". The terminal reverses its sale then, and what
it shows of it is not believed."""


class Tender(StrEnum):
    """How it is paid."""

    CARD = "card"


@dataclass(frozen=True, slots=True)
class Card:
    """All that we ever know of a card (law 8): its brand and its last four digits, either may be empty."""

    brand: str
    last4: str


MOST_CARD_DATA = 2048
"""Bytes of encrypted card data: a reader's answer for one card is some 300 to 900."""


@dataclass(frozen=True, slots=True)
class CardData:
    """A card as the reader encrypted it: we hold no key for it (law 8). `ksn` says which of the reader's keys: ten bytes for
    TDES, twelve for AES. `data` is at most MOST_CARD_DATA bytes, opaque outside the gateway, which gets the reader's own BER-TLV
    objects: where one is encrypted (57 and others), its value is the ciphertext of that whole object, tag and length too, under
    the transaction's data key, from a zero vector and filled with zeros; a length may say so by two bits of its own (A1 masked,
    C1 encrypted)."""

    ksn: bytes
    data: bytes

    def __post_init__(self) -> None:
        if len(self.ksn) not in (10, 12):
            raise ValueError("a key serial number has ten or twelve bytes")
        if not 0 < len(self.data) <= MOST_CARD_DATA:
            raise ValueError("card data is too long, or not there")

    def __repr__(self) -> str:
        return f"CardData({len(self.data)} bytes)"


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest entry in a terminal's own running numbers: its receipt and its trace, 0 where it has none yet."""

    receipt: int
    trace: int


MOST_PARTS = 12
"""Bills, or visits of one, that are paid at once: what a record has room for, whatever they are called."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a payment is for: `amount` (above zero) of `statement`, which is `account`'s; of one `visit` of it by its number where
    that was chosen, else \"\"."""

    statement: str
    account: str
    visit: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Attempt:
    """A payment about to be tried. It is committed before the terminal hears anything of it (law 2).

    `id` is a UUIDv7 in its usual text form; `ref` is what was scanned or typed, and the statement's number where that was another
    biller's reference; `statement` is the bill's printed number and `account` the hospital's, both empty where the hub could not
    be asked (a typed number is known all the same); `offline` is whether the hub was away when the patient said yes; `newest` is
    where the terminal's numbers stood before: whatever it says later, nothing up to there is this attempt. None when the terminal
    cannot tell. `parts` (at most MOST_PARTS) say what comes to which bill where it is not all that one bill's; `statement` and
    `account` are the first part's then. Raises ValueError for parts that do not come to `amount`.
    """

    id: str
    ref: StatementRef
    statement: str
    account: str
    amount: Money
    tender: Tender
    offline: bool
    newest: Mark | None
    opened_at: dt.datetime
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        check_parts(self.parts, self.amount)


def check_parts(parts: Sequence[Part], amount: Money) -> None:
    """Raises ValueError unless there are none, or each is above zero and together they are `amount`."""
    if not parts:
        return
    if len(parts) > MOST_PARTS or any(part.amount.minor <= 0 for part in parts):
        raise ValueError("a payment has a few parts, each above zero")
    if total((part.amount for part in parts), amount.currency) != amount:
        raise ValueError("the parts of a payment do not come to its amount")


def shared(parts: Sequence[Part], amount: Money) -> tuple[Part, ...]:
    """`amount` (above zero) over `parts` in their order: each gets as much as it asks for while there is some left, the last
    whatever is over."""
    result, left = list[Part](), amount
    for part in parts[:-1]:
        share = min(part.amount, left)
        if share.minor > 0:
            result.append(replace(part, amount=share))
            left = left - share
    if left.minor > 0:
        result.extend(replace(part, amount=left) for part in parts[-1:])
    return tuple(result)


@dataclass(frozen=True, slots=True)
class Result:
    """The terminal's last word on an attempt.

    `amount` is what the terminal says it took (zero unless money moved); `receipt` and `trace` are its own running numbers,
    None where it gave none; `approved_offline` is set when the terminal approved without asking the bank; `reason` is a code
    for the technician ("zvt-6c", "no-answer"), never free text; `slip` is what the terminal asked us to print, masked by it;
    `card_data` is there exactly when it was captured by an encrypting reader: it goes sealed to the hub and nowhere else;
    `hub_authorised` is set where the hub's gateway approved it: the hub compares that with what it knows.
    """

    outcome: Outcome
    amount: Money
    card: Card = Card("", "")
    receipt: int | None = None
    trace: int | None = None
    terminal_id: str = ""
    authorization: str = ""
    approved_offline: bool = False
    reason: str = ""
    slip: tuple[str, ...] = ()
    card_data: CardData | None = None
    hub_authorised: bool = False


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def new_attempt_id(now: dt.datetime, random: bytes) -> str:
    """A UUIDv7 (RFC 9562 section 5.7) from `now` (aware) and ten bytes of `random`."""
    if len(random) != 10:
        raise ValueError("a UUIDv7 takes ten random bytes")
    milliseconds = (now - _EPOCH) // dt.timedelta(milliseconds=1)
    value = bytearray(milliseconds.to_bytes(6, "big") + random)
    value[6] = 0x70 | (value[6] & 0x0F)
    value[8] = 0x80 | (value[8] & 0x3F)
    return str(uuid.UUID(bytes=bytes(value)))


def receipt_code(attempt_id: str) -> str:
    """The attempt id as 26 letters and digits of base32, short enough to read out and to print as a code."""
    return base64.b32encode(uuid.UUID(attempt_id).bytes).decode("ascii").rstrip("=")


def short_reference(attempt_id: str) -> str:
    """The end of the receipt code, short enough to say on the telephone; the whole code is on paper."""
    code = receipt_code(attempt_id)
    return f"{code[-8:-4]}-{code[-4:]}"


def attempt_id_of(code: str) -> str:
    """The attempt id behind a receipt code. Raises ValueError when it is not one."""
    if len(code) != 26:
        raise ValueError("a receipt code has 26 characters")
    attempt_id = str(uuid.UUID(bytes=base64.b32decode(code.upper() + "======")))
    if receipt_code(attempt_id) != code.upper():
        raise ValueError("no receipt code ends like this")  # two bits are left over: an id has one code, not four
    return attempt_id
