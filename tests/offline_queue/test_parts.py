"""A payment of several bills at the kiosk: kept whole until its end is known, told to the hub part by part, forgotten then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from domain.money import Money
from domain.payment import MOST_CARD_DATA, MOST_PARTS, Attempt, CardData, Outcome, Part
from offline_queue import outbox
from offline_queue.attempts import State
from offline_queue.client import HubClient
from offline_queue.errors import AccountBlocked
from offline_queue.journal import Journal
from offline_queue.sqlcipher import SqlError
from offline_queue.sync import Sync
from offline_queue.wire.messages import PaymentRecord, RecordPart
from tests.offline_queue.world import FakeHub, World, approved, ended

PARENT, CHILD = ("3342139474", "A-1", ""), ("7700000002", "A-2", "V-7")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def of_both(world: World, first: int = 10_000, second: int = 2_550) -> Attempt:
    attempt = world.attempt(first + second, number=PARENT[0], account=PARENT[1])
    return replace(attempt, parts=(Part(*PARENT, usd(first)), Part(*CHILD, usd(second))))


def told(record: PaymentRecord | None) -> list[tuple[str, str, str, int]]:
    assert record is not None
    return [(part.statement, part.account, part.visit, part.minor) for part in record.parts]


async def delivered(journal: Journal, client: HubClient, hub: FakeHub) -> list[PaymentRecord | None]:
    await Sync(journal, client, on_reachability=lambda _: None).once()
    return [record for _, _, record in hub.stored]


async def test_the_hub_hears_of_each_part_and_the_kiosk_forgets_them(
    journal: Journal, client: HubClient, hub: FakeHub, world: World
) -> None:
    attempt = of_both(world)
    await journal.open_attempt(attempt, None)
    assert await journal.attempt(attempt.id) == attempt
    await journal.settle(attempt.id, approved(attempt))
    assert (await journal.attempt(attempt.id)).parts == ()
    (record,) = await delivered(journal, client, hub)
    assert told(record) == [(*PARENT, 10_000), (*CHILD, 2_550)]


async def test_an_unknown_one_keeps_its_parts_over_a_restart_until_its_end_is_known(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, folder: Path
) -> None:
    attempt = of_both(world)
    await journal.open_attempt(attempt, None)
    await journal.settle(attempt.id, ended(Outcome.UNKNOWN, "no-answer"))
    await journal.close()
    again = await world.journal(folder)
    assert await again.unresolved() == (attempt,)
    await again.settle(attempt.id, approved(attempt))
    assert (await again.attempt(attempt.id)).parts == ()
    unknown, known = await delivered(again, client, hub)
    await again.close()
    assert told(unknown) == told(known) == [(*PARENT, 10_000), (*CHILD, 2_550)]


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (9_000, [(*PARENT, 9_000)]),
        (11_000, [(*PARENT, 10_000), (*CHILD, 1_000)]),
        (13_000, [(*PARENT, 10_000), (*CHILD, 3_000)]),
    ],
)
async def test_what_the_terminal_took_is_what_is_shared_out(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, taken: int, expected: list[tuple[str, str, str, int]]
) -> None:
    attempt = of_both(world)
    await journal.open_attempt(attempt, None)
    await journal.settle(attempt.id, replace(approved(attempt), amount=usd(taken)))
    (record,) = await delivered(journal, client, hub)
    assert told(record) == expected


async def test_every_bill_of_it_is_blocked_while_its_end_is_not_known(journal: Journal, world: World) -> None:
    attempt = of_both(world)
    await journal.open_attempt(attempt, None)
    await journal.settle(attempt.id, ended(Outcome.UNKNOWN, "no-answer"))
    by_statement = world.attempt(number=CHILD[0])
    by_account = world.attempt(number="9900000001", account=CHILD[1])
    among_others = world.attempt(number="9900000002", account="A-9")
    among_others = replace(among_others, parts=(Part("9900000002", "A-9", "", usd(550)), Part(*CHILD, usd(12_000))))
    for blocked in (by_statement, by_account, among_others):
        with pytest.raises(AccountBlocked):
            await journal.open_attempt(blocked, None)
    await journal.open_attempt(world.attempt(number="9900000003", account="A-3"), None)
    await journal.settle(attempt.id, ended(Outcome.DECLINED))
    await journal.open_attempt(by_statement, None)


async def test_one_that_was_not_started_leaves_nothing_of_its_bills(journal: Journal, world: World) -> None:
    attempt = of_both(world)
    await journal.open_attempt(attempt, None)
    await journal.not_started(attempt.id, "terminal-away")
    found = await journal.find(attempt.id)
    assert found is not None
    assert (found.state, found.attempt.parts, found.attempt.statement) == (State.NOT_STARTED, (), "")


async def test_the_parts_of_an_attempt_cannot_change(journal: Journal, world: World) -> None:
    attempt = of_both(world)
    await journal.open_attempt(attempt, None)
    with pytest.raises(ValueError, match="two attempts"):
        await journal.open_attempt(replace(attempt, parts=()), None)
    with pytest.raises(SqlError, match="cannot change"):
        await journal._transact(lambda connection: connection.execute("UPDATE attempts SET parts = '[]'"))
    assert await journal.attempt(attempt.id) == attempt


def record(world: World, **changes: object) -> dict[str, object]:
    plain = outbox.record(of_both(world), approved(of_both(world)), world.clock()).plain
    return {**PaymentRecord.model_validate_json(plain).model_dump(mode="json"), **changes}


def test_what_most_payments_do_not_have_is_not_written(world: World) -> None:
    attempt = world.attempt()
    assert b"parts" not in outbox.record(attempt, approved(attempt), world.clock()).plain
    assert b"parts" in outbox.record(of_both(world), approved(of_both(world)), world.clock()).plain


def test_a_record_whose_parts_are_not_its_amount_is_none(world: World) -> None:
    right = record(world)
    assert PaymentRecord.model_validate(right).parts[1] == RecordPart(
        statement=CHILD[0], account=CHILD[1], visit=CHILD[2], minor=2_550
    )
    for wrong in ({"minor": 12_549}, {"parts": [right["parts"][0]]}, {"parts": right["parts"] * 7}):  # type: ignore[index,operator]
        with pytest.raises(ValidationError):
            PaymentRecord.model_validate({**right, **wrong})


def test_the_longest_record_fits_its_seal(world: World) -> None:
    """Sixty-four characters of four bytes each wherever they may stand, the largest card, and as many parts as there may be."""
    long = "\U0001f4b3" * 64
    part = Part("9" * 10, long, long, usd(10**10))
    attempt = replace(world.attempt(MOST_PARTS * 10**10, account=long), parts=(part,) * MOST_PARTS)
    card = CardData(bytes(12), bytes(MOST_CARD_DATA))
    words = {"terminal_id": long, "authorization": long, "reason": long, "card_data": card}
    result = replace(approved(attempt), outcome=Outcome.CAPTURED, **words)  # type: ignore[arg-type]
    plain = outbox.record(attempt, replace(result, card=replace(result.card, brand=long)), world.clock()).plain
    assert len(plain) + 48 <= 16_384 // 4 * 3
