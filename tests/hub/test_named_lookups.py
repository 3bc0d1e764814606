"""Look-ups without a bill: name, birth date and six digits at once; and whoever has not all three learns nothing, not even who is
there."""

from __future__ import annotations

import datetime as dt
import hmac
import json
from types import SimpleNamespace

import pytest
from sqlalchemy import event, insert, update

from hub import people
from hub.hub import Hub
from hub.lookups import ANSWER_S, TRIES_PER_KEY, TRIES_PER_KIOSK
from hub.people import CHECKED
from hub.pins import appointment_code, statement_pin
from hub.schema import accounts, appointments
from hub.statements import add_statement
from offline_queue.wire.messages import LookupAnswer
from tests.hub.conftest import ACCOUNT, NUMBER, Time, bill, put
from tests.hub.kiosk import ScriptedKiosk, payment

NAME, BORN = "Maria Alvarez", "1984-03-17"
PIN, APPOINTMENT = "statement-pin", "appointment"


@pytest.fixture
def pin(hub: Hub) -> str:
    return statement_pin(hub.keys.pins, NUMBER)


def expect(hub: Hub, number: str, account: str = ACCOUNT, days: int = 0) -> str:
    """An appointment, so many days from today; its code."""
    day = hub.world.clock().astimezone().date() + dt.timedelta(days=days)
    with hub.store.writing() as connection:
        connection.execute(insert(appointments).values(number=number, account=account, date=day))
    return appointment_code(hub.keys.pins, number)


def another(digits: str) -> str:
    return f"{(int(digits) + 1) % 10**6:06d}"


@pytest.mark.parametrize(
    "name", ["Maria Alvarez", "ALVAREZ MARIA", "maría álvarez", "Maria E. Alvarez", "MariaAlvarez", "\u202eMaria Alvarez"]
)
async def test_all_three_right_give_the_statement_however_the_name_is_written(kiosk: ScriptedKiosk, pin: str, name: str) -> None:
    answer = await kiosk.look_up_named(PIN, name, BORN, pin)
    assert LookupAnswer.model_validate_json(answer.content).statement == bill(NUMBER, ACCOUNT, 12550)


async def test_todays_appointment_gives_the_newest_bill_with_something_due(hub: Hub, kiosk: ScriptedKiosk) -> None:
    code = expect(hub, "T-1")
    with hub.store.writing() as connection:
        for number, opaque, minor in (("7000000001", "C", 500), ("7000000002", "D", 0)):
            add_statement(connection, bill(number, ACCOUNT, minor), opaque * 16, hub.world.clock())
    answer = await kiosk.look_up_named(APPOINTMENT, NAME, BORN, code)
    assert LookupAnswer.model_validate_json(answer.content).statement.number == "7000000001"


async def test_an_appointment_with_nothing_due_shows_the_newest_bill(hub: Hub, kiosk: ScriptedKiosk) -> None:
    put(hub, "A2", (bill("7000000002", "A2", 0), "D" * 16), name="Ada Byrne")
    answer = await kiosk.look_up_named(APPOINTMENT, "Byrne, Ada", BORN, expect(hub, "T-2", "A2"))
    assert LookupAnswer.model_validate_json(answer.content).statement.number == "7000000002"


async def test_a_pin_is_its_own_statements_and_a_code_its_own_days(hub: Hub, kiosk: ScriptedKiosk, pin: str) -> None:
    today, tomorrow = expect(hub, "T-1"), expect(hub, "T-2", days=1)
    for proof, digits in ((PIN, today), (APPOINTMENT, pin), (APPOINTMENT, tomorrow)):
        assert (await kiosk.look_up_named(proof, NAME, BORN, digits)).status_code == 404


async def test_of_two_people_with_one_name_and_birth_date_the_pin_says_which(hub: Hub, kiosk: ScriptedKiosk, pin: str) -> None:
    put(hub, "A2", (bill("7000000001", "A2", 500), "C" * 16))
    for number, digits in ((NUMBER, pin), ("7000000001", statement_pin(hub.keys.pins, "7000000001"))):
        answer = await kiosk.look_up_named(PIN, NAME, BORN, digits)
        assert LookupAnswer.model_validate_json(answer.content).statement.number == number


