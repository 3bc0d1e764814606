"""No path charges twice, none forgets: random faults at every step of several sales, in virtual time.

The terminal here is a model with a ledger, faithful to what the driver may rely on and as nasty as it may be otherwise.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import pytest
import structlog
from hypothesis import example, given, settings
from hypothesis import strategies as st

from devices.health import DeviceError
from devices.terminals.port import NotStarted, Sale, Step
from devices.terminals.zvt.bmp import fields
from devices.terminals.zvt.driver import ZvtTerminal
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet
from domain.payment import IN_DOUBT, Outcome, Result
from tests.devices.terminals.simulated import sale
from tests.devices.terminals.virtual import (
    COMPLETION,
    FakeLink,
    Peer,
    abort,
    answer,
    approval,
    driver,
    failure,
    shows,
)
from tests.virtual_time import run

FAULTS = ("none", "silence", "cut", "garbage", "stray")


@dataclass(frozen=True)
class Plan:
    """What goes wrong in one sale: a fault before each of the terminal's packets, the bank's word, a failing commit, a cancel."""

    faults: tuple[str, ...]
    bank: str
    failing_commits: int
    cancel_at: Step | None
    same_amount: bool
    shows_reversed: bool = False


PLANS = st.builds(
    Plan,
    faults=st.lists(st.sampled_from(FAULTS), max_size=5).map(tuple),
    bank=st.sampled_from(("approve", "approve", "approve", "decline", "other-amount", "declines-then-approves", "no-result")),
    failing_commits=st.integers(0, 2),
    cancel_at=st.sampled_from((None, None, Step.INSERT_CARD, Step.WAIT)),
    same_amount=st.booleans(),
    shows_reversed=st.booleans(),
)


@dataclass
class Model:
    """The terminal: charges that stand by receipt, and every acceptance of an approval that it was given."""

    standing: dict[int, int] = field(default_factory=dict)
    by_sale: dict[int, list[int]] = field(default_factory=dict)
    receipt: int = 0
    authorisations: int = 0
    plans: list[Plan] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    shown: dict[int, int] = field(default_factory=dict)
    """What a repeat receipt may show: what stands, and what was reversed where the terminal does not care."""

    def last(self) -> Packet | None:
        if not self.shown:
            return None
        receipt = max(self.shown)
        return approval(self.shown[receipt], receipt, receipt)

    async def serve(self, peer: Peer) -> None:
        while True:
            packet = await peer.hear()
            if packet.kind is Kind.AUTHORISATION:
                await self._sell(peer, packet.fields.number(0x04) or 0)
            else:
                await answer(peer, packet, last=self.last())

    async def _sell(self, peer: Peer, amount: int) -> None:
        number, plan = self.authorisations, self.plans[-1]
        self.authorisations += 1
        faults = [*plan.faults, *("none",) * 9]
        peer.say(ACCEPTED)
        await self._say(peer, faults.pop(0), shows(0x04))
        if plan.bank in ("decline", "declines-then-approves"):
            await self._say(peer, faults.pop(0), failure(0x05))
        if plan.bank == "decline":
            await self._say(peer, faults.pop(0), abort(0x05))
            return
        self.receipt += 1
        receipt, taken = self.receipt, amount + (1 if plan.bank == "other-amount" else 0)
        self.standing[receipt] = self.shown[receipt] = taken
        self.by_sale.setdefault(number, []).append(receipt)
        said = approval(taken, receipt, receipt)
        if plan.bank == "no-result":
            said = Packet(said.kind, fields=fields(*said.fields.values[1:]))
        heard = await self._say(peer, faults.pop(0), said)
        if heard.kind is Kind.REFUSED:
            del self.standing[receipt]
            if not plan.shows_reversed:
                del self.shown[receipt]
            await self._say(peer, faults.pop(0), abort(0x6C))
            return
        self.accepted.append(receipt)
        await self._say(peer, faults.pop(0), COMPLETION)

    async def _say(self, peer: Peer, fault: str, packet: Packet) -> Packet:
        match fault:
            case "silence":
                await asyncio.Event().wait()
            case "cut":
                peer.cut()
                await asyncio.Event().wait()
            case "garbage":
                peer.say_bytes(b"\x04\x0f\x55\x00")
                await asyncio.Event().wait()
            case "stray":
                peer.say(Packet(Kind.OTHER, control=0x0477))
                await self._answer_of(peer)
        peer.say(packet)
        return await self._answer_of(peer)

    @staticmethod
    async def _answer_of(peer: Peer) -> Packet:
        """The till's answer; an abort of its own is taken note of and changes nothing here."""
        while (packet := await peer.hear()).kind is Kind.TILL_ABORT:
            peer.say(ACCEPTED)
        return packet


