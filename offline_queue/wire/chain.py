"""The hash chain over a kiosk's records: what was queued, in which order, unaltered (reference: queue, protocol v1)."""

from __future__ import annotations

import hashlib

FIRST_HASH = "0" * 64
"""The hash before the first record of epoch 1."""


def link(previous: str, epoch: int, seq: int, pid: str, sealed: bytes) -> str:
    """The hash of record `seq`: SHA-256 over a label, the previous hash, epoch, seq, payment id and the sealed bytes' hash."""
    return link_digest(previous, epoch, seq, pid, hashlib.sha256(sealed).digest())


def link_digest(previous: str, epoch: int, seq: int, pid: str, digest: bytes) -> str:
    """The same, for whoever kept the SHA-256 of the sealed bytes and not these."""
    return hashlib.sha256(
        b"kiosk-outbox/v1\0"
        + bytes.fromhex(previous)
        + epoch.to_bytes(4, "big")
        + seq.to_bytes(8, "big")
        + bytes.fromhex(pid.replace("-", ""))
        + digest
    ).hexdigest()
