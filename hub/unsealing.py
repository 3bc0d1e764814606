"""Sealed records, opened; and those that held a card, sealed again without it once the bank has answered.

Card data may not be kept after authorisation, not even encrypted (PCI DSS 4.0.1, 3.3). What is left is the same record without
it, under the same key, and the digest of what came, from which the kiosk's chain is still proved.
"""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.exceptions import InvalidTag
from pydantic import ValidationError
from sqlalchemy import Connection, Row, select, update

from hub.hub import Hub
from hub.keys import Keys
from hub.schema import records
from offline_queue.wire.messages import PaymentRecord, SealedCard
from offline_queue.wire.sealing import context, seal, unseal


def opened(keys: Keys, kiosk: str, epoch: int, seq: int, pid: str, kid: str, raw: bytes) -> PaymentRecord | str:
    """The plain text of the record that was sealed in this place; a code where we do not have it."""
    key = keys.sealing.get(kid)
    if key is None:
        return "unknown-key"
    try:
        record = PaymentRecord.model_validate_json(unseal(raw, key, context(kiosk, epoch, seq, pid, kid)))
    except InvalidTag:
        return "not-opened"
    except ValidationError:
        return "not-a-record"
    return record if record.pid == pid else "pid-differs"


def card_of(connection: Connection, keys: Keys, pid: str) -> SealedCard | None:
    """The card in the records of payment `pid`, None when it is not kept any more."""
    return next((record.card_data for _, _, record in _with_card(connection, keys, pid)), None)


def forget_card(connection: Connection, hub: Hub, pid: str) -> None:
    """Keeps the records of payment `pid` without their card; the database's log is emptied soon."""
    hub.store.fold_soon()
    for row, place, record in _with_card(connection, hub.keys, pid):
        plain = record.model_copy(update={"card_data": None}).model_dump_json().encode("utf-8")
        fresh = seal(plain, hub.keys.sealing[row.kid].public_key(), context(*place, row.pid, row.kid))
        here = records.c.kiosk == row.kiosk, records.c.epoch == row.epoch, records.c.seq == row.seq
        digest = hashlib.sha256(row.sealed).digest()
        connection.execute(update(records).where(*here).values(sealed=fresh, digest=digest))


def _with_card(connection: Connection, keys: Keys, pid: str) -> list[tuple[Row[Any], tuple[str, int, int], PaymentRecord]]:
    """The records of payment `pid` that hold a card, each as it is kept, with the place where it was sealed, and opened."""
    found = []
    for row in connection.execute(select(records).where(records.c.pid == pid, records.c.digest.is_(None))).all():
        place = row.kiosk, row.origin_epoch or row.epoch, row.origin_seq or row.seq
        record = opened(keys, *place, row.pid, row.kid, row.sealed)
        if isinstance(record, PaymentRecord) and record.card_data is not None:
            found.append((row, place, record))
    return found
