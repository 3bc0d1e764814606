"""The shipped NEO 2 driver against the simulated reader on a pty: every behaviour, every fault of the line, and the gateway's own
opening of the card that comes out of it. The driver breaks no rule of the protocol."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from devices.health import Condition
from devices.terminals.port import NotStarted, Terminal
from devices.terminals.simulator.books import open_books
from devices.terminals.simulator.cards import Cardholder, Pace
from devices.terminals.simulator.faults import Faults
from devices.terminals.simulator.machine import Machine
from devices.terminals.simulator.neo2.device import TEST_BDK, TEST_KSN, Device
from devices.terminals.simulator.neo2.mind import neo2_machine
from devices.terminals.simulator.wires import PtyWire
from devices.terminals.uris import machine_time, open_terminal
from domain.payment import Outcome, Result
from hub.gateway.cards import is_card
from tests.devices.terminals.neo2.bank import Bank
from tests.devices.terminals.simulated import Journal, becomes, sale, sell
from tests.log_watch import LogWatch

PACE = Pace(card=0.01, bank=0.01, slow=0.1, answer=0.5, card_timeout=10, repeat=0.05)
TIMES = "t1=0.1&answer=1&card=2&process=1&stop=1&recovery=2&retry=0.02&retry_most=0.1"


class Lobby:
    """The reader, the driver, the bank, and what the reader told."""

    def __init__(self, machine: Machine, driver: Terminal, bank: Bank, reports: list[dict[str, Any]]) -> None:
        self.machine = machine
        self.driver = driver
        self.bank = bank
        self._reports = reports

    def told(self, what: str) -> list[Any]:
        return [report[what] for report in self._reports if what in report]

    async def pays(self, minor: int = 1250) -> Result:
        return await sell(self.driver, Journal(), minor)

    async def reaches(self, state: str) -> None:
        async with asyncio.timeout(20):
            while state not in [said["state"] for said in self.told("sale")]:  # noqa: ASYNC110 - reports have no bell
                await asyncio.sleep(0.005)

    def agrees(self, result: Result | None, minor: int = 1250) -> None:
        """What the driver says and what the bank holds are the same."""
        held = [money.minor for money in self.bank.holds.values()]
        if result is not None and result.outcome is Outcome.APPROVED:
            assert held == [minor]
        elif result is None or result.outcome is not Outcome.UNKNOWN:
            assert held == []
        assert self.told("violation") == []


@contextlib.asynccontextmanager
async def lobby(way: str = "tap", manual: bool = False, options: str = "", captures: bool = False) -> AsyncIterator[Lobby]:
    reports: list[dict[str, Any]] = []
    cards, keys = Cardholder(manual, way, PACE), (bytes.fromhex(TEST_BDK), bytes.fromhex(TEST_KSN))
    device = Device(open_books(None, machine_time), cards, PACE, reports.append, random.Random(5), *keys)
    machine = neo2_machine(PtyWire(None), Faults(5, reports.append), device)
    await machine.start()
    uri, bank = f"neo2+serial://{machine.where()['path']}?{TIMES}{options}", Bank()
    driver = open_terminal(uri, password="", currency="EUR", authorizer=bank, captures=captures)
    await driver.open()
    try:
        yield Lobby(machine, driver, bank, reports)
    finally:
        await driver.close()
        await machine.stop()


@pytest.mark.parametrize("marks", [False, True])
@pytest.mark.parametrize("way", ["tap", "insert"])
async def test_a_card_goes_to_the_gateway_and_opens_there(way: str, marks: bool) -> None:
    async with lobby(way) as there:
        await becomes(there.driver, Condition.READY)
        await there.machine.obey({"set": {"marks": marks}})
        result = await there.pays()
        there.agrees(result)
        assert result.outcome is Outcome.APPROVED
        assert result.card.brand in ("Visa", "Mastercard", "American Express")
        assert len(result.card.last4) == 4
        assert result.terminal_id == "SIM0000042"
        assert is_card(bytes.fromhex(TEST_BDK), there.bank.cards[0])


@pytest.mark.parametrize(
    ("behaviour", "way", "outcome"),
    [
        ("decline", "tap", Outcome.DECLINED),
        ("decline", "insert", Outcome.DECLINED),
        ("read-error", "tap", Outcome.DECLINED),
        ("slow", "tap", Outcome.APPROVED),
        ("tells", "insert", Outcome.APPROVED),
        ("asks", "insert", Outcome.DECLINED),
        ("other-amount", "tap", Outcome.CANCELLED),
        ("no-ksn", "tap", Outcome.CANCELLED),
        ("approve-offline", "tap", Outcome.APPROVED),
    ],
)
async def test_behaviours(behaviour: str, way: str, outcome: Outcome) -> None:
    async with lobby(way) as there:
        await becomes(there.driver, Condition.READY)
        await there.machine.obey({"behave": behaviour})
        result = await there.pays()
        there.agrees(result)
        assert result.outcome is outcome
        assert there.driver.health().condition is Condition.READY


async def test_a_card_that_declines_what_the_bank_approved(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")
    async with lobby("insert") as there:
        await becomes(there.driver, Condition.READY)
        await there.machine.obey({"behave": "card-declines"})
        result = await there.pays()
        there.agrees(result)
        assert (result.outcome, result.reason) == (Outcome.DECLINED, "card-declined")


@pytest.mark.parametrize(("behaviour", "fault"), [("in-clear", "terminal-unencrypted"), ("tampered", "terminal-tampered")])
async def test_one_that_must_not_be_used_any_more(behaviour: str, fault: str) -> None:
    async with lobby() as there:
        await becomes(there.driver, Condition.READY)
        await there.machine.obey({"behave": behaviour})
        result = await there.pays()
        there.agrees(result)
        assert (result.outcome, result.reason) == (Outcome.CANCELLED, fault)
        assert (there.driver.health().condition, there.driver.health().fault) == (Condition.LATCHED, fault)
        await there.machine.obey({"behave": "approve"})
        with pytest.raises(NotStarted, match=fault):
            await there.pays()


async def test_a_busy_reader_starts_nothing() -> None:
    async with lobby() as there:
        await becomes(there.driver, Condition.READY)
        await there.machine.obey({"behave": "busy"})
        with pytest.raises(NotStarted, match="terminal-busy"):
            await there.pays()
        there.agrees(None)


async def test_a_tampered_state_that_is_asked_for_and_another_reader() -> None:
    async with lobby(options="&tamper=0400") as there:
        await becomes(there.driver, Condition.READY)
        await there.machine.obey({"set": {"tampered": True}})
        with pytest.raises(NotStarted, match="terminal-tampered"):
            await there.pays()
    async with lobby(options="&serial=OTHER") as there:
        await becomes(there.driver, Condition.OUT)
        assert there.driver.health().fault == "terminal-other"


@pytest.mark.parametrize("behaviour", ["approve", "late-response"])
async def test_a_cancel_while_a_card_is_awaited(behaviour: str) -> None:
    async with lobby(manual=True) as there:
        await becomes(there.driver, Condition.READY)
        await there.machine.obey({"behave": behaviour})
        paying = asyncio.ensure_future(there.pays())
        await there.reaches("waiting-card")
        await there.driver.cancel()
        result = await paying
        there.agrees(result)
        assert result.outcome is Outcome.CANCELLED
        assert there.bank.calls == [], "no bank hears of a card that came after the stop"


@pytest.mark.parametrize("behaviour", ["silent-after-approve", "garbage", "half-frame", "nothing"])
async def test_a_card_that_is_read_and_not_told_of(log_watch: LogWatch, behaviour: str) -> None:
    log_watch.expect("terminal.frame")
    async with lobby(options="&idle=0.5") as there:
        await becomes(there.driver, Condition.READY)
        await there.machine.obey({"behave": behaviour})
        result = await there.pays()
        there.agrees(result)
        assert result.outcome is Outcome.CANCELLED
        await there.machine.obey({"behave": "approve"})
        await becomes(there.driver, Condition.READY)


async def test_a_capture_while_the_hub_is_away_opens_at_the_gateway() -> None:
    async with lobby(captures=True) as there:
        await becomes(there.driver, Condition.READY)
        journal = Journal()
        offline = sale(1250)
        offline = type(offline)(offline.attempt, offline.amount, None, offline.opened_at, offline=True)
        result = await there.driver.pay(offline, journal.commit, journal.steps.append)
        assert result.outcome is Outcome.CAPTURED
        assert result.card_data is not None
        assert is_card(bytes.fromhex(TEST_BDK), result.card_data)
        assert there.bank.calls == []


def orders() -> list[dict[str, Any]]:
    once = [{"fault": name, "way": way} for name in ("drop", "truncate", "flip", "duplicate", "dribble") for way in ("in", "out")]
    later = [{"fault": "delay", "way": way, "ms": 100, "count": 3} for way in ("in", "out")]
    return [*once, *later]


@pytest.mark.parametrize("way", ["tap", "insert"])
@pytest.mark.parametrize("order", orders(), ids=lambda order: "-".join(str(value) for value in order.values()))
async def test_a_line_that_fails_once_in_a_sale(log_watch: LogWatch, order: dict[str, Any], way: str) -> None:
    async with lobby(way, manual=True) as there:
        await becomes(there.driver, Condition.READY)
        paying = asyncio.ensure_future(there.pays())
        await there.reaches("waiting-card")
        await there.machine.obey(order)
        await there.machine.obey({"card": way})
        result = await paying
        await becomes(there.driver, Condition.READY)
        there.agrees(result)
    for event in {said["event"] for said in log_watch.events if said["level"] == "warning"}:
        assert event in ("terminal.frame", "terminal.unconfirmed")
        log_watch.expect(event)
