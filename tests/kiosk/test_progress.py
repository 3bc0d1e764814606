"""The bar that a person sees while a command takes its time, at the kiosk and at the hub; a pipe sees none."""

from __future__ import annotations

import io
import sys
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pytest
from rich.console import Console

import hub.progress
import kiosk.progress


class Bar(Protocol):
    def __call__(self, what: str, **how: Any) -> AbstractContextManager[Any]: ...


bars = pytest.mark.parametrize("bar", [kiosk.progress.progress, hub.progress.progress], ids=["kiosk", "hub"])


def shown(bar: Bar, seconds: float, *, terminal: bool) -> str:
    """What stands on stderr of a command that after `seconds` has done 3 of 7, and then 7."""
    written, times = io.StringIO(), iter([0.0, seconds, seconds])
    console = Console(file=written, force_terminal=terminal, width=80)
    with bar("records", console=console, monotonic=lambda: next(times)) as told:
        told(3, 7)
        told(7, 7)
    return written.getvalue()


@bars
def test_what_takes_long_shows_how_far_it_is(bar: Bar) -> None:
    said = shown(bar, 2.1, terminal=True)
    assert "3/7" in said
    assert "records" in said


@bars
def test_what_is_done_at_once_shows_nothing(bar: Bar) -> None:
    assert shown(bar, 2.0, terminal=True) == ""


@bars
def test_a_pipe_is_shown_nothing(bar: Bar) -> None:
    assert shown(bar, 60.0, terminal=False) == ""


@bars
def test_what_a_command_prints_into_a_file_does_not_go_to_the_bar(bar: Bar, capsys: pytest.CaptureFixture[str]) -> None:
    written, times = io.StringIO(), iter([0.0, 60.0, 60.0])
    with bar("records", console=Console(file=written, force_terminal=True), monotonic=lambda: next(times)) as told:
        told(3, 7)
        sys.stdout.write("a line\n")
        told(7, 7)
    assert "a line" not in written.getvalue()
    assert capsys.readouterr().out == "a line\n"
