"""The hub's tables, in types that SQLite and PostgreSQL share: integer minor units, UTC times, text keys.

The migrations in hub/migrations make them; a test compares the two. What is money or evidence is append only, by triggers
that the first migration installs: journal entries and their lines, and the records as they came.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

REVISION = "0013"
"""The migration that this schema is."""


class UtcTime(TypeDecorator[dt.datetime]):
    """An aware time, kept in UTC, on databases with and without time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

accounts = Table(
    "accounts",
    metadata,
    Column("number", String(64), primary_key=True),
    Column("guarantor_name", String(200), nullable=False),
    Column("guarantor_birth_date", Date, nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("closed_at", UtcTime),
    # the hospital's own number for the person, over all of their accounts; "" where the account stands alone
    Column("guarantor", String(64), nullable=False, index=True, server_default=""),
)

statements = Table(
    "statements",
    metadata,
    Column("number", String(10), primary_key=True),
    Column("opaque", String(16), nullable=False, unique=True),  # what the QR code's link names
    Column("account", String(64), ForeignKey("accounts.number"), nullable=False, index=True),
    Column("issued", Date, nullable=False),
    Column("estimate", BigInteger),  # the good-faith estimate for who pays without insurance; null where there was none
)

biller_references = Table(
    "biller_references",
    metadata,
    Column("value", String(64), primary_key=True),  # SCHEME/REFERENCE, as a code of another biller's system names it
    Column("statement", String(10), ForeignKey("statements.number"), nullable=False, index=True),
)

appointments = Table(
    "appointments",
    metadata,
    # from today on, as the hospital's own system listed them last; `hub appointments import`
    Column("number", String(64), primary_key=True),
    Column("account", String(64), ForeignKey("accounts.number"), nullable=False, index=True),
    Column("date", Date, nullable=False),
)

screenings = Table(
    "screenings",
    metadata,
    # who was screened in the emergency department, and when last; hub/screenings.py says for how long that counts
    Column("account", String(64), ForeignKey("accounts.number"), primary_key=True),
    Column("done_at", UtcTime, nullable=False),
)

visits = Table(
    "visits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("statement", String(10), ForeignKey("statements.number"), nullable=False, index=True),
    Column("number", String(64), nullable=False),
    Column("date", Date, nullable=False),
    Column("place", String(200), nullable=False),
    Column("patient", String(200), nullable=False),
)

lines = Table(
    "lines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("visit", Integer, ForeignKey("visits.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("date", Date, nullable=False),
    Column("description", String(200), nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("category", String(16)),  # of a charge: domain.billing.Category; null where the hospital has said none
    CheckConstraint("kind IN ('charge', 'adjustment', 'insurance', 'patient')", name="kind"),
    CheckConstraint("minor >= 0", name="not_negative"),
)

kiosks = Table(
    "kiosks",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("name", String(64), nullable=False),  # what staff call it
    Column("machine", String(64)),  # what it called itself when it enrolled
    Column("added_at", UtcTime, nullable=False),
    Column("epoch", Integer, nullable=False),  # 0 until enrolled, then one more at each enrolment
    Column("sign_pub", LargeBinary),
    Column("head_seq", BigInteger, nullable=False),
    Column("head_hash", String(64), nullable=False),
    Column("last_heard_at", UtcTime),
    Column("durable_seq", BigInteger, nullable=False, server_default="0"),  # the head that the newest backup holds
    Column("news", BigInteger, nullable=False, server_default="0"),  # the number of its newest outcome
    Column("revoked_at", UtcTime),
    Column("limits", String(200)),  # what it may take while this hub is away: OfflineLimits as JSON, null for its own
)

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("selector", String(4), primary_key=True),  # the code's first four characters: finds the row, proves nothing
    Column("code_hash", String(64), nullable=False),
    Column("kiosk", String(63), ForeignKey("kiosks.id"), nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    Column("wrong", Integer, nullable=False),
    Column("answer", Text),  # what the enrolment was answered: given again, for the code's life, to the same key
)

records = Table(
    "records",
    metadata,
    Column("kiosk", String(63), ForeignKey("kiosks.id"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("pid", String(36), nullable=False, index=True),
    Column("kid", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    # SHA-256 of what came, where that held card data and was sealed again without it once the bank had answered
    Column("digest", LargeBinary),
    Column("hash", String(64), nullable=False),
    Column("received_at", UtcTime, nullable=False),
    # the first answer, given again to every repeat; `outcome` is null where the record could not be read
    Column("status", String(8), nullable=False),
    Column("posting", String(64), nullable=False),
    Column("code", String(64), nullable=False),
    Column("outcome", String(9)),
    # where it was sealed, when it was carried into a later enrolment; null otherwise
    Column("origin_epoch", Integer),
    Column("origin_seq", BigInteger),
    CheckConstraint("status IN ('posted', 'accepted', 'parked')", name="status"),
)

payments = Table(
    "payments",
    metadata,
    Column("pid", String(36), primary_key=True),
    # the end of the receipt code: what a kiosk shows and prints, and patients read out
    Column("reference", String(8), nullable=False, index=True, server_default=""),
    Column("kiosk", String(63), ForeignKey("kiosks.id"), nullable=False),
    Column("state", String(9), nullable=False, index=True),
    # null while parked: money the kiosk reports and no account is known to be its own
    Column("account", String(64), ForeignKey("accounts.number"), index=True),
    Column("statement", String(10), ForeignKey("statements.number"), index=True),
    Column("tender", String(8), nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("offline", Boolean(create_constraint=False), nullable=False),
    Column("approved_offline", Boolean(create_constraint=False), nullable=False),
    Column("brand", String(64), nullable=False),
    Column("last4", String(4), nullable=False),
    Column("terminal_id", String(64), nullable=False),
    Column("receipt", Integer),
    Column("trace", Integer),
    Column("authorization", String(64), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False, index=True),
    CheckConstraint("minor > 0", name="positive"),
    CheckConstraint("state IN ('approved', 'captured', 'unknown', 'declined', 'cancelled')", name="state"),
)

payment_parts = Table(
    "payment_parts",
    metadata,
    # only of a payment for several bills, or for single visits of one; as the bank was asked for it, or its record came
    Column("pid", String(36), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),  # the first is the payment's own account and statement
    Column("account", String(64), ForeignKey("accounts.number"), nullable=False, index=True),
    Column("statement", String(10), ForeignKey("statements.number"), nullable=False, index=True),
    Column("visit", String(64), nullable=False),  # the visit's number, "" for whatever is due
    Column("minor", BigInteger, nullable=False),
    CheckConstraint("minor > 0", name="positive"),
)

held_accounts = Table(
    "held_accounts",
    metadata,
    # of a payment that was told as unknown and has no place in the books: every account that it may be for
    Column("pid", String(36), primary_key=True),
    Column("account", String(64), ForeignKey("accounts.number"), primary_key=True, index=True),
)

journal_entries = Table(
    "journal_entries",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1, without gaps
    Column("made_at", UtcTime, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("payment", String(36), ForeignKey("payments.pid"), unique=True),
    Column("reverses", Integer, ForeignKey("journal_entries.number"), unique=True),
    Column("authorizes", Integer, ForeignKey("journal_entries.number"), unique=True),
    CheckConstraint("kind IN ('statement', 'payment', 'reversal', 'authorization')", name="kind"),
    CheckConstraint("(kind = 'payment') = (payment IS NOT NULL)", name="payment"),
    CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="reverses"),
    CheckConstraint("(kind = 'authorization') = (authorizes IS NOT NULL)", name="authorizes"),
)

journal_lines = Table(
    "journal_lines",
    metadata,
    # An entry's lines are written before the entry, which then closes them: hence the deferred reference.
    Column(
        "entry",
        Integer,
        ForeignKey("journal_entries.number", deferrable=True, initially="DEFERRED"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("book", String(16), nullable=False),
    Column("account", String(64), ForeignKey("accounts.number")),
    Column("statement", String(10), ForeignKey("statements.number"), index=True),
    Column("minor", BigInteger, nullable=False),  # debit positive, credit negative
    Column("currency", String(3), nullable=False),
    CheckConstraint("minor <> 0", name="not_zero"),
    CheckConstraint("book IN ('receivable', 'unapplied', 'card-clearing', 'card-deferred', 'billing')", name="book"),
    CheckConstraint("(book IN ('receivable', 'unapplied')) = (account IS NOT NULL)", name="account"),
    Index(None, "account", "book"),
)

authorizations = Table(
    "authorizations",
    metadata,
    # what the hub's gateway was asked, by our payment id; hub/gateway/authorizations.py says how its state moves
    Column("pid", String(36), primary_key=True),
    Column("kiosk", String(63), ForeignKey("kiosks.id"), nullable=False),
    Column("account", String(64), ForeignKey("accounts.number"), index=True),  # null where the bill was not known
    Column("minor", BigInteger),  # both null for one that was closed before it was ever asked
    Column("currency", String(3)),
    Column("deferred", Boolean(create_constraint=False), nullable=False),  # of a captured payment: nobody stands at the kiosk
    Column("state", String(8), nullable=False, index=True),
    Column("authorization", String(64), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("response", LargeBinary, nullable=False),  # the host's EMV objects for the card, given again to whoever asks again
    Column("opened_at", UtcTime, nullable=False),
    Column("answered_at", UtcTime),
    CheckConstraint("state IN ('waiting', 'asked', 'approved', 'declined', 'voided', 'closed')", name="state"),
    CheckConstraint("minor > 0 OR state = 'closed'", name="amount"),
)

outcomes = Table(
    "outcomes",
    metadata,
    # what became of a record after its first answer; its kiosk asks for what is newer than the number it has
    Column("kiosk", String(63), ForeignKey("kiosks.id"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # from 1, without gaps
    Column("epoch", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("pid", String(36), nullable=False, index=True),
    Column("status", String(8), nullable=False),
    Column("posting", String(64), nullable=False),
    Column("code", String(64), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    CheckConstraint("status IN ('posted', 'accepted', 'parked', 'declined')", name="status"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("kiosk", String(63), ForeignKey("kiosks.id"), nullable=False),
    Column("pid", String(36), nullable=False, index=True),
    Column("code", String(64), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("opened_by", String(64), ForeignKey("users.name")),  # who said so; null where the hub found it
    Column("closed_at", UtcTime, index=True),
    Column("closed_by", String(64), ForeignKey("users.name")),
    Column("note", String(500)),  # what was done about a parked record that stays parked; null where it was taken after all
    CheckConstraint("kind IN ('parked', 'declined', 'authorization')", name="kind"),
)

users = Table(
    "users",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password_hash", String(200), nullable=False),
    Column("added_at", UtcTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user", String(64), ForeignKey("users.name"), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    # letters that patients asked for (hub/receipts/); no payment hangs on one, and none has to have come yet
    Column("pid", String(36), primary_key=True),
    Column("channel", String(8), primary_key=True),
    Column("kiosk", String(63), ForeignKey("kiosks.id"), nullable=False),
    Column("state", String(8), nullable=False, index=True),
    Column("letters", Integer, nullable=False),  # how many were asked for: the number of this one
    # whom it is for and what it says: null as soon as there is a last word on it
    Column("address", String(254)),
    Column("language", String(2), nullable=False),
    Column("subject", String(200)),
    Column("body", Text),
    Column("asked_at", UtcTime, nullable=False),
    Column("next_at", UtcTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("code", String(64), nullable=False),
    CheckConstraint("state IN ('waiting', 'sent', 'refused', 'given-up')", name="state"),
    CheckConstraint("(state = 'waiting') = (address IS NOT NULL)", name="address"),
)

calls = Table(
    "calls",
    metadata,
    # kiosks that asked for a person (hub/calls.py); of who stood there nothing is kept
    Column("number", Integer, primary_key=True),
    Column("kiosk", String(63), ForeignKey("kiosks.id"), nullable=False),
    Column("why", String(16), nullable=False),
    Column("called_at", UtcTime, nullable=False, index=True),
    Column("answered_at", UtcTime),
    Column("answered_by", String(64), ForeignKey("users.name")),
    CheckConstraint("why IN ('too-many-tries', 'help')", name="why"),
    CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered"),
)

tries = Table(
    "tries",
    metadata,
    # wrong look-ups for as long as they count (hub/kept_tries.py); `key` is a MAC of whose or of what
    Column("number", Integer, primary_key=True),
    Column("key", String(64), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
)
