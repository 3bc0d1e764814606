"""What the driver does by itself for a terminal that needs something: which trouble has which cure, and how often it is tried.

Only a terminal that cannot sell is treated, so that no cure ever meets a patient.
"""

from __future__ import annotations

from enum import StrEnum


class Cure(StrEnum):
    """A command that may mend a terminal."""

    END_OF_DAY = "end-of-day"
    INITIALISATION = "initialisation"
    DIAGNOSIS = "diagnosis"
    SEND_OFFLINE = "send-offline"
    SET_CLOCK = "set-clock"


CURES = {
    0x51: (Cure.INITIALISATION, Cure.DIAGNOSIS),
    0x62: (Cure.SET_CLOCK,),
    0x6A: (Cure.END_OF_DAY,),
    0xB1: (Cure.SEND_OFFLINE, Cure.END_OF_DAY),
    0xB2: (Cure.SEND_OFFLINE, Cure.END_OF_DAY),
    0xC2: (Cure.DIAGNOSIS, Cure.INITIALISATION),
    0xE4: (Cure.INITIALISATION, Cure.DIAGNOSIS),
    0xF0: (Cure.END_OF_DAY,),
    0xFA: (Cure.SEND_OFFLINE,),
}
"""By terminal status, or by the result code that a sale ended with (fact sheet, from EVerest's `configure`; R15). They are tried
in turn until the terminal is well."""


OWED = frozenset({0x6A, 0xB1, 0xB2, 0xC2, 0xF0})
"""Result codes of a sale that say what the terminal needs before the next one, even if it calls itself ready (R15)."""


class Upkeep:
    """Remembers what was tried when. `every` seconds lie between two tries of the same trouble; times are a monotonic clock's."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._tried: dict[int, float] = {}

    def due(self, trouble: int, now: float) -> tuple[Cure, ...]:
        """What to try against `trouble` now, and takes note that it is; nothing when there is no cure or it is too early."""
        last = self._tried.get(trouble)
        if trouble not in CURES or (last is not None and now - last < self._every):
            return ()
        self._tried[trouble] = now
        return CURES[trouble]
