"""What a kiosk has promised, read from what it said, and whether the memory that it left keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from domain.payment import Attempt
from offline_queue import attempts
from offline_queue.attempts import Found, State
from offline_queue.errors import QueueError
from offline_queue.folder import key_file
from offline_queue.journal import Journal
from offline_queue.reader import JournalReader
from offline_queue.sqlcipher import Connection
from offline_queue.wire import chain, sealing
from offline_queue.wire.messages import PaymentRecord
from tests.offline_queue.world import HUB_KEY, World

ABSENT = "absent"


@dataclass(slots=True)
class Promises:
    """`states` are those that an attempt may be in: the last one that was promised, and what was asked for since."""

    started: bool = False
    enrolled: bool = False
    states: dict[str, list[str]] = field(default_factory=dict)
    outcomes: dict[str, set[str]] = field(default_factory=dict)
    """Every outcome that the terminal said of an attempt."""
    parts: dict[str, dict[str, int]] = field(default_factory=dict)
    """What of an attempt was for which statement, of those that were for several."""
    at_hub: list[tuple[str, str]] = field(default_factory=list)
    """What the hub stores: (pid, hash), in order. It had that from us, so we know it."""
    delivered: int = 0
    """Up to which record we have promised to know that the hub has it."""

    def hear(self, line: bytes) -> None:
        """One line of what the victim said."""
        words = json.loads(line)
        step, attempt = words.get("asks") or words.get("did") or words.get("to"), words.get("attempt")
        if "hub" in words:
            self.at_hub += [(pid, hash_) for pid, hash_ in words["hub"]]
        elif "did" in words and step == "start":
            self.started = True
        elif "did" in words and step == "enrol":
            self.enrolled = True
        elif "did" in words and step == "deliver":
            self.delivered = words["head"]
        elif attempt is not None:
            if words.get("parts"):
                self.parts[attempt] = words["parts"]
            self._hear_of(attempt, words, State.OPEN.value if step == "open" else words["outcome"])

    def _hear_of(self, attempt: str, words: dict[str, str], state: str) -> None:
        states = self.states.setdefault(attempt, [ABSENT])
        if "asks" in words:
            states.append(state)
            self.outcomes.setdefault(attempt, set()).add(state)
        elif "did" in words:
            del states[: states.index(state)]
        elif state == State.OPEN:
            states.append(State.NOT_STARTED.value)  # nobody will charge it: the journal may have closed it

    @classmethod
    def of(cls, lines: Iterable[bytes]) -> Promises:
        promises = cls()
        for line in lines:
            promises.hear(line)
        return promises


@dataclass(frozen=True, slots=True)
class Row:
    """A record of the outbox."""

    seq: int
    pid: str
    outcome: str
    kid: str
    sealed: bytes | None
    hash: str
    state: str


def by_statement(attempt: Attempt) -> dict[str, int]:
    """What of `attempt` is for which statement, empty where it is for one."""
    return {part.statement: part.amount.minor for part in attempt.parts}


async def broken(folder: Path, promises: Promises, world: World, *, go_on: bool) -> list[str]:
    """Opens the memory as the kiosk does at its next start. Returns every promise that it does not keep, none when all is well.
    With `go_on`, the kiosk must be able to take a payment then, and know it after one more start."""
    try:
        journal = await world.journal(folder)
    except QueueError as error:
        return [f"does not open: {error}"]
    try:
        found = list(_unlike(await _seen(folder, journal), promises))
        paid = await world.paid(journal) if go_on and promises.enrolled and not found else []
    finally:
        await journal.close()
    for attempt in paid:
        journal = await world.journal(folder)
        kept = await journal.find(attempt.id)
        await journal.close()
        if kept is None or kept.state is not State.APPROVED:
            found.append(f"{attempt.id} was paid after it, and is {kept.state if kept else ABSENT}")
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """What is in a memory."""

    has_key: bool
    kiosk: str
    attempts: dict[str, Found]
    rows: list[Row]
    queued: int


async def _seen(folder: Path, journal: Journal) -> Seen:
    def read(connection: Connection) -> tuple[dict[str, Found], list[Row]]:
        ids = [row[0] for row in connection.execute("SELECT id FROM attempts ORDER BY number").fetchall()]
        found = {attempt: attempts.find(connection, attempt) for attempt in ids}
        sql = "SELECT seq, attempt, outcome, kid, sealed, hash, state FROM outbox ORDER BY epoch, seq"
        rows = [Row(*row) for row in connection.execute(sql).fetchall()]
        return {attempt: one for attempt, one in found.items() if one is not None}, rows

    found, rows = await journal._transact(read)
    with JournalReader(folder) as reader:
        queued = reader.queue().depth
    who = journal.identity()
    return Seen(key_file(folder).exists(), who.kiosk if who else "", found, rows, queued)


def _unlike(seen: Seen, promises: Promises) -> Iterator[str]:
    """In what the memory differs from what was promised."""
    if not seen.has_key:
        yield "the key file is not there"
    if promises.enrolled and not seen.kiosk:
        yield "the enrolment is lost"
    yield from _attempts(seen, promises)
    yield from _outbox(seen, promises)


def _attempts(seen: Seen, promises: Promises) -> Iterator[str]:
    for attempt in seen.attempts.keys() - promises.states.keys():
        yield f"{attempt} was never asked for"
    for attempt, states in promises.states.items():
        found = seen.attempts.get(attempt)
        state = found.state.value if found else ABSENT
        if state not in states:
            yield f"{attempt} is {state}, and was promised to be {' or '.join(states)}"
        if (
            found
            and found.state in (State.OPEN, State.UNKNOWN)
            and by_statement(found.attempt) != promises.parts.get(attempt, {})
        ):
            yield f"{attempt} is {state}, and is not known to be for {promises.parts.get(attempt)}"
        queued = {row.outcome for row in seen.rows if row.pid == attempt}
        if state in ("approved", "captured", "unknown") and state not in queued:
            yield f"{attempt} is {state}, and the hub will not hear of it"


def _outbox(seen: Seen, promises: Promises) -> Iterator[str]:
    before = chain.FIRST_HASH
    for number, row in enumerate(seen.rows, start=1):
        if row.seq != number:
            yield f"record {number} is missing: there is {row.seq}"
        if row.outcome not in promises.outcomes.get(row.pid, set()):
            yield f"record {number} says {row.outcome} of {row.pid}, which the terminal never said"
        if row.sealed is None:
            if row.state == "queued" or row.seq > promises.delivered:
                yield f"record {number} has lost its payload"
        else:
            if chain.link(before, 1, row.seq, row.pid, row.sealed) != row.hash:
                yield f"record {number} breaks the chain"
            plain = _inside(row.sealed, sealing.context(seen.kiosk, 1, row.seq, row.pid, row.kid))
            if (plain.pid, plain.outcome.value) != (row.pid, row.outcome):
                yield f"record {number} says {plain.outcome} of {plain.pid} inside, and {row.outcome} of {row.pid} outside"
            told = {part.statement: part.minor for part in plain.parts}
            if told != promises.parts.get(row.pid, {}):
                yield f"record {number} says {told}, and was for {promises.parts.get(row.pid)}"
        if row.state == "queued" and row.seq <= promises.delivered:
            yield f"record {number} waits for the hub, which was promised to be known to have it"
        before = row.hash
    if [(row.pid, row.hash) for row in seen.rows[: len(promises.at_hub)]] != promises.at_hub:
        yield "the hub stores what we do not know"
    if seen.queued != sum(row.state == "queued" for row in seen.rows):
        yield "the reader counts otherwise"


@lru_cache(maxsize=1_000)  # the same records are found after one cut as after the next
def _inside(sealed: bytes, info: bytes) -> PaymentRecord:
    return PaymentRecord.model_validate_json(sealing.unseal(sealed, HUB_KEY, info))
