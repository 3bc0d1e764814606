"""sim: a terminal that needs none: it is started, takes a payment, and is gone without a trace."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from devices.health import Condition
from devices.terminals.port import Terminal
from devices.terminals.simulated import SimulatedTerminal
from devices.terminals.uris import open_terminal
from domain.payment import Outcome
from tests.devices.terminals.neo2.bank import Bank
from tests.devices.terminals.simulated import Journal, becomes, sale, sell


def started(terminal: Terminal) -> tuple[int, Path]:
    """The simulator's process, and the folder of its line."""
    assert isinstance(terminal, SimulatedTerminal)
    child: Any = terminal._child
    return child.pid, terminal._line.parent


def runs(pid: int) -> bool:
    """A zombie runs, too: it has not been waited for."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("uri", ["sim:?retry=0.05", "sim:zvt?retry=0.05&tid=52523535", "sim:neo2?retry=0.05"])
async def test_a_payment_without_a_terminal(uri: str) -> None:
    terminal = open_terminal(uri, password="123456", currency="EUR", authorizer=Bank())
    assert terminal.health().condition is Condition.AWAY
    await terminal.close()
    await terminal.open()
    pid, folder = started(terminal)
    try:
        await terminal.open()
        await becomes(terminal, Condition.READY)
        assert started(terminal) == (pid, folder)
        assert runs(pid)
        journal = Journal()
        assert (await sell(terminal, journal, 1250)).outcome is Outcome.APPROVED
        assert journal.approved == [1250]
        assert terminal.capabilities.protocol in uri.replace("sim:?", "zvt")
        assert folder.parent == Path(tempfile.gettempdir())
    finally:
        await terminal.close()
    assert not runs(pid)
    assert not folder.exists()


async def test_its_books_are_kept(tmp_path: Path) -> None:
    uri = f"sim:?retry=0.05&books={tmp_path / 'books.json'}"
    receipts = []
    for minor in (700, 800):
        terminal = open_terminal(uri, password="123456", currency="EUR")
        await terminal.open()
        try:
            await becomes(terminal, Condition.READY)
            receipts.append((await sell(terminal, Journal(), minor)).receipt)
        finally:
            await terminal.close()
    assert receipts == [1, 2]


async def test_a_sale_is_cancelled_and_asked_after_like_any_other() -> None:
    terminal = open_terminal("sim:?retry=0.05", password="123456", currency="EUR")
    await terminal.open()
    try:
        await becomes(terminal, Condition.READY)
        journal = Journal()
        newest = await terminal.newest()
        await terminal.cancel()
        result = await terminal.pay(sale(1250, newest), journal.commit, journal.steps.append)
        assert (result.outcome, result.reason) == (Outcome.CANCELLED, "cancelled-before-start")
        assert (await terminal.inquire(sale(1250, newest))).outcome is Outcome.UNKNOWN
    finally:
        await terminal.close()


@pytest.mark.parametrize("uri", ["sim:ecr17", "sim://localhost", "sim:?colour=red", "sim:?t4"])
async def test_what_cannot_be_simulated(uri: str) -> None:
    with pytest.raises(ValueError):
        open_terminal(uri, password="123456", currency="EUR")


async def test_it_is_mended_by_the_kiosk_that_owns_it() -> None:
    """Whatever a driver is asked for holds for a simulated terminal too."""
    terminal = open_terminal("sim:", password="123456", currency="EUR", mends=True)
    assert isinstance(terminal, SimulatedTerminal)
    driver: Any = terminal._driver
    assert driver._registering.mends