async def _day(plans: list[Plan]) -> None:
    model = Model()
    link = FakeLink(model.serve)
    terminal = driver(link)
    approved: dict[int, int] = {}
    unknown: set[int] = set()
    committed_once: set[int] = set()
    """Approved, though it may have come into doubt after."""
    for number, plan in enumerate(plans):
        while not terminal.health().usable:
            await terminal.open()
            await asyncio.sleep(1)
        committed: list[Result] = []
        model.plans.append(plan)
        left = plan.failing_commits

        async def commit(result: Result, committed: list[Result] = committed) -> None:
            nonlocal left
            if left:
                left -= 1
                raise OSError("the disk is full")
            if result.outcome is Outcome.APPROVED:
                assert result.receipt not in model.accepted, "committed after it was accepted"
            committed.append(result)

        def progress(step: Step, plan: Plan = plan) -> None:
            if step is plan.cancel_at:
                terminal._stop.set()

        before = model.authorisations
        amount = 1000 if plan.same_amount else 1000 + number
        try:
            charge = sale(amount, await terminal.newest(), f"a{number}")
            result = await terminal.pay(charge, commit, progress)
        except OSError:  # the second commit failed too: the process ends there, and nothing of it is kept to be asked by
            assert committed == []
            unknown.add(before)
            continue
        except NotStarted:
            assert model.authorisations == before
            assert committed == []
            continue
        else:
            *before_it, last = committed
            assert (last.outcome, last.amount) == (result.outcome, result.amount)
            doubted = last.reason == IN_DOUBT
            assert [kept.outcome for kept in before_it] in ([], [Outcome.APPROVED if doubted else Outcome.UNKNOWN])
            outcome = result.outcome
            committed_once |= {before} if doubted or outcome is Outcome.APPROVED else set()
        assert model.authorisations <= before + 1, "sent twice"
        if outcome is Outcome.UNKNOWN:
            outcome = await _inquired(terminal, replace(charge, doubt=result.reason))
        mine = [model.standing[receipt] for receipt in model.by_sale.get(before, []) if receipt in model.standing]
        match outcome:
            case Outcome.APPROVED:
                assert mine == [amount]
                approved[before] = amount
            case Outcome.UNKNOWN:
                unknown.add(before)
            case _:
                assert mine == [], "told that nothing was charged, and it was"
        fresh = {receipt for receipts in model.by_sale.values() for receipt in receipts if receipt in model.accepted}
        for charged in fresh:
            done = approved.keys() | committed_once
            assert charged in {receipt for sold in done for receipt in model.by_sale[sold]}, "accepted, never committed"
    await terminal.close()
    standing = {done: sum(model.standing.get(receipt, 0) for receipt in receipts) for done, receipts in model.by_sale.items()}
    assert sum(standing.values()) == sum(approved.values()) + sum(standing.get(done, 0) for done in unknown)


async def _inquired(terminal: ZvtTerminal, charge: Sale) -> Outcome:
    """What an inquiry makes of it, as the engine asks before the next sale."""
    try:
        return (await terminal.inquire(charge)).outcome
    except DeviceError:
        return Outcome.UNKNOWN


CLEAN = Plan((), "approve", 0, None, True)


@settings(deadline=None, max_examples=150)
@given(st.lists(PLANS, min_size=1, max_size=4))
@example([CLEAN, Plan(("none", "cut"), "approve", 0, None, True), CLEAN])
@example([Plan(("silence",), "approve", 0, None, True), Plan(("silence",), "approve", 0, None, True)])
@example([CLEAN, Plan(("none", "silence"), "approve", 1, None, True), Plan(("silence",), "approve", 0, None, True)])
@example([Plan(("none", "none", "none", "cut"), "approve", 1, None, True, shows_reversed=True), CLEAN])
@example([Plan((), "no-result", 0, None, True), CLEAN])
@example([Plan(("none", "none", "cut"), "other-amount", 0, None, True), CLEAN])
def test_no_path_charges_twice_and_none_forgets(plans: list[Plan]) -> None:
    run(lambda: _day(plans))


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """Faults are what these tests are made of: their warnings are not news."""
    structlog.configure(processors=[_drop], cache_logger_on_first_use=False)


def _drop(_logger: object, _method: str, _event: object) -> str:
    raise structlog.DropEvent
