"""ESC/POS from the printer's side: a stream of bytes as commands, however the bytes are cut up on the way.

Written from Epson's published command lengths, not from what our driver sends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Length = int | Callable[[bytes], int | None]
"""Bytes of argument after the command's name; a function says so from those that are there, None while there are too few."""


@dataclass(frozen=True, slots=True)
class Command:
    """`name` as in the manuals ("ESC @", "GS v 0", "text", "LF"); `unknown` for what no manual told us."""

    name: str
    arguments: bytes
    raw: bytes


def _counted(at: int, extra: int = 0) -> Callable[[bytes], int | None]:
    """A two-byte length, low byte first, at `at`; `extra` bytes lie between it and what it counts."""

    def length(rest: bytes) -> int | None:
        if len(rest) < at + 2:
            return None
        return at + 2 + extra + rest[at] + 256 * rest[at + 1]

    return length


def _raster(rest: bytes) -> int | None:
    """GS v 0 m xL xH yL yH: x bytes a row, y rows."""
    if len(rest) < 5:
        return None
    return 5 + (rest[1] + 256 * rest[2]) * (rest[3] + 256 * rest[4])


def _columns(rest: bytes) -> int | None:
    """ESC * m nL nH: n columns of one byte (modes 0, 1) or three (32, 33)."""
    if len(rest) < 3:
        return None
    return 3 + (rest[1] + 256 * rest[2]) * (3 if rest[0] >= 32 else 1)


def _cut(rest: bytes) -> int | None:
    """GS V m, and for the modes that feed first, n."""
    if not rest:
        return None
    return 2 if rest[0] in (65, 66, 97, 98, 103, 104) else 1


def _realtime(rest: bytes) -> int | None:
    """DLE DC4 fn: pulse, power off, buzzer, clear buffers."""
    if not rest:
        return None
    return {1: 3, 2: 3, 3: 6, 7: 2, 8: 8}.get(rest[0], 1)


_COMMANDS: dict[bytes, tuple[str, Length]] = {
    b"\x0a": ("LF", 0), b"\x0d": ("CR", 0), b"\x09": ("HT", 0), b"\x0c": ("FF", 0), b"\x18": ("CAN", 0), b"\x00": ("NUL", 0),
    b"\x10\x04": ("DLE EOT", 1), b"\x10\x05": ("DLE ENQ", 1), b"\x10\x14": ("DLE DC4", _realtime),
    b"\x1b@": ("ESC @", 0), b"\x1b!": ("ESC !", 1), b"\x1bE": ("ESC E", 1), b"\x1bG": ("ESC G", 1), b"\x1b-": ("ESC -", 1),
    b"\x1ba": ("ESC a", 1), b"\x1bd": ("ESC d", 1), b"\x1bJ": ("ESC J", 1), b"\x1bt": ("ESC t", 1), b"\x1bM": ("ESC M", 1),
    b"\x1b2": ("ESC 2", 0), b"\x1b3": ("ESC 3", 1), b"\x1b{": ("ESC {", 1), b"\x1bR": ("ESC R", 1), b"\x1b ": ("ESC SP", 1),
    b"\x1bV": ("ESC V", 1), b"\x1br": ("ESC r", 1), b"\x1b=": ("ESC =", 1), b"\x1bp": ("ESC p", 3), b"\x1b*": ("ESC *", _columns),
    b"\x1b$": ("ESC $", 2), b"\x1b\\": ("ESC \\", 2), b"\x1bc": ("ESC c", 2),
    b"\x1d!": ("GS !", 1), b"\x1dB": ("GS B", 1), b"\x1db": ("GS b", 1), b"\x1dL": ("GS L", 2), b"\x1dW": ("GS W", 2),
    b"\x1dV": ("GS V", _cut), b"\x1dv0": ("GS v 0", _raster), b"\x1dr": ("GS r", 1), b"\x1dI": ("GS I", 1), b"\x1da": ("GS a", 1),
    b"\x1dh": ("GS h", 1), b"\x1dw": ("GS w", 1), b"\x1dH": ("GS H", 1), b"\x1df": ("GS f", 1), b"\x1dP": ("GS P", 2),
    b"\x1d(": ("GS (", _counted(1)), b"\x1c.": ("FS .", 0), b"\x1c&": ("FS &", 0), b"\x1c!": ("FS !", 1), b"\x1cC": ("FS C", 1),
}  # fmt: skip
_PREFIXES = {name[:end] for name in _COMMANDS for end in range(1, len(name))}


class Parser:
    """Keeps what is not yet a whole command until the rest has come."""

    def __init__(self) -> None:
        self._waiting = b""

    def feed(self, data: bytes) -> list[Command]:
        """The commands that `data` completes."""
        self._waiting += data
        commands = []
        while self._waiting and (command := self._next()) is not None:
            commands.append(command)
            self._waiting = self._waiting[len(command.raw) :]
        return commands

    def _next(self) -> Command | None:
        if self._waiting[0] >= 0x20:
            end = next((at for at, byte in enumerate(self._waiting) if byte < 0x20), len(self._waiting))
            return Command("text", self._waiting[:end], self._waiting[:end])
        for size in (1, 2, 3):
            head = self._waiting[:size]
            if head in _COMMANDS:
                return self._whole(head)
            if head not in _PREFIXES:
                return Command("unknown", b"", head)
            if len(head) < size:
                break
        return None

    def _whole(self, head: bytes) -> Command | None:
        name, length = _COMMANDS[head]
        rest = self._waiting[len(head) :]
        needed = length if isinstance(length, int) else length(rest)
        if needed is None or len(rest) < needed:
            return None
        return Command(name, rest[:needed], head + rest[:needed])
