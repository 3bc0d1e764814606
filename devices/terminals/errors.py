"""What can be wrong with the line to a terminal, and with a conversation over it, whatever it speaks. No message ever carries the
bytes (law 8)."""

from __future__ import annotations


class LinkDown(Exception):
    """The line to the terminal cannot be used: "cannot-open", "lost", "no-ack", "stuck" or "garbage"; `detail` is a code, or
    empty."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason
        self.detail = detail


class Broken(Exception):
    """A conversation ended without the word that was due: "silence", "garbage", "refused-repeat" (ZVT), "stop-unanswered" or
    "restarted" (NEO 2), or a CodecError's reason. What the terminal did meanwhile is not known."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
