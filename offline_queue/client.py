"""The hub as the kiosk reaches it: signed requests over TLS, each answered by a value or by a known error.

Answers are read up to a bound and never logged: an error tells a code and a status, no more (law 10).
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from domain.calls import CallReason
from domain.letters import Channel, Letter
from domain.money import Money
from domain.names import Proof
from domain.payment import Attempt, CardData
from domain.statement_codes import StatementRef
from offline_queue import tls
from offline_queue.errors import NotEnrolled
from offline_queue.identity import Identity
from offline_queue.wire import certificates, sealing
from offline_queue.wire.messages import (
    AuthorizationCall,
    AuthorizationRequest,
    Authorized,
    Batch,
    BatchAnswer,
    CallTaken,
    Certificate,
    CertificateRequest,
    Conflict,
    Enrolled,
    Enrolment,
    Head,
    Held,
    Lookup,
    LookupAnswer,
    Message,
    NamedLookup,
    Outcomes,
    ReceiptKept,
    ReceiptRequest,
    Ref,
    Refused,
    SealedCard,
    StaffCall,
    record_parts,
)
from offline_queue.wire.signatures import key_id, sign

MOST_ANSWER_BYTES = 2_097_152

_M = TypeVar("_M", bound=Message)
_ENROLMENT_REFUSALS = {401: "enrolment-wrong-code", 410: "enrolment-used", 429: "enrolment-too-often"}
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds. `connect` and `silence` (between two pieces, either way) tell early that nobody is there; `question` (the head, a
    look-up) and `delivery` (a batch, an enrolment) end the whole exchange, however it dribbles."""

    connect: float = 3
    silence: float = 10
    question: float = 8
    delivery: float = 30


