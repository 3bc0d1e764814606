"""The console: nothing without signing in, nothing that a name could inject, and a receipt check that names nobody."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from time import tzset

import httpx2
import pytest

from domain.payment import receipt_code, short_reference
from hub.app import make_app
from hub.folder import HubError
from hub.hub import Hub
from hub.pages import SIGN_IN_TRIES, SIGN_IN_WINDOW_S
from hub.passwords import LEAST_LENGTH
from hub.signing_in import FORM_COOKIE, IDLE, LONGEST, SESSION_COOKIE, add_user
from hub.views import PAGE
from tests.hub.conftest import ACCOUNT, NUMBER, Time, bill, put
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.log_watch import LogWatch

PASSWORD = "quiet-paper-desk"
STAFF_PAGES = ["/", "/accounts", f"/accounts/{ACCOUNT}", f"/statements/{NUMBER}", "/tasks", "/calls", "/payments", "/payments/1"]


async def form_token(client: httpx2.AsyncClient) -> str:
    found = re.search(r'name="form" value="([^"]+)"', (await client.get("/sign-in")).text)
    assert found
    return found[1]


async def sign_in(client: httpx2.AsyncClient, name: str = "ana", password: str = PASSWORD, **more: str) -> httpx2.Response:
    form = {"form": await form_token(client), "name": name, "password": password, **more}
    return await client.post("/sign-in", data=form)


@pytest.fixture
async def staff(hub: Hub, client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    add_user(hub, "ana", PASSWORD)
    assert (await sign_in(client)).status_code == 303
    return client


@pytest.mark.parametrize("path", STAFF_PAGES)
async def test_no_page_without_signing_in(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "Alvarez" not in answer.text


@pytest.mark.parametrize("path", [*STAFF_PAGES[:-1], "/accounts?q=ALV%C3%81REZ"])
async def test_pages_for_staff(staff: httpx2.AsyncClient, path: str) -> None:
    answer = await staff.get(path)
    assert answer.status_code == 200
    assert "<h1>" in answer.text


@pytest.mark.parametrize("path", ["/accounts/none", "/statements/none", "/payments/none"])
async def test_what_is_not_there_is_said_so(staff: httpx2.AsyncClient, path: str) -> None:
    answer = await staff.get(path)
    assert (answer.status_code, "nothing here by that number" in answer.text) == (404, True)


async def test_an_account_shows_its_statements_ledger_and_balance(staff: httpx2.AsyncClient, kiosk: ScriptedKiosk) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()))
    text = (await staff.get(f"/accounts/{ACCOUNT}")).text
    assert all(word in text for word in ("Maria Alvarez", NUMBER, "$125.50", "$25.50", "$100.00", "P00000002", "receivable"))


async def test_a_statement_shows_its_lines_by_visit(staff: httpx2.AsyncClient, kiosk: ScriptedKiosk) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()))
    text = (await staff.get(f"/statements/{NUMBER}")).text
    assert all(word in text for word in ("Riverside Clinic", "Visit with a doctor", "at the kiosk", "-$25.50", "$100.00"))


async def test_the_dashboard_counts_today_and_lists_what_is_to_do(
    staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    quiet = (await staff.get("/")).text
    assert "To do" not in quiet
    assert " parked)" not in quiet
    unknown = kiosk.new_pid()
    await kiosk.deliver(
        payment(kiosk.new_pid()), payment(unknown, "unknown"), payment(kiosk.new_pid(), currency="EUR"), payment(kiosk.new_pid())
    )
    text = (await staff.get("/")).text
    assert all(word in text for word in ("$51.00", "2 payments", unknown, 'href="/tasks">need a person', "Lobby"))
    assert "(1 parked)" in text
    time.pass_by(dt.timedelta(minutes=20))
    assert "$51.00" in (await staff.get("/")).text


async def test_a_payment_page_tells_what_happened(staff: httpx2.AsyncClient, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "unknown", reason="no-answer", offline=True))
    before = (await staff.get(f"/payments/{pid}")).text
    assert all(word in before for word in ("Being checked", "no-answer", "not posted", "could not reach this hub"))
    await kiosk.deliver(payment(pid))
    after = (await staff.get(f"/payments/{pid}")).text
    assert all(word in after for word in ("Approved", "Visa ending in 4242", "P00000002", "record 1–1", "record 1–2"))


async def test_a_parked_payment_says_that_it_needs_a_person(
    staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, account="A999"))
    for path in ("/payments", f"/payments/{pid}"):
        assert "Needs a person" in (await staff.get(path)).text


async def test_what_the_bank_was_not_asked_is_accepted_and_nowhere_approved(
    staff: httpx2.AsyncClient, kiosk: ScriptedKiosk
) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, approved_offline=True))
    for path in ("/payments", f"/payments/{pid}", f"/accounts/{ACCOUNT}", f"/r1/{receipt_code(pid)}"):
        text = (await staff.get(path)).text
        assert "ccepted, bank not asked yet" in text
        assert "approved" not in text.lower().replace("has not approved it so far", "")
    assert "counts on your account meanwhile" in text
    assert "has not approved it so far" in text


async def test_payments_come_page_by_page(staff: httpx2.AsyncClient, kiosk: ScriptedKiosk) -> None:
    pids = [kiosk.new_pid() for _ in range(PAGE + 1)]
    await kiosk.deliver(*(payment(pid, minor=1) for pid in pids))
    first, second, third = [(await staff.get(f"/payments?page={page}")).text for page in (1, 2, 3)]
    seen = [pid for pid in pids if pid in first], [pid for pid in pids if pid in second]
    assert (len(seen[0]), len(seen[1]), set(seen[0]) & set(seen[1])) == (PAGE, 1, set())
    assert ("Older" in first, "Newer" in second, "No more" in third) == (True, True, True)
    assert (await staff.get("/payments?page=0")).status_code == 422


async def test_a_payment_is_found_by_what_the_patient_has_of_it(staff: httpx2.AsyncClient, kiosk: ScriptedKiosk) -> None:
    pid, other = kiosk.new_pid(), kiosk.new_pid()
    await kiosk.deliver(payment(pid, minor=1), payment(other, minor=2))
    code, short = receipt_code(pid), short_reference(pid)
    spaced = re.sub("(..)(....)", r"\1 \2", code)
    for query in (short, short.lower(), short.replace("-", ""), f"  {short} ", code, code.lower(), spaced, pid, pid.upper()):
        text = (await staff.get("/payments", params={"q": query})).text
        assert (f'href="/payments/{pid}"' in text, other in text, short in text) == (True, False, True), query
    assert short in (await staff.get("/payments")).text


@pytest.mark.parametrize(
    "query", ["AAAA-AAAA", "AAAA", "A" * 26, "8" * 26, "é" * 8, "%" * 8, "________", "' OR 1=1", "<script>", "0" * 32, "{}"]
)
async def test_what_names_no_payment_finds_none(staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, query: str) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()))
    answer = await staff.get("/payments", params={"q": query})
    assert (answer.status_code, "No payment has this" in answer.text, "<script" in answer.text) == (200, True, False)


async def test_the_reference_on_paper_stands_on_the_payment_and_the_check_page(
    staff: httpx2.AsyncClient, kiosk: ScriptedKiosk
) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid))
    code, short = receipt_code(pid), short_reference(pid)
    groups = " ".join([code[:2], *(code[at : at + 4] for at in range(2, 26, 4))])
    for path in (f"/payments/{pid}", f"/R1/{code}", f"/r1/{code.lower()}"):
        text = (await staff.get(path)).text
        assert (f">{short}<" in text, f">{groups}<" in text) == (True, True), path


@pytest.fixture
def zone(request: pytest.FixtureRequest) -> Iterator[None]:
    """The machine's time zone is the test's parameter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        tzset()
        yield
    tzset()


