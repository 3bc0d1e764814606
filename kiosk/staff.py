"""The staff's door: a PIN that is kept as a hash, few tries, or a badge; and behind it what waits at this kiosk."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections import deque
from collections.abc import Callable
from pathlib import Path

from domain.errors import Known
from kiosk.visit import events as ev
from kiosk.visit.staff import LONGEST_PIN, SHORTEST_PIN
from kiosk.visit.staff_report import DeviceSeen, StaffReport
from offline_queue.errors import QueueError
from offline_queue.reader import JournalReader

MOST_TRIES = 5
WINDOW_S = 900.0
"""Wrong PINs within that many seconds: all PINs of four digits take three weeks of trying."""

SALT_BYTES = 16
_COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
"""Of scrypt (RFC 7914): 16 MB and some 50 ms. The file may be read by who should not; a PIN of few digits it slows, no more."""


def hash_pin(pin: str, random: Callable[[int], bytes]) -> str:
    """What the settings keep of `pin`. Raises Known when it is not 4 to 8 digits."""
    if not re.fullmatch(rf"[0-9]{{{SHORTEST_PIN},{LONGEST_PIN}}}", pin):
        raise Known(f"A staff PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits.")
    salt = random(SALT_BYTES)
    return f"scrypt:{salt.hex()}:{hashlib.scrypt(pin.encode('ascii'), salt=salt, **_COST).hex()}"


def _matches(pin: str, kept: str) -> bool:
    _, salt, digest = kept.split(":")
    found = hashlib.scrypt(pin.encode("ascii"), salt=bytes.fromhex(salt), **_COST)
    return hmac.compare_digest(found, bytes.fromhex(digest))


class StaffDoor:
    """Looks for staff. Tries are counted here and not in the visit, which forgets everything when somebody leaves."""

    def __init__(self, pin_hash: str, folder: Path, monotonic: Callable[[], float]) -> None:
        """`pin_hash` as `hash_pin` makes it; `folder` is the memory's; `monotonic` gives seconds."""
        self._hash = pin_hash
        self._folder = folder
        self._monotonic = monotonic
        self._tries: deque[float] = deque(maxlen=MOST_TRIES)

    async def look(self, pin: str, devices: tuple[DeviceSeen, ...]) -> ev.StaffSees | ev.StaffRefused:
        """What there is to see, for the right PIN. A try counts before it is judged: leaving the screen takes none back."""
        now = self._monotonic()
        if len(self._tries) == MOST_TRIES and now - self._tries[0] < WINDOW_S:
            return ev.StaffRefused("pin-locked")
        self._tries.append(now)
        if not await asyncio.to_thread(_matches, pin, self._hash):
            return ev.StaffRefused("pin-wrong")
        self._tries.clear()
        return await self.look_with_badge(devices)

    async def look_with_badge(self, devices: tuple[DeviceSeen, ...]) -> ev.StaffSees | ev.StaffRefused:
        """What there is to see, for who has proved otherwise that they work here. No wrong PIN keeps a badge out."""
        try:
            return ev.StaffSees(await asyncio.to_thread(self._report, devices))
        except QueueError:
            return ev.StaffRefused("pin-unread")

    def _report(self, devices: tuple[DeviceSeen, ...]) -> StaffReport:
        """Read past the database's own thread: a look at the queue keeps no payment waiting."""
        with JournalReader(self._folder) as reader:
            queue, sync = reader.queue(), reader.sync()
        return StaffReport(
            count=queue.depth,
            sums=queue.totals,
            oldest=queue.oldest,
            parked=queue.parked,
            declined=queue.declined,
            tried_at=sync.tried_at if sync else None,
            next_at=sync.next_at if sync else None,
            trouble=(sync.attention or sync.error) if sync else "",
            devices=devices,
        )
