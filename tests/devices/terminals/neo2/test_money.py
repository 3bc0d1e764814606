"""No path charges twice, none forgets: every answer of hub, card and journal to every question, and a crash at every point.

The bank's own books are the judge: what a sale comes to, at once or once it could be asked, is what they hold.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
import structlog

from devices.terminals.authorizer import Authorization
from devices.terminals.neo2.driver import Neo2Terminal
from devices.terminals.neo2.framing import response
from devices.terminals.port import Sale
from domain.money import Money
from domain.payment import Card, CardData, Outcome, Result
from tests.devices.terminals.neo2.bank import APPROVED_UNHEARD, AWAY, LOST, NO, VOIDED_UNHEARD, YES, Bank
from tests.devices.terminals.neo2.cards import contact_word, inserted
from tests.devices.terminals.neo2.virtual import (
    ACCEPTED,
    ACTIVATE,
    AUTHENTICATE,
    COMPLETE,
    OFFLINE,
    SALE,
    SERIAL,
    FakeLink,
    Peer,
    Script,
    driver,
    hangs_up,
    inserting,
    ready,
    serving,
    silence,
    tapping,
    until,
)
from tests.devices.terminals.simulated import Journal
from tests.virtual_time import run

AUTHORIZE: dict[str, tuple[Authorization, list[object]]] = {
    "yes": (YES, []),
    "no": (NO, []),
    "away": (YES, [AWAY]),
    "lost before the bank": (YES, [LOST]),
    "lost after a yes": (YES, [APPROVED_UNHEARD]),
    "lost after a no": (NO, [APPROVED_UNHEARD]),
}
INQUIRE: dict[str, list[object]] = {"answers": [], "answers late": [LOST, AWAY], "never": [AWAY, LOST] * 50}
VOID: dict[str, list[object]] = {
    "heard": [],
    "heard late": [LOST, AWAY],
    "heard unheard": [VOIDED_UNHEARD],
    "never": [LOST, AWAY] * 50,
}
TAP = "tap"
STEPS = ("agrees", "declines", "fails", "silence", "cut")
"""What a chip makes of the host's word; a tapped card is told none."""


@dataclass(frozen=True)
class Plan:
    step: str
    authorize: str
    inquire: str
    void: str
    failing_commits: int

    def bank(self) -> Bank:
        says, authorize = AUTHORIZE[self.authorize]
        return Bank(says, [*authorize], [*INQUIRE[self.inquire]], [*VOID[self.void]])

    def script(self) -> Script:
        match self.step:
            case "tap":
                return tapping()
            case "agrees":
                return inserting()
            case "declines":
                return inserting(ACCEPTED, contact_word(3))
            case "fails":
                return inserting(response(0x60, 0x0A, b"\0\2"))
        return _after_complete(hangs_up if self.step == "cut" else silence)


def _after_complete(ends: Script) -> Script:
    async def script(peer: Peer) -> None:
        await until(peer, ACTIVATE)
        peer.say(inserted())
        await until(peer, AUTHENTICATE)
        peer.say(contact_word(4))
        await until(peer, COMPLETE)
        await ends(peer)

    return script


def plans() -> Iterator[Plan]:
    product = itertools.product((TAP, *STEPS), AUTHORIZE, INQUIRE, VOID, (0, 1, 2))
    return (Plan(step, authorize, inquire, void, failing) for step, authorize, inquire, void, failing in product)


MOVED = {True: {Outcome.APPROVED}, False: {Outcome.DECLINED, Outcome.CANCELLED}}


def holds(bank: Bank) -> bool:
    assert bank.holds in ({}, {SALE.attempt: SALE.amount})
    return bool(bank.holds)


