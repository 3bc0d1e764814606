"""What can be wrong with a NEO 2 reader's bytes, its line and its answers. No message ever carries the bytes (law 8)."""

from __future__ import annotations


class LinkDown(Exception):
    """The line to the reader cannot be used: "cannot-open", "lost", "stuck" or "garbage"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Broken(Exception):
    """A command's answer did not come: "silence", "garbage", "stop-unanswered" or "restarted". What the reader does now is not
    known, and nothing more may be written before the line has been opened afresh."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
