"""The tables of the kiosk's database, step by step since the first release, and the triggers that keep its laws.

A step once released is never edited: a change is a new step at the end. What stands for money is immutable and cannot be deleted
(law 6); states move only as below; payloads are forgotten only when the hub holds them durably (and a week later: outbox.py).

attempts   open -> not-started | approved | declined | cancelled | captured | unknown
           unknown -> approved | declined | cancelled | captured
outbox     queued -> accepted | posted | parked | declined | carried
           accepted, parked -> accepted | posted | parked | declined;  posted -> declined: what the hub says later
           any but carried -> queued, when the hub says it has lost it
           (declined: what we took on trust, the bank refused; carried: sent again as a record of a later enrolment)
"""

from __future__ import annotations

from collections.abc import Callable

from offline_queue.sqlcipher import Connection, Migrations, Tables

APPLICATION_ID = 0x4C6F6279  # "Loby"


def place(epoch: int, seq: int) -> int:
    """Where a record is in the outbox, whose rows lie in this order: enrolments one after the other, each in its chain's."""
    return (epoch << 32) + seq


_FIRST_FORM = f"""
PRAGMA application_id = {APPLICATION_ID};

CREATE TABLE signing_keys (
    number INTEGER PRIMARY KEY,
    private BLOB NOT NULL CHECK (length(private) = 32)
) STRICT;

CREATE TABLE enrolments (
    epoch INTEGER PRIMARY KEY CHECK (epoch >= 1),
    kiosk TEXT NOT NULL,
    signing_key INTEGER NOT NULL UNIQUE REFERENCES signing_keys (number),
    answer TEXT NOT NULL,
    gen INTEGER NOT NULL DEFAULT 1 CHECK (gen >= 1),
    durable_seq INTEGER NOT NULL DEFAULT 0 CHECK (durable_seq >= 0)
) STRICT;

CREATE TABLE attempts (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL
        CHECK (state IN ('open', 'not-started', 'approved', 'declined', 'cancelled', 'captured', 'unknown')),
    ref_kind TEXT NOT NULL,
    ref_value TEXT NOT NULL,
    statement TEXT NOT NULL,
    account TEXT NOT NULL,
    minor INTEGER NOT NULL CHECK (minor > 0),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    tender TEXT NOT NULL,
    offline INTEGER NOT NULL CHECK (offline IN (0, 1)),
    newest_receipt INTEGER,
    newest_trace INTEGER,
    opened_at TEXT NOT NULL,
    settled_at TEXT,
    taken INTEGER CHECK (taken > 0),
    brand TEXT NOT NULL DEFAULT '',
    last4 TEXT NOT NULL DEFAULT '',
    receipt INTEGER,
    trace INTEGER,
    terminal_id TEXT NOT NULL DEFAULT '',
    authorization TEXT NOT NULL DEFAULT '',
    approved_offline INTEGER NOT NULL DEFAULT 0 CHECK (approved_offline IN (0, 1)),
    reason TEXT NOT NULL DEFAULT '',
    CHECK ((newest_receipt IS NULL) = (newest_trace IS NULL)),
    CHECK ((state IN ('approved', 'captured')) = (taken IS NOT NULL)),
    CHECK ((state = 'open') = (settled_at IS NULL))
) STRICT;
CREATE INDEX attempts_unresolved ON attempts (state) WHERE state IN ('open', 'unknown');

CREATE TABLE outbox (
    epoch INTEGER NOT NULL REFERENCES enrolments (epoch),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    attempt TEXT NOT NULL REFERENCES attempts (id),
    outcome TEXT NOT NULL,
    kid TEXT NOT NULL,
    sealed BLOB,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    state TEXT NOT NULL CHECK (state IN ('queued', 'accepted', 'posted', 'parked')),
    posting TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    queued_at TEXT NOT NULL,
    delivered_at TEXT,
    PRIMARY KEY (epoch, seq),
    UNIQUE (attempt, outcome)
) STRICT;
CREATE INDEX outbox_waiting ON outbox (epoch, seq) WHERE state = 'queued';
CREATE INDEX outbox_kept ON outbox (epoch, seq) WHERE sealed IS NOT NULL;

CREATE TRIGGER attempts_begin BEFORE INSERT ON attempts
WHEN NEW.state <> 'open' BEGIN SELECT RAISE(ABORT, 'an attempt begins open'); END;

CREATE TRIGGER attempts_fixed
BEFORE UPDATE OF number, id, minor, currency, tender, offline, newest_receipt, newest_trace, opened_at ON attempts
BEGIN SELECT RAISE(ABORT, 'what an attempt stands for cannot change'); END;

CREATE TRIGGER attempts_taken BEFORE UPDATE OF taken ON attempts
WHEN OLD.taken IS NOT NULL BEGIN SELECT RAISE(ABORT, 'what was taken cannot change'); END;

CREATE TRIGGER attempts_moves BEFORE UPDATE OF state ON attempts
WHEN NOT (OLD.state = 'open' AND NEW.state <> 'open'
    OR OLD.state = 'unknown' AND NEW.state IN ('approved', 'declined', 'cancelled', 'captured'))
BEGIN SELECT RAISE(ABORT, 'an attempt cannot move so'); END;

CREATE TRIGGER outbox_begin BEFORE INSERT ON outbox
WHEN NEW.state <> 'queued' OR NEW.sealed IS NULL
    OR NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM outbox WHERE epoch = NEW.epoch)
BEGIN SELECT RAISE(ABORT, 'a record begins queued and next in line'); END;

CREATE TRIGGER outbox_fixed BEFORE UPDATE OF epoch, seq, attempt, outcome, kid, hash, queued_at ON outbox
BEGIN SELECT RAISE(ABORT, 'a queued record cannot change'); END;

CREATE TRIGGER outbox_moves BEFORE UPDATE OF state ON outbox
WHEN NOT (OLD.state = 'queued' AND NEW.state IN ('accepted', 'posted', 'parked')
    OR OLD.state = 'accepted' AND NEW.state IN ('posted', 'parked')
    OR OLD.state = 'parked' AND NEW.state IN ('accepted', 'posted')
    OR NEW.state = 'queued' AND NEW.sealed IS NOT NULL
    OR NEW.state = OLD.state)
BEGIN SELECT RAISE(ABORT, 'a record cannot move so'); END;

CREATE TRIGGER outbox_forget BEFORE UPDATE OF sealed ON outbox
WHEN NOT (NEW.sealed IS NULL AND OLD.state <> 'queued'
    AND OLD.seq <= (SELECT durable_seq FROM enrolments WHERE epoch = OLD.epoch))
BEGIN SELECT RAISE(ABORT, 'a payload is forgotten only when the hub holds it durably'); END;

CREATE TRIGGER enrolments_fixed BEFORE UPDATE OF epoch, kiosk, signing_key ON enrolments
BEGIN SELECT RAISE(ABORT, 'an enrolment cannot change'); END;

CREATE TRIGGER attempts_stay BEFORE DELETE ON attempts
BEGIN SELECT RAISE(ABORT, 'nothing that stands for money is deleted'); END;
CREATE TRIGGER outbox_stay BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'nothing that stands for money is deleted'); END;
CREATE TRIGGER enrolments_stay BEFORE DELETE ON enrolments
BEGIN SELECT RAISE(ABORT, 'an enrolment is never deleted'); END;
CREATE TRIGGER signing_keys_stay BEFORE DELETE ON signing_keys
BEGIN SELECT RAISE(ABORT, 'a signing key is never deleted'); END;
CREATE TRIGGER signing_keys_fixed BEFORE UPDATE ON signing_keys
BEGIN SELECT RAISE(ABORT, 'a signing key cannot change'); END;
"""

