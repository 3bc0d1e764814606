"""What the engine asks of its surroundings beside devices and hub: a journal, a sync loop, a door for staff, a screen."""

from __future__ import annotations

from typing import Protocol

from domain.limits import Limits
from domain.money import Money
from domain.payment import Attempt, Result
from kiosk.visit import events as ev
from kiosk.visit.screens import Snapshot
from kiosk.visit.staff_report import DeviceSeen
from offline_queue.attempts import Found


class Memory(Protocol):
    """What the engine asks of the journal (offline_queue.journal.Journal)."""

    async def open_attempt(self, attempt: Attempt, limits: Limits | None) -> None: ...

    async def settle(self, attempt_id: str, result: Result) -> None: ...

    async def not_started(self, attempt_id: str, fault: str) -> None: ...

    async def to_inquire(self) -> Found | None: ...

    async def taken_under(self, terminal_id: str, receipts: tuple[int, int], currency: str) -> tuple[int, Money]: ...


class Sync(Protocol):
    """What the engine asks of the sync loop (offline_queue.sync.Sync)."""

    async def run(self) -> None: ...

    def nudge(self) -> None: ...


class Staff(Protocol):
    """What the engine asks for people who work here (kiosk.staff.StaffDoor)."""

    async def look(self, pin: str, devices: tuple[DeviceSeen, ...]) -> ev.StaffSees | ev.StaffRefused: ...

    async def look_with_badge(self, devices: tuple[DeviceSeen, ...]) -> ev.StaffSees | ev.StaffRefused: ...


class Screen(Protocol):
    """Where snapshots go (kiosk.ui_link.UiLink)."""

    def show(self, snapshot: Snapshot) -> None: ...