async def test_digits_that_prove_two_people_prove_nobody(hub: Hub, kiosk: ScriptedKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    put(hub, "A2", (bill("7000000001", "A2", 500), "C" * 16))
    monkeypatch.setattr(people, "statement_pin", lambda key, number: "111111")
    assert (await kiosk.look_up_named(PIN, NAME, BORN, "111111")).status_code == 404


async def test_a_closed_account_is_nobodys(hub: Hub, kiosk: ScriptedKiosk, pin: str) -> None:
    with hub.store.writing() as connection:
        connection.execute(update(accounts).values(closed_at=hub.world.clock()))
    assert (await kiosk.look_up_named(PIN, NAME, BORN, pin)).status_code == 404


async def test_an_account_without_a_statement_has_nothing_to_show(hub: Hub, kiosk: ScriptedKiosk) -> None:
    with hub.store.writing() as connection:
        who = {"guarantor_name": "Ada Byrne", "guarantor_birth_date": dt.date(1962, 3, 4), "currency": "USD"}
        connection.execute(insert(accounts).values(number="A3", **who))
    assert (await kiosk.look_up_named(APPOINTMENT, "Ada Byrne", "1962-03-04", expect(hub, "T-3", "A3"))).status_code == 404


WRONG = [
    (NAME, BORN, False),
    (NAME, "1984-03-18", True),
    ("Nobody Atall", BORN, True),
    ("Nobody Atall", "1900-01-01", False),
    ("Alvarez", BORN, True),
    ("M A", BORN, True),
    ("", BORN, True),
    ("😀", BORN, True),
    ("'; DROP TABLE accounts; --", BORN, True),
    ("' OR '1'='1", BORN, True),
    ("%", BORN, True),
    ("A" * 200, BORN, True),
    ("\u202e\u202d\x00", BORN, True),
    (NAME, "0001-01-01", True),
]


@pytest.mark.parametrize("proof", [PIN, APPOINTMENT])
async def test_whatever_is_wrong_gets_the_same_words_in_the_same_time_for_the_same_work(
    hub: Hub, kiosk: ScriptedKiosk, time: Time, pin: str, monkeypatch: pytest.MonkeyPatch, proof: str
) -> None:
    """Counted, not timed: what the database is asked, and how many proofs are made and compared."""
    right = pin if proof == PIN else expect(hub, "T-1")
    queries, proofs = list[str](), list[str]()
    compare = hmac.compare_digest

    def compared(one: str, other: str) -> bool:
        proofs.append(one)
        return compare(one, other)

    monkeypatch.setattr(people, "hmac", SimpleNamespace(compare_digest=compared))
    answers, work = [], []
    with hub.store.reading() as connection:
        engine = connection.engine
    event.listen(engine, "before_cursor_execute", lambda *call: queries.append(call[2]))
    for name, born, is_right in WRONG:
        queries.clear()
        proofs.clear()
        answers.append(await kiosk.look_up_named(proof, name, born, right if is_right else another(right)))
        work.append(
            (sum("accounts" in query or "statements" in query or "appointments" in query for query in queries), len(proofs))
        )
        time.pass_by(dt.timedelta(hours=1))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content.replace(_hub_time(answer.content), b"") for answer in answers}) == 1
    assert work == [(2, CHECKED)] * len(WRONG)
    assert time.slept == [ANSWER_S] * len(WRONG)


def _hub_time(content: bytes) -> bytes:
    return str(json.loads(content)["hub_time"]).encode()


@pytest.mark.parametrize(("name", "born"), [(NAME, BORN), ("Nobody Atall", BORN), ("Nobody Atall", "1900-01-01")])
async def test_a_birth_date_locks_after_wrong_tries_whoever_was_named(
    kiosk: ScriptedKiosk, pin: str, name: str, born: str
) -> None:
    """By what was typed and not by what was found: no second name tells whether the first one's person exists."""
    for turn in range(TRIES_PER_KEY):
        typed = f"{name} {'ABCDE'[turn]}"
        assert (await kiosk.look_up_named((PIN, APPOINTMENT)[turn % 2], typed, born, another(pin))).status_code == 404
    for proof, who in ((PIN, name), (PIN, "Somebody Else"), (APPOINTMENT, name)):
        locked = await kiosk.look_up_named(proof, who, born, pin)
        assert (locked.status_code, locked.json()["code"]) == (429, "too-many-tries")


async def test_right_answers_use_up_no_tries(kiosk: ScriptedKiosk, pin: str) -> None:
    for _ in range(TRIES_PER_KIOSK + 1):
        assert (await kiosk.look_up_named(PIN, NAME, BORN, pin)).status_code == 200


async def test_a_kiosk_locks_for_names_and_numbers_together(kiosk: ScriptedKiosk, pin: str) -> None:
    for day in range(TRIES_PER_KIOSK // 2):
        await kiosk.look_up_named(PIN, NAME, (dt.date(1970, 1, 1) + dt.timedelta(day)).isoformat(), pin)
        await kiosk.look_up("number", str(9_000_000_000 + day), BORN)
    assert (await kiosk.look_up_named(PIN, NAME, BORN, pin)).status_code == 429
    assert (await kiosk.look_up("number", NUMBER, BORN)).status_code == 429


async def test_an_unknown_payment_holds_who_is_found_by_name_too(kiosk: ScriptedKiosk, pin: str) -> None:
    await kiosk.deliver(payment(kiosk.new_pid(), "unknown"))
    held = await kiosk.look_up_named(PIN, NAME, BORN, pin)
    assert (held.status_code, held.json()) == (409, {"code": "payment-unknown"})
    assert (await kiosk.look_up_named(PIN, NAME, BORN, another(pin))).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "A" * 201},
        {"digits": "12345"},
        {"digits": "1234567"},
        {"digits": "١٢٣٤٥٦"},
        {"digits": "1 OR 1"},
        {"birth_date": "1984-02-30"},
        {"birth_date": "yesterday"},
        {"proof": "smile"},
        {"ref": {"kind": "number", "value": NUMBER}},
    ],
)
async def test_what_is_no_look_up_is_malformed(kiosk: ScriptedKiosk, changes: dict[str, object]) -> None:
    whole = {"proof": PIN, "name": NAME, "birth_date": BORN, "digits": "000000"}
    answer = await kiosk.request("POST", "/v1/kiosks/lobby/named-lookups", json.dumps(whole | changes).encode())
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_pins_are_their_own_and_stay_the_same(hub: Hub) -> None:
    key = hub.keys.pins
    assert statement_pin(key, NUMBER) == statement_pin(key, NUMBER) != appointment_code(key, NUMBER)
    assert statement_pin(b"k" * 32, NUMBER) == "535835"  # by openssl dgst -hmac, and bc
    found = {statement_pin(key, str(number)) for number in range(1000)}
    assert len(found) > 990
    assert all(len(pin) == 6 and pin.isdigit() for pin in found)