# Each index that holds a queued record is one more page that every payment encrypts and syncs, so there are few: the others
# begin with the hub's answer. outbox.py names the one that it means, since SQLite would walk through all that is kept.
_SYNC = """
CREATE TABLE outbox_2 (
    epoch INTEGER NOT NULL REFERENCES enrolments (epoch),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    attempt TEXT NOT NULL REFERENCES attempts (id),
    outcome TEXT NOT NULL,
    kid TEXT NOT NULL,
    sealed BLOB,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    state TEXT NOT NULL CHECK (state IN ('queued', 'accepted', 'posted', 'parked', 'declined', 'carried')),
    posting TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    queued_at TEXT NOT NULL,
    delivered_at TEXT,
    origin_epoch INTEGER,
    origin_seq INTEGER,
    PRIMARY KEY (epoch, seq),
    UNIQUE (attempt, outcome, epoch),
    CHECK ((origin_epoch IS NULL) = (origin_seq IS NULL))
) STRICT;
INSERT INTO outbox_2 SELECT epoch, seq, attempt, outcome, kid, sealed, hash, state, posting, code, queued_at, delivered_at,
    NULL, NULL FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_2 RENAME TO outbox;
CREATE INDEX outbox_waiting ON outbox (epoch, seq) WHERE state = 'queued';
CREATE INDEX outbox_kept ON outbox (epoch, seq) WHERE sealed IS NOT NULL AND state <> 'queued';
CREATE INDEX outbox_aging ON outbox (epoch, delivered_at) WHERE sealed IS NOT NULL AND state <> 'queued';
CREATE INDEX outbox_forgotten ON outbox (epoch, seq) WHERE sealed IS NULL;

CREATE TRIGGER outbox_begin BEFORE INSERT ON outbox
WHEN NEW.state <> 'queued' OR NEW.sealed IS NULL
    OR NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM outbox WHERE epoch = NEW.epoch)
BEGIN SELECT RAISE(ABORT, 'a record begins queued and next in line'); END;

CREATE TRIGGER outbox_fixed
BEFORE UPDATE OF epoch, seq, attempt, outcome, kid, hash, queued_at, origin_epoch, origin_seq ON outbox
BEGIN SELECT RAISE(ABORT, 'a queued record cannot change'); END;

CREATE TRIGGER outbox_moves BEFORE UPDATE OF state ON outbox
WHEN NOT (OLD.state = 'queued' AND NEW.state IN ('accepted', 'posted', 'parked', 'declined', 'carried')
    OR OLD.state IN ('accepted', 'parked') AND NEW.state IN ('accepted', 'posted', 'parked', 'declined')
    OR OLD.state = 'posted' AND NEW.state = 'declined'
    OR OLD.state <> 'carried' AND NEW.state = 'queued' AND NEW.sealed IS NOT NULL
    OR NEW.state = OLD.state)
BEGIN SELECT RAISE(ABORT, 'a record cannot move so'); END;

CREATE TRIGGER outbox_forget BEFORE UPDATE OF sealed ON outbox
WHEN NOT (NEW.sealed IS NULL AND OLD.state <> 'queued' AND (OLD.state = 'carried'
    OR OLD.seq <= (SELECT durable_seq FROM enrolments WHERE epoch = OLD.epoch)))
BEGIN SELECT RAISE(ABORT, 'a payload is forgotten only when the hub holds it durably'); END;

CREATE TRIGGER outbox_stay BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'nothing that stands for money is deleted'); END;

ALTER TABLE enrolments ADD COLUMN news INTEGER NOT NULL DEFAULT 0 CHECK (news >= 0);
ALTER TABLE enrolments ADD COLUMN limits TEXT;

CREATE TABLE sync_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    tried_at TEXT NOT NULL,
    next_at TEXT,
    failures INTEGER NOT NULL CHECK (failures >= 0),
    error TEXT NOT NULL,
    attention TEXT NOT NULL
) STRICT;
"""

