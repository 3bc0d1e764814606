"""Laws taken out of the shipped code, one at a time, for the length of a block: the simulated days must notice each."""

from __future__ import annotations
import __future__ as future

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FunctionType
from typing import Any, cast

from domain import limits
from hub import intake, posting
from offline_queue import attempts, outbox
from offline_queue.journal import Journal


@dataclass(frozen=True, slots=True)
class Rewrite:
    """`old`, which stands once in the source of `function`, becomes `new`."""

    function: Callable[..., Any]
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutation:
    """What is wrong then, in a few words; how it is done; and from which seed on a day soon shows it, by a law that is broken or
    by what the database itself refuses."""

    name: str
    rewrites: tuple[Rewrite, ...]
    first: int


@contextmanager
def mutated(mutation: Mutation) -> Iterator[None]:
    """Whoever holds the function, by whatever name, runs it as rewritten."""
    with ExitStack() as stack:
        for rewrite in mutation.rewrites:
            stack.enter_context(_rewritten(rewrite))
        yield


@contextmanager
def _rewritten(rewrite: Rewrite) -> Iterator[None]:
    function = cast(FunctionType, inspect.unwrap(rewrite.function))
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(rewrite.old) != 1:
        raise LookupError(f"{function.__qualname__} has {rewrite.old!r} {source.count(rewrite.old)} times")
    names: dict[str, Any] = dict(function.__globals__)
    code = compile(source.replace(rewrite.old, rewrite.new), function.__qualname__, "exec", future.annotations.compiler_flag)
    exec(code, names)
    new = cast(FunctionType, inspect.unwrap(names[function.__name__]))
    before, function.__code__ = function.__code__, new.__code__
    try:
        yield
    finally:
        function.__code__ = before


def _one(name: str, function: Callable[..., Any], old: str, new: str, first: int = 0) -> Mutation:
    return Mutation(name, (Rewrite(function, old, new),), first)


MUTATIONS = (
    _one("G1: an older generation is believed", outbox.heard, "if word.gen < gen:", "if False:", 30),
    _one(
        "G2: a newer generation does not rewind",
        outbox.heard,
        "AND seq > ? AND sealed IS NOT NULL AND state <> 'queued'",
        "AND seq > ? AND sealed IS NOT NULL AND state <> 'queued' AND 0",
    ),
    _one("G5: a result told again is recorded again", attempts.settle, "if agrees(found, result):", "if False:", 15),
    Mutation(
        "an attempt is committed after the terminal was armed",
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
        0,
    ),
    _one(
        "unknown becomes declined at the kiosk",
        attempts.settle,
        "    moved, unknown = ",
        "    result = Result(Outcome.DECLINED, result.amount) if result.outcome is Outcome.UNKNOWN else result\n"
        "    moved, unknown = ",
    ),
    _one(
        "unknown is posted as if it were approved",
        posting._carry_out,
        "if record.outcome is Outcome.UNKNOWN:",
        "if False:",
    ),
    _one("the total leaves out the payment itself", limits.breach, "standing.total + amount", "standing.total"),
    _one(
        "the count leaves out the payment itself",
        limits.breach,
        "standing.count + 1 > limits.count",
        "standing.count > limits.count",
        10,
    ),
    _one(
        "payments are not told apart by their id",
        posting._judged,
        "known = work.known.get(record.pid)",
        "known = work.known.clear()",
    ),
    _one("the hub takes a batch behind a gap", intake._conflict, "if first > at.seq + 1:", "if False:"),
    _one("the hub takes again what it has", intake.take, "if pair[0].seq > kiosk.head_seq", "if True"),
    _one("the chain begins afresh with each record", outbox._link, "chain.link(last.hash,", "chain.link(chain.FIRST_HASH,"),
)
