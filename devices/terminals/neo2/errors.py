"""What can be wrong with a NEO 2 reader's answers. No message ever carries the bytes (law 8)."""

from __future__ import annotations


class Refused(Exception):
    """The reader answered a command with a status that is not OK: `status`."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status:02x}")
        self.status = status


class Tampered(Exception):
    """The reader says that somebody has opened it: status 1D, or its tamper state."""


class Unencrypted(Exception):
    """The reader handed over card data that it had not encrypted, or cannot show that it had."""


class Unreadable(Exception):
    """Card data that was encrypted, and is no use: "tlv", "no-ksn", "no-card" or "too-long"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
