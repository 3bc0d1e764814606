"""What must hold before a card may be read: nothing writes down what cards say."""

from __future__ import annotations

import os
from pathlib import Path

VIRTUAL = "Virtual PCD"
"""How the readers of vsmartcard's vpcd are called: anybody on the network could put a card into one (it listens on 0.0.0.0)."""

_LOGGING = {"--apdu", "--debug"}
_LOGGING_LETTERS = set("ad")
"""pcscd's options (pcscd(8)) that write every command and answer to the journal, PINs and numbers included."""


class Unsafe(Exception):
    """Cards may not be read here: `reason` is "pcscd-logs", "virtual-reader" or "pcsc-spied"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_service(reader: str, proc: Path = Path("/proc"), etc: Path = Path("/etc")) -> None:
    """Raises Unsafe. `reader` is the name that was found. Called with pcscd running, each time it is found again."""
    if reader.startswith(VIRTUAL) or any("ifdvpcd" in _text(file) for file in (etc / "reader.conf.d").glob("*")):
        raise Unsafe("virtual-reader")
    if "libpcscspy" in os.environ.get("LD_PRELOAD", "") or "libpcscspy" in _text(etc / "ld.so.preload"):
        raise Unsafe("pcsc-spied")
    for process in proc.glob("[0-9]*"):
        words = _text(process / "cmdline").split("\0")
        if Path(words[0]).name == "pcscd" and any(map(_logs, words[1:])):
            raise Unsafe("pcscd-logs")


def _logs(option: str) -> bool:
    """Whether it makes pcscd log what cards say; long options may be shortened (getopt_long(3)), short ones joined."""
    if option.startswith("--"):
        return len(option) > 2 and any(known.startswith(option) for known in _LOGGING)
    return option.startswith("-") and bool(_LOGGING_LETTERS & set(option[1:]))


def _text(file: Path) -> str:
    """Empty where there is none, and for a process that has ended meanwhile."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
