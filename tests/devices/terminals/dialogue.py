"""One sale with a terminal in memory, in virtual time: what the tests of dialogues share."""

from __future__ import annotations

from devices.health import Condition
from devices.terminals.port import Sale
from devices.terminals.zvt.driver import ZvtTerminal
from devices.terminals.zvt.packets import Kind
from domain.payment import Mark, Result
from tests.devices.terminals.simulated import Journal, becomes, sale
from tests.devices.terminals.virtual import (
    FakeLink,
    Script,
    approval,
    driver,
)
from tests.virtual_time import now, run

OLD = approval(500, receipt=7, trace=70)
SALE = sale(1234, Mark(7, 70))


async def ready(terminal: ZvtTerminal) -> None:
    await terminal.open()
    await becomes(terminal, Condition.READY)


def paid(*scripts: Script, journal: Journal | None = None, what: Sale = SALE, sends: int = 1) -> tuple[Result, FakeLink, float]:
    """The result of one sale, the link it went over, and the virtual seconds it took."""
    kept = journal or Journal()

    async def main() -> tuple[Result, FakeLink, float]:
        link = FakeLink(*scripts, sends=sends)
        terminal = driver(link)
        await ready(terminal)
        began = now()
        result = await terminal.pay(what, kept.commit, kept.steps.append)
        took = now() - began
        await terminal.close()
        return result, link, took

    result, link, took = run(main)
    assert len(kept.results) == 1
    assert kept.results[0].outcome is result.outcome
    assert link.sent(Kind.AUTHORISATION) <= 1
    return result, link, took
