"""One template of a hub and a kiosk for all the simulated days of a test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from offline_queue.simulation.template import Template, template


@pytest.fixture(scope="session")
def made() -> Iterator[Template]:
    with template() as made:
        yield made
