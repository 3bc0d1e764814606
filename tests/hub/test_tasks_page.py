"""Tasks in the console: what waits for a person, what it says to do, and the forms that do it."""

from __future__ import annotations

import httpx2
import pytest
from sqlalchemy import select, update

from domain.payment import IN_DOUBT, receipt_code
from hub.audit import counts, first_difference
from hub.hub import Hub
from hub.schema import accounts, tasks
from hub.signing_in import add_user
from hub.views import LATE
from tests.hub.conftest import ACCOUNT, Time, bill, put
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.hub.test_intake import due
from tests.hub.test_pages import PASSWORD, form_token, sign_in
from tests.log_watch import LogWatch


@pytest.fixture
async def staff(hub: Hub, client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    add_user(hub, "ana", PASSWORD)
    assert (await sign_in(client)).status_code == 303
    return client


async def press(staff: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
    return await staff.post(path, data={"form": await form_token(staff), **fields})


async def test_a_declined_payment_is_said_on_every_page_and_its_task_is_done_once(
    hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.declined")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "captured"))
    assert "Nothing to do." in (await staff.get("/tasks")).text
    assert "The bank declined it" in (await staff.get(f"/payments/{pid}")).text
    answer = await press(staff, f"/payments/{pid}/decline", reason="insufficient-funds")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/payments/{pid}")
    page = (await staff.get(f"/payments/{pid}")).text
    assert "Declined by the bank later" in page
    assert "not enough money on the account; reversed as P00000003, the balance is open again" in page
    assert "The bank declined it" not in page
    assert due(hub) == 12550
    for path in ("/payments", f"/accounts/{ACCOUNT}"):
        assert "Declined by the bank later" in (await staff.get(path)).text
    assert "$25.50" not in (await staff.get("/")).text
    assert "It does not count on your account" in (await staff.get(f"/r1/{receipt_code(pid)}")).text
    to_do = (await staff.get("/tasks")).text
    assert all(word in to_do for word in ("$25.50", "Not enough money on the account.", "Tell the patient", "ana", "Done"))
    assert (await press(staff, "/tasks/done", number="1")).headers["location"] == "/tasks"
    assert "Nothing to do." in (await staff.get("/tasks")).text
    for number in ("1", "x", ""):
        again = await press(staff, "/tasks/done", number=number)
        assert (again.status_code, "no such task any more" in again.text) == (409, True)
    with hub.store.reading() as connection:
        assert tuple(connection.execute(select(tasks.c.opened_by, tasks.c.closed_by)).one()) == ("ana", "ana")
        assert first_difference(connection) is None


async def test_a_parked_record_says_what_to_do_and_is_tried_again(
    hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid, unreadable = kiosk.new_pid(), kiosk.new_pid()
    with hub.store.writing() as connection:
        connection.execute(update(accounts).values(closed_at=time.now))
    kiosk.queue_bytes(unreadable, b"", sealed=b"x" * 64)
    kiosk.queue(payment(pid))
    await kiosk.send(kiosk.batch())
    text = (await staff.get("/tasks")).text
    assert all(word in text for word in ("(account-closed)", "(not-opened)", unreadable, "Open the account again", "keys.json"))
    assert "2" in (await staff.get("/")).text
    await press(staff, "/tasks/try-again", number="2")
    assert "(account-closed)" in (await staff.get("/tasks")).text
    with hub.store.writing() as connection:
        connection.execute(update(accounts).values(closed_at=None))
    assert (await press(staff, "/tasks/try-again", number="2")).status_code == 303
    assert "(account-closed)" not in (await staff.get("/tasks")).text
    assert "Posted after all, as P00000002" in (await staff.get(f"/payments/{pid}")).text


async def test_a_payment_in_doubt_says_what_to_compare_and_can_be_undone(
    hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.declined")
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid), payment(pid, "unknown", reason=IN_DOUBT))
    to_do = (await staff.get("/tasks")).text
    assert all(word in to_do for word in ("A payment is in doubt", "own receipts", "The payment stands"))
    assert "Try again" not in to_do
    page = (await staff.get(f"/payments/{pid}")).text
    assert "approved this, and then went against it" in page
    assert ('value="taken-back"' in page, 'value="card-expired"' in page) == (True, False)
    assert "Being checked" in (await staff.get(f"/r1/{receipt_code(pid)}")).text
    assert "If it did not stand" in page
    assert "without asking the bank" not in page
    await press(staff, f"/payments/{pid}/decline", reason="taken-back")
    page = (await staff.get(f"/payments/{pid}")).text
    assert "the terminal had taken it back, by its own receipts; reversed as P00000003" in page
    assert "If it did not stand" not in page
    for path in (f"/payments/{pid}", "/payments", f"/accounts/{ACCOUNT}"):
        text = (await staff.get(path)).text
        assert ("Taken back" in text, "Declined by the bank later" in text) == (True, False)
    to_do = (await staff.get("/tasks")).text
    assert ("A payment was taken back" in to_do, "The bank declined" in to_do) == (True, False)
    assert "your card was not charged" in (await staff.get(f"/r1/{receipt_code(pid)}")).text
    assert due(hub) == 12550


async def test_a_payment_in_doubt_that_stands_is_closed_with_a_note(
    hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid), payment(pid, "unknown", reason=IN_DOUBT))
    await press(staff, "/tasks/close", number="1", note="The terminal's journal of Nov 21 has it")
    page = (await staff.get(f"/payments/{pid}")).text
    assert ("✓ Approved" in page, "Being checked" in page, "another payment" in page) == (True, False, False)
    assert "Approved and on your account" in (await staff.get(f"/r1/{receipt_code(pid)}")).text
    assert due(hub) == 12550 - 2550


async def test_a_payment_in_doubt_that_is_not_posted_yet_is_tried_again_before_its_task_is_closed(
    hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    """What it approved is parked too: to close the task as one that stands would leave it out of the books."""
    log_watch.expect("hub.parked")
    pid, ref = kiosk.new_pid(), {"kind": "number", "value": "4000999999"}
    await kiosk.deliver(payment(pid, ref=ref, account=""), payment(pid, "unknown", reason=IN_DOUBT))
    for path in ("/tasks", f"/payments/{pid}"):
        text = (await staff.get(path)).text
        assert ("it is not posted yet" in text, "Close: it stands" in text, "stays posted" in text) == (True, False, False)
    put(hub, "ACC-NEW", (bill("4000999999", "ACC-NEW", 9000), "TOKENTOKENTOKENT"))
    await press(staff, "/tasks/try-again", number="1")
    text = (await staff.get("/tasks")).text
    assert ("it is not posted yet" in text, "Close: it stands" in text, "Try again" in text) == (False, True, False)


async def test_what_can_never_be_posted_is_closed_by_hand_and_stays_parked(
    hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid, unreadable = kiosk.new_pid(), kiosk.new_pid()
    kiosk.queue_bytes(unreadable, b"", sealed=b"x" * 64)
    kiosk.queue(payment(pid, currency="EUR"))
    await kiosk.send(kiosk.batch())
    assert "Close without posting" in (await staff.get("/tasks")).text
    note = "Refunded at the acquirer,\r\n  list of <Nov 21>, line 7"
    for number in ("1", "2"):
        answer = await press(staff, "/tasks/close", number=number, note=note)
        assert (answer.status_code, answer.headers["location"]) == (303, "/tasks")
    listed = (await staff.get("/tasks")).text
    said = "Refunded at the acquirer, list of &lt;Nov 21&gt;, line 7"
    assert all(word in listed for word in ("Closed by hand: 2 still parked", said, unreadable, "€25.50", "ana", "Nothing to do."))
    for path in (f"/payments/{pid}", "/payments"):
        assert "Parked, seen to by hand" in (await staff.get(path)).text
    assert said in (await staff.get(f"/payments/{pid}")).text
    assert "seen to it by hand. Please do not pay again" in (await staff.get(f"/r1/{receipt_code(pid)}")).text
    with hub.store.reading() as connection:
        assert (first_difference(connection), counts(connection)["parked"]) == (None, 2)
        assert connection.execute(select(tasks.c.closed_by, tasks.c.closed_at)).all() == [("ana", hub.world.clock())] * 2
    assert (await kiosk.request("GET", "/v1/kiosks/lobby/outcomes?after=0")).json()["news"] == 0
    told = (await kiosk.send(kiosk.batch())).json()["results"]
    assert [result["status"] for result in told] == ["parked", "parked"]


async def test_what_was_closed_by_hand_is_posted_only_after_somebody_has_opened_it_again(
    hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    with hub.store.writing() as connection:
        connection.execute(update(accounts).values(closed_at=time.now))
    await kiosk.deliver(payment(pid))
    await press(staff, "/tasks/close", number="1", note="Refunded.")
    with hub.store.writing() as connection:
        connection.execute(update(accounts).values(closed_at=None))
    stale = await press(staff, "/tasks/try-again", number="1")
    assert (stale.status_code, "no such task any more" in stale.text) == (409, True)
    assert "Parked, seen to by hand" in (await staff.get(f"/payments/{pid}")).text
    assert "Open again" in (await staff.get("/tasks")).text
    await press(staff, "/tasks/open-again", number="1")
    again = (await staff.get("/tasks")).text
    assert all(
        word in again for word in ("Close without posting", "Closed by hand before", "Refunded.", "would pay the patient twice")
    )
    assert "Open again" not in again
    assert "Needs a person" in (await staff.get(f"/payments/{pid}")).text
    twice = await press(staff, "/tasks/open-again", number="1")
    assert (twice.status_code, "no such task any more" in twice.text) == (409, True)
    await press(staff, "/tasks/try-again", number="2")
    assert "Closed by hand" not in (await staff.get("/tasks")).text
    page = (await staff.get(f"/payments/{pid}")).text
    assert all(word in page for word in ("Posted after all, as P00000002", "Refunded.", "Approved"))
    with hub.store.reading() as connection:
        assert first_difference(connection) is None


@pytest.mark.parametrize(
    ("number", "note", "said"),
    [
        ("1", "", "write what was done"),
        ("1", " \n\t ", "write what was done"),
        ("1", "x" * 501, "in 500 characters"),
        ("9", "Refunded.", "no such task any more"),
        ("9" * 40, "Refunded.", "no such task any more"),
        ("", "Refunded.", "no such task any more"),
    ],
)
async def test_a_task_is_not_closed_without_a_word_why(
    hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, log_watch: LogWatch, number: str, note: str, said: str
) -> None:
    log_watch.expect("hub.parked")
    await kiosk.deliver(payment(kiosk.new_pid(), currency="EUR"))
    answer = await press(staff, "/tasks/close", number=number, note=note)
    assert (answer.status_code, said in answer.text) == (409, True)
    assert "Close without posting" in (await staff.get("/tasks")).text


async def test_a_declined_payments_task_is_not_closed_by_a_note_nor_a_parked_ones_without(
    hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    log_watch.expect("hub.declined")
    await kiosk.deliver(payment(kiosk.new_pid(), currency="EUR"))
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "captured"))
    await press(staff, f"/payments/{pid}/decline", reason="other")
    assert (await press(staff, "/tasks/close", number="2", note="Refunded.")).status_code == 409
    assert (await press(staff, "/tasks/done", number="1")).status_code == 409


async def test_a_payment_that_stays_unknown_is_to_be_asked_about(
    staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time
) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "unknown"))
    assert pid not in (await staff.get("/tasks")).text
    time.pass_by(LATE * 1.01)
    await sign_in(staff)
    assert pid in (await staff.get("/tasks")).text
    await kiosk.deliver(payment(pid))
    assert pid not in (await staff.get("/tasks")).text


@pytest.mark.parametrize("path", ["/payments/x/decline", "/tasks/try-again", "/tasks/close", "/tasks/open-again", "/tasks/done"])
async def test_no_form_works_without_signing_in_or_from_elsewhere(client: httpx2.AsyncClient, hub: Hub, path: str) -> None:
    answer = await client.post(path, data={"form": await form_token(client), "reason": "other"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    add_user(hub, "ana", PASSWORD)
    await sign_in(client)
    answer = await client.post(path, data={"form": "forged", "reason": "other"})
    assert (answer.status_code, "grown old" in answer.text) == (403, True)


@pytest.mark.parametrize(("reason", "said"), [("", "choose what the bank said"), ("x", "choose"), ("other", "no payment")])
async def test_a_decline_that_makes_no_sense_changes_nothing(staff: httpx2.AsyncClient, reason: str, said: str) -> None:
    answer = await press(staff, "/payments/none/decline", reason=reason)
    assert (answer.status_code, said in answer.text) == (409, True)