# A payment encrypts and syncs each page that it touches, so a queued record is in its table and in one index, no other. What
# looks for a record by its payment waits for the hub's answer; what looks for the queue's beginning is told it: no record before
# `waits_from` waits, and a record that is queued again moves it back.
_FEWER_PAGES = """
CREATE TABLE outbox_3 (
    epoch INTEGER NOT NULL REFERENCES enrolments (epoch),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    attempt TEXT NOT NULL REFERENCES attempts (id),
    outcome TEXT NOT NULL,
    kid TEXT NOT NULL,
    sealed BLOB,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    state TEXT NOT NULL CHECK (state IN ('queued', 'accepted', 'posted', 'parked', 'declined', 'carried')),
    posting TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    queued_at TEXT NOT NULL,
    delivered_at TEXT,
    origin_epoch INTEGER,
    origin_seq INTEGER,
    PRIMARY KEY (epoch, seq),
    CHECK ((origin_epoch IS NULL) = (origin_seq IS NULL))
) STRICT;
INSERT INTO outbox_3 SELECT epoch, seq, attempt, outcome, kid, sealed, hash, state, posting, code, queued_at, delivered_at,
    origin_epoch, origin_seq FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_3 RENAME TO outbox;
CREATE INDEX outbox_kept ON outbox (epoch, seq) WHERE sealed IS NOT NULL AND state <> 'queued';
CREATE INDEX outbox_aging ON outbox (epoch, delivered_at) WHERE sealed IS NOT NULL AND state <> 'queued';
CREATE INDEX outbox_forgotten ON outbox (epoch, seq) WHERE sealed IS NULL;
CREATE INDEX outbox_attention ON outbox (state) WHERE state IN ('parked', 'declined');
CREATE UNIQUE INDEX outbox_told ON outbox (attempt, outcome, epoch) WHERE state <> 'queued';

ALTER TABLE enrolments ADD COLUMN waits_from INTEGER NOT NULL DEFAULT 1 CHECK (waits_from >= 1);
UPDATE enrolments SET waits_from = coalesce(
    (SELECT min(seq) FROM outbox WHERE outbox.epoch = enrolments.epoch AND state = 'queued'),
    (SELECT max(seq) + 1 FROM outbox WHERE outbox.epoch = enrolments.epoch), 1);
CREATE VIEW waiting AS SELECT outbox.* FROM enrolments CROSS JOIN outbox
    ON outbox.epoch = enrolments.epoch AND outbox.seq >= enrolments.waits_from WHERE outbox.state = 'queued';

CREATE TRIGGER outbox_begin BEFORE INSERT ON outbox
WHEN NEW.state <> 'queued' OR NEW.sealed IS NULL
    OR NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM outbox WHERE epoch = NEW.epoch)
    OR (NEW.attempt, NEW.outcome) = (SELECT attempt, outcome FROM outbox WHERE epoch = NEW.epoch AND seq = NEW.seq - 1)
BEGIN SELECT RAISE(ABORT, 'a record begins queued, next in line and once'); END;

CREATE TRIGGER outbox_fixed
BEFORE UPDATE OF epoch, seq, attempt, outcome, kid, hash, queued_at, origin_epoch, origin_seq ON outbox
BEGIN SELECT RAISE(ABORT, 'a queued record cannot change'); END;

CREATE TRIGGER outbox_moves BEFORE UPDATE OF state ON outbox
WHEN NOT (OLD.state = 'queued' AND NEW.state IN ('accepted', 'posted', 'parked', 'declined', 'carried')
    OR OLD.state IN ('accepted', 'parked') AND NEW.state IN ('accepted', 'posted', 'parked', 'declined')
    OR OLD.state = 'posted' AND NEW.state = 'declined'
    OR OLD.state <> 'carried' AND NEW.state = 'queued' AND NEW.sealed IS NOT NULL
    OR NEW.state = OLD.state)
BEGIN SELECT RAISE(ABORT, 'a record cannot move so'); END;

CREATE TRIGGER outbox_again AFTER UPDATE OF state ON outbox WHEN NEW.state = 'queued'
BEGIN UPDATE enrolments SET waits_from = NEW.seq WHERE epoch = NEW.epoch AND waits_from > NEW.seq; END;

CREATE TRIGGER enrolments_waits BEFORE UPDATE OF waits_from ON enrolments
WHEN NEW.waits_from > (SELECT coalesce(max(seq), 0) + 1 FROM outbox WHERE epoch = NEW.epoch) OR EXISTS (
    SELECT 1 FROM outbox WHERE epoch = NEW.epoch AND seq >= OLD.waits_from AND seq < NEW.waits_from AND state = 'queued')
BEGIN SELECT RAISE(ABORT, 'a record that waits cannot be passed over'); END;

CREATE TRIGGER outbox_forget BEFORE UPDATE OF sealed ON outbox
WHEN NOT (NEW.sealed IS NULL AND OLD.state <> 'queued' AND (OLD.state = 'carried'
    OR OLD.seq <= (SELECT durable_seq FROM enrolments WHERE epoch = OLD.epoch)))
BEGIN SELECT RAISE(ABORT, 'a payload is forgotten only when the hub holds it durably'); END;

CREATE TRIGGER outbox_stay BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'nothing that stands for money is deleted'); END;
"""

