"""The hub's client: every answer a hub, a stranger or a broken network can give, over a transport and over real TLS."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import ipaddress
import json
import ssl
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.billing import Adjustment, Charge, PaymentReceived, Statement, VisitLines
from domain.money import Money
from domain.names import Proof
from domain.payment import CardData
from domain.statement_codes import RefKind, StatementRef
from offline_queue.client import (
    MOST_ANSWER_BYTES,
    Blocked,
    EnrolmentRefused,
    HubAway,
    HubClient,
    HubConfused,
    Locked,
    NoMatch,
    NotYet,
    TimeLimits,
    _http_date,
)
from offline_queue.enrolment import enrol
from offline_queue.errors import NotEnrolled
from offline_queue.journal import Journal
from offline_queue.wire.messages import MOST_LINES, MOST_VISITS, LookupAnswer
from tests.offline_queue.world import CODE, URL, FakeHub, World, away, changed, half, lost, status

REF = StatementRef(RefKind.NUMBER, "7700000001")
BORN = dt.date(1980, 2, 29)
DAY = dt.date(2026, 10, 1)
VISIT = VisitLines("V-1", DAY, "Clinic", "Zoë Ōta", (Charge(DAY, "X-ray", Money(12_550, "USD")),), (), ())
STATEMENT = Statement("7700000001", "A-1", "Zoë Ōta", DAY, Money(12_550, "USD"), (VISIT,))


LINE = VISIT.charges[0]
FREE = dataclasses.replace(LINE, amount=Money(0, "USD"))


def page(statement: Statement) -> httpx2.Response:
    body = TypeAdapter(Statement).dump_json(statement)
    return httpx2.Response(200, content=b'{"statement":' + body + b"}")


async def test_a_statement_is_found_signed_and_typed(client: HubClient, hub: FakeHub) -> None:
    hub.lookup = page(STATEMENT)
    assert await client.look_up(REF, BORN) == LookupAnswer(statement=STATEMENT)
    request = hub.requests[-1]
    assert request.method == "POST"
    assert b'"birth_date":"1980-02-29"' in request.content
    assert {"signature", "signature-input", "content-digest"} <= set(request.headers)


async def test_the_other_bills_of_the_guarantor_are_asked_for_and_come_along(client: HubClient, hub: FakeHub) -> None:
    other = bill(number="7700000002", account="A-2")
    hub.lookup = httpx2.Response(200, content=LookupAnswer(statement=STATEMENT, others=(other,)).model_dump_json())
    answer = await client.look_up(REF, BORN)
    assert isinstance(answer, LookupAnswer)
    assert (answer.statement, answer.others) == (STATEMENT, (other,))
    assert json.loads(hub.requests[-1].content)["others"] is True


@pytest.mark.parametrize("others", [(LINE,) * (MOST_LINES - 1), (LINE,) * MOST_LINES])
async def test_statements_that_do_not_fit_together_are_not_understood(
    client: HubClient, hub: FakeHub, others: tuple[Charge, ...]
) -> None:
    """One alone may have that many lines, and the first has one as well."""
    due = Money(12_550 * len(others), "USD")
    other = bill(number="7700000002", due=due, visits=(dataclasses.replace(VISIT, charges=others),))
    raw = TypeAdapter(tuple[Statement, ...]).dump_json((STATEMENT, other))
    first, second = json.loads(raw)
    hub.lookup = httpx2.Response(200, content=json.dumps({"statement": first, "others": [second]}))
    if len(others) < MOST_LINES:
        assert isinstance(await client.look_up(REF, BORN), LookupAnswer)
    else:
        with pytest.raises(HubConfused, match="hub-not-understood"):
            await client.look_up(REF, BORN)


async def test_who_has_no_bill_is_found_by_all_that_they_have_typed(client: HubClient, hub: FakeHub) -> None:
    assert await client.look_up_named(Proof.STATEMENT_PIN, "Zoe Ota", BORN, "012345") == NoMatch()
    hub.lookup = page(STATEMENT)
    assert await client.look_up_named(Proof.APPOINTMENT, "OTA ZOE", BORN, "012345") == LookupAnswer(statement=STATEMENT)
    request = hub.requests[-1]
    asked = {"proof": "appointment", "name": "OTA ZOE", "birth_date": "1980-02-29", "digits": "012345", "others": True}
    assert (request.url.path, json.loads(request.content)) == ("/v1/kiosks/lobby-1/named-lookups", asked)


async def test_a_hub_that_knows_no_names_yet_is_no_word_about_a_person(client: HubClient, hub: FakeHub) -> None:
    hub.lookup = httpx2.Response(404, json={"detail": "Not Found"})
    with pytest.raises(HubConfused, match="hub-not-understood"):
        await client.look_up_named(Proof.STATEMENT_PIN, "Zoe Ota", BORN, "012345")


async def test_what_a_hub_may_say_instead(client: HubClient, hub: FakeHub) -> None:
    assert await client.look_up(REF, BORN) == NoMatch()
    hub.lookup = httpx2.Response(409, json={"code": "payment-unknown"})
    assert await client.look_up(REF, BORN) == Blocked()
    hub.lookup = httpx2.Response(409, json={"code": "not-yet"})
    assert await client.look_up(REF, BORN, emergency=True) == NotYet()
    assert json.loads(hub.requests[-1].content)["emergency"] is True
    for header, seconds in (("90", 90), ("soon", 60), ("", 60), ("9" * 12, 60), ("²", 60)):
        hub.lookup = httpx2.Response(429, json=hub.refused("too-many-tries"), headers=[(b"retry-after", header.encode("utf-8"))])
        assert await client.look_up(REF, BORN) == Locked(seconds)


DATE = "Sat, 21 Nov 2026 23:59:30 GMT"


@pytest.mark.parametrize(
    ("after", "date", "seconds"),
    [
        ("Sun, 22 Nov 2026 00:01:00 GMT", DATE, 90),
        ("Sunday, 22-Nov-26 00:01:00 GMT", DATE, 90),
        ("Sun Nov 22 00:01:00 2026", DATE, 90),
        ("Sun, 22 Nov 2026 00:01:00 GMT", "Saturday, 21-Nov-26 23:59:30 GMT", 90),
        (DATE, DATE, 0),
        ("Sat, 21 Nov 2026 20:00:00 GMT", DATE, 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DATE, 29 + 86_400 * (dt.date(9999, 12, 31) - dt.date(2026, 11, 21)).days),
        ("Sun, 22 Nov 2026 00:01:00 GMT", None, 60),
        ("Sun, 22 Nov 2026 00:01:00 GMT", "yesterday", 60),
        ("Sun, 22 Nov 2026 25:01:00 GMT", DATE, 60),
        ("Sun, 32 Nov 2026 00:01:00 GMT", DATE, 60),
        ("Sun, 22 Nov 2026 99999999999999999999:01:00 GMT", DATE, 60),
        ("Sun, 22 Nov 2026 00:01:00 +99999999999999999999", DATE, 60),
        ("Sun", DATE, 60),
        ("-5", DATE, 60),
    ],
)
async def test_a_date_to_try_again_counts_from_the_answers_own(
    client: HubClient, hub: FakeHub, after: str, date: str | None, seconds: int
) -> None:
    """60 is what a look-up waits where nobody said. Our own clock is fifteen hours behind, and not asked."""
    headers = {"retry-after": after, **({} if date is None else {"date": date})}
    hub.lookup = httpx2.Response(429, json=hub.refused("too-many-tries"), headers=headers)
    assert await client.look_up(REF, BORN) == Locked(seconds)


@given(st.text(max_size=60) | st.from_regex(r"(Sat, )?[0-9]{1,3} ?(Nov|Oct)[ 0-9:+-]{0,30}(GMT|\+[0-9]{1,5})?", fullmatch=True))
def test_no_text_for_a_date_is_a_bug(text: str) -> None:
    found = _http_date(text)
    assert found is None or found.tzinfo is dt.UTC


@pytest.mark.parametrize("code", [404, 409, 429, 200])
async def test_a_strangers_page_says_nothing_about_a_statement(client: HubClient, hub: FakeHub, code: int) -> None:
    hub.lookup = httpx2.Response(code, text="<html>Welcome to the guest network</html>")
    with pytest.raises(HubConfused, match=f"hub-not-understood {code}"):
        await client.look_up(REF, BORN)


async def test_a_statement_that_does_not_add_up_is_not_understood(client: HubClient, hub: FakeHub) -> None:
    true = page(STATEMENT).content
    hub.lookup = httpx2.Response(200, content=true.replace(b'"due":{"minor":12550', b'"due":{"minor":12551'))
    with pytest.raises(HubConfused, match="hub-not-understood 200"):
        await client.look_up(REF, BORN)


def visit(**fields: object) -> Statement:
    return dataclasses.replace(STATEMENT, visits=(dataclasses.replace(VISIT, **fields),))  # type: ignore[arg-type]


def bill(**fields: object) -> Statement:
    return dataclasses.replace(STATEMENT, **fields)  # type: ignore[arg-type]


SECRET = "Zebulon"
"""Stands in every answer that does not fit; it must not be in what is said of it."""
LONG = SECRET * 29


@pytest.mark.parametrize(
    "statement",
    [
        bill(number=SECRET),
        bill(number="77000000011"),
        bill(account=""),
        bill(account=SECRET * 10),
        bill(account=SECRET + "\n"),
        bill(guarantor_name=LONG),
        visit(number=LONG),
        visit(place=LONG),
        visit(patient=SECRET + "\x00"),
        visit(charges=(dataclasses.replace(LINE, description=LONG),)),
        visit(adjustments=(Adjustment(DAY, LONG, Money(0, "USD")),)),
        visit(payments=(PaymentReceived(DAY, LONG, Money(0, "USD"), True),)),
        visit(charges=(LINE, *[FREE] * MOST_LINES)),
        bill(visits=(VISIT, *[dataclasses.replace(VISIT, charges=())] * MOST_VISITS)),
    ],
)
async def test_a_statement_that_does_not_fit_is_not_understood_and_not_quoted(
    client: HubClient, hub: FakeHub, statement: Statement
) -> None:
    hub.lookup = page(statement)
    with pytest.raises(HubConfused, match="hub-not-understood 200") as caught:
        await client.look_up(REF, BORN)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


async def test_the_largest_statement_fits(client: HubClient, hub: FakeHub, journal: Journal, world: World) -> None:
    largest = bill(
        account="a" * 64,
        guarantor_name="Ō" * 200,
        visits=(
            dataclasses.replace(VISIT, place="p" * 200, charges=(LINE, *[FREE] * (MOST_LINES - 1))),
            *[dataclasses.replace(VISIT, charges=())] * (MOST_VISITS - 1),
        ),
    )
    hub.lookup = page(largest)
    assert await client.look_up(REF, BORN) == LookupAnswer(statement=largest)
    await journal.open_attempt(world.attempt(number=largest.number, account=largest.account), None)


def test_what_does_not_validate_is_not_quoted() -> None:
    with pytest.raises(ValidationError) as caught:
        LookupAnswer.model_validate({"statement": SECRET})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (status(500, "Internal Server Error"), "hub-status 500"),
        (status(502, "<html>Bad gateway</html>"), "hub-status 502"),
        (status(302, ""), "hub-status 302"),
        (status(200, "<html>hello</html>"), "hub-not-understood 200"),
        (status(200, "[]"), "hub-not-understood 200"),
        (half, "hub-not-understood 200"),
        (changed(gen=0), "hub-not-understood 200"),
        (changed(extra=1), "hub-not-understood 200"),
        (status(200, " " * (MOST_ANSWER_BYTES + 1)), "hub-too-long 200"),
        (status(403, '{"code":"epoch-stale","hub_time":"2026-11-21T09:00:00Z"}'), "epoch-stale 403"),
    ],
)
async def test_a_confused_hub_is_named_by_code_and_status_only(
    client: HubClient, hub: FakeHub, answer: Callable[[httpx2.Request, httpx2.Response], httpx2.Response], words: str
) -> None:
    hub.faults = [answer]
    with pytest.raises(HubConfused) as caught:
        await client.head()
    assert str(caught.value) == words


async def test_a_confused_hub_finds_no_statement(client: HubClient, hub: FakeHub) -> None:
    hub.lookup = httpx2.Response(500, text="oops")
    with pytest.raises(HubConfused, match="hub-status 500"):
        await client.look_up(REF, BORN)


async def test_a_hub_that_is_away_is_named(client: HubClient, hub: FakeHub) -> None:
    def cut(request: httpx2.Request, _answer: httpx2.Response) -> httpx2.Response:
        raise httpx2.ReadError("reset", request=request)

    hub.faults = [away, cut, lost]
    for _ in range(2):
        with pytest.raises(HubAway, match="hub-away"):
            await client.head()
    with pytest.raises(HubAway, match="hub-timeout"):
        await client.head()
    assert (await client.head()).gen == 1


async def test_a_kiosk_with_a_wrong_clock_takes_the_hubs_time(client: HubClient, hub: FakeHub, world: World) -> None:
    hub.clock = lambda: world.clock.now + dt.timedelta(hours=30)
    assert (await client.head()).gen == 1
    assert len(hub.requests) == 2
    assert (await client.head()).gen == 1
    assert len(hub.requests) == 3


async def test_a_signature_refused_for_another_reason_is_not_tried_again(client: HubClient, hub: FakeHub) -> None:
    hub.keys.clear()
    with pytest.raises(HubConfused, match="signature-key-unknown 401"):
        await client.head()
    assert len(hub.requests) == 1


async def test_enrolment_and_its_refusals(world: World, folder: Path) -> None:
    hub = FakeHub(world.clock)
    client = HubClient(URL, None, None, clock=world.clock, transport=hub)
    journal = await world.journal(folder)
    with pytest.raises(NotEnrolled):
        await client.head()
    with pytest.raises(ValueError, match="code"):
        await enrol(journal, client, "not a code", "Lobby 1")
    with pytest.raises(EnrolmentRefused, match="enrolment-wrong-code"):
        await enrol(journal, client, CODE[::-1], "Lobby 1")
    refused = '{"code":"enrolment-refused","hub_time":"2026-11-21T09:00:00Z"}'
    for code, words in ((410, "enrolment-used"), (429, "enrolment-too-often")):
        hub.faults = [status(code, refused)]
        with pytest.raises(EnrolmentRefused, match=words) as caught:
            await enrol(journal, client, CODE, "Lobby 1")
        assert caught.value.code == words
    for answer in (status(500, "oops"), status(410, "<html>Gone</html>"), half):
        hub.faults = [answer]
        with pytest.raises(HubConfused):
            await enrol(journal, client, CODE, "Lobby 1")
    assert journal.identity() is None
    identity = await enrol(journal, client, CODE, "Lobby 1")
    assert client.identity is identity
    assert (await client.head()).head.seq == 0
    await client.close()
    await journal.close()


@pytest.mark.parametrize("url", ["http://hub.example", "ftp://localhost", "hub.example", "http://10.0.0.5:8080"])
def test_money_is_not_sent_in_the_clear(world: World, url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        HubClient(url, None, None, clock=world.clock)


async def test_on_this_machine_plain_http_will_do(world: World) -> None:
    await HubClient("http://127.0.0.1:8080", None, None, clock=world.clock).close()


def certificate(folder: Path, name: str) -> Path:
    """A self-made certificate for 127.0.0.1 with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return file


