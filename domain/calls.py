"""Why a kiosk calls a member of staff."""

from __future__ import annotations

from enum import StrEnum


class CallReason(StrEnum):
    """A code that says nothing of who stands there."""

    TOO_MANY_TRIES = "too-many-tries"
    """Somebody could not say whose bill it is, and the kiosk lets them try no more."""

    HELP = "help"
    """Somebody asked for a person."""
