"""One kiosk for all journeys of a test process: starting its seven processes takes longer than most visits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.world import World
from hub.bills import Bill
from tests.journeys.hall import Hall, bounded, hall
from tests.journeys.visitor import Visitor

BOUND_S = 240


@pytest.fixture(autouse=True)
def bound() -> Iterator[None]:
    with bounded(BOUND_S):
        yield


@pytest.fixture(scope="session")
def shared_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with hall(tmp_path_factory.mktemp("hall"), seed=7) as shared:
        yield shared


@pytest.fixture
def kiosk(shared_hall: Hall) -> Hall:
    shared_hall.tidy()
    return shared_hall


@pytest.fixture
def world(kiosk: Hall) -> World:
    return kiosk.world


@pytest.fixture
def visitor(kiosk: Hall) -> Iterator[Visitor]:
    """Somebody at a kiosk that nobody stands at, whose devices and hub are well."""
    with Visitor(kiosk.world.socket) as visitor:
        visitor.leave()
        yield visitor


@pytest.fixture
def bill(kiosk: Hall) -> Bill:
    return kiosk.bill()
