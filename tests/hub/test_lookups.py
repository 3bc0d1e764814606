"""Look-ups: both factors or nothing, the same words and the same time, few tries, and no second charge on an unknown one."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import replace

import pytest

from domain.money import Money
from hub.hub import Hub
from hub.kept_tries import WINDOW
from hub.lookups import ANSWER_S, TRIES_PER_KEY, TRIES_PER_KIOSK
from hub.statements import add_statement
from offline_queue.wire.messages import MOST_WORDS, LookupAnswer
from tests.hub.conftest import NUMBER, OPAQUE, Time, bill, put
from tests.hub.kiosk import ScriptedKiosk, payment

RIGHT = "1984-03-17"


@pytest.mark.parametrize(("kind", "value"), [("number", NUMBER), ("link", OPAQUE)])
async def test_both_factors_right_give_the_statement(kiosk: ScriptedKiosk, kind: str, value: str) -> None:
    answer = await kiosk.look_up(kind, value, RIGHT)
    statement = LookupAnswer.model_validate_json(answer.content).statement
    assert statement == bill(NUMBER, "A100001", 12550)


STRANGE = ["W" * 300, "Ada\x00\n\x1b@\tByrne", "Ada\x85\u2028Byrne", "\u202eeyB\u2069 x", "\N{ROCKET}\u200d" * 150]


@pytest.mark.parametrize("text", STRANGE, ids=["long", "controls", "ends-of-lines", "directions", "emoji"])
async def test_a_bill_with_any_words_is_shown_whoever_wrote_them(hub: Hub, kiosk: ScriptedKiosk, text: str) -> None:
    """A kiosk refuses what is longer than a screen has room for, and takes a hub that sends it to be away."""
    plain = bill("7000000001", "A7", 500)
    (visit,) = plain.visits
    charges = (replace(visit.charges[0], description=text),)
    strange = replace(plain, visits=(replace(visit, number=text, place=text, patient=text, charges=charges),))
    put(hub, "A7", (strange, "C" * 16), name=text)
    answer = await kiosk.look_up("number", strange.number, RIGHT)
    shown = LookupAnswer.model_validate_json(answer.content).statement
    assert shown.due == strange.due
    for words in (shown.guarantor_name, shown.visits[0].patient, shown.visits[0].place, shown.visits[0].charges[0].description):
        assert len(words) <= MOST_WORDS
        assert words[:3] == text[:3]
        assert not {unicodedata.category(char) for char in words} & {"Cc", "Zl", "Zp"}


async def test_marks_are_not_piled_on_a_letter(hub: Hub, kiosk: ScriptedKiosk) -> None:
    put(hub, "A7", (bill("7000000001", "A7", 500), "C" * 16), name="Nguye\u0302\u0303n Z" + "\u0301\u0337" * 30 + "oe")
    answer = await kiosk.look_up("number", "7000000001", RIGHT)
    name = LookupAnswer.model_validate_json(answer.content).statement.guarantor_name
    assert name == "Nguye\u0302\u0303n Z" + "\u0301\u0337" * 2 + "oe"


async def test_another_billers_reference_names_the_statement_too(hub: Hub, kiosk: ScriptedKiosk) -> None:
    with hub.store.writing() as connection:
        add_statement(connection, bill("7000000001", "A100001", 500), "C" * 16, hub.world.clock(), ["RF/RF712348231"])
    answer = await kiosk.look_up("biller", "RF/RF712348231", RIGHT)
    assert LookupAnswer.model_validate_json(answer.content).statement == bill("7000000001", "A100001", 500)
    for kind, value in (("biller", "QRR/RF712348231"), ("biller", "RF712348231"), ("number", "RF/RF712348231")):
        assert (await kiosk.look_up(kind, value, RIGHT)).status_code == 404
    for value in ("RF/", "/RF712348231", "RF/RF/1", "rf/RF712348231", "ABCDEFGHIJKLMNOPQ/1", "A/" + "1" * 48):
        assert (await kiosk.look_up("biller", value, RIGHT)).status_code == 400


async def test_a_statement_locks_by_whatever_name_it_is_tried(hub: Hub, kiosk: ScriptedKiosk) -> None:
    with hub.store.writing() as connection:
        add_statement(connection, bill("7000000001", "A100001", 500), "C" * 16, hub.world.clock(), ["RF/RF712348231"])
    for _ in range(TRIES_PER_KEY):
        assert (await kiosk.look_up("biller", "RF/RF712348231", "1984-03-18")).status_code == 404
    assert (await kiosk.look_up("number", "7000000001", RIGHT)).status_code == 429


WRONG = [
    ("number", NUMBER, "1984-03-18"),
    ("number", "9999999999", RIGHT),
    ("number", "9999999999", "1984-03-18"),
    ("link", OPAQUE, "1900-01-01"),
    ("link", "A" * 16, RIGHT),
    ("link", NUMBER, RIGHT),
    ("number", OPAQUE, RIGHT),
    ("number", "X" * 64, RIGHT),
    ("number", "9999999999", "0001-01-01"),
]


async def test_whatever_is_wrong_gets_the_same_words_in_the_same_time(kiosk: ScriptedKiosk, time: Time) -> None:
    answers = [await kiosk.look_up(*lookup) for lookup in WRONG]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert time.slept == [ANSWER_S] * len(WRONG)


async def test_a_right_answer_and_a_locked_one_take_that_time_too(kiosk: ScriptedKiosk, time: Time) -> None:
    await kiosk.look_up("number", NUMBER, RIGHT)
    for _ in range(TRIES_PER_KEY + 1):
        await kiosk.look_up("number", NUMBER, "1984-03-18")
    assert time.slept == [ANSWER_S] * (TRIES_PER_KEY + 2)


@pytest.mark.parametrize("number", [NUMBER, "9999999999"])
async def test_a_statement_locks_after_wrong_tries_whether_it_exists_or_not(
    kiosk: ScriptedKiosk, time: Time, number: str
) -> None:
    for _ in range(TRIES_PER_KEY):
        assert (await kiosk.look_up("number", number, "1984-03-18")).status_code == 404
    locked = await kiosk.look_up("number", number, RIGHT)
    assert (locked.status_code, locked.json()["code"]) == (429, "too-many-tries")
    wait = int(locked.headers["retry-after"])
    assert 0 < wait <= WINDOW.total_seconds()
    time.pass_by(dt.timedelta(seconds=wait))
    assert (await kiosk.look_up("number", number, RIGHT)).status_code == (200 if number == NUMBER else 404)


async def test_the_two_names_of_a_statement_share_its_tries(kiosk: ScriptedKiosk) -> None:
    for index in range(TRIES_PER_KEY):
        await kiosk.look_up(*(("link", OPAQUE) if index % 2 else ("number", NUMBER)), "1984-03-18")
    assert (await kiosk.look_up("link", OPAQUE, RIGHT)).status_code == 429


async def test_right_answers_use_up_no_tries(kiosk: ScriptedKiosk) -> None:
    for _ in range(TRIES_PER_KIOSK + 1):
        assert (await kiosk.look_up("number", NUMBER, RIGHT)).status_code == 200


async def test_a_kiosk_locks_when_it_tries_many_statements(kiosk: ScriptedKiosk) -> None:
    for index in range(TRIES_PER_KIOSK):
        assert (await kiosk.look_up("number", str(9_000_000_000 + index), RIGHT)).status_code == 404
    assert (await kiosk.look_up("number", NUMBER, RIGHT)).status_code == 429


async def test_what_was_paid_at_a_kiosk_is_on_the_statement(hub: Hub, kiosk: ScriptedKiosk) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()))
    statement = LookupAnswer.model_validate_json((await kiosk.look_up("number", NUMBER, RIGHT)).content).statement
    (line,) = statement.visits[0].payments
    assert (statement.due, line.amount, line.by_insurance) == (Money(10000, "USD"), Money(2550, "USD"), False)


async def test_an_unknown_payment_holds_every_statement_of_its_account_until_it_is_settled(
    hub: Hub, kiosk: ScriptedKiosk
) -> None:
    put(hub, "A2", (bill("1000000001", "A2", 500), "B" * 16))
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "unknown"))
    held = await kiosk.look_up("number", NUMBER, RIGHT)
    assert (held.status_code, held.json()) == (409, {"code": "payment-unknown"})
    assert (await kiosk.look_up("number", NUMBER, "1984-03-18")).status_code == 404  # a stranger does not learn of it
    assert (await kiosk.look_up("number", "1000000001", RIGHT)).status_code == 200
    await kiosk.deliver(payment(pid, "declined"))
    assert (await kiosk.look_up("number", NUMBER, RIGHT)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"ref":{"kind":"number","value":"1"},"birth_date":"yesterday"}', b'{"ref":{"kind":"x","value":"1"}}'],
)
async def test_what_is_not_a_lookup_is_malformed(kiosk: ScriptedKiosk, body: bytes) -> None:
    answer = await kiosk.request("POST", "/v1/kiosks/lobby/statement-lookups", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
