"""What carries a letter to a person, and how it may fail."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from domain.letters import Letter


class PostRefused(Exception):
    """This letter will never arrive there; `code` says who said so ("smtp-550"), never to whom (law 10)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PostAway(Exception):
    """Not now: nobody there, not whom we trust, or a login that is not right. Later it may work."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Post(Protocol):
    """One way to send letters. Waits for a network: not to be called in a loop."""

    def send(self, letter: Letter, key: str, now: dt.datetime) -> None:
        """Sends it; by the same `key` whoever gets it twice may tell that it is the same. Raises PostRefused, PostAway."""
