"""Enrolment: a technician trades the hub's one-time code for a place at the hub. The kiosk's keys are made here and stay here."""

from __future__ import annotations

import os
from pathlib import Path

from domain.errors import Known
from kiosk.clock import now
from kiosk.hub_link import hub_client
from kiosk.settings import Settings
from offline_queue.client import EnrolmentRefused, HubAway, HubConfused
from offline_queue.enrolment import enrol
from offline_queue.identity import Identity
from offline_queue.journal import Journal
from offline_queue.keeping import KeyKeeper

_REFUSED = {
    "enrolment-wrong-code": "The hub does not know this code. Compare it with what the hub printed.",
    "enrolment-used": "This code has been used or is more than 15 minutes old. Ask the hub for a new one.",
    "enrolment-too-often": "Too many tries. Wait 15 minutes and ask the hub for a new code.",
}


async def enrol_kiosk(settings: Settings, code: str, keeper: KeyKeeper) -> Identity:
    """Spends `code`, as it was typed. Raises Known with a sentence for the technician, or a QueueError."""
    journal = await Journal.open(Path(settings.kiosk.data), clock=now, random=os.urandom, keeper=keeper)
    try:
        client = hub_client(settings, None)
        try:
            return await enrol(journal, client, code.replace("-", "").replace(" ", "").upper(), settings.kiosk.name)
        finally:
            await client.close()
    except ValueError as error:
        raise Known("A one-time code has twenty letters and digits.") from error
    except EnrolmentRefused as error:
        raise Known(_REFUSED[error.code]) from error
    except (HubAway, HubConfused) as error:
        raise Known(f"The hub at {settings.hub.url} could not be asked ({error}).") from error
    finally:
        await journal.close()
