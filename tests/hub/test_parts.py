"""Several bills of one guarantor: found together by number and birthday, paid at once, and posted, held and reversed as one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from domain.billing import Statement, VisitLines
from domain.money import Money
from hub import statements
from hub.app import make_app
from hub.audit import first_difference
from hub.folder import Folder
from hub.gateway.deferred import ask_all
from hub.gateway.sandbox import open_sandbox
from hub.hub import Hub
from hub.ledger import due
from hub.pins import statement_pin
from hub.schema import accounts, journal_lines, payment_parts
from hub.second_thoughts import DeclineReason, decline
from hub.signing_in import add_user
from hub.statements import read
from offline_queue.wire.messages import MOST_OTHERS, LookupAnswer, RecordStatus
from tests.hub.bank import Bank
from tests.hub.captures import captured
from tests.hub.conftest import ACCOUNT, NUMBER, Time, bill, put, tried_again
from tests.hub.gateway_card import card
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.hub.test_audit import damaged
from tests.hub.test_pages import PASSWORD, sign_in
from tests.log_watch import LogWatch
from tests.tls import Tls

RIGHT = "1984-03-17"
CHILD, CHILDS = "A100002", "7700000002"


def owed(hub: Hub, number: str = NUMBER) -> int:
    """What the ledger says, once it agrees with the statement's lines and everything else adds up."""
    with hub.store.reading() as connection:
        assert first_difference(connection) is None
        return due(connection, number, "USD").minor


def part(number: str, account: str, minor: int, visit: str = "") -> dict[str, Any]:
    return {"statement": number, "account": account, "visit": visit, "minor": minor}


def of_both(pid: str, outcome: str = "approved", **changes: Any) -> dict[str, Any]:
    """$25.50: $20 on the parent's bill, $5.50 on the child's."""
    return payment(pid, outcome, parts=[part(NUMBER, ACCOUNT, 2000), part(CHILDS, CHILD, 550)], **changes)


def one_guarantor(hub: Hub, *others: tuple[Statement, str]) -> None:
    """The usual account is person 4711's, and so is the child's."""
    with hub.store.writing() as connection:
        connection.execute(update(accounts).values(guarantor="4711"))
    put(hub, CHILD, *(others or ((bill(CHILDS, CHILD, 3000), "B" * 16),)), guarantor="4711")


@pytest.fixture
def family(hub: Hub) -> Hub:
    one_guarantor(hub)
    return hub


async def seen(kiosk: ScriptedKiosk, number: str = NUMBER) -> tuple[str, list[str]]:
    answer = LookupAnswer.model_validate_json((await kiosk.look_up("number", number, RIGHT, others=True)).content)
    return answer.statement.number, [other.number for other in answer.others]


# found together


async def test_the_other_bills_of_a_guarantor_come_after_the_one_that_was_asked_for(family: Hub, kiosk: ScriptedKiosk) -> None:
    assert await seen(kiosk) == (NUMBER, [CHILDS])
    assert await seen(kiosk, CHILDS) == (CHILDS, [NUMBER])
    pin = statement_pin(family.keys.pins, CHILDS)
    answer = await kiosk.look_up_named("statement-pin", "Maria Alvarez", RIGHT, pin, others=True)
    assert [other.number for other in LookupAnswer.model_validate_json(answer.content).others] == [NUMBER]


async def test_a_kiosk_that_does_not_ask_is_answered_as_ever(family: Hub, kiosk: ScriptedKiosk) -> None:
    assert set((await kiosk.look_up("number", NUMBER, RIGHT)).json()) == {"statement"}


async def test_equal_names_and_birthdays_are_no_family(hub: Hub, kiosk: ScriptedKiosk) -> None:
    put(hub, CHILD, (bill(CHILDS, CHILD, 3000), "B" * 16))
    put(hub, "A3", (bill("7700000003", "A3", 3000), "C" * 16), guarantor="4712")
    assert await seen(kiosk) == (NUMBER, [])
    assert await seen(kiosk, CHILDS) == (CHILDS, [])


async def test_a_number_that_stands_for_nobody_makes_no_family(family: Hub, kiosk: ScriptedKiosk) -> None:
    put(family, "A3", (bill("7700000003", "A3", 3000), "C" * 16), guarantor="4711")
    with family.store.writing() as connection:
        born = update(accounts).where(accounts.c.number == "A3")
        connection.execute(born.values(guarantor_birth_date=dt.date(1984, 3, 18)))
    assert await seen(kiosk) == (NUMBER, [CHILDS])


