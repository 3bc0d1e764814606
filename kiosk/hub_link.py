"""The hub as this kiosk reaches it: its client, look-ups for patients, and what we know of whether it is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import structlog

from domain.calls import CallReason
from domain.letters import Channel, Letter
from domain.names import Proof
from domain.statement_codes import RefKind, StatementRef
from kiosk.clock import now
from kiosk.settings import Settings, SettingsError
from kiosk.visit import events as ev
from offline_queue.client import Blocked, HubAway, HubClient, HubConfused, Locked, NoMatch, NotYet
from offline_queue.identity import Identity
from offline_queue.wire.messages import LookupAnswer

log = structlog.get_logger()

_NOBODY_THERE = frozenset({0, 502, 503, 504})
"""What is answered in the hub's place: nothing that is HTTP; by what stands before it, that it cannot reach it; by the hub or by
that, that it can answer nobody now (RFC 9110, 15.6). With any other status the hub is there, and what is due it knows and we do
not: nobody types an amount then, and the desk is right whatever the reason. A hub that fails at everything is soon away, by the
sync loop's word."""

Looked = LookupAnswer | NoMatch | Locked | Blocked | NotYet


class Hub(Protocol):
    """What is asked of the hub; offline_queue.client.HubClient is one."""

    @property
    def receipts(self) -> frozenset[Channel]: ...

    async def send_receipt(self, pid: str, letter: Letter) -> None: ...

    async def call_staff(self, why: CallReason) -> None: ...

    async def look_up(self, ref: StatementRef, birth_date: dt.date, *, emergency: bool) -> Looked: ...

    async def look_up_named(self, proof: Proof, name: str, birth_date: dt.date, digits: str, *, emergency: bool) -> Looked: ...


class HubLink:
    """Asks for patients. Whether the hub is there (`online`) is the sync loop's word alone: it asks again until the hub is back,
    so that one answer that was lost does not leave a kiosk believing for ever that it is alone."""

    def __init__(self, hub: Hub, attention: Callable[[], object | None], *, emergency: bool = False) -> None:
        """`attention` is what a person must look at before anything is sent again, None when there is nothing; `emergency`: this
        kiosk stands in an emergency department."""
        self._hub = hub
        self._attention = attention
        self._emergency = emergency
        self.online = False

    @property
    def channels(self) -> frozenset[Channel]:
        """By which the hub sends receipts."""
        return self._hub.receipts

    def heard(self, online: bool) -> None:
        """The sync loop's news: at first, and at each change."""
        self.online = online

    async def look_up(self, ref: StatementRef, birth_date: dt.date) -> ev.Event:
        """The visit's event for what the hub answered."""
        return await self._answer(ref, self._hub.look_up(ref, birth_date, emergency=self._emergency))

    async def look_up_named(self, named: ev.Named, birth_date: dt.date, digits: str) -> ev.Event:
        """The same for who has no bill."""
        proved = named.proof, named.name, birth_date, digits
        return await self._answer(named, self._hub.look_up_named(*proved, emergency=self._emergency))

    async def _answer(self, asked: ev.Asked, question: Awaitable[Looked]) -> ev.Event:
        try:
            answer = await question
        except HubAway:
            return ev.LookUpFailed(asked)
        except HubConfused as failure:
            if failure.status in _NOBODY_THERE:
                return ev.LookUpFailed(asked)
            log.warning("visit.bill_unread", reason=failure.code, status=failure.status)
            return ev.BillUnread(asked)
        match answer:
            case NoMatch():
                return ev.NotFound(asked)
            case Locked():
                return ev.TooManyTries(asked)
            case Blocked():
                return ev.BillBlocked(asked)
            case NotYet():
                return ev.NotYet(asked)
            case _:
                return ev.Found(asked, answer.statement, answer.others)

    async def probe(self, about: ev.ProbeHub) -> ev.Event:
        """Asks for the bills once more: the patient is about to say yes to what was shown. A hub that we may not send to is away,
        however well it answers."""
        if self._attention() is not None:
            return ev.HubProbed(False)
        match await self.look_up(StatementRef(RefKind.NUMBER, about.number), about.birth_date):
            case ev.LookUpFailed():
                return ev.HubProbed(False)
            case ev.Found(_, now, others) if all(statement in (now, *others) for statement in about.shown):
                return ev.HubProbed(True)
            case ev.Found(_, now, others):
                return ev.BillChanged(now, others)
            case answer:
                return answer

    async def send_receipt(self, pid: str, letter: Letter) -> ev.ReceiptTaken | ev.ReceiptNotTaken:
        """Has the hub send payment `pid`'s receipt."""
        try:
            await self._hub.send_receipt(pid, letter)
        except (HubAway, HubConfused):
            return ev.ReceiptNotTaken()
        return ev.ReceiptTaken()

    async def call_staff(self, why: CallReason) -> ev.StaffCalled | ev.StaffNotCalled:
        """Has the hub call a member of staff here. A call that failed is not made again: by then nobody may stand here."""
        try:
            await self._hub.call_staff(why)
        except (HubAway, HubConfused) as failure:
            log.warning("staff.not_called", reason=why.value, detail=failure.code)
            return ev.StaffNotCalled()
        log.info("staff.called", reason=why.value)
        return ev.StaffCalled()


def hub_client(settings: Settings, identity: Identity | None) -> HubClient:
    """The client that the settings ask for, `identity` None before enrolment. Raises SettingsError."""
    ca_file = Path(settings.hub.ca_file) if settings.hub.ca_file else None
    try:
        return HubClient(settings.hub.url, ca_file, identity, clock=now)
    except OSError as error:
        raise SettingsError(f"The hub's certificate file {ca_file} cannot be read: {error.strerror}.") from error
