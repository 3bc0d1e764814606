"""The journal: what is kept before and after money moves, and what is refused."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from domain.limits import Breach, Limits, Standing
from domain.money import Money
from domain.payment import COMMIT_FAILED, IN_DOUBT, Attempt, Card, Mark, Outcome, Result, receipt_code
from domain.statement_codes import MacKey, RefKind, StatementRef
from offline_queue.attempts import State
from offline_queue.errors import (
    AccountBlocked,
    AlreadyEnrolled,
    AttemptClosed,
    LimitReached,
    NotEnrolled,
    ResultContradicted,
)
from offline_queue.journal import Journal
from offline_queue.reader import JournalReader
from offline_queue.wire import sealing
from offline_queue.wire.messages import Batch, Enrolled, PaymentRecord
from tests.offline_queue.world import ENROLLED, HUB_KEY, World, approved, ended, standing

LIMITS = Limits(payment=Money(20_000, "USD"), total=Money(50_000, "USD"), count=3, age=dt.timedelta(hours=1))


async def read(journal: Journal) -> list[PaymentRecord]:
    """What the outbox says, opened with the hub's key."""
    batch = await journal.undelivered(100)
    return [] if batch is None else opened(batch)


def opened(batch: Batch) -> list[PaymentRecord]:
    return [
        PaymentRecord.model_validate_json(
            sealing.unseal(
                base64.b64decode(record.sealed),
                HUB_KEY,
                sealing.context(batch.kiosk, batch.epoch, record.seq, record.pid, record.kid),
            )
        )
        for record in batch.records
    ]


async def test_a_kiosk_without_a_hub_takes_nothing(world: World, folder: Path) -> None:
    journal = await world.journal(folder)
    assert journal.identity() is None
    with pytest.raises(NotEnrolled):
        await journal.open_attempt(world.attempt(), None)
    with pytest.raises(NotEnrolled):
        await journal.undelivered(1)
    await journal.close()


async def test_the_identity_survives_a_restart_and_is_kept_once(world: World, folder: Path) -> None:
    journal = await world.journal(folder)
    key = await journal.enrolment_key()
    assert (await journal.enrolment_key()).private_bytes_raw() == key.private_bytes_raw()
    answer = Enrolled.model_validate(ENROLLED)
    first = await journal.enrolled(answer)
    with pytest.raises(AlreadyEnrolled):
        await journal.enrolled(answer)
    await journal.close()
    journal = await world.journal(folder)
    again = journal.identity()
    assert again is not None
    assert (again.keyid, again.hub_kid, again.links) == ("lobby-1:1", "k1", first.links)
    assert again.links.hosts == {"PAY.EXAMPLE"}
    assert again.links.keys == {
        "A": MacKey(b"link key of the demo"),
        "B": MacKey(b"an older link key", dt.date(2027, 3, 31)),
    }
    assert again.signing_key.private_bytes_raw() == key.private_bytes_raw()
    assert (await journal.enrolment_key()).private_bytes_raw() != key.private_bytes_raw()
    await journal.close()


async def test_an_approved_payment_is_queued_sealed_and_its_bill_forgotten(journal: Journal, world: World) -> None:
    attempt = world.attempt(number="7700000001", account="A-1")
    await journal.open_attempt(attempt, None)
    found = await journal.find(attempt.id)
    assert found is not None
    assert (found.attempt, found.state, found.result) == (attempt, State.OPEN, None)
    assert await journal.unresolved() == (attempt,)
    result = approved(attempt)
    await journal.settle(attempt.id, result)
    found = await journal.find(attempt.id)
    assert found is not None
    assert (found.state, found.result) == (State.APPROVED, result)
    assert (found.attempt.ref.value, found.attempt.statement, found.attempt.account) == ("", "", "")
    assert found.attempt.newest == Mark(receipt=16, trace=17)
    assert await journal.unresolved() == ()
    (record,) = await read(journal)
    assert record.outcome is Outcome.APPROVED
    assert (record.minor, record.currency, record.ref.value, record.account) == (12_550, "USD", "7700000001", "A-1")
    assert (record.brand, record.last4, record.receipt, record.trace) == ("VISA", "1234", 17, 18)