class HubAway(Exception):
    """The hub cannot be reached. `code` is "hub-away", "hub-timeout", "hub-certificate" (not the hub we trust) or "hub-tls" (no
    TLS that both speak). `unsent`: no connection came about, so that it has certainly not heard the question."""

    def __init__(self, code: str, *, unsent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.unsent = unsent


class HubConfused(Exception):
    """Something answered, but not as a hub does. `code`: "hub-status", "hub-not-http", "hub-too-long", "hub-not-understood",
    "hub-no-progress"; `status` is the HTTP status, 0 when there was none; `retry_after` the whole seconds that it asked to be
    left alone for, None when it did not."""

    def __init__(self, code: str, status: int = 0, retry_after: int | None = None) -> None:
        super().__init__(f"{code} {status}")
        self.code = code
        self.status = status
        self.retry_after = retry_after


class HubRefused(HubConfused):
    """The hub itself says no: `code` is its own word for it."""


class EnrolmentRefused(Exception):
    """`code`: "enrolment-wrong-code", "enrolment-used" (or expired) or "enrolment-too-often"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class NoMatch:
    """No statement is named by all of what was asked with together; the hub does not say which of it is wrong."""


@dataclass(frozen=True, slots=True)
class Locked:
    """Too many tries; `retry_after` in whole seconds."""

    retry_after: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """All factors are right, but a payment on the account is still unknown at the hub: take no second one."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """All factors are right, but in an emergency department nothing is asked for before the screening is done."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: httpx2.Headers
    body: bytes


class HubClient:
    """One hub. `identity` is set once the kiosk is enrolled; its methods belong to one asyncio loop.

    Every method raises HubAway and HubConfused, and, but for `enrol`, NotEnrolled.
    """

    def __init__(
        self,
        base_url: str,
        ca_file: Path | None,
        identity: Identity | None,
        *,
        clock: Callable[[], dt.datetime],
        time_limits: TimeLimits = TimeLimits(),
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """`base_url` is https://host[:port], or http:// on this machine only; `ca_file` (PEM) is what the hub's certificate must
        come from, None for the system's. `transport` replaces the network. Raises ValueError for another address."""
        url = httpx2.URL(base_url)
        if not (url.scheme == "https" or (url.scheme == "http" and url.host in _LOCAL)):
            raise ValueError("a hub is reached over https, or over http on this machine")
        self._base = str(url).rstrip("/")  # as it is sent, and signed: small letters, no port that goes without saying
        self._ca_file = ca_file
        self._clock = clock
        self._offset = dt.timedelta(0)
        self._limits = time_limits
        self._transport = transport
        self._lines = AsyncExitStack()
        self.receipts = frozenset[Channel]()
        """By which channels the hub sends receipts, as its last head said."""
        self._become(identity)

    @property
    def identity(self) -> Identity | None:
        """Who signs, and whose certificate is shown; None before enrolment."""
        return self._identity

    @identity.setter
    def identity(self, identity: Identity | None) -> None:
        self._become(identity)

    async def close(self) -> None:
        await self._lines.aclose()

    def certificate_left(self) -> dt.timedelta:
        """How long the kiosk's certificate will do, by the hub's clock as far as we know it: nothing where there is none, or
        where the hub has refused it. Raises NotEnrolled."""
        who = self._enrolled()
        if who.certificate is None or self._refused:
            return dt.timedelta(0)
        return certificates.read(who.certificate).until - self._clock() - self._offset

    async def enrol(self, code: str, name: str, key: Ed25519PrivateKey, after: int) -> Enrolled:
        """Spends the one-time `code` (20 base32 characters) on a place at the hub and a certificate for `key`; `after` is this
        kiosk's last epoch, 0 for a new one. Raises EnrolmentRefused; ValueError for a code of another form."""
        asked = Enrolment(code=code, csr=certificates.request(key), name=name, after=after)
        body, headers = asked.model_dump_json().encode("utf-8"), {"content-type": "application/json"}
        async with _at_most(self._limits.delivery), self._open(None) as line:
            answer = await self._exchange(line, "POST", f"{self._base}/v1/enrolments", headers, body)
        match answer.status:
            case 201 | 200:
                enrolled = _read(Enrolled, answer)
                _check_ours(answer, enrolled.certificate, key_id(enrolled.kiosk, enrolled.epoch), key)
                return enrolled
            case 401 | 410 | 429:
                _read(Refused, answer)
                raise EnrolmentRefused(_ENROLMENT_REFUSALS[answer.status])
            case _:
                raise _confused(answer)

    async def certify(self) -> str:
        """The next certificate (base64 of DER) for the kiosk's key, asked for without showing the one that it has."""
        who = self._enrolled()
        async with _at_most(self._limits.question), self._open(None) as line:
            asked = CertificateRequest(csr=certificates.request(who.signing_key))
            answer = await self._signed("POST", "certificates", asked, line=line)
        if answer.status != 200:
            raise _confused(answer)
        issued = _read(Certificate, answer).certificate
        _check_ours(answer, issued, who.keyid, who.signing_key)
        return issued

    async def head(self) -> Head:
        """What the hub holds of this kiosk; also the heartbeat."""
        head = await self._told(Head, "GET", "head")
        self.receipts = frozenset(head.receipts)
        return head

    async def send(self, batch: Batch) -> BatchAnswer | Conflict:
        """Delivers `batch`. The same records carry the same idempotency key, however often they are sent."""
        last = batch.records[-1]
        span = f"{batch.records[0].seq}-{last.seq}"
        key = f"{batch.kiosk}:{batch.epoch}:{span}:{last.hash[:8]}"
        async with _at_most(self._limits.delivery):
            answer = await self._signed("POST", "batches", batch, {"idempotency-key": key})
        match answer.status:
            case 200:
                return _read(BatchAnswer, answer)
            case 409:
                return _read(Conflict, answer)
            case _:
                raise _confused(answer)

    async def outcomes(self, after: int) -> Outcomes:
        """What became of our records since outcome `after`."""
        return await self._told(Outcomes, "GET", f"outcomes?after={after}")

    async def look_up(
        self, ref: StatementRef, birth_date: dt.date, *, emergency: bool = False
    ) -> LookupAnswer | NoMatch | Locked | Blocked | NotYet:
        """The statement, when both factors are right and nothing is in the way; and the guarantor's others. `emergency`: who asks
        stands in an emergency department."""
        asked = Lookup(ref=Ref(kind=ref.kind, value=ref.value), birth_date=birth_date, others=True, emergency=emergency)
        return await self._looked_up("statement-lookups", asked)

    async def look_up_named(
        self, proof: Proof, name: str, birth_date: dt.date, digits: str, *, emergency: bool = False
    ) -> LookupAnswer | NoMatch | Locked | Blocked | NotYet:
        """The statement of who has this name and birth date (of at most domain.names.MOST_NAME characters) and the digits that
        prove it."""
        asked = NamedLookup(proof=proof, name=name, birth_date=birth_date, digits=digits, others=True, emergency=emergency)
        return await self._looked_up("named-lookups", asked)

    async def _looked_up(self, path: str, asked: Message) -> LookupAnswer | NoMatch | Locked | Blocked | NotYet:
        async with _at_most(self._limits.question):
            answer = await self._signed("POST", path, asked)
        match answer.status:
            case 200:
                return _read(LookupAnswer, answer)
            case 404:
                _read(Refused, answer)  # a stranger's 404 says nothing about a statement
                return NoMatch()
            case 409:
                return NotYet() if _read(Held, answer).code == "not-yet" else Blocked()
            case 429:
                _read(Refused, answer)
                after = _retry_after(answer)
                return Locked(60 if after is None else after)
            case _:
                raise _confused(answer)

    async def authorize(self, attempt: Attempt, amount: Money, card: CardData) -> Authorized | Blocked:
        """What the bank says to `amount` for `attempt`, whose card is sealed to the hub for this question alone. Asked again, it
        is the first answer."""
        who = self._enrolled()
        sealed_card = SealedCard(ksn=_text(card.ksn), data=_text(card.data))
        context = sealing.card_context(who.kiosk, who.epoch, attempt.id, amount.minor, amount.currency, who.hub_kid)
        asked = AuthorizationRequest(
            v=1,
            pid=attempt.id,
            minor=amount.minor,
            currency=amount.currency,
            ref=Ref(kind=attempt.ref.kind, value=attempt.ref.value),
            account=attempt.account,
            parts=record_parts(attempt.parts, amount),
            kid=who.hub_kid,
            sealed=_text(sealing.seal(sealed_card.model_dump_json().encode("ascii"), who.hub_key, context)),
        )
        async with _at_most(self._limits.delivery):
            answer = await self._signed("POST", "authorizations", asked)
        if answer.status == 409 and _is_held(answer):
            return Blocked()
        return _authorized(answer, attempt.id)

    async def inquire_authorization(self, pid: str) -> Authorized:
        """What became of an authorization; closes one that was never asked."""
        return await self._about_authorization(pid, "inquiry")

    async def void_authorization(self, pid: str) -> Authorized:
        """Takes an approval back, and closes what was never asked."""
        return await self._about_authorization(pid, "void")

    async def send_receipt(self, pid: str, letter: Letter) -> None:
        """Has the hub send `letter`, the receipt of payment `pid`. Raises HubAway, HubConfused when it did not take it."""
        asked = ReceiptRequest(
            v=1,
            pid=pid,
            channel=letter.channel,
            address=letter.address,
            language=letter.language,
            subject=letter.subject,
            body=letter.body,
        )
        kept = await self._told(ReceiptKept, "POST", "receipts", asked)
        if (kept.pid, kept.channel) != (pid, letter.channel):
            raise HubConfused("hub-not-understood", 200)

    async def call_staff(self, why: CallReason) -> None:
        """Calls a member of staff to this kiosk. Raises HubAway, HubConfused when the hub did not take the call."""
        await self._told(CallTaken, "POST", "calls", StaffCall(v=1, why=why))

    async def _told(self, kind: type[_M], method: str, path: str, message: Message | None = None) -> _M:
        """The answer to a question that has but one kind of it."""
        async with _at_most(self._limits.question):
            answer = await self._signed(method, path, message)
        if answer.status != 200:
            raise _confused(answer)
        return _read(kind, answer)

    async def _about_authorization(self, pid: str, what: str) -> Authorized:
        async with _at_most(self._limits.delivery):
            answer = await self._signed("POST", f"authorizations/{pid}/{what}", AuthorizationCall(v=1))
        return _authorized(answer, pid)

    def _become(self, identity: Identity | None) -> None:
        """A line of its own for each certificate. The one before is closed with the rest: a look-up may still be on it."""
        self._identity = identity
        self._refused = False
        self._line = self._open(identity)
        self._lines.push_async_callback(self._line.aclose)

    def _open(self, identity: Identity | None) -> httpx2.AsyncClient:
        """A line to the hub that shows `identity`'s certificate, where it has one."""
        key, certificate = (identity.signing_key, identity.certificate) if identity else (None, None)
        return httpx2.AsyncClient(
            verify=tls.context(self._ca_file, key, certificate),
            timeout=httpx2.Timeout(self._limits.silence, connect=self._limits.connect),
            transport=self._transport,
            trust_env=False,
            headers={"accept": "application/json", "accept-encoding": "identity", "user-agent": "lobbypay"},
        )

    def _enrolled(self) -> Identity:
        if self._identity is None:
            raise NotEnrolled
        return self._identity

    async def _signed(
        self,
        method: str,
        path: str,
        message: Message | None = None,
        headers: dict[str, str] | None = None,
        *,
        line: httpx2.AsyncClient | None = None,
    ) -> _Answer:
        """A request that the kiosk signs, over `line` where it is not the usual one."""
        who = self._enrolled()
        url = f"{self._base}/v1/kiosks/{who.kiosk}/{path}"
        body = message.model_dump_json().encode("utf-8") if message else b""
        plain = {**({"content-type": "application/json"} if message else {}), **(headers or {})}

        async def once() -> _Answer:
            now = self._clock() + self._offset
            signed = sign(method, url, plain, body, key=who.signing_key, keyid=who.keyid, now=now)
            return await self._exchange(line or self._line, method, url, signed, body)

        answer = await once()
        if answer.status == 401 and self._learn(answer):
            answer = await once()
        return answer

    def _learn(self, answer: _Answer) -> bool:
        """Takes the hub's time where ours is what it refused, True then; only signatures use it. And its word that our
        certificate has ended, which our clock may not know."""
        refused = _read(Refused, answer)
        self._refused |= refused.code == "certificate-expired"
        if refused.code != "signature-clock-skew":
            return False
        self._offset = refused.hub_time - self._clock()
        return True

    async def _exchange(self, line: httpx2.AsyncClient, method: str, url: str, headers: dict[str, str], body: bytes) -> _Answer:
        try:
            async with line.stream(method, url, headers=headers, content=body) as response:
                read = bytearray()
                async for piece in response.aiter_raw():
                    read += piece
                    if len(read) > MOST_ANSWER_BYTES:
                        raise HubConfused("hub-too-long", response.status_code)
                return _Answer(response.status_code, response.headers, bytes(read))
        except httpx2.TimeoutException as error:
            raise HubAway("hub-timeout", unsent=isinstance(error, httpx2.ConnectTimeout)) from error
        except httpx2.ProtocolError as error:
            raise HubConfused("hub-not-http") from error
        except httpx2.ConnectError as error:
            raise HubAway(tls.fault(error) or "hub-away", unsent=True) from error
        except httpx2.TransportError as error:
            raise HubAway("hub-away") from error


@asynccontextmanager
async def _at_most(seconds: float) -> AsyncIterator[None]:
    """An exchange that has not ended by then is given up: a hub that speaks a byte a second is no hub."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise HubAway("hub-timeout") from error


def _read(kind: type[_M], answer: _Answer) -> _M:
    """Raises HubConfused alone: what pydantic says of an answer may quote it, if only the name of a field (law 10)."""
    try:
        return kind.model_validate_json(answer.body)
    except ValidationError:
        confused = HubConfused("hub-not-understood", answer.status)
    raise confused


def _is_held(answer: _Answer) -> bool:
    """A 409 may also be the hub's refusal of a question that contradicts an earlier one."""
    try:
        Held.model_validate_json(answer.body)
    except ValidationError:
        return False
    return True


def _authorized(answer: _Answer, pid: str) -> Authorized:
    if answer.status != 200:
        raise _confused(answer)
    told = _read(Authorized, answer)
    if told.pid != pid:
        raise HubConfused("hub-not-understood", answer.status)
    return told


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _check_ours(answer: _Answer, certificate: str | None, keyid: str, key: Ed25519PrivateKey) -> None:
    """Raises HubConfused for a certificate that is not this kiosk's: nothing could be said with it."""
    try:
        shown = certificates.read(certificate or "")
    except certificates.NotCertified as error:
        raise HubConfused("hub-not-understood", answer.status) from error
    if (shown.keyid, shown.key) != (keyid, key.public_key().public_bytes_raw()):
        raise HubConfused("hub-not-understood", answer.status)


def _confused(answer: _Answer) -> HubConfused:
    """What an unexpected status says: the hub's own code where it gave one."""
    try:
        return HubRefused(Refused.model_validate_json(answer.body).code, answer.status, _retry_after(answer))
    except ValidationError:
        return HubConfused("hub-status", answer.status, _retry_after(answer))


def _retry_after(answer: _Answer) -> int | None:
    """Whole seconds; None where there are none. A date (RFC 9110, 10.2.3) counts from the answer's own Date: where only the hub's
    times are compared, no clock of ours has to be right."""
    after = answer.headers.get("retry-after", "")
    if after.isascii() and after.isdigit() and len(after) < 9:
        return int(after)
    until, now = _http_date(after), _http_date(answer.headers.get("date", ""))
    return None if until is None or now is None else max(0, (until - now) // dt.timedelta(seconds=1))


def _http_date(text: str) -> dt.datetime | None:
    """An HTTP-date in any of its three forms (RFC 9110, 5.6.7), all of which are in UTC; None for anything else."""
    try:
        return parsedate_to_datetime(text).replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):  # the second for numbers that no calendar has
        return None
