"""What every test gets: no screen, no outside network, and no warning in a log that it did not expect."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterator

# before anything imports Qt: draw nowhere, and never on an emulated GPU
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_QUICK_BACKEND"] = "software"

from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.log_watch import LogWatch

if TYPE_CHECKING:
    from PySide6.QtGui import QGuiApplication

# How long an example takes, or the making of one, says how busy the machine is.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")


class OutsideNetwork(AssertionError):
    """A test, or the code under it, tried to reach another machine."""


def _stays_here(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _stay_here(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: it sees every connection that Python code makes, whatever library makes it."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if not isinstance(address, tuple):
            return  # a unix socket, or a connected one
        host = address[0]
    else:
        return
    if not _stays_here(host):
        raise OutsideNetwork(f"tests talk to this machine only, not to {host!r}")


sys.addaudithook(_stay_here)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked slow too")
    parser.addoption("--seeds", type=int, default=20_000, help="how many simulated days the slow test lives")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    skipped = pytest.mark.skip(reason="slow: runs with --all")
    for item in items:
        if item.get_closest_marker("slow") is not None:  # not `keywords`: a parameter may be called slow, too
            item.add_marker(skipped)


application_of_the_tests: list[QGuiApplication] = []


@pytest.fixture(scope="session")
def qapp() -> QGuiApplication:
    """pytest-qt's application is ours: the kiosk's fonts, the kiosk's renderer."""
    from PySide6.QtGui import QGuiApplication

    from ui.early import application

    existing = QGuiApplication.instance()
    if isinstance(existing, QGuiApplication):
        return existing
    application_of_the_tests.append(application(["tests"]))  # kept: Qt must outlive the last test
    return application_of_the_tests[0]


@pytest.fixture(autouse=True)
def log_watch() -> Iterator[LogWatch]:
    """The log as the test wrote it. A warning or worse fails the test unless `log_watch.expect(event)` said it would come;
    an expected one that did not come fails it too."""
    watch = LogWatch()
    with watch.listening():
        yield watch
    if complaints := watch.complaints():
        pytest.fail("\n".join(complaints), pytrace=False)