# Epoch and seq in one number, which is the table's own order: a record that is queued is in no index at all, and most payments
# encrypt and sync one page of the outbox instead of two. (WITHOUT ROWID does so too, but splits pages at two payments in five,
# four to twenty of them: measured.)
_BY_PLACE = """
CREATE TABLE outbox_4 (
    place INTEGER PRIMARY KEY CHECK (place = (epoch << 32) + seq),
    epoch INTEGER NOT NULL REFERENCES enrolments (epoch),
    seq INTEGER NOT NULL CHECK (seq BETWEEN 1 AND 4294967295),
    attempt TEXT NOT NULL REFERENCES attempts (id),
    outcome TEXT NOT NULL,
    kid TEXT NOT NULL,
    sealed BLOB,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    state TEXT NOT NULL CHECK (state IN ('queued', 'accepted', 'posted', 'parked', 'declined', 'carried')),
    posting TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    queued_at TEXT NOT NULL,
    delivered_at TEXT,
    origin_epoch INTEGER,
    origin_seq INTEGER,
    CHECK ((origin_epoch IS NULL) = (origin_seq IS NULL))
) STRICT;
INSERT INTO outbox_4 SELECT (epoch << 32) + seq, epoch, seq, attempt, outcome, kid, sealed, hash, state, posting, code, queued_at,
    delivered_at, origin_epoch, origin_seq FROM outbox ORDER BY epoch, seq;
DROP VIEW waiting;
DROP TRIGGER enrolments_waits;
DROP TABLE outbox;
ALTER TABLE outbox_4 RENAME TO outbox;
CREATE INDEX outbox_kept ON outbox (epoch, seq) WHERE sealed IS NOT NULL AND state <> 'queued';
CREATE INDEX outbox_aging ON outbox (epoch, delivered_at) WHERE sealed IS NOT NULL AND state <> 'queued';
CREATE INDEX outbox_forgotten ON outbox (epoch, seq) WHERE sealed IS NULL;
CREATE INDEX outbox_attention ON outbox (state) WHERE state IN ('parked', 'declined');
CREATE UNIQUE INDEX outbox_told ON outbox (attempt, outcome, epoch) WHERE state <> 'queued';

CREATE VIEW waiting AS SELECT outbox.* FROM enrolments CROSS JOIN outbox
    ON outbox.place >= (enrolments.epoch << 32) + enrolments.waits_from AND outbox.place < (enrolments.epoch + 1) << 32
    WHERE outbox.epoch = enrolments.epoch AND outbox.state = 'queued';

CREATE TRIGGER outbox_begin BEFORE INSERT ON outbox
WHEN NEW.state <> 'queued' OR NEW.sealed IS NULL OR NEW.seq > 1 AND NOT EXISTS (SELECT 1 FROM outbox
    WHERE place = (NEW.epoch << 32) + NEW.seq - 1 AND (attempt, outcome) <> (NEW.attempt, NEW.outcome))
BEGIN SELECT RAISE(ABORT, 'a record begins queued, next in line and once'); END;

CREATE TRIGGER outbox_fixed
BEFORE UPDATE OF place, epoch, seq, attempt, outcome, kid, hash, queued_at, origin_epoch, origin_seq ON outbox
BEGIN SELECT RAISE(ABORT, 'a queued record cannot change'); END;

CREATE TRIGGER outbox_moves BEFORE UPDATE OF state ON outbox
WHEN NOT (OLD.state = 'queued' AND NEW.state IN ('accepted', 'posted', 'parked', 'declined', 'carried')
    OR OLD.state IN ('accepted', 'parked') AND NEW.state IN ('accepted', 'posted', 'parked', 'declined')
    OR OLD.state = 'posted' AND NEW.state = 'declined'
    OR OLD.state <> 'carried' AND NEW.state = 'queued' AND NEW.sealed IS NOT NULL
    OR NEW.state = OLD.state)
BEGIN SELECT RAISE(ABORT, 'a record cannot move so'); END;

CREATE TRIGGER outbox_again AFTER UPDATE OF state ON outbox WHEN NEW.state = 'queued'
BEGIN UPDATE enrolments SET waits_from = NEW.seq WHERE epoch = NEW.epoch AND waits_from > NEW.seq; END;

CREATE TRIGGER enrolments_waits BEFORE UPDATE OF waits_from ON enrolments
WHEN NEW.waits_from > 1 AND NOT EXISTS (SELECT 1 FROM outbox WHERE place = (NEW.epoch << 32) + NEW.waits_from - 1)
    OR EXISTS (SELECT 1 FROM outbox WHERE place >= (NEW.epoch << 32) + OLD.waits_from
        AND place < (NEW.epoch << 32) + NEW.waits_from AND state = 'queued')
BEGIN SELECT RAISE(ABORT, 'a record that waits cannot be passed over'); END;

CREATE TRIGGER outbox_forget BEFORE UPDATE OF sealed ON outbox
WHEN NOT (NEW.sealed IS NULL AND OLD.state <> 'queued' AND (OLD.state = 'carried'
    OR OLD.seq <= (SELECT durable_seq FROM enrolments WHERE epoch = OLD.epoch)))
BEGIN SELECT RAISE(ABORT, 'a payload is forgotten only when the hub holds it durably'); END;

CREATE TRIGGER outbox_stay BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'nothing that stands for money is deleted'); END;
"""

