"""Enrolment: a one-time code turns a new kiosk into one that the hub knows."""

from __future__ import annotations

from offline_queue.client import HubClient
from offline_queue.identity import Identity
from offline_queue.journal import Journal


async def enrol(journal: Journal, client: HubClient, code: str, name: str) -> Identity:
    """Spends `code`, keeps the hub's answer and tells `client` who we are. `name` is what staff call this kiosk.

    Raises EnrolmentRefused, HubAway, HubConfused, AlreadyEnrolled, a DatabaseFault.
    """
    key = await journal.enrolment_key()
    answer = await client.enrol(code, name, key.public_key())
    client.identity = await journal.enrolled(answer)
    return client.identity
