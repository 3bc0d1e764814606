"""Batches: each record exactly once, whatever the network or a stranger does to them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, update

from domain.money import Money
from domain.payment import IN_DOUBT
from hub import ledger
from hub.audit import first_difference
from hub.hub import Hub
from hub.intake import take
from hub.requests import RequestRefused
from hub.schema import accounts, journal_entries, journal_lines, payments, records, tasks
from offline_queue.wire.chain import FIRST_HASH, link
from offline_queue.wire.messages import MOST_BYTES, MOST_RECORDS, Batch, BatchAnswer, Head, RecordStatus
from tests.hub.conftest import ACCOUNT, NUMBER, Time
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.log_watch import LogWatch


def count(hub: Hub, table: Any) -> int:
    with hub.store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def posted_payments(hub: Hub) -> int:
    with hub.store.reading() as connection:
        query = select(func.count()).select_from(journal_entries).where(journal_entries.c.kind == "payment")
        return connection.scalar(query) or 0


def due(hub: Hub) -> int:
    with hub.store.reading() as connection:
        assert first_difference(connection) is None
        return ledger.due(connection, NUMBER, "USD").minor


async def test_a_record_is_posted_and_the_head_moves(hub: Hub, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    last = kiosk.queue(payment(pid))
    answer = await kiosk.send(kiosk.batch())
    said = BatchAnswer.model_validate_json(answer.content)
    assert (said.head.seq, said.head.hash, said.durable_seq, said.gen, said.epoch) == (1, last["hash"], 0, 1, 1)
    assert [(each.seq, each.pid, each.status, each.posting) for each in said.results] == [
        (1, pid, RecordStatus.POSTED, "P00000002")
    ]
    assert due(hub) == 10000


async def test_the_head_of_a_new_kiosk_is_zero_and_follows_its_records(kiosk: ScriptedKiosk, time: Time) -> None:
    first = Head.model_validate_json((await kiosk.request("GET", "/v1/kiosks/lobby/head")).content)
    assert (first.gen, first.epoch, first.head.seq, first.head.hash) == (1, 1, 0, FIRST_HASH)
    assert first.hub_time == time.now
    await kiosk.deliver(payment(kiosk.new_pid()))
    second = Head.model_validate_json((await kiosk.request("GET", "/v1/kiosks/lobby/head")).content)
    assert (second.head.seq, second.head.hash) == (1, kiosk.records[0]["hash"])


async def test_a_repeat_gets_the_first_answer_and_changes_nothing(hub: Hub, kiosk: ScriptedKiosk, time: Time) -> None:
    for _ in range(3):
        kiosk.queue(payment(kiosk.new_pid()))
    first = BatchAnswer.model_validate_json((await kiosk.send(kiosk.batch())).content)
    time.pass_by(time.now - time.now.replace(year=2025))  # a year later: keys never expire
    again = BatchAnswer.model_validate_json((await kiosk.send(kiosk.batch())).content)
    assert again.results == first.results
    assert again.head == first.head
    assert (count(hub, records), posted_payments(hub), due(hub)) == (3, 3, 12550 - 3 * 2550)


async def test_a_batch_that_overlaps_adds_only_what_is_new(hub: Hub, kiosk: ScriptedKiosk) -> None:
    for _ in range(4):
        kiosk.queue(payment(kiosk.new_pid(), minor=100))
    await kiosk.send(kiosk.batch(1, 2))
    answer = BatchAnswer.model_validate_json((await kiosk.send(kiosk.batch(2, 4))).content)
    assert [each.seq for each in answer.results] == [2, 3, 4]
    assert (posted_payments(hub), due(hub)) == (4, 12150)


async def test_an_older_batch_after_a_newer_one_is_a_repeat(hub: Hub, kiosk: ScriptedKiosk) -> None:
    for _ in range(3):
        kiosk.queue(payment(kiosk.new_pid(), minor=100))
    await kiosk.send(kiosk.batch())
    answer = BatchAnswer.model_validate_json((await kiosk.send(kiosk.batch(1, 1))).content)
    assert (answer.head.seq, answer.head.hash) == (3, kiosk.records[2]["hash"])
    assert [each.seq for each in answer.results] == [1]


async def test_the_same_batch_at_once_from_many_connections_is_taken_once(hub: Hub, kiosk: ScriptedKiosk) -> None:
    for _ in range(5):
        kiosk.queue(payment(kiosk.new_pid(), minor=100))
    answers = await asyncio.gather(*(kiosk.send(kiosk.batch()) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({json.dumps(answer.json()["results"]) for answer in answers}) == 1
    assert (count(hub, records), posted_payments(hub), due(hub)) == (5, 5, 12050)


async def test_a_full_batch_is_taken(hub: Hub, kiosk: ScriptedKiosk) -> None:
    for _ in range(MOST_RECORDS):
        kiosk.queue(payment(kiosk.new_pid(), minor=1))
    assert (await kiosk.send(kiosk.batch())).status_code == 200
    assert due(hub) == 12550 - MOST_RECORDS


async def test_a_gap_is_a_conflict_that_names_the_head(hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.refused")
    for _ in range(3):
        kiosk.queue(payment(kiosk.new_pid()))
    await kiosk.send(kiosk.batch(1, 1))
    answer = await kiosk.send(kiosk.batch(3))
    head = {"seq": 1, "hash": kiosk.records[0]["hash"]}
    assert (answer.status_code, answer.json()) == (409, {"kind": "gap", "gen": 1, "head": head})
    assert count(hub, records) == 1


@pytest.mark.parametrize("known", [1, 2])
async def test_another_history_is_a_fork_and_nothing_is_taken(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, known: int
) -> None:
    log_watch.expect("hub.refused")
    kiosk.queue(payment(kiosk.new_pid()))
    kiosk.queue(payment(kiosk.new_pid()))
    await kiosk.send(kiosk.batch(1, known))
    kiosk.records = kiosk.records[: known - 1]  # the kiosk forgot its last record, as a disk restored from an image does
    kiosk.queue(payment(kiosk.new_pid()))
    kiosk.queue(payment(kiosk.new_pid()))
    answer = await kiosk.send(kiosk.batch())
    assert (answer.status_code, answer.json()["kind"], answer.json()["head"]["seq"]) == (409, "fork", known)
    assert count(hub, records) == known


async def test_a_first_record_that_follows_from_something_else_is_a_fork(kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.refused")
    record = kiosk.queue(payment(kiosk.new_pid()))
    record["hash"] = link("11" * 32, 1, 1, record["pid"], base64.b64decode(record["sealed"]))
    answer = await kiosk.send(kiosk.batch(prev_hash="11" * 32))
    assert (answer.status_code, answer.json()["kind"]) == (409, "fork")


def _altered(record: dict[str, Any]) -> None:
    raw = bytearray(base64.b64decode(record["sealed"]))
    raw[40] ^= 1
    record["sealed"] = base64.b64encode(raw).decode()


def _bad_base64(record: dict[str, Any]) -> None:
    record["sealed"] = "AAAAA"


def _skipped(record: dict[str, Any]) -> None:
    record["seq"] = 4


def _enormous(record: dict[str, Any]) -> None:
    record["seq"] = 2**70


@pytest.mark.parametrize(
    ("spoil", "code"),
    [(_altered, "chain-broken"), (_bad_base64, "malformed"), (_skipped, "not-contiguous"), (_enormous, "not-contiguous")],
)
async def test_a_batch_that_contradicts_itself_is_refused_whole(
    hub: Hub, kiosk: ScriptedKiosk, spoil: Callable[[dict[str, Any]], None], code: str
) -> None:
    for _ in range(2):
        kiosk.queue(payment(kiosk.new_pid()))
    spoil(kiosk.records[1])
    answer = await kiosk.send(kiosk.batch())
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert count(hub, records) == 0


async def test_a_number_beyond_the_database_is_refused(hub: Hub, kiosk: ScriptedKiosk) -> None:
    kiosk.queue(payment(kiosk.new_pid()))
    _enormous(kiosk.records[0])
    answer = await kiosk.send(kiosk.batch())
    assert (answer.status_code, answer.json()["code"]) == (400, "not-contiguous")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"{}", b"\xff\xfe", b'{"v":2}', b"[" * 5000, b"null", b"9" * 6000],
    ids=["empty", "half", "list", "text", "nothing", "binary", "version", "deep", "null", "long-number"],
)
async def test_what_is_not_a_batch_is_malformed(hub: Hub, kiosk: ScriptedKiosk, body: bytes) -> None:
    answer = await kiosk.request("POST", "/v1/kiosks/lobby/batches", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_more_records_than_a_batch_holds_are_malformed(kiosk: ScriptedKiosk) -> None:
    kiosk.queue(payment(kiosk.new_pid()))
    kiosk.records *= MOST_RECORDS + 1
    assert (await kiosk.send(kiosk.batch())).json()["code"] == "malformed"


async def test_ten_megabytes_are_refused_before_they_are_read_to_the_end(hub: Hub, kiosk: ScriptedKiosk) -> None:
    sent = 0

    async def body() -> Any:
        nonlocal sent
        for _ in range(160):
            sent += 65_536
            yield b"x" * 65_536

    answer = await kiosk.client.post("/v1/kiosks/lobby/batches", content=body())
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert sent <= MOST_BYTES + 3 * 65_536


async def test_a_body_that_never_ends_is_given_up(kiosk: ScriptedKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.requests.READ_S", 0.01)

    async def body() -> Any:
        yield b"{"
        await asyncio.Event().wait()

    answer = await kiosk.client.post("/v1/kiosks/lobby/batches", content=body())
    assert (answer.status_code, answer.json()["code"]) == (408, "too-slow")


async def test_a_batch_in_another_name_or_enrolment_is_refused(kiosk: ScriptedKiosk) -> None:
    kiosk.queue(payment(kiosk.new_pid()))
    for batch in (kiosk.batch(kiosk="other"), kiosk.batch(epoch=2)):
        answer = await kiosk.send(batch)
        assert (answer.status_code, answer.json()["code"]) == (400, "not-your-batch")


async def test_who_is_not_this_kiosk_is_refused(hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time) -> None:
    other = await ScriptedKiosk.enrolled(hub, client, time.clock, "Other")
    kiosk.queue(payment(kiosk.new_pid()))
    batch = kiosk.batch()
    path, body = "/v1/kiosks/lobby/batches", json.dumps(batch).encode()
    wrong_key = await kiosk.send(batch, key=Ed25519PrivateKey.generate())
    foreign = await other.request("POST", path, body)
    future = await kiosk.send(batch, keyid="lobby:9")
    nobody = await kiosk.send(batch, keyid="nobody:1")
    unsigned = await client.post(path, content=body)
    codes = [(each.status_code, each.json()["code"]) for each in (wrong_key, foreign, future, nobody, unsigned)]
    unknown = (401, "signature-key-unknown")
    assert codes == [(401, "signature-wrong"), unknown, unknown, unknown, (401, "signature-missing")]
    assert count(hub, records) == 0


async def test_a_body_that_is_not_the_signed_one_is_refused(hub: Hub, kiosk: ScriptedKiosk) -> None:
    kiosk.queue(payment(kiosk.new_pid()))
    requests: list[httpx2.Request] = []

    async def spy(request: httpx2.Request) -> None:
        requests.append(request)

    kiosk.client.event_hooks["request"] = [spy]
    await kiosk.send(kiosk.batch())
    sent = requests[0]
    kiosk.client.event_hooks["request"] = []
    for content, extra in [(sent.content + b" ", {}), (sent.content, {"content-digest": "sha-256=:AAAA:"})]:
        headers = {**dict(sent.headers), **extra, "content-length": str(len(content))}
        answer = await kiosk.client.post(sent.url, headers=headers, content=content)
        assert (answer.status_code, answer.json()["code"]) == (401, "signature-wrong")
    assert count(hub, records) == 1


async def test_a_wrong_clock_is_told_the_hubs_time(kiosk: ScriptedKiosk, time: Time) -> None:
    kiosk.queue(payment(kiosk.new_pid()))
    answer = await kiosk.send(kiosk.batch(), now=time.now.replace(year=2020))
    assert (answer.status_code, answer.json()["code"]) == (401, "signature-clock-skew")
    assert answer.json()["hub_time"] == "2026-11-21T15:00:00Z"


async def test_a_kiosk_enrolled_again_starts_afresh_and_its_old_self_is_fenced(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time
) -> None:
    pid = kiosk.new_pid()
    (first,) = await kiosk.deliver(payment(pid))
    again = await ScriptedKiosk.enrolled(hub, client, time.clock, "Lobby")
    assert (again.id, again.epoch) == ("lobby", 2)
    stale = await kiosk.send(kiosk.batch())
    assert (stale.status_code, stale.json()["code"]) == (403, "epoch-stale")
    # what the old self had queued comes again under the new enrolment: the same payment, the same posting
    (second,) = await again.deliver(payment(pid))
    assert (second.status, second.posting) == (RecordStatus.POSTED, first.posting)
    assert (posted_payments(hub), due(hub)) == (1, 10000)


async def test_an_enrolment_that_ends_while_its_batch_is_on_the_way_is_fenced(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time
) -> None:
    kiosk.queue(payment(kiosk.new_pid()))
    batch = Batch.model_validate(kiosk.batch())
    await ScriptedKiosk.enrolled(hub, client, time.clock, "Lobby")
    with pytest.raises(RequestRefused, match="epoch-stale"):
        take(hub, batch)
    assert count(hub, records) == 0


async def test_an_unknown_outcome_is_kept_unposted_and_settled_once(hub: Hub, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    (unknown,) = await kiosk.deliver(payment(pid, "unknown", reason="no-answer"))
    assert (unknown.status, unknown.posting) == (RecordStatus.ACCEPTED, "")
    assert (posted_payments(hub), due(hub)) == (0, 12550)
    (still,) = await kiosk.deliver(payment(pid, "unknown", reason="still-no-answer"))
    assert still.status is RecordStatus.ACCEPTED
    (settled,) = await kiosk.deliver(payment(pid, "approved"))
    assert (settled.status, due(hub)) == (RecordStatus.POSTED, 10000)
    (again,) = await kiosk.deliver(payment(pid, "approved"))
    assert (again.status, again.posting, due(hub)) == (RecordStatus.POSTED, settled.posting, 10000)
    assert posted_payments(hub) == 1


@pytest.mark.parametrize("outcome", ["declined", "cancelled"])
async def test_an_unknown_payment_that_was_never_charged_is_settled_without_posting(
    hub: Hub, kiosk: ScriptedKiosk, outcome: str
) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "unknown"))
    (settled,) = await kiosk.deliver(payment(pid, outcome))
    (again,) = await kiosk.deliver(payment(pid, outcome))
    assert settled.status is again.status is RecordStatus.ACCEPTED
    with hub.store.reading() as connection:
        assert connection.scalar(select(payments.c.state)) == outcome
    assert (posted_payments(hub), due(hub)) == (0, 12550)


async def test_a_settled_payment_is_not_told_otherwise(hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid))
    (answer,) = await kiosk.deliver(payment(pid, "declined"))
    assert (answer.status, answer.code) == (RecordStatus.PARKED, "already-settled")
    (answer,) = await kiosk.deliver(payment(pid, minor=9999))
    assert (answer.status, answer.code) == (RecordStatus.PARKED, "payment-differs")
    assert due(hub) == 10000


@pytest.mark.parametrize("at_once", [True, False])
async def test_an_approval_in_doubt_stands_and_is_a_persons(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, at_once: bool
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    doubt = payment(pid, "unknown", reason=IN_DOUBT)
    if at_once:
        _, answer = await kiosk.deliver(payment(pid), doubt)
    else:
        await kiosk.deliver(payment(pid))
        (answer,) = await kiosk.deliver(doubt)
    assert (answer.status, answer.code) == (RecordStatus.PARKED, IN_DOUBT)
    assert (due(hub), posted_payments(hub)) == (10000, 1)
    with hub.store.reading() as connection:
        assert connection.execute(select(tasks.c.kind, tasks.c.code)).all() == [("parked", IN_DOUBT)]
        assert first_difference(connection) is None


async def test_captured_money_waits_in_its_own_book(hub: Hub, kiosk: ScriptedKiosk) -> None:
    (answer,) = await kiosk.deliver(payment(kiosk.new_pid(), "captured", offline=True))
    assert (answer.status, due(hub)) == (RecordStatus.POSTED, 10000)
    with hub.store.reading() as connection:
        books = select(journal_lines.c.book, journal_lines.c.minor).where(journal_lines.c.entry == 2)
        assert {row.book: row.minor for row in connection.execute(books)} == {"card-deferred": 2550, "receivable": -2550}
        assert ledger.balance(connection, ACCOUNT, "USD") == Money(10000, "USD")


def _closed(hub: Hub) -> None:
    with hub.store.writing() as connection:
        connection.execute(update(accounts).values(closed_at=hub.world.clock()))


POISON = [
    ("unknown-statement", {"ref": {"kind": "number", "value": "9999999999"}}),
    ("unknown-statement", {"ref": {"kind": "link", "value": "NO"}}),
    ("account-differs", {"account": "A999999"}),
    ("wrong-currency", {"currency": "EUR"}),
    ("not-a-record", {"minor": 0}),
    ("not-a-record", {"minor": -2550}),
    ("not-a-record", {"minor": 10**30}),
    ("not-a-record", {"minor": 25.5}),
    ("not-a-record", {"receipt": 10**20}),
    ("not-a-record", {"brand": "x" * 65}),
    ("not-a-record", {"authorization": "a\x00b"}),
    ("not-a-record", {"opened_at": "0001-01-01T00:00:00+14:00"}),
    ("not-a-record", {"opened_at": "2026-11-21T14:58:00"}),
    ("not-a-record", {"outcome": "perhaps"}),
    ("not-a-record", {"surprise": 1}),
    ("not-a-record", {"v": 2}),
]


@pytest.mark.parametrize(("code", "changes"), POISON, ids=[f"{code} {changes}" for code, changes in POISON])
async def test_poison_is_parked_and_the_next_record_goes_through(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, code: str, changes: dict[str, Any]
) -> None:
    log_watch.expect("hub.parked")
    bad, good = await kiosk.deliver(payment(kiosk.new_pid(), **changes), payment(kiosk.new_pid()))
    assert (bad.status, bad.code, bad.posting) == (RecordStatus.PARKED, code, "")
    assert good.status is RecordStatus.POSTED
    assert (count(hub, records), due(hub)) == (2, 10000)


async def test_a_record_that_does_not_open_is_parked(hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.parked")
    plain = json.dumps(payment(pid := kiosk.new_pid())).encode()
    kiosk.queue_bytes(pid, plain, sealed=b"\x00")
    kiosk.queue_bytes(pid, plain, sealed=b"\x00" * 600)
    kiosk.queue_bytes(pid, plain, sealed=bytes(range(200)))
    kiosk.queue_bytes(pid, plain, sealed=base64.b64decode(kiosk.queue(payment(pid))["sealed"]))  # moved to another place
    kiosk.queue_bytes(pid, plain, kid="schlüssel")
    kiosk.queue_bytes(pid, b"\xff not json")
    kiosk.queue_bytes(pid, json.dumps(payment(kiosk.new_pid())).encode())
    answer = BatchAnswer.model_validate_json((await kiosk.send(kiosk.batch())).content)
    codes = ["not-opened"] * 3 + ["", "not-opened", "unknown-key", "not-a-record", "pid-differs"]
    assert [each.code for each in answer.results] == codes
    assert (answer.head.seq, due(hub)) == (8, 10000)


async def test_a_closed_account_takes_no_payment_and_its_statement_is_not_served(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    _closed(hub)
    (answer,) = await kiosk.deliver(payment(kiosk.new_pid()))
    assert (answer.status, answer.code) == (RecordStatus.PARKED, "account-closed")
    assert (await kiosk.look_up("number", NUMBER, "1984-03-17")).status_code == 404


async def test_money_beyond_what_a_book_can_hold_is_parked(hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.parked")
    first, second = await kiosk.deliver(
        payment(kiosk.new_pid(), minor=999_999_999_999), payment(kiosk.new_pid(), minor=999_999_999_999)
    )
    assert first.status is RecordStatus.POSTED
    assert (second.status, second.code) == (RecordStatus.PARKED, "amount-out-of-range")


async def test_a_bill_on_which_more_was_paid_than_an_amount_can_be_is_still_shown(hub: Hub, kiosk: ScriptedKiosk) -> None:
    answers = await kiosk.deliver(payment(kiosk.new_pid(), minor=999_999_999_999), payment(kiosk.new_pid(), minor=12550))
    assert [answer.status for answer in answers] == [RecordStatus.POSTED] * 2
    answer = await kiosk.look_up("number", NUMBER, "1984-03-17")
    assert (answer.status_code, answer.json()["statement"]["due"]["minor"]) == (200, -999_999_999_999)


async def test_a_parked_payment_is_kept_with_its_money_and_stays_parked(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    lost = payment(kiosk.new_pid(), ref={"kind": "number", "value": "9999999999"})
    await kiosk.deliver(lost)
    with hub.store.reading() as connection:
        row = connection.execute(select(payments)).one()
    assert (row.state, row.minor, row.account) == ("approved", 2550, None)
    (again,) = await kiosk.deliver(lost)
    assert (again.status, again.code) == (RecordStatus.PARKED, "already-parked")


async def test_a_decline_needs_no_statement(hub: Hub, kiosk: ScriptedKiosk) -> None:
    (answer,) = await kiosk.deliver(payment(kiosk.new_pid(), "declined", ref={"kind": "number", "value": "9999999999"}))
    assert answer.status is RecordStatus.ACCEPTED


async def test_no_kiosk_settles_the_payment_of_another(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    other = await ScriptedKiosk.enrolled(hub, client, time.clock, "Other")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "unknown"))
    (answer,) = await other.deliver(payment(pid, "declined"))
    assert (answer.status, answer.code) == (RecordStatus.PARKED, "payment-differs")
    with hub.store.reading() as connection:
        assert connection.scalar(select(payments.c.state)) == "unknown"


async def test_nothing_but_ids_and_codes_reaches_the_log(hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.parked")
    await kiosk.deliver(payment(kiosk.new_pid()), payment(kiosk.new_pid(), currency="EUR"))
    await kiosk.look_up("number", NUMBER, "1984-03-17")
    heard = str(log_watch.events)
    assert all(secret not in heard for secret in ("4242", ACCOUNT, NUMBER, "2550", "1984", "Alvarez"))
    assert {"hub.batch", "hub.parked", "hub.lookup"} <= {event["event"] for event in log_watch.events}
