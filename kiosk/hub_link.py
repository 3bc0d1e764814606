"""Look-ups at the hub, and what we know of whether it is there."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from domain.billing import Statement
from domain.statement_codes import StatementRef
from kiosk.visit import events as ev
from offline_queue.client import Blocked, HubAway, HubConfused, Locked, NoMatch


class Hub(Protocol):
    """What is asked of the hub; offline_queue.client.HubClient is one."""

    async def head(self) -> object: ...

    async def look_up(self, ref: StatementRef, birth_date: dt.date) -> Statement | NoMatch | Locked | Blocked: ...


class HubLink:
    """Remembers whether the hub answered the last thing that anybody asked it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.online = False

    def heard(self, online: bool) -> None:
        """The sync loop's news."""
        self.online = online

    async def look_up(self, ref: StatementRef, birth_date: dt.date) -> ev.Event:
        """The visit's event for what the hub answered."""
        try:
            answer = await self._hub.look_up(ref, birth_date)
        except (HubAway, HubConfused):
            self.online = False
            return ev.LookUpFailed(ref)
        self.online = True
        match answer:
            case NoMatch():
                return ev.NotFound(ref)
            case Locked():
                return ev.TooManyTries(ref)
            case Blocked():
                return ev.BillBlocked(ref)
            case _:
                return ev.Found(ref, answer)

    async def probe(self) -> ev.HubProbed:
        """Asks now: the patient is about to say yes."""
        try:
            await self._hub.head()
        except (HubAway, HubConfused):
            self.online = False
        else:
            self.online = True
        return ev.HubProbed(self.online)
