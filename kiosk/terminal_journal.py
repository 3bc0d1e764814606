"""The journal of a technician's payments: one SQLite file, written before the terminal hears of money and before it is answered.

A visit's attempts are sealed to the hub (offline_queue); a terminal on a workbench has no hub. What this file promises is the
same: an attempt is opened before anything can move money, its outcome is durable before it is acknowledged, and an id that was
opened is never charged a second time, whatever happened in between.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlcipher3

from domain.errors import Known
from domain.money import Money
from domain.payment import IN_DOUBT, Card, Mark, Outcome, Result
from offline_queue.attempts import State
from offline_queue.folder import sync_folder, sync_name
from offline_queue.sqlcipher import SqlError
from offline_queue.stamps import read_stamp, stamp

APPLICATION_ID = 0x4C50544A
FORM = 1
"""The file's user_version: of the tables below."""

SMALLEST = 512
"""Bytes of SQLite's smallest page: a shorter file is none of ours."""

_TABLES = (
    """CREATE TABLE attempts (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        terminal TEXT NOT NULL,
        minor INTEGER NOT NULL CHECK (minor > 0),
        currency TEXT NOT NULL,
        newest_receipt INTEGER,
        newest_trace INTEGER,
        opened_at TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'open'
            CHECK (state IN ('open', 'not-started', 'approved', 'declined', 'cancelled', 'captured', 'unknown')),
        asked INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1)),
        taken INTEGER,
        brand TEXT NOT NULL DEFAULT '',
        last4 TEXT NOT NULL DEFAULT '' CHECK (length(last4) <= 4),
        receipt INTEGER,
        trace INTEGER,
        terminal_id TEXT NOT NULL DEFAULT '',
        authorization TEXT NOT NULL DEFAULT '',
        approved_offline INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        settled_at TEXT
    ) STRICT""",
    "CREATE TRIGGER attempts_stay BEFORE DELETE ON attempts BEGIN SELECT raise(ABORT, 'attempts stay'); END",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORM}",
)

_COLUMNS = """id, terminal, minor, currency, newest_receipt, newest_trace, opened_at, state, asked, taken, brand, last4, receipt,
    trace, terminal_id, authorization, approved_offline, reason"""

_DAMAGED = {11, 26}
"""SQLITE_CORRUPT, SQLITE_NOTADB."""
_UNWRITABLE = {3, 5, 8, 10, 13, 14}
"""SQLITE_PERM, BUSY, READONLY, IOERR, FULL, CANTOPEN."""