async def test_the_terminal_is_asked_about_the_newest_attempt_alone(journal: Journal, world: World) -> None:
    """An older one would take the newer one's receipt for its own, wherever the amounts are equal."""
    asked = [await journal.to_inquire()]
    first, second, third = world.attempt(), world.attempt(), world.attempt()
    await journal.open_attempt(first, None)
    asked.append(await journal.to_inquire())
    await journal.settle(first.id, ended(Outcome.UNKNOWN, "last-receipt-older"))
    asked.append(await journal.to_inquire())
    await journal.open_attempt(second, None)
    await journal.settle(second.id, approved(second))
    asked.append(await journal.to_inquire())
    await journal.open_attempt(third, None)
    await journal.not_started(third.id, "terminal-away")
    asked.append(await journal.to_inquire())
    said = [found and (found.attempt, found.result.reason if found.result else "") for found in asked]
    assert said == [None, (first, ""), (first, "last-receipt-older"), None, None]
    assert await journal.unresolved() == (first,)


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.CANCELLED])
async def test_what_took_no_money_is_kept_and_not_sent(journal: Journal, world: World, outcome: Outcome) -> None:
    attempt = world.attempt()
    await journal.open_attempt(attempt, None)
    await journal.settle(attempt.id, ended(outcome, "zvt-6c"))
    found = await journal.find(attempt.id)
    assert found is not None
    assert found.result == ended(outcome, "zvt-6c")
    assert await journal.undelivered(10) is None
    assert await standing(journal) == Standing(Money(0, "USD"), 0, None)


@pytest.mark.parametrize("outcome", [Outcome.APPROVED, Outcome.CAPTURED, Outcome.DECLINED, Outcome.CANCELLED])
async def test_an_unknown_payment_is_told_twice_and_stays_counted(journal: Journal, world: World, outcome: Outcome) -> None:
    attempt = world.attempt()
    await journal.open_attempt(attempt, None)
    await journal.settle(attempt.id, ended(Outcome.UNKNOWN, "no-answer"))
    await journal.settle(attempt.id, ended(Outcome.UNKNOWN, "still-no-answer"))
    assert await journal.unresolved() == (attempt,)
    assert [(record.outcome, record.minor) for record in await read(journal)] == [(Outcome.UNKNOWN, 12_550)]
    assert (await standing(journal)).count == 1
    last = dataclasses.replace(approved(attempt), outcome=outcome) if outcome.money_moved else ended(outcome)
    await journal.settle(attempt.id, last)
    assert await journal.unresolved() == ()
    assert [record.outcome for record in await read(journal)] == [Outcome.UNKNOWN, outcome]
    assert (await standing(journal)).count == (1 if outcome.money_moved else 0)
    assert [record.ref.value for record in await read(journal)] == [attempt.ref.value] * 2


async def test_the_same_word_twice_is_one_and_another_is_refused(journal: Journal, world: World) -> None:
    (attempt,) = await world.paid(journal)
    await journal.settle(attempt.id, dataclasses.replace(approved(attempt), slip=("printed again",)))
    assert len(await read(journal)) == 1
    for other in (
        ended(Outcome.DECLINED),
        ended(Outcome.UNKNOWN),
        dataclasses.replace(approved(attempt), outcome=Outcome.CAPTURED),
        dataclasses.replace(approved(attempt), amount=Money(1, "USD")),
    ):
        with pytest.raises(ResultContradicted):
            await journal.settle(attempt.id, other)
    with pytest.raises(ResultContradicted):
        await journal.not_started(attempt.id, "terminal-away")
    assert len(await read(journal)) == 1