async def test_so_many_accounts_are_looked_at_for_an_answer_and_no_more(
    family: Hub, kiosk: ScriptedKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "MOST_LOOKED_AT", 2)
    for number in ("7800000001", "7800000002"):
        put(family, number, (bill(number, number, 0), number[-1] * 16), guarantor="4711")
    assert await seen(kiosk) == (NUMBER, []), "two newer ones with nothing due were looked at"
    monkeypatch.setattr(statements, "MOST_LOOKED_AT", 3)
    assert await seen(kiosk) == (NUMBER, [CHILDS])


async def test_a_wrong_factor_shows_nothing_of_anybody(family: Hub, kiosk: ScriptedKiosk) -> None:
    answer = await kiosk.look_up("number", NUMBER, "1984-03-18", others=True)
    assert (answer.status_code, answer.json()["code"]) == (404, "no-match")


async def test_only_what_is_open_comes_along_the_newest_of_each_account(hub: Hub, kiosk: ScriptedKiosk) -> None:
    older = replace(bill("7700000009", CHILD, 9000), issued=dt.date(2026, 9, 1))
    one_guarantor(hub, (older, "D" * 16), (bill(CHILDS, CHILD, 3000), "B" * 16))
    put(hub, "A-nothing", (bill("7700000004", "A-nothing", 0), "E" * 16), guarantor="4711")
    put(hub, "A-closed", (bill("7700000005", "A-closed", 900), "F" * 16), guarantor="4711")
    put(hub, "A-euro", (bill("7700000006", "A-euro", 900, "EUR"), "G" * 16), guarantor="4711")
    put(hub, "A-held", (bill("7700000007", "A-held", 900), "H" * 16), guarantor="4711")
    with hub.store.writing() as connection:
        connection.execute(update(accounts).where(accounts.c.number == "A-closed").values(closed_at=hub.world.clock()))
    elsewhere = {"ref": {"kind": "number", "value": "7700000007"}, "account": "A-held"}
    await kiosk.deliver(payment(kiosk.new_pid(), "unknown", minor=900, **elsewhere))
    assert await seen(kiosk) == (NUMBER, [CHILDS])


async def test_an_answer_has_room_for_so_many(hub: Hub, kiosk: ScriptedKiosk) -> None:
    one_guarantor(hub)
    for number in range(MOST_OTHERS + 1):
        put(hub, f"B{number}", (bill(f"880000000{number}", f"B{number}", 100), str(number) * 16), guarantor="4711")
    long = bill("8900000000", "L", 100)
    visit: VisitLines = replace(long.visits[0], charges=(*long.visits[0].charges, *_free(long, 999)))
    put(hub, "L", (replace(long, visits=(visit,), issued=dt.date(2026, 11, 1)), "L" * 16), guarantor="4711")
    asked_for, others = await seen(kiosk)
    assert (asked_for, len(others), "8900000000" in others) == (NUMBER, MOST_OTHERS, False)
    assert await seen(kiosk, "8900000000") == ("8900000000", [])


def _free(statement: Statement, count: int) -> tuple[Any, ...]:
    return (replace(statement.visits[0].charges[0], amount=Money(0, "USD")),) * count


# posted together


async def test_one_payment_is_one_entry_that_pays_every_bill(family: Hub, kiosk: ScriptedKiosk) -> None:
    (answer,) = await kiosk.deliver(of_both(kiosk.new_pid()))
    assert (answer.status, answer.posting) == (RecordStatus.POSTED, "P00000003")
    assert (owed(family), owed(family, CHILDS)) == (12550 - 2000, 3000 - 550)
    with family.store.reading() as connection:
        rows = connection.execute(select(journal_lines).where(journal_lines.c.entry == 3).order_by(journal_lines.c.position))
        assert [(row.book, row.account, row.statement, row.minor) for row in rows] == [
            ("card-clearing", None, None, 2550),
            ("receivable", ACCOUNT, NUMBER, -2000),
            ("receivable", CHILD, CHILDS, -550),
        ]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE payment_parts SET minor = minor + 1 WHERE position = 2",
        "DELETE FROM payment_parts WHERE position = 2",
        f"UPDATE journal_lines SET statement = '{NUMBER}', account = '{ACCOUNT}' WHERE entry = 3 AND position = 3",
    ],
)
async def test_the_audit_misses_what_came_to_the_wrong_bill(family: Hub, kiosk: ScriptedKiosk, damage: str) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(of_both(pid))
    with family.store.writing() as connection:
        assert f"payment {pid} is not entered on statement" in damaged(connection, damage)