async def _play(plan: Plan) -> None:
    bank, journal, link = plan.bank(), Journal(fails=plan.failing_commits), FakeLink(plan.script(), serving())
    terminal = driver(link, bank)
    await ready(terminal)
    result: Result | None = None
    try:
        result = await terminal.pay(SALE, journal.commit, journal.steps.append)
    except OSError:
        assert plan.failing_commits
        assert journal.results == []
    else:
        assert journal.results == [result]
    assert bank.calls.count("authorize") == 1
    assert link.sent(*ACTIVATE) == 1
    assert link.sent(*COMPLETE) <= 1
    if result is not None and result.outcome is not Outcome.UNKNOWN:
        assert result.outcome in MOVED[holds(bank)]
        await terminal.close()
        return
    unknown = result is not None
    assert not unknown or "never" in (plan.inquire, plan.void)
    # the hub is back: whoever asks, this driver or one that was started anew, hears what the books hold
    bank.inquire_says, bank.void_says = [], []
    for asker in (driver(FakeLink(serving()), replace(bank, holds=dict(bank.holds), closed=set(bank.closed))), terminal):
        books = asker._authorizer
        assert isinstance(books, Bank)
        settled = await asker.inquire(SALE)
        assert settled.outcome in MOVED[holds(books)]
        assert settled.amount == (SALE.amount if settled.outcome is Outcome.APPROVED else Money(0, "USD"))
    await terminal.close()


@pytest.mark.parametrize("step", [TAP, *STEPS])
def test_what_a_sale_comes_to_is_what_the_bank_holds(step: str) -> None:
    async def main() -> None:
        for plan in plans():
            if plan.step == step:
                try:
                    await _play(plan)
                except AssertionError as wrong:
                    raise AssertionError(f"{plan}: {wrong}") from wrong

    run(main)


@pytest.mark.parametrize(
    ("plan", "outcome", "reason"),
    [
        (Plan("declines", "yes", "answers", "heard", 0), Outcome.DECLINED, "card-declined"),
        (Plan("fails", "yes", "answers", "heard late", 0), Outcome.DECLINED, "card-declined"),
        (Plan("declines", "yes", "answers", "never", 0), Outcome.UNKNOWN, "card-declined"),
        (Plan("silence", "yes", "answers", "heard", 0), Outcome.APPROVED, ""),
        (Plan("cut", "lost after a yes", "answers", "heard", 0), Outcome.APPROVED, ""),
        (Plan("declines", "no", "answers", "heard", 0), Outcome.DECLINED, "gateway-05"),
        (Plan("declines", "away", "answers", "heard", 0), Outcome.CANCELLED, "hub-away"),
        (Plan(TAP, "lost before the bank", "answers", "heard", 0), Outcome.CANCELLED, "never-authorised"),
        (Plan(TAP, "lost after a yes", "never", "heard", 0), Outcome.UNKNOWN, "hub-away"),
        (Plan(TAP, "yes", "answers", "heard", 1), Outcome.CANCELLED, "commit-failed"),
        (Plan("agrees", "yes", "answers", "never", 1), Outcome.UNKNOWN, "commit-failed"),
    ],
)
def test_some_of_them_by_name(plan: Plan, outcome: Outcome, reason: str) -> None:
    async def main() -> None:
        terminal = driver(FakeLink(plan.script(), serving()), plan.bank())
        await ready(terminal)
        journal = Journal(fails=plan.failing_commits)
        result = await terminal.pay(SALE, journal.commit, journal.steps.append)
        assert result.outcome is outcome
        assert result.reason == reason or (reason == "hub-away" and result.reason == "hub-timeout")
        await terminal.close()

    run(main)


def test_a_card_whose_sale_is_unknown_is_still_known_when_the_hub_tells() -> None:
    async def main() -> None:
        bank = Plan(TAP, "lost after a yes", "never", "heard", 0).bank()
        terminal = driver(FakeLink(tapping()), bank)
        await ready(terminal)
        journal = Journal()
        result = await terminal.pay(SALE, journal.commit, journal.steps.append)
        assert (result.outcome, result.card) == (Outcome.UNKNOWN, Card("Visa", "0010"))
        bank.inquire_says = []
        settled = await terminal.inquire(SALE)
        assert (settled.outcome, settled.card, settled.terminal_id) == (Outcome.APPROVED, Card("Visa", "0010"), SERIAL)
        await terminal.close()

    run(main)


def test_an_approval_that_is_owed_back_is_taken_back_when_the_hub_is_there_again() -> None:
    async def main() -> None:
        bank = Plan("declines", "yes", "answers", "never", 0).bank()
        terminal = driver(FakeLink(inserting(contact_word(3))), bank)
        await ready(terminal)
        journal = Journal()
        assert (await terminal.pay(SALE, journal.commit, journal.steps.append)).outcome is Outcome.UNKNOWN
        assert holds(bank)
        with pytest.raises(Exception, match="hub-away"):
            await terminal.inquire(SALE)
        bank.void_says = []
        settled = await terminal.inquire(SALE)
        assert (settled.outcome, settled.reason, holds(bank)) == (Outcome.DECLINED, "card-declined", False)
        assert (await terminal.inquire(SALE)).outcome is Outcome.CANCELLED
        await terminal.close()

    run(main)


