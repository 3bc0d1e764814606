"""What every test here lives with: faults are what it is made of, so their warnings are not news; the engine shows no words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from tests.devices.terminals.model.house import bare_engine


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    structlog.configure(processors=[_drop], cache_logger_on_first_use=False)
    with bare_engine():
        yield


def _drop(_logger: object, _method: str, _event: object) -> str:
    raise structlog.DropEvent
