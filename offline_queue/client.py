"""The hub as the kiosk reaches it: four signed requests over TLS, each answered by a value or by a known error.

Answers are read up to a bound and never logged: an error tells a code and a status, no more (law 10).
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from domain.billing import Statement
from domain.statement_codes import StatementRef
from offline_queue.errors import NotEnrolled
from offline_queue.identity import Identity
from offline_queue.wire.messages import (
    Batch,
    BatchAnswer,
    Conflict,
    Enrolled,
    Enrolment,
    Head,
    Held,
    Lookup,
    LookupAnswer,
    Message,
    Outcomes,
    Ref,
    Refused,
)
from offline_queue.wire.signatures import sign

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
    """The hub cannot be reached. `code` is "hub-away", "hub-timeout" or "hub-certificate" (not the hub we trust)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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
    """No statement has this reference and this birth date together; the hub does not say which is wrong."""


@dataclass(frozen=True, slots=True)
class Locked:
    """Too many tries on this reference; `retry_after` in whole seconds."""

    retry_after: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """Both factors are right, but a payment on the account is still unknown at the hub: take no second one."""


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
        self.identity = identity
        self._base = base_url.rstrip("/")
        self._clock = clock
        self._offset = dt.timedelta(0)
        self._limits = time_limits
        self._http = httpx2.AsyncClient(
            verify=ssl.create_default_context(cafile=ca_file),
            timeout=httpx2.Timeout(time_limits.silence, connect=time_limits.connect),
            transport=transport,
            trust_env=False,
            headers={"accept": "application/json", "accept-encoding": "identity", "user-agent": "lobbypay"},
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def enrol(self, code: str, name: str, public_key: Ed25519PublicKey) -> Enrolled:
        """Spends the one-time `code` (20 base32 characters). Raises EnrolmentRefused; ValueError for a code of another form."""
        pub = base64.b64encode(public_key.public_bytes_raw()).decode("ascii")
        body = Enrolment(code=code, sign_pub=pub, name=name).model_dump_json().encode("utf-8")
        async with _at_most(self._limits.delivery):
            answer = await self._exchange("POST", f"{self._base}/v1/enrolments", {"content-type": "application/json"}, body)
        match answer.status:
            case 201 | 200:
                return _read(Enrolled, answer)
            case 401 | 410 | 429:
                _read(Refused, answer)
                raise EnrolmentRefused(_ENROLMENT_REFUSALS[answer.status])
            case _:
                raise _confused(answer)

    async def head(self) -> Head:
        """What the hub holds of this kiosk; also the heartbeat."""
        async with _at_most(self._limits.question):
            answer = await self._signed("GET", "head")
        if answer.status != 200:
            raise _confused(answer)
        return _read(Head, answer)

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
        async with _at_most(self._limits.question):
            answer = await self._signed("GET", f"outcomes?after={after}")
        if answer.status != 200:
            raise _confused(answer)
        return _read(Outcomes, answer)

    async def look_up(self, ref: StatementRef, birth_date: dt.date) -> Statement | NoMatch | Locked | Blocked:
        """The statement, when both factors are right and nothing is in the way."""
        body = Lookup(ref=Ref(kind=ref.kind, value=ref.value), birth_date=birth_date)
        async with _at_most(self._limits.question):
            answer = await self._signed("POST", "statement-lookups", body)
        match answer.status:
            case 200:
                return _read(LookupAnswer, answer).statement
            case 404:
                _read(Refused, answer)  # a stranger's 404 says nothing about a statement
                return NoMatch()
            case 409:
                _read(Held, answer)
                return Blocked()
            case 429:
                _read(Refused, answer)
                after = _retry_after(answer)
                return Locked(60 if after is None else after)
            case _:
                raise _confused(answer)

    async def _signed(
        self, method: str, path: str, message: Message | None = None, headers: dict[str, str] | None = None
    ) -> _Answer:
        if self.identity is None:
            raise NotEnrolled
        who, url = self.identity, f"{self._base}/v1/kiosks/{self.identity.kiosk}/{path}"
        body = message.model_dump_json().encode("utf-8") if message else b""
        plain = {**({"content-type": "application/json"} if message else {}), **(headers or {})}

        async def once() -> _Answer:
            now = self._clock() + self._offset
            return await self._exchange(
                method, url, sign(method, url, plain, body, key=who.signing_key, keyid=who.keyid, now=now), body
            )

        answer = await once()
        if answer.status == 401 and self._learn_offset(answer):
            answer = await once()
        return answer

    def _learn_offset(self, answer: _Answer) -> bool:
        """Takes the hub's time where ours is what it refused; only signatures use it."""
        refused = _read(Refused, answer)
        if refused.code != "signature-clock-skew":
            return False
        self._offset = refused.hub_time - self._clock()
        return True

    async def _exchange(self, method: str, url: str, headers: dict[str, str], body: bytes) -> _Answer:
        try:
            async with self._http.stream(method, url, headers=headers, content=body) as response:
                read = bytearray()
                async for piece in response.aiter_raw():
                    read += piece
                    if len(read) > MOST_ANSWER_BYTES:
                        raise HubConfused("hub-too-long", response.status_code)
                return _Answer(response.status_code, response.headers, bytes(read))
        except httpx2.TimeoutException as error:
            raise HubAway("hub-timeout") from error
        except httpx2.ProtocolError as error:
            raise HubConfused("hub-not-http") from error
        except httpx2.TransportError as error:
            raise HubAway("hub-certificate" if _untrusted(error) else "hub-away") from error


@asynccontextmanager
async def _at_most(seconds: float) -> AsyncIterator[None]:
    """An exchange that has not ended by then is given up: a hub that speaks a byte a second is no hub."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise HubAway("hub-timeout") from error


def _untrusted(error: BaseException | None) -> bool:
    """Whether a certificate is what failed, anywhere in what led to `error`."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _read(kind: type[_M], answer: _Answer) -> _M:
    """Raises HubConfused alone: what pydantic says of an answer may quote it, if only the name of a field (law 10)."""
    try:
        return kind.model_validate_json(answer.body)
    except ValidationError:
        confused = HubConfused("hub-not-understood", answer.status)
    raise confused


def _confused(answer: _Answer) -> HubConfused:
    """What an unexpected status says: the hub's own code where it gave one."""
    try:
        return HubRefused(Refused.model_validate_json(answer.body).code, answer.status, _retry_after(answer))
    except ValidationError:
        return HubConfused("hub-status", answer.status, _retry_after(answer))


def _retry_after(answer: _Answer) -> int | None:
    """Whole seconds; None where there are none (RFC 9110 knows a date too: then we back off as we would have)."""
    after = answer.headers.get("retry-after", "")
    return int(after) if after.isascii() and after.isdigit() and len(after) < 9 else None