class Wire:
    """A TLS server on loopback that says `answer` to whoever speaks, and keeps silent when it is empty. One that dribbles says
    a few bytes of its body at a time and does not end."""

    def __init__(self) -> None:
        self.answer = b""
        self.dribbles = False
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self.answer)
        with contextlib.suppress(ConnectionError):  # the kiosk has gone
            while self.dribbles:
                writer.write(b" " * 16)
                await writer.drain()
                await asyncio.sleep(0)
        if not self.answer:
            await reader.read()
        writer.close()


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    trusted = certificate(tmp_path, "trusted")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(trusted)
    wire = Wire()
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0, ssl=context)
    wire.url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield wire
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", "hub-status 503"),
        (b"220 mail.example ESMTP\r\n", "hub-not-http 0"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{", "hub-not-http 0"),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x8b\x08", "hub-not-understood 200"),
    ],
)
async def test_over_tls_what_is_no_hub_is_named(
    journal: Journal, world: World, tmp_path: Path, wire: Wire, answer: bytes, words: str
) -> None:
    wire.answer = answer
    client = HubClient(wire.url, tmp_path / "trusted.pem", journal.identity(), clock=world.clock)
    with pytest.raises(HubConfused, match=words):
        await client.head()
    await client.close()


async def test_only_the_hub_we_trust_is_spoken_to(journal: Journal, world: World, tmp_path: Path, wire: Wire) -> None:
    for ca_file in (certificate(tmp_path, "other"), None):
        client = HubClient(wire.url, ca_file, journal.identity(), clock=world.clock)
        with pytest.raises(HubAway, match="hub-certificate"):
            await client.head()
        await client.close()