async def test_what_is_more_than_one_bills_due_is_that_accounts_credit(family: Hub, kiosk: ScriptedKiosk) -> None:
    await kiosk.deliver(payment(kiosk.new_pid(), parts=[part(CHILDS, CHILD, 2000)], minor=2000))
    await kiosk.deliver(of_both(kiosk.new_pid()), of_both(kiosk.new_pid()))
    assert (owed(family), owed(family, CHILDS)) == (12550 - 4000, -100)


async def test_a_visit_that_was_chosen_is_the_one_that_is_paid(hub: Hub, kiosk: ScriptedKiosk) -> None:
    first = bill("7700000010", "V", 4000)
    later = replace(first.visits[0], number="V2", date=dt.date(2026, 10, 9))
    put(hub, "V", (replace(first, visits=(*first.visits, later), due=Money(8000, "USD")), "V" * 16))
    about: dict[str, Any] = {"ref": {"kind": "number", "value": "7700000010"}, "account": "V"}
    await kiosk.deliver(payment(kiosk.new_pid(), minor=2500, parts=[part("7700000010", "V", 2500, "V2")], **about))
    await kiosk.deliver(payment(kiosk.new_pid(), minor=2550, **about))
    await kiosk.deliver(payment(kiosk.new_pid(), minor=2000, parts=[part("7700000010", "V", 2000, "V2")], **about))
    with hub.store.reading() as connection:
        statement = read(connection, "7700000010")
    paid = [[line.amount.minor for line in visit.payments] for visit in statement.visits]
    assert paid == [[2550, 500], [2500, 1500]], "what the visit did not need went to the one that was open"
    assert owed(hub, "7700000010") == 8000 - 2500 - 2550 - 2000


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([part(NUMBER, ACCOUNT, 2000), part("7700000099", CHILD, 550)], "unknown-statement"),
        ([part(NUMBER, ACCOUNT, 2000), part(CHILDS, "A9", 550)], "account-differs"),
    ],
)
async def test_what_has_no_place_in_part_waits_whole(
    family: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, parts: list[dict[str, Any]], code: str
) -> None:
    log_watch.expect("hub.parked")
    (answer,) = await kiosk.deliver(payment(kiosk.new_pid(), parts=parts))
    assert (answer.status, answer.code) == (RecordStatus.PARKED, code)
    assert (owed(family), owed(family, CHILDS)) == (12550, 3000)