# A crash at every point


class Crash:
    """Ends the sale's task at its `at`-th point: before and after each frame, each question to the hub and each commit."""

    def __init__(self, at: int) -> None:
        self._left = at
        self.sale: asyncio.Task[Result] | None = None

    @property
    def came(self) -> bool:
        return self._left <= 0

    async def point(self) -> None:
        if self.sale is None:
            return
        self._left -= 1
        if self._left == 0:
            self.sale.cancel()
            await asyncio.sleep(0)


class CrashingLink(FakeLink):
    def __init__(self, crash: Crash, *scripts: Script) -> None:
        super().__init__(*scripts)
        self._crash = crash

    async def send(self, frame: object) -> None:
        await self._crash.point()
        await super().send(frame)  # type: ignore[arg-type]
        await self._crash.point()


class CrashingBank(Bank):
    crash: Crash

    async def authorize(self, attempt: str, amount: Money, card: CardData) -> object:  # type: ignore[override]
        return await self._around(lambda: super(CrashingBank, self).authorize(attempt, amount, card))

    async def inquire(self, attempt: str) -> object:  # type: ignore[override]
        return await self._around(lambda: super(CrashingBank, self).inquire(attempt))

    async def void(self, attempt: str) -> None:
        await self._around(lambda: super(CrashingBank, self).void(attempt))

    async def _around(self, question: Callable[[], object]) -> object:
        await self.crash.point()
        try:
            return await question()  # type: ignore[misc]
        finally:
            await self.crash.point()


async def _crashed(plan: Plan, what: Sale, at: int) -> bool:
    """Whether the sale came as far as point `at`. If so, what was committed or what an inquiry says is what the bank holds."""
    crash = Crash(at)
    plain = plan.bank()
    bank = CrashingBank(plain.says, plain.authorize_says, plain.inquire_says, plain.void_says)
    bank.crash = crash
    journal, link = Journal(fails=plan.failing_commits), CrashingLink(crash, plan.script(), serving())
    terminal = driver(link, bank)
    await ready(terminal)

    async def commit(result: Result) -> None:
        await crash.point()
        try:
            await journal.commit(result)
        except OSError:
            if not crash.came:  # nobody is left to hear of it
                raise
        await crash.point()

    crash.sale = asyncio.ensure_future(terminal.pay(what, commit, journal.steps.append))
    await asyncio.wait({crash.sale})
    if not crash.sale.cancelled() and crash.sale.exception() is not None:
        assert isinstance(crash.sale.exception(), OSError)
    crash.sale = None
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    kept = journal.results[-1] if journal.results else None
    assert len(journal.results) <= 1
    if kept is None or kept.outcome is Outcome.UNKNOWN:
        bank.inquire_says, bank.void_says = [], []
        kept = await _started_anew(bank).inquire(what)
    if kept.outcome is Outcome.CAPTURED:
        assert what.offline
        assert bank.calls == []
    else:
        assert kept.outcome in MOVED[holds(bank)]
    assert bank.calls.count("authorize") <= 1
    await terminal.close()
    return crash.came


def _started_anew(bank: Bank) -> Neo2Terminal:
    return driver(FakeLink(serving()), bank)


CRASHES = [
    (Plan(step, authorize, "answers late", void, failing), what)
    for step in (TAP, "agrees", "declines")
    for authorize in ("yes", "lost after a yes", "lost before the bank")
    for failing in (0, 1)
    for void in (("heard", "never") if failing or step == "declines" else ("heard",))
    for what in (SALE, OFFLINE)
    if what is SALE or (authorize, void) == ("yes", "heard")
]


@pytest.mark.parametrize(("plan", "what"), CRASHES)
def test_a_crash_at_any_point_forgets_nothing(plan: Plan, what: Sale) -> None:
    async def main() -> int:
        at = 1
        while await _crashed(plan, what, at):
            at += 1
        return at

    assert run(main) > (6 if plan.step == TAP else 10)


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """Faults are what these tests are made of: their warnings are not news."""
    structlog.configure(processors=[_drop], cache_logger_on_first_use=False)


def _drop(_logger: object, _method: str, _event: object) -> str:
    raise structlog.DropEvent
