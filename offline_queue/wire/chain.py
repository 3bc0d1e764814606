"""The hash chain over a kiosk's records: what was queued, in which order, unaltered (reference: queue, protocol v1)."""

from __future__ import annotations

import hashlib

FIRST_HASH = "0" * 64
"""The hash before the first record of epoch 1."""


def link(previous: str, epoch: int, seq: int, pid: str, sealed: bytes) -> str:
    """The hash of record `seq`: SHA-256 over a label, the previous hash, epoch, seq, payment id and the sealed bytes' hash."""
    return hashlib.sha256(
        b"kiosk-outbox/v1\0"
        + bytes.fromhex(previous)
        + epoch.to_bytes(4, "big")
        + seq.to_bytes(8, "big")
        + bytes.fromhex(pid.replace("-", ""))
        + hashlib.sha256(sealed).digest()
    ).hexdigest()