@pytest.mark.parametrize(
    ("zone", "moment", "name"),
    [("UTC", "Nov 21, 2026, 14:58 UTC", "UTC"), ("America/New_York", "Nov 21, 2026, 09:58 EST", "EST")],
    indirect=["zone"],
)
async def test_every_time_says_its_zone(
    zone: None, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, log_watch: LogWatch, moment: str, name: str
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid), payment(kiosk.new_pid(), "unknown"), payment(kiosk.new_pid(), currency="EUR"))
    for path in ("/", "/payments", f"/payments/{pid}", f"/accounts/{ACCOUNT}"):
        text = (await staff.get(path)).text
        assert moment in text
        assert re.search(rf"[0-9]:[0-9]{{2}}(?! {name})", text) is None
    assert f"Today ({name}), Nov 21, 2026" in (await staff.get("/")).text
    assert f"Nov 21, 2026 ({name})" in (await staff.get(f"/r1/{receipt_code(pid)}")).text


async def test_names_are_escaped_everywhere(hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk) -> None:
    evil = "<script>alert('x')</script>\"><b>"
    put(hub, "A2", (bill("1000000001", "A2", 500), "B" * 16), name=evil)
    ref = {"kind": "number", "value": "1000000001"}
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, ref=ref, account="A2", brand=evil, terminal_id=evil, minor=1))
    for path in ("/accounts", "/accounts/A2", "/statements/1000000001", f"/payments/{pid}", "/accounts?q=<script>"):
        text = (await staff.get(path)).text
        assert "<script" not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("alvarez", 1),
        ("  MARIA   álvarez ", 1),
        (ACCOUNT.lower(), 1),
        ("nguyen tuyet", 1),
        ("duc", 1),
        ("محمد", 1),
        ("nobody", 0),
    ],
)
async def test_search_forgives_case_accents_and_order(hub: Hub, staff: httpx2.AsyncClient, query: str, found: int) -> None:
    for index, name in enumerate(("Nguyễn Thị Ánh Tuyết", "Trần Văn Đức", "محمد عبد الله"), start=2):
        put(hub, f"A{index}", (bill(f"100000000{index}", f"A{index}", 500), str(index) * 16), name=name)
    text = (await staff.get("/accounts", params={"q": query})).text
    assert text.count('href="/accounts/A') == found


