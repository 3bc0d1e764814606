"""Fixtures of the memory's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from offline_queue.client import HubClient
from offline_queue.journal import Journal
from tests.offline_queue.patience import Patience
from tests.offline_queue.world import FakeHub, World, enrolled


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "memory"


@pytest.fixture
async def trio(world: World, folder: Path) -> AsyncIterator[tuple[Journal, HubClient, FakeHub]]:
    """An enrolled journal, its client and its hub."""
    journal, client, hub = await enrolled(world, folder)
    yield journal, client, hub
    await client.close()
    await journal.close()


@pytest.fixture
def journal(trio: tuple[Journal, HubClient, FakeHub]) -> Journal:
    return trio[0]


@pytest.fixture
def client(trio: tuple[Journal, HubClient, FakeHub]) -> HubClient:
    return trio[1]


@pytest.fixture
def hub(trio: tuple[Journal, HubClient, FakeHub]) -> FakeHub:
    return trio[2]


@pytest.fixture
def patience() -> Patience:
    return Patience()


@pytest.fixture
def heard() -> list[bool]:
    return []