@pytest.mark.parametrize("reason", [IN_DOUBT, COMMIT_FAILED])
async def test_an_approval_comes_into_doubt_once_and_stays_approved(
    journal: Journal, world: World, folder: Path, reason: str
) -> None:
    (attempt,) = await world.paid(journal)
    for word in (ended(Outcome.UNKNOWN, reason), ended(Outcome.UNKNOWN, IN_DOUBT), ended(Outcome.CANCELLED, reason)):
        await journal.settle(attempt.id, word)
    await journal.settle(attempt.id, approved(attempt))
    found = await journal.find(attempt.id)
    assert found is not None
    assert found.result is not None
    assert (found.state, found.result.reason, found.result.amount) == (State.APPROVED, IN_DOUBT, attempt.amount)
    first, second = await read(journal)
    assert (first.outcome, second.outcome, second.reason) == (Outcome.APPROVED, Outcome.UNKNOWN, IN_DOUBT)
    assert (second.minor, second.ref.value, second.account) == (12_550, receipt_code(attempt.id), "")
    assert (await standing(journal)).count == 1
    with pytest.raises(ResultContradicted):
        await journal.settle(attempt.id, dataclasses.replace(approved(attempt), outcome=Outcome.CAPTURED))
    await journal.close()
    with JournalReader(folder) as reader:
        audit = reader.audit(world.clock())
    assert (audit.difference, audit.approvals.count, audit.unknown, audit.records) == (None, 1, 0, 2)


@pytest.mark.parametrize(
    ("receipts", "count"), [((231, 233), 3), ((232, 232), 1), ((9990, 231), 2), ((234, 9989), 0), ((233, 232), 4)]
)
async def test_what_was_taken_under_some_receipts(journal: Journal, world: World, receipts: tuple[int, int], count: int) -> None:
    assert await journal.taken_under("52523535", receipts, "USD") == (0, Money(0, "USD"))
    for receipt in (9999, 231, 232, 233):
        attempt = world.attempt()
        await journal.open_attempt(attempt, None)
        await journal.settle(attempt.id, dataclasses.replace(approved(attempt), receipt=receipt, terminal_id="52523535"))
    await world.paid(journal, result=dataclasses.replace(ended(Outcome.DECLINED), receipt=232))
    await world.paid(journal, result=dataclasses.replace(ended(Outcome.UNKNOWN), receipt=232))
    assert await journal.taken_under("52523535", receipts, "USD") == (count, Money(12_550 * count, "USD"))
    assert await journal.taken_under("52523536", receipts, "USD") == (0, Money(0, "USD"))
    assert await journal.taken_under("52523535", receipts, "EUR") == (0, Money(0, "EUR"))


async def test_what_the_terminal_took_is_what_the_hub_hears(journal: Journal, world: World) -> None:
    attempt = world.attempt(10_000)
    await journal.open_attempt(attempt, None)
    odd = Result(Outcome.APPROVED, Money(9_900, "USD"), Card("V\x00ISA" * 40, "12"), receipt=-1, trace=10**12, reason="r" * 99)
    await journal.settle(attempt.id, odd)
    (record,) = await read(journal)
    assert (record.minor, record.last4, record.receipt, record.trace) == (9_900, "", None, None)
    assert record.brand == ("VISA" * 40)[:64]
    assert (await standing(journal)).total == Money(9_900, "USD")


async def test_bugs_of_callers_are_not_kept(journal: Journal, world: World) -> None:
    attempt = world.attempt()
    with pytest.raises(ValueError, match="limits"):
        await journal.open_attempt(attempt, LIMITS)
    with pytest.raises(ValueError, match="limits"):
        await journal.open_attempt(dataclasses.replace(attempt, offline=True), None)
    with pytest.raises(ValueError, match="account") as caught:
        await journal.open_attempt(dataclasses.replace(attempt, account="x" * 65), None)
    assert "xxx" not in str(caught.value)
    with pytest.raises(ValueError, match="minor"):
        await journal.open_attempt(dataclasses.replace(attempt, amount=Money(0, "USD")), None)
    with pytest.raises(ValueError, match="zone"):
        await journal.open_attempt(dataclasses.replace(attempt, opened_at=dt.datetime(2026, 1, 1)), None)  # noqa: DTZ001
    assert await journal.unresolved() == ()
    await journal.open_attempt(attempt, None)
    with pytest.raises(ValueError, match="two attempts"):
        await journal.open_attempt(dataclasses.replace(attempt, amount=Money(1, "USD")), None)
    for amount in (Money(0, "USD"), Money(12_550, "EUR")):
        with pytest.raises(ValueError, match="no amount"):
            await journal.settle(attempt.id, dataclasses.replace(approved(attempt), amount=amount))
    with pytest.raises(LookupError):
        await journal.settle(world.attempt().id, approved(attempt))
    with pytest.raises(LookupError):
        await journal.not_started(world.attempt().id, "x")
    with pytest.raises(LookupError):
        await journal.attempt(world.attempt().id)
    assert await journal.attempt(attempt.id) == attempt
    assert await journal.find(world.attempt().id) is None
    assert await journal.unresolved() == (attempt,)


