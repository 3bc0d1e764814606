"""Laws taken out of the shipped code, one at a time, for the length of a block: the simulated days must notice each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from domain import limits
from hub import intake, ledger, posting
from offline_queue import attempts, news, outbox
from offline_queue.journal import Journal
from offline_queue.sync import Sync
from tests.rewriting import Rewrite, rewritten

REFUSED = "refused"
"""Not a law of the days: a database of kiosk or hub refuses it, or a backup fails its audit."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """What is wrong then, in a few words; how it is done; and which `laws` a day breaks then. Days with these `events` show it
    soon."""

    name: str
    laws: frozenset[str]
    rewrites: tuple[Rewrite, ...]
    events: Mapping[str, float] | None = None


@contextmanager
def mutated(mutation: Mutation) -> Iterator[None]:
    with rewritten(*mutation.rewrites):
        yield


def _one(name: str, laws: set[str], function: Callable[..., Any], old: str, new: str, **events: float) -> Mutation:
    return Mutation(name, frozenset(laws), (Rewrite(function, old, new),), events or None)


MUTATIONS = (
    _one(
        "G1: an older generation is believed",
        {"generation", "believed", "one-history", "posted-once", "needless", "converges"},
        outbox.heard,
        "if word.gen < gen:",
        "if False:",
        restore=2,
        backup=1,
    ),
    _one(
        "G2: a newer generation does not rewind",
        {"believed", "one-history", "posted-once", "converges"},
        outbox.heard,
        "AND seq > ? AND sealed IS NOT NULL AND state <> 'queued'",
        "AND seq > ? + 1000 AND sealed IS NOT NULL AND state <> 'queued'",
        restore=1,
        line=1,
    ),
    _one(
        "G3: what no backup holds is forgotten",
        {"needless", "believed", "one-history", "posted-once"},
        outbox.heard,
        "min(word.durable_seq, word.head.seq)",
        "word.head.seq",
        week=1,
        restore=1,
    ),
    _one(
        "G4: a payment is told apart from a new one for a day only",
        {REFUSED, "posted-once"},
        posting._judged,
        "known = work.known.get(record.pid)",
        "known = work.known.get(record.pid)\n"
        "    if (work.place.now - record.settled_at).days:\n"
        "        known = work.known.clear()",
        week=1,
        enrol=1,
    ),
    _one(
        "G5: a result told again is recorded again",
        {REFUSED, "posted-once"},
        attempts.settle,
        "if agrees(found, result):",
        "if False:",
        power=1,
    ),
    Mutation(
        "an attempt is committed after the terminal was armed",
        frozenset({"committed-first", "limits", REFUSED}),
        (
            Rewrite(
                Journal.open_attempt,
                "await self._run(self._open_attempt, who, attempt, limits, now)",
                "self.__dict__.setdefault('late', {})[attempt.id] = (who, attempt, limits, now)",
            ),
            Rewrite(
                Journal.settle,
                "who, now = self._enrolled(), self._clock()",
                "if attempt_id in self.__dict__.get('late', {}):\n"
                "        await self._run(self._open_attempt, *self.late.pop(attempt_id))\n"
                "    who, now = self._enrolled(), self._clock()",
            ),
        ),
        {"power": 1},
    ),
    _one(
        "unknown becomes declined at the kiosk",
        {"unknown-stays"},
        attempts.settle,
        "    moved, unknown = ",
        "    result = Result(Outcome.DECLINED, result.amount) if result.outcome is Outcome.UNKNOWN else result\n"
        "    moved, unknown = ",
    ),
    _one(
        "unknown is posted as if it were approved",
        {"audit", "only-acknowledged", REFUSED},
        posting._carry_out,
        "if record.outcome is Outcome.UNKNOWN:",
        "if False:",
        resolve=1,
    ),
    _one(
        "the total leaves out the payment itself", {"limits"}, limits.breach, "standing.total + amount", "standing.total", line=1
    ),
    _one(
        "the count leaves out the payment itself",
        {"limits"},
        limits.breach,
        "standing.count + 1 > limits.count",
        "standing.count > limits.count",
        line=1,
    ),
    _one(
        "payments are not told apart by their id",
        {REFUSED, "posted-once", "only-acknowledged"},
        posting._judged,
        "known = work.known.get(record.pid)",
        "known = work.known.clear()",
        enrol=1,
    ),
    _one(
        "the hub takes a batch behind a gap",
        {"audit", "believed", "converges", "posted-once", REFUSED},
        intake._conflict,
        "if first > at.seq + 1:",
        "if False:",
        restore=1,
        line=0.3,
    ),
    _one("the hub takes again what it has", {REFUSED}, intake.take, "if pair[0].seq > kiosk.head_seq", "if True"),
    _one(
        "the hub answers before it has committed, and what it answered is gone",
        {"believed", "posted-once", "one-history", "unknown-stays"},
        intake.take,
        "with hub.store.writing() as connection:",
        "with (hub.store.reading if batch.records[-1].hash < '4' else hub.store.writing)() as connection:",
    ),
    Mutation(
        "the answer to another batch is applied",
        frozenset({"believed", "one-history", "posted-once"}),
        (
            Rewrite(
                Sync._take,
                "if told != [(record.seq, record.pid) for record in batch.records]:",
                "mine = zip(answer.results, batch.records)\n"
                "    results = [result.model_copy(update={'seq': record.seq, 'pid': record.pid}) for result, record in mine]\n"
                "    answer = answer.model_copy(update={'results': tuple(results)})\n"
                "    if False:",
            ),
            Rewrite(outbox.delivered, "AND state = 'queued' AND seq <= ?", "AND state = 'queued' AND ? >= 0"),
        ),
        {"nothing": 1},
    ),
    _one(
        "a fork is not seen",
        {"one-history", "believed", "posted-once"},
        outbox.heard,
        "if _hash_at(connection, identity.epoch, word.head.seq) != word.head.hash:",
        "if False:",
        image=1,
        **{"set-back": 1},
    ),
    _one(
        "what is carried into a new enrolment forgets where it was sealed",
        {"audit", "posted-once"},
        outbox.carry,
        "coalesce(origin_epoch, epoch), coalesce(origin_seq, seq)",
        "NULL, NULL",
        enrol=1,
    ),
    _one(
        "what waits is not carried into a new enrolment",
        {"drained", "standing", "believed", "posted-once", "audit"},
        outbox.carry,
        "FROM waiting WHERE epoch = ?",
        "FROM waiting WHERE epoch = ? AND seq < 0",
        enrol=1,
    ),
    _one(
        "what the bank declines stays posted here",
        {"told"},
        news.take,
        "if row is not None and row[2] in _FROM[outcome.status]:",
        "if False:",
        decline=1,
    ),
    _one(
        "a payment for several bills is the first one's alone",
        {"audit", "parted"},
        ledger.Books.post_payment,
        "for share in shares:",
        "for share in [Share(shares[0].account, shares[0].statement, taken)]:",
    ),
    _one(
        "of several bills the kiosk tells the hub the first alone",
        {"parted"},
        outbox._payment,
        "parts=record_parts(attempt.parts, amount)",
        "parts=()",
    ),
    _one(
        "the chain begins afresh with each record",
        {"chain", "audit", "converges"},
        outbox._link,
        "chain.link(last.hash,",
        "chain.link(chain.FIRST_HASH,",
    ),
)
