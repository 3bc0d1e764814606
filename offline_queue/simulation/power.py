"""The kiosk's power: it may fail at every step of the shipped journal, and what was in memory is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from offline_queue.database import Database
from offline_queue.journal import Journal
from offline_queue.sqlcipher import Connection

_T = TypeVar("_T")


class PowerCut(BaseException):
    """The process is no more. Nothing can catch that, so it is no Exception."""


class _Database(Database):
    def __init__(self, folder: Path, step: Callable[[str], None]) -> None:
        super().__init__(folder)
        self._step = step

    def transact(self, work: Callable[[Connection], _T]) -> _T:
        def stepped(connection: Connection) -> _T:
            result = work(connection)
            self._step("uncommitted")
            return result

        self._step("before")
        result = super().transact(stepped)
        self._step("committed")  # and nobody has heard of it
        return result

    def hold_room(self) -> bool:
        """Full disks are looked at elsewhere: here, days are many and copied."""
        return True


def journal_that_may_die(step: Callable[[str], None]) -> type[Journal]:
    """The shipped journal, but that `step` is asked at each turn of each transaction ("before", "uncommitted", "committed") and
    may raise PowerCut."""

    class FragileJournal(Journal):
        def __init__(self, path: Path, *arguments: object, **named: object) -> None:
            super().__init__(path, *arguments, **named)  # type: ignore[arg-type]  # as they came
            self._database = _Database(path, step)

    return FragileJournal
