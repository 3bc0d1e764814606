"""Laws of the sale taken out of the shipped code, one at a time: the walk over all paths must come upon each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devices.terminals.neo2 import sale as neo2
from devices.terminals.neo2.driver import Neo2Terminal
from devices.terminals.zvt import recovery
from devices.terminals.zvt.driver import ZvtTerminal
from devices.terminals.zvt.sale import SaleRun
from kiosk.engine import Engine
from tests.rewriting import Rewrite


@dataclass(frozen=True, slots=True)
class Mutation:
    """What is wrong then, and which `laws` a path breaks then. It shows with so many `patients` and `faults`, the first of them
    where a choice's name begins with `at`."""

    name: str
    laws: frozenset[str]
    rewrites: tuple[Rewrite, ...]
    patients: int = 1
    faults: int = 1
    at: str = ""


def _one(name: str, laws: set[str], function: Callable[..., Any], old: str, new: str, **shows: Any) -> Mutation:
    return Mutation(name, frozenset(laws), (Rewrite(function, old, new),), **shows)


ENGINE = (
    _one(
        "no recovery on start",
        {"left-open", "asked-first"},
        Engine.run,
        "found = await self._memory.to_inquire()",
        "found = None",
    ),
    _one(
        "the next patient is served before the unknown sale was asked after",
        {"asked-first", "left-open", "told-in-the-end"},
        Engine._glance,
        "and self._to_inquire is None",
        "",
        patients=2,
    ),
)

ZVT = (
    _one(
        "timeout treated as declined",
        {"none-forgotten"},
        ZvtTerminal._recover,
        "taken or nothing(sale, Outcome.UNKNOWN, reason)",
        "taken or nothing(sale, Outcome.DECLINED, reason)",
    ),
    _one(
        "an approval is accepted before it is committed",
        {"committed-before-accepted"},
        SaleRun._answer,
        "await asyncio.wait({self._committing}, timeout=self._moment)",
        "return ACCEPTED",
    ),
    _one(
        "the sale is sent again after silence",
        {"sent-once"},
        ZvtTerminal._pay,
        "result = await self._recover(sale, run)",
        "await self._connect()\n        result = await self._charge(sale, run) or await self._recover(sale, run)",
    ),
    _one(
        "the last receipt is believed without its numbers",
        {"own-receipt"},
        recovery._doubt,
        "if receipt is None or not is_newer(receipt, sale.newest.receipt, _RECEIPTS):",
        "trace = None\n    if receipt is None:",
    ),
    _one(
        "a last receipt that is left out is taken for none at all",
        {"own-receipt"},
        recovery.mark_of,
        "return None if status is None or receipt is None else",
        "return Mark(0, 0) if status is None or receipt is None else",
        faults=2,
        at="the last receipt",
    ),
    _one(
        "a reversal of the sale is taken for the sale",
        {"own-receipt"},
        recovery._doubt,
        "if takes_back(status):",
        "if False:",
    ),
    _one("the amount is not compared", {"own-amount"}, SaleRun._status, "elif is_for(self._sale, packet):", "elif True:"),
    _one(
        "the last receipt's amount is not compared",
        {"own-amount"},
        recovery._doubt,
        "or not is_for(sale, status):",
        "or False:",
        faults=2,
        at="the bank",
    ),
    _one(
        "what was handed back is believed when it is shown again",
        {"approved-stands"},
        ZvtTerminal.inquire,
        "if sale.doubt in NOT_BELIEVED:",
        "if False:",
        faults=2,
        at="result is committed",
    ),
    _one(
        "goods that were not issued are taken for paid back, whatever the terminal says",
        {"none-forgotten"},
        SaleRun.verdict,
        "Outcome.CANCELLED if gone else Outcome.UNKNOWN",
        "Outcome.CANCELLED",
        faults=2,
        at="result is committed",
    ),
    _one(
        "a terminal that gave up before our yes is taken for paid",
        {"approved-stands"},
        SaleRun.verdict,
        "if final.kind is Kind.ABORT:",
        "if False:",
        at="result is committed",
    ),
    _one(
        "a yes that may not have been heard is taken for heard",
        {"approved-stands"},
        ZvtTerminal._charge,
        "return nothing(sale, Outcome.UNKNOWN, IN_DOUBT) if run.against else None",
        "return run.committed",
    ),
)

NEO2 = (
    _one(
        "timeout treated as declined",
        {"none-forgotten"},
        neo2.SaleRun.authorised,
        "self.unasked(Outcome.UNKNOWN, lost.reason)",
        "self.unasked(Outcome.DECLINED, lost.reason)",
    ),
    _one(
        "silence of the hub is taken for a question that it has not heard",
        {"none-forgotten"},
        neo2.SaleRun.authorised,
        "except NotReached as away:",
        "except (NotReached, Unanswered) as away:",
    ),
    _one(
        "the hub is asked to charge again after silence",
        {"sent-once"},
        neo2.SaleRun.authorised,
        "self._authorizer.inquire(self._sale.attempt)",
        "self._ask(read)",
    ),
    _one(
        "an approval is not taken back when the card declines",
        {"none-forgotten"},
        Neo2Terminal._sell,
        'return await run.taken_back(Outcome.DECLINED, "card-declined")',
        'return nothing(sale, Outcome.DECLINED, "card-declined")',
        at="the card",
    ),
    _one(
        "what nobody has heard to be taken back counts as taken back",
        {"none-forgotten"},
        neo2.SaleRun.taken_back,
        "return nothing(self._sale, Outcome.UNKNOWN, reason)",
        "return ended",
        faults=2,
        at="the card",
    ),
    _one(
        "an approval that could not be committed is not taken back",
        {"none-forgotten"},
        neo2.SaleRun.close,
        "await self.taken_back(Outcome.CANCELLED, COMMIT_FAILED)",
        "nothing(self._sale, Outcome.CANCELLED, COMMIT_FAILED)",
        at="result is committed",
    ),
)
