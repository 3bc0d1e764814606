"""A progress bar on stderr for a command that makes a person wait; nothing where nobody looks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from domain.progress import Told

PATIENCE_S = 2.0
"""What is done by then needs no bar."""


@contextmanager
def progress(what: str, *, console: Console | None = None, monotonic: Callable[[], float] = time.monotonic) -> Iterator[Told]:
    """Gives what to call with how many are done, and of how many; `what` says of which."""
    console = console or Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    # Lines that go to a file or a pipe stay out of its way by themselves; rich would print them beside the bar instead.
    bar = Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty())
    task, begun = bar.add_task(what, total=None), monotonic()

    def told(done: int, of: int) -> None:
        bar.update(task, completed=done, total=of)
        if console.is_interactive and monotonic() - begun > PATIENCE_S:
            bar.start()

    try:
        yield told
    finally:
        if console.is_interactive:
            bar.stop()
