"""The watch over the log: what must not pass unseen, and what may."""

from __future__ import annotations

import asyncio
import logging

import pytest
import structlog

from domain.log_events import NotCatalogued
from tests.log_watch import LogWatch


@pytest.fixture
def watch() -> LogWatch:
    """One of our own, so that what it finds does not fail this test too."""
    return LogWatch()


def test_a_warning_that_nobody_expected_is_a_complaint(watch: LogWatch) -> None:
    with watch.listening():
        structlog.get_logger().warning("ui.lost")
    assert watch.complaints() == ["the log has an unexpected warning: {'event': 'ui.lost'}"]


def test_an_expected_warning_is_not(watch: LogWatch) -> None:
    watch.expect("ui.lost")
    with watch.listening():
        structlog.get_logger().warning("ui.lost")
    assert watch.complaints() == []


def test_an_expected_warning_must_come(watch: LogWatch) -> None:
    watch.expect("ui.lost")
    with watch.listening():
        structlog.get_logger().info("ui.lost")
    assert watch.complaints() == ["the log should have had a warning 'ui.lost'"]


@pytest.mark.parametrize(("event", "fields"), [("patient.seen", {}), ("printer.printed", {"receipt": "r", "name": "Ana"})])
def test_an_event_or_a_field_outside_the_catalogue_is_a_bug(event: str, fields: dict[str, str]) -> None:
    with pytest.raises(NotCatalogued):
        structlog.get_logger().info(event, **fields)


async def test_what_asyncio_complains_about_is_heard(watch: LogWatch, log_watch: LogWatch) -> None:
    log_watch.expect("asyncio")
    with watch.listening():
        asyncio.get_running_loop().call_exception_handler({"message": "a task died"})
    assert watch.complaints() == ["the log has an unexpected ERROR of asyncio: a task died"]


def test_an_ordinary_logger_is_heard_too(watch: LogWatch, log_watch: LogWatch) -> None:
    log_watch.expect("some.library")
    with watch.listening():
        logging.getLogger("some.library").warning("hm")
    assert watch.complaints() == ["the log has an unexpected WARNING of some.library: hm"]
