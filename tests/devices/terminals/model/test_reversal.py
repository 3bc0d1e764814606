"""A technician takes a sale back at a ZVT terminal: every path with up to two faults, and every maker's way of doing it."""

from __future__ import annotations

import asyncio

import pytest

from devices.health import Condition
from devices.terminals.port import NotStarted, Reversal, ReversalEnd
from devices.terminals.zvt import reversal
from devices.terminals.zvt.connection import Registering
from devices.terminals.zvt.driver import ZvtTerminal
from devices.terminals.zvt.session import Timers
from domain.money import Money
from offline_queue.simulation.loop import VirtualLoop
from tests.devices.terminals.model.choices import Path, Walk
from tests.devices.terminals.model.house import NOON
from tests.devices.terminals.model.laws import LawBroken
from tests.devices.terminals.model.zvt_terminal import ModelLink, ModelTerminal
from tests.devices.terminals.simulated import becomes
from tests.rewriting import Rewrite, rewritten

AMOUNT = Money(100, "USD")
OLDER, NEWEST = 8, 9
"""Two sales of the same amount."""


class Technician:
    """zvt_terminal.Process: one command, which is not cut short."""

    def __init__(self) -> None:
        self.reversals = 0

    def dies(self) -> None:
        """The path's crash is a command that never ends."""

    async def alive(self) -> None:
        """As long as anybody looks."""

    def sends_sale(self) -> str:
        raise LawBroken("technician-sells-nothing")

    def sends_reversal(self) -> None:
        self.reversals += 1
        if self.reversals > 1:
            raise LawBroken("sent-once")


def play(path: Path, receipt: int) -> ReversalEnd | None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_play(path, receipt))


async def _play(path: Path, receipt: int) -> ReversalEnd | None:
    """What it ended as, None when it was not started; lawful."""
    device = ModelTerminal(path)
    sales = [device.books.charge(AMOUNT.minor, f"sale {number}") for number in (OLDER, NEWEST)]
    terminal = ZvtTerminal(ModelLink(device, Technician()), Registering("123456", "USD"), Timers(idle=60), lambda: NOON)
    await terminal.open()
    await becomes(terminal, Condition.READY)
    end = None
    try:
        end = (await terminal.reverse(Reversal(receipt, AMOUNT), lambda step: None)).end
    except NotStarted:
        end = None
    await terminal.close()
    gone = [sale.receipt for sale in sales if sale.gone]
    if end is ReversalEnd.REVERSED and gone != [receipt]:
        raise LawBroken("reversed-what-was-asked", (receipt, gone))
    if end in (ReversalEnd.REFUSED, None) and gone:
        raise LawBroken("none-forgotten", (receipt, gone))
    return end


def go(receipt: int, faults: int) -> set[ReversalEnd | None]:
    ends: set[ReversalEnd | None] = set()

    def one(path: Path) -> None:
        try:
            ends.add(play(path, receipt))
        except Exception as broken:
            broken.add_note(f"path: {path}")
            raise

    for _ in Walk(faults).all(one):
        continue
    return ends


@pytest.mark.parametrize(("receipt", "ends"), [(OLDER, 5), (NEWEST, 4)])
@pytest.mark.parametrize("faults", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_what_is_said_to_be_reversed_is(receipt: int, ends: int, faults: int) -> None:
    assert len(go(receipt, faults)) >= ends


def test_a_reversal_that_is_not_verified_is_missed() -> None:
    blind = Rewrite(
        reversal.judge_reversal, "elif amount not in (None, asked.amount) or not _may_be(asked, before, said):", "elif False:"
    )
    with rewritten(blind), pytest.raises(LawBroken, match="reversed-what-was-asked"):
        go(OLDER, 0)
