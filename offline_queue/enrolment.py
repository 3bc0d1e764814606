"""Enrolment: a one-time code turns a new kiosk into one that the hub knows, and gives a known one a new key. And what keeps it
known: the certificate is renewed before it ends."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

import structlog

from offline_queue.client import HubAway, HubClient, HubConfused
from offline_queue.identity import Identity
from offline_queue.journal import Journal

RENEWED_BEFORE = dt.timedelta(days=60)

_log = structlog.get_logger()


async def enrol(journal: Journal, client: HubClient, code: str, name: str) -> Identity:
    """Spends `code`, keeps the hub's answer and tells `client` who we are. `name` is what staff call this kiosk.

    Raises EnrolmentRefused, HubAway, HubConfused, AlreadyEnrolled, a DatabaseFault.
    """
    before = journal.identity()
    answer = await client.enrol(code, name, await journal.enrolment_key(), before.epoch if before else 0)
    client.identity = identity = await journal.enrolled(answer)
    return identity


class Certifier(Protocol):
    """What is asked of the hub's client for a certificate."""

    identity: Identity | None

    def certificate_left(self) -> dt.timedelta: ...

    async def certify(self) -> str: ...


async def certify(journal: Journal, client: Certifier) -> None:
    """Fetches the next certificate when there is none that will do, or when this one has less than RENEWED_BEFORE to go.

    Raises HubAway, HubConfused or a DatabaseFault, where it cannot be done without one.
    """
    left = client.certificate_left()
    if left > RENEWED_BEFORE:
        return
    try:
        client.identity = await journal.renewed(await client.certify())
    except (HubAway, HubConfused) as error:
        if left <= dt.timedelta(0):
            raise
        _log.warning("queue.uncertified", reason=error.code)
