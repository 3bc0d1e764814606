"""Enrolment: a technician trades the hub's one-time code for a place at the hub. The kiosk's keys are made here and stay here."""

from __future__ import annotations

import os
from collections.abc import Callable
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


_AWAY = {
    "hub-certificate": "is not the one that ca_file vouches for, or its certificate has ended: compare ca_file, and both clocks",
    "hub-tls": "speaks no TLS that this kiosk does: it has to be version 1.3",
}


async def enrol_kiosk(settings: Settings, ask: Callable[[Identity | None], str], keeper: KeyKeeper) -> Identity:
    """Spends the code that `ask` gives, as it was typed, when told who the kiosk has been. Raises Known with a sentence for the
    technician, or a QueueError."""
    journal = await Journal.open(Path(settings.kiosk.data), clock=now, random=os.urandom, keeper=keeper)
    try:
        client = hub_client(settings, None)
        try:
            code = ask(journal.identity()).replace("-", "").replace(" ", "").upper()
            return await enrol(journal, client, code, settings.kiosk.name)
        finally:
            await client.close()
    except ValueError as error:
        raise Known("A one-time code has twenty letters and digits.") from error
    except EnrolmentRefused as error:
        raise Known(_REFUSED[error.code]) from error
    except (HubAway, HubConfused) as error:
        because = _AWAY.get(error.code, f"could not be asked ({error})")
        raise Known(f"The hub at {settings.hub.url} {because}.") from error
    finally:
        await journal.close()
