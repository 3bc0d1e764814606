"""Where a payment ended up, asked from outside a running hub."""

from __future__ import annotations

from pathlib import Path

from hub.folder import Folder
from hub.ledger import posting_of_payment
from hub.store import open_store


def posting_of(folder: Path, payment_id: str) -> str | None:
    """The posting id of a payment in the hub whose data `folder` this is; None while it is not posted. Changes nothing."""
    store = open_store(Folder(folder))
    try:
        with store.reading() as connection:
            return posting_of_payment(connection, payment_id)
    finally:
        store.close()