async def test_more_accounts_than_fit_are_counted(hub: Hub, staff: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.views.MOST_ACCOUNTS", 1)
    put(hub, "A2", (bill("1000000001", "A2", 500), "B" * 16))
    text = (await staff.get("/accounts")).text
    assert (text.count('href="/accounts/A'), "And 1 more" in text) == (1, True)


async def test_a_wrong_password_and_a_wrong_name_look_the_same(hub: Hub, client: httpx2.AsyncClient) -> None:
    add_user(hub, "ana", PASSWORD)
    answers = [await sign_in(client, "ana", "wrong"), await sign_in(client, "nobody", PASSWORD)]
    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].text == answers[1].text
    assert SESSION_COOKIE not in client.cookies


async def test_sign_in_is_limited_by_name_and_address(hub: Hub, client: httpx2.AsyncClient, time: Time) -> None:
    add_user(hub, "ana", PASSWORD)
    for _ in range(SIGN_IN_TRIES):
        await sign_in(client, "ana", "wrong")
    assert (await sign_in(client)).status_code == 429
    time.pass_by(dt.timedelta(seconds=SIGN_IN_WINDOW_S))
    assert (await sign_in(client)).status_code == 303


@pytest.mark.parametrize("token", ["", "forged", "é"])
async def test_a_form_that_is_not_ours_does_nothing(staff: httpx2.AsyncClient, token: str) -> None:
    assert (await sign_in(staff, form=token)).status_code == 403
    assert (await staff.post("/sign-out", data={"form": token})).status_code == 403
    assert (await staff.get("/")).status_code == 200


@pytest.mark.parametrize("body", [b"\xff", b"&".join([b"a=b"] * 9), b"", b"form"])
async def test_what_is_not_a_form_does_nothing(client: httpx2.AsyncClient, body: bytes) -> None:
    assert (await client.post("/sign-in", content=body)).status_code == 403