async def test_an_attempt_runs_once(journal: Journal, world: World) -> None:
    attempt = world.attempt()
    await journal.open_attempt(attempt, None)
    await journal.open_attempt(attempt, None)
    await journal.not_started(attempt.id, "terminal-away")
    await journal.not_started(attempt.id, "terminal-away")
    found = await journal.find(attempt.id)
    assert found is not None
    assert (found.state, found.result, found.fault) == (State.NOT_STARTED, None, "terminal-away")
    with pytest.raises(AttemptClosed, match="not-started"):
        await journal.open_attempt(attempt, None)
    with pytest.raises(ResultContradicted):
        await journal.settle(attempt.id, approved(attempt))


async def test_a_bill_with_an_unknown_payment_is_blocked_until_it_is_known(journal: Journal, world: World) -> None:
    first = world.attempt(number="7700000001", account="A-1")
    await journal.open_attempt(first, None)
    same_bill = world.attempt(number="7700000001")
    same_account = world.attempt(number="7700000002", account="A-1")
    for blocked in (same_bill, same_account):
        with pytest.raises(AccountBlocked):
            await journal.open_attempt(blocked, None)
    await journal.settle(first.id, ended(Outcome.UNKNOWN))
    for blocked in (same_bill, same_account):
        with pytest.raises(AccountBlocked):
            await journal.open_attempt(blocked, None)
    await journal.open_attempt(world.attempt(number="7700000003"), None)
    await journal.settle(first.id, ended(Outcome.DECLINED))
    await journal.open_attempt(same_bill, None)


LINK = StatementRef(RefKind.LINK, "ABCDEFGHIJKLMNOP")
OTHER_LINK = StatementRef(RefKind.LINK, "QRSTUVWXYZ234567")
NUMBER = StatementRef(RefKind.NUMBER, "7700000001")


@pytest.mark.parametrize(
    ("ref", "statement", "account", "blocked"),
    [
        (NUMBER, "7700000001", "", True),  # the same bill typed while the hub is away
        (OTHER_LINK, "7700000001", "A-9", True),  # its number
        (OTHER_LINK, "7700000009", "A-1", True),  # its account
        (LINK, "7700000009", "A-9", True),  # its link
        (OTHER_LINK, "", "", True),  # a link read while the hub is away: whose it is nobody here knows
        (OTHER_LINK, "7700000009", "A-9", False),
        (OTHER_LINK, "7700000009", "", False),
        (OTHER_LINK, "", "A-9", False),
    ],
)
async def test_a_bill_is_blocked_by_whichever_name_it_is_called(
    journal: Journal, world: World, ref: StatementRef, statement: str, account: str, blocked: bool
) -> None:
    def bill(ref: StatementRef, statement: str, account: str) -> Attempt:
        return dataclasses.replace(world.attempt(), ref=ref, statement=statement, account=account)

    unknown = bill(LINK, "7700000001", "A-1")
    await journal.open_attempt(unknown, None)
    await journal.settle(unknown.id, ended(Outcome.UNKNOWN))
    again = bill(ref, statement, account)
    if blocked:
        with pytest.raises(AccountBlocked):
            await journal.open_attempt(again, None)
        await journal.settle(unknown.id, ended(Outcome.DECLINED))
    await journal.open_attempt(again, None)
    with pytest.raises(AccountBlocked):  # and the other way round
        await journal.open_attempt(bill(LINK, "7700000001", "A-1") if blocked else bill(OTHER_LINK, "", ""), None)