async def test_silence_and_a_closed_door_are_away(journal: Journal, world: World, tmp_path: Path, wire: Wire) -> None:
    limits = TimeLimits(connect=5, silence=0.05)
    client = HubClient(wire.url, tmp_path / "trusted.pem", journal.identity(), clock=world.clock, time_limits=limits)
    with pytest.raises(HubAway, match="hub-timeout"):
        await client.head()
    await client.close()
    client = HubClient("https://127.0.0.1:1", tmp_path / "trusted.pem", journal.identity(), clock=world.clock)
    with pytest.raises(HubAway, match="hub-away"):
        await client.head()
    await client.close()


@pytest.mark.parametrize("asked", ["head", "look_up", "send", "enrol"])
async def test_a_hub_that_dribbles_is_given_up(journal: Journal, world: World, tmp_path: Path, wire: Wire, asked: str) -> None:
    wire.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n"
    wire.dribbles = True
    short = asked in ("head", "look_up")
    limits = TimeLimits(question=0.3 if short else 60, delivery=60 if short else 0.3)
    identity = journal.identity()
    client = HubClient(wire.url, tmp_path / "trusted.pem", identity, clock=world.clock, time_limits=limits)
    await world.paid(journal)
    batch = await journal.undelivered(1)
    assert identity is not None
    assert batch is not None
    questions: dict[str, Callable[[], Awaitable[object]]] = {
        "head": client.head,
        "look_up": lambda: client.look_up(REF, BORN),
        "send": lambda: client.send(batch),
        "enrol": lambda: client.enrol(CODE, "Lobby 1", identity.signing_key, 0),
    }
    with pytest.raises(HubAway, match="hub-timeout"):
        await questions[asked]()
    await client.close()


async def test_a_409_to_an_authorization_is_a_held_account_or_a_refusal(client: HubClient, hub: FakeHub, world: World) -> None:
    attempt, card = world.attempt(), CardData(b"k" * 10, b"sealed by the reader")
    hub.faults = [
        status(409, '{"code":"payment-unknown"}'),
        status(409, '{"code":"authorization-differs","hub_time":"2026-11-21T09:00:00Z"}'),
    ]
    assert await client.authorize(attempt, attempt.amount, card) == Blocked()
    with pytest.raises(HubConfused, match="authorization-differs"):
        await client.authorize(attempt, attempt.amount, card)