async def test_a_parked_one_is_posted_whole_once_its_last_bill_is_here(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    await kiosk.deliver(of_both(pid))
    put(hub, CHILD, (bill(CHILDS, CHILD, 3000), "B" * 16))
    assert tried_again(hub, pid)
    assert (owed(hub), owed(hub, CHILDS)) == (12550 - 2000, 3000 - 550)


async def test_one_that_is_declined_later_is_owed_again_on_every_bill(
    family: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.declined")
    pid = kiosk.new_pid()
    await kiosk.deliver(of_both(pid, approved_offline=True))
    assert decline(family, pid, DeclineReason.INSUFFICIENT_FUNDS) == "P00000004"
    assert (owed(family), owed(family, CHILDS)) == (12550, 3000)


@pytest.mark.parametrize("minor", [2550, 2551])
async def test_a_captured_one_moves_on_or_is_undone_as_one(
    family: Hub, folder: Folder, kiosk: ScriptedKiosk, log_watch: LogWatch, minor: int
) -> None:
    """The sandbox declines amounts that end in 51."""
    if minor == 2551:
        log_watch.expect("hub.declined")
    parts = [part(NUMBER, ACCOUNT, minor - 550), part(CHILDS, CHILD, 550)]
    await kiosk.deliver(captured(kiosk.new_pid(), minor, parts=parts))
    ask_all(replace(family, gateway=Bank(open_sandbox(folder))))
    left = (12550, 3000) if minor == 2551 else (12550 - 2000, 3000 - 550)
    assert (owed(family), owed(family, CHILDS)) == left


# held together


async def test_an_unknown_one_holds_every_account_until_its_end_is_known(family: Hub, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(of_both(pid, "unknown"))
    for number in (NUMBER, CHILDS):
        assert (await kiosk.look_up("number", number, RIGHT)).status_code == 409
    await kiosk.deliver(of_both(pid))
    assert (owed(family), owed(family, CHILDS)) == (12550 - 2000, 3000 - 550)
    assert await seen(kiosk) == (NUMBER, [CHILDS])


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([part(NUMBER, ACCOUNT, 2000), part("7700000099", CHILD, 550)], "unknown-statement"),
        ([part(NUMBER, ACCOUNT, 2000), part(CHILDS, "A9", 550)], "account-differs"),
        ([part(NUMBER, ACCOUNT, 2000), part(CHILDS, CHILD, 550)], "account-closed"),
    ],
)
async def test_an_unknown_one_with_a_part_that_has_no_place_holds_the_others(
    family: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, parts: list[dict[str, Any]], code: str
) -> None:
    log_watch.expect("hub.parked")
    if code == "account-closed":
        with family.store.writing() as connection:
            connection.execute(update(accounts).where(accounts.c.number == CHILD).values(closed_at=family.world.clock()))
    pid = kiosk.new_pid()
    (answer,) = await kiosk.deliver(payment(pid, "unknown", parts=parts))
    assert (answer.status, answer.code) == (RecordStatus.PARKED, code)
    assert (await kiosk.look_up("number", NUMBER, RIGHT)).status_code == 409
    await kiosk.deliver(payment(pid, "declined", parts=parts))
    assert (await kiosk.look_up("number", NUMBER, RIGHT)).status_code == 200
    assert (owed(family), owed(family, CHILDS)) == (12550, 3000)


async def test_what_a_kiosk_says_of_anothers_authorization_frees_none_of_its_accounts(
    family: Hub, folder: Folder, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    hub = replace(family, gateway=Bank(open_sandbox(folder)))
    async with httpx2.AsyncClient(transport=Tls(make_app(hub)), base_url="https://hub.example") as client:
        kiosk = await ScriptedKiosk.enrolled(hub, client, time.clock, "Lobby")
        other = await ScriptedKiosk.enrolled(hub, client, time.clock, "West")
        pid = kiosk.new_pid()
        await kiosk.authorize(pid, card(), parts=[part(NUMBER, ACCOUNT, 2000), part(CHILDS, CHILD, 550)])
        (answer,) = await other.deliver(payment(pid, "unknown", parts=[part(NUMBER, ACCOUNT, 2550)]))
        assert (answer.status, answer.code) == (RecordStatus.PARKED, "authorization-differs")
        assert (await kiosk.look_up("number", CHILDS, RIGHT)).status_code == 409


async def test_the_newest_word_says_whose_it_is(family: Hub, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(of_both(pid, "unknown"))
    await kiosk.deliver(payment(pid, "approved"))
    assert (owed(family), owed(family, CHILDS)) == (12550 - 2550, 3000)
    assert (await kiosk.look_up("number", CHILDS, RIGHT)).status_code == 200


async def test_an_authorization_of_several_bills_holds_them_all(family: Hub, folder: Folder, time: Time) -> None:
    hub = replace(family, gateway=Bank(open_sandbox(folder)))
    async with httpx2.AsyncClient(transport=Tls(make_app(hub)), base_url="https://hub.example") as client:
        kiosk = await ScriptedKiosk.enrolled(hub, client, time.clock, "Lobby")
        pid, parts = kiosk.new_pid(), [part(NUMBER, ACCOUNT, 2000), part(CHILDS, CHILD, 550)]
        assert (await kiosk.authorize(pid, card(), parts=parts)).json()["state"] == "approved"
        childs: dict[str, Any] = {"ref": {"kind": "number", "value": CHILDS}, "account": CHILD}
        assert (await kiosk.authorize(kiosk.new_pid(), card(), **childs)).json() == {"code": "payment-unknown"}
        assert (await kiosk.look_up("number", CHILDS, RIGHT)).status_code == 409
        wrong = [part(NUMBER, ACCOUNT, 2000), part(CHILDS, CHILD, 551)]
        assert (await kiosk.authorize(kiosk.new_pid(), card(), parts=wrong)).json()["code"] == "malformed"
        await kiosk.deliver(of_both(pid, hub_authorised=True))
        assert await seen(kiosk) == (NUMBER, [CHILDS])
    assert (owed(family), owed(family, CHILDS)) == (12550 - 2000, 3000 - 550)


# shown


async def test_the_console_shows_what_came_to_which_bill(family: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk) -> None:
    add_user(family, "ana", PASSWORD)
    await sign_in(client)
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, parts=[part(NUMBER, ACCOUNT, 2000), part(CHILDS, CHILD, 550, "V1")]))
    text = (await client.get(f"/payments/{pid}")).text
    assert all(word in text for word in ("$20.00", "$5.50", ACCOUNT, CHILD, CHILDS, "V1"))
    for account in (ACCOUNT, CHILD):
        assert pid in (await client.get(f"/accounts/{account}")).text


async def test_a_hub_keeps_no_parts_of_a_payment_of_one_bill(family: Hub, kiosk: ScriptedKiosk) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()))
    with family.store.reading() as connection:
        assert connection.execute(select(payment_parts)).all() == []