# What a payment of several bills is for, as JSON ([statement, account, visit, minor], ...): kept as its bill is, until its end is
# known, and empty for one bill.
_PARTS = """
ALTER TABLE attempts ADD COLUMN parts TEXT NOT NULL DEFAULT '';

CREATE TRIGGER attempts_parts BEFORE UPDATE OF parts ON attempts WHEN NEW.parts NOT IN (OLD.parts, '')
BEGIN SELECT RAISE(ABORT, 'what an attempt stands for cannot change'); END;
"""

STEPS = {
    "1 first form": _FIRST_FORM,
    "2 sync": _SYNC,
    "3 fewer pages": _FEWER_PAGES,
    "4 by place": _BY_PLACE,
    "5 parts": _PARTS,
}
"""Every step by its name, in order."""


def upgrade(connection: Connection) -> None:
    """Takes the steps that were not taken yet, each in a transaction of its own."""
    _migrations.apply(_tables(connection))


def taken(connection: Connection) -> set[str]:
    """The steps that were taken, by name."""
    return {step.name for step in _migrations.applied(_tables(connection))}


def _tables(connection: Connection) -> Tables:
    return Tables(connection, execute_plugins=False)


def _running(script: str) -> Callable[[Tables], None]:
    def run(tables: Tables) -> None:
        tables.executescript(script)

    return run


_migrations = Migrations("kiosk")
for _name, _script in STEPS.items():
    _migrations(name=_name)(_running(_script))
