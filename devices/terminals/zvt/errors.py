"""What can be wrong with ZVT bytes, and with a ZVT command. No message ever carries the bytes (law 8)."""

from __future__ import annotations


class CodecError(ValueError):
    """Bytes that are not what ZVT says they must be. `reason` is a short code, such as "apdu-length"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(Exception):
    """The terminal answered a command with 84 xx: it did not begin. `code` is xx."""

    def __init__(self, code: int) -> None:
        super().__init__(f"84 {code:02x}")
        self.code = code