async def test_a_number_and_an_account_cannot_be_compared(journal: Journal, world: World) -> None:
    await journal.open_attempt(dataclasses.replace(world.attempt(), statement="", account="A-1"), None)
    with pytest.raises(AccountBlocked):
        await journal.open_attempt(world.attempt(), None)


async def test_offline_limits_include_the_payment_and_what_is_open(journal: Journal, world: World) -> None:
    async def opens(minor: int) -> Attempt:
        attempt = world.attempt(minor, offline=True)
        await journal.open_attempt(attempt, LIMITS)
        return attempt

    async def breaks(minor: int) -> Breach:
        with pytest.raises(LimitReached) as caught:
            await opens(minor)
        assert caught.value.code == caught.value.breach.value
        return caught.value.breach

    assert await breaks(20_001) is Breach.PAYMENT
    first, second = await opens(20_000), await opens(20_000)
    assert await breaks(10_001) is Breach.TOTAL
    await journal.settle(first.id, approved(first))
    await opens(10_000)
    assert (await standing(journal)).total == Money(50_000, "USD")
    await journal.settle(second.id, ended(Outcome.DECLINED))
    await opens(100)
    assert await breaks(100) is Breach.COUNT
    euros = await standing(journal, "EUR")
    assert (euros.total, euros.count, euros.oldest) == (Money(0, "EUR"), 3, first.opened_at)


async def test_an_old_undelivered_payment_stops_new_ones(journal: Journal, world: World) -> None:
    await world.paid(journal)
    world.clock.now += dt.timedelta(hours=1, minutes=1)
    with pytest.raises(LimitReached) as caught:
        await journal.open_attempt(world.attempt(offline=True), LIMITS)
    assert caught.value.breach is Breach.AGE


async def test_many_at_once_never_pass_a_limit(journal: Journal, world: World) -> None:
    attempts = [world.attempt(15_000, offline=True) for _ in range(20)]
    answers = await asyncio.gather(*(journal.open_attempt(one, LIMITS) for one in attempts), return_exceptions=True)
    assert answers.count(None) == 3
    assert all(isinstance(answer, LimitReached) for answer in answers if answer is not None)


@pytest.mark.parametrize("newest", [None, Mark(receipt=0, trace=0), Mark(receipt=9_999, trace=12)])
async def test_where_the_terminals_numbers_stood_outlives_a_restart(
    journal: Journal, world: World, folder: Path, newest: Mark | None
) -> None:
    attempt = dataclasses.replace(world.attempt(account="A-1"), newest=newest, statement="7700000009")
    await journal.open_attempt(attempt, None)
    await journal.settle(attempt.id, ended(Outcome.UNKNOWN, "no-answer"))
    await journal.close()
    journal = await world.journal(folder)
    assert await journal.unresolved() == (attempt,)
    found = await journal.find(attempt.id)
    assert found is not None
    assert found.attempt == attempt
    await journal.close()


async def test_another_process_reads_while_the_kiosk_runs_and_after(journal: Journal, world: World, folder: Path) -> None:
    with JournalReader(folder) as reader:
        assert (reader.queue().depth, reader.queue().oldest, reader.attempts()) == (0, None, ())
        (paid,) = await world.paid(journal)
        declined, unknown = world.attempt(), world.attempt(500)
        await journal.open_attempt(declined, None)
        await journal.settle(declined.id, ended(Outcome.DECLINED))
        await journal.open_attempt(unknown, None)
        await journal.settle(unknown.id, ended(Outcome.UNKNOWN))
        queue = reader.queue()
        assert (queue.depth, queue.totals, queue.parked) == (2, (Money(13_050, "USD"),), 0)
        assert queue.oldest is not None
        assert paid.opened_at < queue.oldest < unknown.opened_at
    await journal.close()
    with JournalReader(folder) as reader:
        assert reader.queue() == queue
        assert [(seen.id, seen.state, seen.delivery) for seen in reader.attempts()] == [
            (paid.id, State.APPROVED, "queued"),
            (declined.id, State.DECLINED, ""),
            (unknown.id, State.UNKNOWN, "queued"),
        ]