async def test_an_enormous_form_is_not_read(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/sign-in", content=b"x" * 1_000_000)).status_code == 413


async def test_a_form_without_its_cookie_does_nothing(hub: Hub, client: httpx2.AsyncClient) -> None:
    add_user(hub, "ana", PASSWORD)
    token = await form_token(client)
    client.cookies.clear()
    answer = await client.post("/sign-in", data={"form": token, "name": "ana", "password": PASSWORD})
    assert answer.status_code == 403


async def test_cookies_are_for_this_host_over_tls_only_and_out_of_reach(hub: Hub, client: httpx2.AsyncClient) -> None:
    add_user(hub, "ana", PASSWORD)
    answers = [await client.get("/sign-in"), await sign_in(client)]
    cookies = [answer.headers["set-cookie"].lower() for answer in answers]
    assert [cookie.split("=")[0] for cookie in cookies] == [FORM_COOKIE.lower(), SESSION_COOKIE.lower()]
    for cookie in cookies:
        assert all(word in cookie for word in ("__host-", "secure", "httponly", "samesite=strict", "path=/"))


async def test_signing_out_ends_the_session_at_the_hub(staff: httpx2.AsyncClient) -> None:
    held = staff.cookies[SESSION_COOKIE]
    assert (await staff.post("/sign-out", data={"form": await form_token(staff)})).status_code == 303
    staff.cookies.set(SESSION_COOKIE, held, domain="hub.example")
    assert (await staff.get("/")).status_code == 303


async def test_a_session_ends_by_itself(staff: httpx2.AsyncClient, time: Time) -> None:
    time.pass_by(IDLE - dt.timedelta(seconds=1))
    assert (await staff.get("/")).status_code == 200
    for _ in range(LONGEST // IDLE - 1):
        time.pass_by(IDLE - dt.timedelta(seconds=1))
        last = await staff.get("/")
    assert last.status_code == 200
    time.pass_by(dt.timedelta(minutes=1))
    assert (await staff.get("/")).status_code == 303  # eight hours are over, though it was never idle


async def test_idleness_ends_a_session(staff: httpx2.AsyncClient, time: Time) -> None:
    time.pass_by(IDLE)
    assert (await staff.get("/")).status_code == 303


async def test_a_new_password_ends_the_sessions_of_the_old_one(hub: Hub, staff: httpx2.AsyncClient) -> None:
    add_user(hub, "ana", PASSWORD + "2")
    assert (await staff.get("/")).status_code == 303
    assert (await sign_in(staff)).status_code == 401
    assert (await sign_in(staff, password=PASSWORD + "2")).status_code == 303


@pytest.mark.parametrize(("name", "password"), [("", PASSWORD), ("x" * 65, PASSWORD), ("ana", "x" * (LEAST_LENGTH - 1))])
def test_users_need_a_name_and_a_password_of_some_length(hub: Hub, name: str, password: str) -> None:
    with pytest.raises(HubError):
        add_user(hub, name, password)


@pytest.mark.parametrize("path", ["/sign-in", "/r1/" + "A" * 26, "/style.css", "/nowhere", "/v1/kiosks/x/head"])
async def test_every_answer_is_guarded(client: httpx2.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/payments/a/b", 404), ("POST", "/payments", 405)]
)
async def test_an_unknown_path_is_a_page(hub: Hub, client: httpx2.AsyncClient, method: str, path: str, status: int) -> None:
    stranger = await client.request(method, path)
    add_user(hub, "ana", PASSWORD)
    await sign_in(client)
    known = await client.request(method, path)
    for answer in (stranger, known):
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert "<h1>There is no such page.</h1>" in answer.text
        assert ("allow" in answer.headers) == (status == 405)
    assert ("Sign out" in stranger.text, "Sign out" in known.text) == (False, True)


@pytest.mark.parametrize(("path", "status"), [("/v1/nowhere", 404), ("/v1/enrolments", 405)])
async def test_an_unknown_path_is_json_to_a_kiosk(client: httpx2.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path)
    assert (answer.status_code, list(answer.json())) == (status, ["detail"])


async def test_a_receipt_is_checked_by_anyone_and_names_nobody(
    client: httpx2.AsyncClient, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pids = [kiosk.new_pid() for _ in range(5)]
    await kiosk.deliver(
        payment(pids[0]),
        payment(pids[1], "unknown"),
        payment(pids[2], "captured"),
        payment(pids[3], "declined"),
        payment(pids[4], account="A999"),
    )
    states = [
        "Approved and on your account",
        "do not pay again",
        "not yet approved",
        "Not charged",
        "looking for the right account",
    ]
    for pid, state in zip(pids, states, strict=True):
        upper = await client.get(f"/R1/{receipt_code(pid)}")
        lower = await client.get(f"/r1/{receipt_code(pid).lower()}")
        assert upper.status_code == lower.status_code == 200
        assert upper.text == lower.text.replace("/r1/", "/R1/")
        assert all(word in upper.text for word in ("$25.50", "Nov 21, 2026", state))
        assert not any(word in upper.text for word in ("Alvarez", ACCOUNT, NUMBER, "4242", "Visa", "Lobby<", pid))


@pytest.mark.parametrize("code", ["A" * 26, "B" * 25, "8" * 26, "<script>", "é" * 26, "A" * 4000])
async def test_an_unknown_receipt_has_the_same_shape(client: httpx2.AsyncClient, kiosk: ScriptedKiosk, code: str) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid))
    known, unknown = await client.get(f"/R1/{receipt_code(pid)}"), await client.get(f"/R1/{code}")
    assert unknown.status_code == known.status_code == 200
    labels = re.compile(r"<dt>(\w+)</dt>")
    assert labels.findall(unknown.text) == labels.findall(known.text) == ["Reference", "Amount", "Date", "State"]
    assert "<script" not in unknown.text


async def test_a_bug_is_journalled_by_place_and_kind_only(hub: Hub, log_watch: LogWatch) -> None:
    log_watch.expect("hub.bug")
    app = make_app(hub)

    @app.get("/broken")
    async def broken() -> None:
        raise KeyError("Maria Alvarez")

    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="https://hub.example") as client:
        answer = await client.get("/broken")
    assert (answer.status_code, "Alvarez" in answer.text) == (500, False)
    (event,) = [event for event in log_watch.events if event["event"] == "hub.bug"]
    assert event["kind"] == "KeyError"
    assert "Alvarez" not in str(event)
