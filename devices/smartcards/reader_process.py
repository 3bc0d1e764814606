"""The reader's own process: python -m devices.smartcards.reader_process READER CA_FILE [--skip-present]

READER is how the reader's name begins; CA_FILE may be empty, for no badges. Looks come on stdin, what is said goes to stdout
(messages.py). It ends when stdin does, and with its parent. Nothing is written anywhere else: neither log nor file.
"""

from __future__ import annotations

import datetime as dt
import os
import select
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from devices.health import Condition
from devices.own_process import State, leave_nothing
from devices.smartcards.identify import Asking
from devices.smartcards.messages import LONGEST_LINE, Look, Said, look_of, to_line
from devices.smartcards.reading import Reading
from devices.smartcards.safety import Unsafe, check_service
from devices.smartcards.service import Service
from devices.smartcards.trust import Trust

PERSON = 3
"""The exit code when there is nothing to be done before a person has acted."""


class StdinLooks:
    """Looks from a pipe."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._left = b""

    def next(self, seconds: float) -> Look | None:
        """Raises EOFError at the end, NotOurs for what is no look."""
        if b"\n" not in self._left and select.select([self._descriptor], [], [], seconds)[0]:
            more = os.read(self._descriptor, LONGEST_LINE)
            if not more:
                raise EOFError
            self._left += more
        if b"\n" not in self._left:
            return None
        line, _, self._left = self._left.partition(b"\n")
        return look_of(line)


def say(message: Said) -> None:
    """At once: the other side takes silence for hanging."""
    sys.stdout.buffer.write(to_line(message))
    sys.stdout.buffer.flush()


def serve(open_service: Callable[[], Service], ca_file: str, skip_present: bool) -> int:
    """Reads cards until stdin ends. Gives the exit code."""
    sys.excepthook = _tell_bug
    leave_nothing()
    try:
        trust = Trust.read(Path(ca_file), _now) if ca_file else None
    except ValueError:
        say(State(Condition.OUT, "smartcard-no-authority"))
        return PERSON
    try:
        Reading(open_service(), Asking(trust, os.urandom), say, skip_present).run(StdinLooks(sys.stdin.fileno()))
    except Unsafe as unsafe:
        say(State(Condition.LATCHED, "smartcard-unsafe", unsafe.reason))
        return PERSON
    except ImportError:
        say(State(Condition.OUT, "smartcard-not-installed"))
        return PERSON
    except BrokenPipeError:  # whoever listened has gone, and so do we
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to be flushed goes nowhere
    return 0


def _tell_bug(kind: type[BaseException], bug: BaseException, trace: TracebackType | None) -> None:
    """By its place and never by its words, which may be a card's."""
    where = " ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(trace)[-4:])
    say(State(Condition.OUT, "smartcard-bug", f"{kind.__name__} {where}"))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _pcscd(reader: str) -> Service:
    """Imported here: a kiosk without a reader needs no pyscard."""
    from devices.smartcards.pcscd import Pcscd

    return Pcscd(reader, check_service)


if __name__ == "__main__":
    _, name, authority, *options = sys.argv
    sys.exit(serve(lambda: _pcscd(name), authority, options == ["--skip-present"]))