class JournalRefused(Known):
    """The journal cannot be used, or forbids what was asked; `reason` is a code. Nothing was charged on account of it."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class JournalHeld(JournalRefused):
    """Another process has it: `pid`, 0 when it has not said yet; `attempt` is what it pays, empty when it does something else."""

    def __init__(self, path: Path, pid: int, attempt: str) -> None:
        doing = f"is paying attempt {attempt}" if attempt else "is at work"
        super().__init__(
            "journal-held",
            f"Another process ({pid}) {doing} on the journal {path}. Wait for its end, or stop a payment with `terminal cancel`.",
        )
        self.pid = pid
        self.attempt = attempt


@dataclass(frozen=True, slots=True)
class Entry:
    """An attempt as the journal has it. `terminal` is where it was made; `result` is None while it is open and when it was not
    started, and then `fault` says why. `asked`: the terminal has answered about it since, and could not tell."""

    id: str
    terminal: str
    amount: Money
    newest: Mark | None
    opened_at: dt.datetime
    state: State = State.OPEN
    result: Result | None = None
    fault: str = ""
    asked: bool = False

    @property
    def ended(self) -> bool:
        return self.state not in (State.OPEN, State.UNKNOWN)


class TerminalJournal:
    """One file, one process, one connection. Made by `open`; a call is durable when it returns, and may raise JournalRefused."""

    def __init__(self, path: Path, clock: Callable[[], dt.datetime], paying: str) -> None:
        self._path = path
        self._clock = clock
        self._lock = _lock(path, paying)
        self._connection: Any = None

    @classmethod
    def open(cls, path: Path, clock: Callable[[], dt.datetime], paying: str = "") -> TerminalJournal:
        """Opens the file at `path`, made (0600, and its folder) when it is not there, and keeps every other process out; those
        are told which attempt is `paying`.

        Raises JournalHeld, or JournalRefused for a file that is damaged, another program's, or cannot be written.
        """
        journal = cls(path, clock, paying)
        try:
            journal._made()
            journal._opened()
        except BaseException:
            journal.close()
            raise
        return journal

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        os.close(self._lock)

    def find(self, attempt_id: str) -> Entry | None:
        """None when it was never opened."""
        with self._transaction() as connection:
            return _first(connection, "WHERE id = ?", (attempt_id,))

    def newest(self) -> Entry | None:
        """The one opened last: the only one that the terminal may still be asked about, since it remembers one sale."""
        with self._transaction() as connection:
            return _first(connection, "ORDER BY number DESC LIMIT 1")

    def to_inquire(self) -> Entry | None:
        """The attempt that the terminal has to be asked about before it may do anything else; None when there is none. As at a
        kiosk, one that it was asked about and cannot tell of holds nothing up."""
        newest = self.newest()
        return None if newest is None or newest.ended or newest.asked else newest

    def of_receipt(self, terminal: str, receipt: int) -> Entry | None:
        """The newest approved attempt at `terminal` that it gave this receipt number."""
        with self._transaction() as connection:
            where = "WHERE terminal = ? AND receipt = ? AND state = 'approved' ORDER BY number DESC LIMIT 1"
            return _first(connection, where, (terminal, receipt))

    def open_attempt(self, entry: Entry) -> None:
        """Keeps an attempt whose id is new, before the terminal hears of it (law 2)."""
        mark = entry.newest
        with self._transaction() as connection:
            connection.execute(
                """INSERT INTO attempts (id, terminal, minor, currency, newest_receipt, newest_trace, opened_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)""",
                (
                    entry.id,
                    entry.terminal,
                    entry.amount.minor,
                    entry.amount.currency,
                    mark.receipt if mark else None,
                    mark.trace if mark else None,
                    stamp(entry.opened_at),
                ),
            )

    def settle(self, attempt_id: str, result: Result, *, asked: bool) -> None:
        """Keeps the outcome; `asked` when it is the terminal's answer to an inquiry. The same again changes nothing, and unknown
        may become known, an approval come into doubt; any other second word is refused, and the first one stands."""
        try:
            self._settle(attempt_id, result, asked)
        except JournalRefused as refusal:
            # A commit that failed may have been kept all the same, and then the terminal must not be told otherwise: look.
            if not isinstance(refusal.__cause__, SqlError) or not self._has(attempt_id, result):
                raise

    def not_started(self, attempt_id: str, fault: str) -> None:
        """Closes an open attempt of which the terminal never heard."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE attempts SET state = 'not-started', reason = ?, settled_at = ? WHERE id = ? AND state = 'open'",
                (fault, stamp(self._clock()), attempt_id),
            )

    def _settle(self, attempt_id: str, result: Result, asked: bool) -> None:
        with self._transaction() as connection:
            found = _first(connection, "WHERE id = ?", (attempt_id,))
            if found is None:
                raise LookupError("no such attempt")
            if found.result is not None and found.result.reason == IN_DOUBT:
                return  # a person compares
            if found.ended:
                if _agrees(found, result):
                    return
                if found.state is State.APPROVED and result.reason == IN_DOUBT:
                    doubt = "UPDATE attempts SET state = 'unknown', asked = 1, reason = ? WHERE id = ?"
                    connection.execute(doubt, (IN_DOUBT, attempt_id))
                    return
                raise JournalRefused(
                    "attempt-contradicted",
                    f"The journal has attempt {attempt_id} as {found.state}, and the terminal now says {result.outcome}. "
                    "The journal stays as it is; compare with the terminal's own receipts.",
                )
            connection.execute(
                """UPDATE attempts SET state = ?, asked = ?, taken = ?, brand = ?, last4 = ?, receipt = ?, trace = ?,
                terminal_id = ?, authorization = ?, approved_offline = ?, reason = ?, settled_at = ? WHERE id = ?""",
                (
                    result.outcome,
                    asked,
                    result.amount.minor,
                    result.card.brand,
                    result.card.last4,
                    result.receipt,
                    result.trace,
                    result.terminal_id,
                    result.authorization,
                    result.approved_offline,
                    result.reason,
                    stamp(self._clock()),
                    attempt_id,
                ),
            )

    def _has(self, attempt_id: str, result: Result) -> bool:
        found = self.find(attempt_id)
        return found is not None and _agrees(found, result)

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """BEGIN IMMEDIATE, the block, COMMIT. After SQLite's own failure the file is opened afresh by the next call."""
        with _known(self._path):
            connection = self._opened()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except SqlError:
                connection.close()
                self._connection = None
                raise
            finally:
                if self._connection is not None and connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _opened(self) -> Any:
        if self._connection is None:
            with _known(self._path):
                self._connection = _connect(self._path)
        return self._connection

    def _made(self) -> None:
        """A new file is made beside its name and renamed when it is whole: one that is there is a journal, or none of ours."""
        if self._path.exists():
            return
        new = self._path.with_name(f"{self._path.name}.new")
        with _known(self._path):
            for name in (new, new.with_name(f"{new.name}-wal"), new.with_name(f"{new.name}-shm")):
                name.unlink(missing_ok=True)
            os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            connection = sqlcipher3.connect(str(new), isolation_level=None)
            try:
                _promise(connection)
                for statement in _TABLES:
                    connection.execute(statement)
            finally:
                connection.close()
            new.rename(self._path)
            sync_folder(self._path.parent)
            sync_name(self._path.parent)


