"""What must not be cut in two by Ctrl-C or SIGTERM is not, and both are heard after it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from demo.signals import held


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """The signals that this process has acted on."""
    heard: list[int] = []
    before = {which: signal.signal(which, lambda which, _: heard.append(which)) for which in (signal.SIGINT, signal.SIGTERM)}
    yield heard
    for which, handler in before.items():
        signal.signal(which, handler)


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_the_end(heard: list[int], which: signal.Signals) -> None:
    with held():
        signal.raise_signal(which)
        assert heard == []
    assert heard == [which]
    signal.raise_signal(which)
    assert heard == [which, which]


def test_a_failure_within_is_not_hidden_by_it(heard: list[int]) -> None:
    with pytest.raises(OSError, match="full"), held():
        raise OSError("full")
    signal.raise_signal(signal.SIGTERM)
    assert heard == [signal.SIGTERM]


def test_a_thread_has_no_signals_to_hold(heard: list[int]) -> None:
    done = threading.Event()

    def work() -> None:
        with held():
            done.set()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done.is_set()
    assert heard == []
