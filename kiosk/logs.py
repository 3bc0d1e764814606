"""Where a kiosk process logs to: standard error, or nowhere for a command in front of a person."""

from __future__ import annotations

import logging
import sys

import structlog

from domain.log_events import catalogued


def log_nowhere() -> None:
    """For a command in front of a person, as enrolling or draining: what there is to know comes in its one sentence."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def log_to_stderr() -> None:
    """One line of JSON an event; systemd's journal keeps them."""
    structlog.configure(
        processors=[catalogued, structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