def _lock(path: Path, paying: str) -> int:
    """Takes the journal's lock (a file beside it, with our process's number and what it pays); what to close to give it back. The
    kernel does so too when the process dies, however it dies."""
    with _known(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as busy:
        pid, _, attempt = os.pread(held, 200, 0).decode("ascii", "replace").partition(" ")
        os.close(held)
        raise JournalHeld(path, int(pid) if pid.isdigit() else 0, attempt) from busy
    os.ftruncate(held, 0)
    os.pwrite(held, f"{os.getpid()} {paying}".encode("ascii"), 0)
    return held


def _connect(path: Path) -> Any:
    if path.stat().st_size < SMALLEST:
        raise _foreign(path)
    connection = sqlcipher3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=5)
    try:
        if (_value(connection, "application_id"), _value(connection, "user_version")) != (APPLICATION_ID, FORM):
            raise _foreign(path)
        _promise(connection)
        if _value(connection, "quick_check") != "ok":
            raise _damaged(path)
    except BaseException:
        connection.close()
        raise
    return connection


def _promise(connection: Any) -> None:
    for setting in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {setting}").fetchall()


def _value(connection: Any, pragma: str) -> object:
    return connection.execute(f"PRAGMA {pragma}").fetchone()[0]


@contextmanager
def _known(path: Path) -> Iterator[None]:
    """What the disk and SQLite refuse, in a sentence; a bug of ours passes."""
    try:
        yield
    except SqlError as error:
        code = error.sqlite_errorcode & 0xFF
        if code in _DAMAGED:
            raise _damaged(path) from error
        if code in _UNWRITABLE:
            raise _unwritable(path, error.sqlite_errorname) from error
        raise
    except OSError as error:
        raise _unwritable(path, error.strerror or "") from error


def _damaged(path: Path) -> JournalRefused:
    keep = "Keep it, payments may be in it; another --journal FILE begins anew."
    return JournalRefused("journal-damaged", f"The journal {path} is damaged. Nothing was charged. {keep}")


def _foreign(path: Path) -> JournalRefused:
    sentence = f"{path} is no journal of this command, or one of another release. Nothing was charged; name another file."
    return JournalRefused("journal-foreign", sentence)


def _unwritable(path: Path, why: str) -> JournalRefused:
    sentence = f"The journal {path} cannot be read or written ({why}). Without it no payment begins."
    return JournalRefused("journal-unwritable", sentence)


def _first(connection: Any, where: str, values: tuple[object, ...] = ()) -> Entry | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM attempts {where}", values).fetchone()
    return None if row is None else _entry(row)


def _entry(row: tuple[Any, ...]) -> Entry:
    state, currency = State(row[7]), row[3]
    result = None
    if state not in (State.OPEN, State.NOT_STARTED):
        result = Result(
            outcome=Outcome(state.value),
            amount=Money(row[9], currency),
            card=Card(row[10], row[11]),
            receipt=row[12],
            trace=row[13],
            terminal_id=row[14],
            authorization=row[15],
            approved_offline=bool(row[16]),
            reason=row[17],
        )
    return Entry(
        id=row[0],
        terminal=row[1],
        amount=Money(row[2], currency),
        newest=None if row[4] is None else Mark(receipt=row[4], trace=row[5]),
        opened_at=read_stamp(row[6]),
        state=state,
        result=result,
        fault="" if result else row[17],
        asked=bool(row[8]),
    )


def _agrees(found: Entry, result: Result) -> bool:
    """Whether what is kept already says what `result` says of the money."""
    kept = found.result
    return (
        kept is not None and kept.outcome is result.outcome and (not result.outcome.money_moved or kept.amount == result.amount)
    )
