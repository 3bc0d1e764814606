"""Kiosks at the gateway: authorize, inquire, void. Nothing is said to be certain that is not: 503 is a question that nobody has
heard, 504 one of which nobody knows."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from cryptography.exceptions import InvalidTag
from pydantic import ValidationError
from sqlalchemy import Row

from domain.money import Money
from domain.payment import CardData
from domain.statement_codes import StatementRef
from hub.folder import NotNow
from hub.gateway import authorizations
from hub.gateway.authorizations import State
from hub.gateway.port import Answer, Gateway, GatewayAway, GatewaySilent
from hub.hub import Hub
from hub.ledger import posting_of_payment
from hub.parts import keep_parts, part_ref, part_rows
from hub.requests import RequestRefused
from hub.statements import find as find_bills
from offline_queue.wire.messages import AuthorizationRequest, Authorized, Held, SealedCard
from offline_queue.wire.sealing import card_context, unseal

GATEWAY_RETRY_S = 5
_log = structlog.get_logger()


class Desk:
    """One hub's. Its methods block, and may be called from several threads."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._under_way: set[str] = set()
        self._lock = threading.Lock()

    def authorize(self, kiosk: str, epoch: int, asked: AuthorizationRequest) -> Authorized | Held:
        """Asks the bank, once for each payment id: whoever asks again gets the first answer. Refuses with 400 a card that is not
        sealed for this question; with 409 what contradicts an earlier one; with 503 and 504 as above."""
        gateway = self._gateway(kiosk)
        card = self._card(kiosk, epoch, asked)
        with self._alone(kiosk, asked.pid):
            held = self._ask(kiosk, asked)
            if isinstance(held, Held):
                return held
            row, new = held
            if row.state != State.ASKED:
                return _told(row)
            try:
                answer = gateway.authorize(asked.pid, _amount(asked), card)
            except GatewayAway as error:
                if not new:
                    raise _nobody_knows(kiosk, error.code) from error
                self._settle(kiosk, asked.pid, None)
                raise RequestRefused(503, error.code, kiosk=kiosk, retry_after=GATEWAY_RETRY_S) from error
            except GatewaySilent as error:
                raise _nobody_knows(kiosk, error.code) from error
            return self._settle(kiosk, asked.pid, answer)

    def inquire(self, kiosk: str, pid: str) -> Authorized:
        """What became of it. What was never asked is closed, and will never be. The gateway is asked about everything that may
        have gone on without this hub: it may have forgotten the question (a backup put back), or that an approval was voided."""
        row, posted = self._standing(kiosk, pid)
        if row is not None and row.deferred and row.state in (State.WAITING, State.ASKED):
            raise _nobody_knows(kiosk, "authorization-waits")
        if row is not None and row.state != State.ASKED and (row.state != State.APPROVED or row.deferred or posted):
            return _told(row)
        try:
            answer = self._gateway(kiosk).inquire(pid)
        except (GatewayAway, GatewaySilent) as error:
            raise _nobody_knows(kiosk, error.code) from error
        return self._settle(kiosk, pid, answer)

    def void(self, kiosk: str, pid: str) -> Authorized:
        """Takes an approval back; closes what was never asked. What is deferred, or posted, is not the kiosk's to take back."""
        told = self.inquire(kiosk, pid)
        if told.state != State.APPROVED.value:
            return told
        row, posted = self._standing(kiosk, pid)
        if posted or (row is not None and row.deferred):
            raise RequestRefused(409, "authorization-posted" if posted else "authorization-deferred", kiosk=kiosk)
        try:
            self._gateway(kiosk).void(pid)
        except (GatewayAway, GatewaySilent) as error:
            raise _nobody_knows(kiosk, error.code) from error
        with _recorded(kiosk), self._hub.store.writing() as connection:
            authorizations.move(connection, pid, State.APPROVED, State.VOIDED)
        _log.info("hub.authorized", kiosk=kiosk, pid=pid, state=State.VOIDED, code="")
        return told.model_copy(update={"state": State.VOIDED.value})

    def _gateway(self, kiosk: str) -> Gateway:
        if self._hub.gateway is None:
            raise RequestRefused(503, "no-gateway", kiosk=kiosk)
        return self._hub.gateway

    def _card(self, kiosk: str, epoch: int, asked: AuthorizationRequest) -> CardData:
        key = self._hub.keys.sealing.get(asked.kid)
        if key is None:
            raise RequestRefused(400, "unknown-key", kiosk=kiosk)
        context = card_context(kiosk, epoch, asked.pid, asked.minor, asked.currency, asked.kid)
        try:
            return card_data(SealedCard.model_validate_json(unseal(base64.b64decode(asked.sealed), key, context)))
        except (InvalidTag, ValidationError) as error:
            raise RequestRefused(400, "not-opened", kiosk=kiosk) from error

    @contextmanager
    def _alone(self, kiosk: str, pid: str) -> Iterator[None]:
        """One question about a payment at a time: what a second one would learn, the first is about to."""
        with self._lock:
            if pid in self._under_way:
                raise _nobody_knows(kiosk, "authorization-under-way")
            self._under_way.add(pid)
        try:
            yield
        finally:
            self._under_way.discard(pid)

    def _ask(self, kiosk: str, asked: AuthorizationRequest) -> tuple[Row[Any], bool] | Held:
        """Notes the question before the gateway hears it: (how it stands, whether it is new)."""
        ref = StatementRef(asked.ref.kind, asked.ref.value)
        with self._hub.store.writing() as connection:
            row = authorizations.find(connection, asked.pid)
            if row is not None:
                same = row.state == State.CLOSED or (row.minor, row.currency) == (asked.minor, asked.currency)
                if row.kiosk != kiosk or row.deferred or not same:
                    raise RequestRefused(409, "authorization-differs", kiosk=kiosk)
                return row, False
            bills = find_bills(connection, [ref, *map(part_ref, asked.parts)])
            named = {asked.account, *(part.account for part in asked.parts), *(bill.account for bill in bills.values())}
            if any(authorizations.is_held(connection, account, asked.pid) for account in named):
                return Held(code="payment-unknown")
            about = asked.pid, kiosk, State.ASKED, self._hub.world.clock()
            account = bills[ref].account if ref in bills else None
            row = authorizations.begin(connection, *about, account=account, amount=_amount(asked))
            keep_parts(connection, {asked.pid: part_rows(asked.pid, asked.parts, bills)})
            return row, True

    def _standing(self, kiosk: str, pid: str) -> tuple[Row[Any] | None, bool]:
        """How it stands, None where the hub knows nothing of it; and whether it is posted."""
        with self._hub.store.reading() as connection:
            row = authorizations.find(connection, pid)
            posted = posting_of_payment(connection, pid) is not None
        if row is not None and row.kiosk != kiosk:
            raise RequestRefused(409, "authorization-differs", kiosk=kiosk)
        return row, posted

    def _settle(self, kiosk: str, pid: str, answer: Answer | None) -> Authorized:
        with _recorded(kiosk), self._hub.store.writing() as connection:
            if answer is None:  # closed there: an approval that the hub knows was voided, and the hub did not get to note it
                authorizations.move(connection, pid, State.APPROVED, State.VOIDED)
            row = authorizations.learn(connection, pid, kiosk, answer, self._hub.world.clock(), account=None)
        _log.info("hub.authorized", kiosk=kiosk, pid=pid, state=row.state, code=row.reason)
        return _told(row)


def _amount(asked: AuthorizationRequest) -> Money:
    return Money(asked.minor, asked.currency)


def card_data(sealed: SealedCard) -> CardData:
    return CardData(base64.b64decode(sealed.ksn), base64.b64decode(sealed.data))


@contextmanager
def _recorded(kiosk: str) -> Iterator[None]:
    """The bank has answered: when its answer cannot be kept just now, nobody knows it, and the kiosk asks again."""
    try:
        yield
    except NotNow as error:
        raise _nobody_knows(kiosk, error.code) from error


def _nobody_knows(kiosk: str, code: str) -> RequestRefused:
    return RequestRefused(504, code, kiosk=kiosk)


def _told(row: Row[Any]) -> Authorized:
    response = base64.b64encode(row.response).decode("ascii")
    return Authorized(pid=row.pid, state=row.state, authorization=row.authorization, reason=row.reason, response=response)
