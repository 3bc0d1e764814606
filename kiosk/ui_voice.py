"""The voice as the engine knows it: what the UI last said of it. It speaks there (ui/speech); a kiosk without one works."""

from __future__ import annotations

import structlog

from devices.health import Condition, Health

log = structlog.get_logger()

READY = "ready"


class UiVoice:
    """Away until the UI says that it is ready. Fault: "voice-away", with the UI's own word for why ("no-sink")."""

    def __init__(self) -> None:
        self._health = _away("not-heard-of")

    async def open(self) -> None:
        """There is nothing to open here."""

    async def close(self) -> None:
        """Nor to close."""

    def health(self) -> Health:
        return self._health

    def said(self, how: str) -> None:
        """The UI's word: "ready", or why not."""
        health = Health(Condition.READY) if how == READY else _away(how)
        if health != self._health:
            self._health = health
            log.info("voice.health", condition=health.condition, fault=health.fault, detail=health.detail)


def _away(why: str) -> Health:
    return Health(Condition.AWAY, "voice-away", why)
