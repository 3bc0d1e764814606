"""Listens to structlog and logging while a test runs, and says what should not have been there."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import structlog

from domain.log_events import catalogued

LOUD = {"warning", "warn", "error", "critical", "fatal", "exception"}


class LogWatch(logging.Handler):
    """`events` is every structlog event since the test began, each with its fields and its `level`. One that is not in the
    catalogue, or carries a field that is not, raises NotCatalogued where it is logged (law 10)."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.events: list[Mapping[str, Any]] = []
        self._loud: list[tuple[str, str]] = []
        self._expected: set[str] = set()

    def expect(self, event: str) -> None:
        """A warning or worse named `event` (structlog), or from the logger named `event` (logging), will come: once or more."""
        self._expected.add(event)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        root = logging.getLogger()
        before = structlog.get_config()
        structlog.configure(processors=[catalogued, self._hear], cache_logger_on_first_use=False)
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)
            structlog.configure(**before)

    def _hear(self, _logger: object, method: str, event: MutableMapping[str, Any]) -> str:
        self.events.append({**event, "level": method})
        if method in LOUD:
            self._loud.append((str(event.get("event")), f"{method}: {dict(event)!r}"))
        raise structlog.DropEvent

    def emit(self, record: logging.LogRecord) -> None:
        self._loud.append((record.name, f"{record.levelname} of {record.name}: {self.format(record)}"))

    def complaints(self) -> list[str]:
        """What is wrong with the log: empty when all is well."""
        heard = {name for name, _ in self._loud}
        return [
            *(f"the log has an unexpected {text}" for name, text in self._loud if name not in self._expected),
            *(f"the log should have had a warning {name!r}" for name in sorted(self._expected - heard)),
        ]
