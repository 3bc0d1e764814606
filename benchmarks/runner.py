"""`./lobbypay bench`: runs the measurements asked for and shows each figure beside its limit."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol, cast

import structlog
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from benchmarks.figure import Figure
from domain.errors import Known

NAMES = ("start", "card", "ui-tick", "capture", "drain", "tlv", "terminal", "scan", "visit")
"""Each lives in benchmarks/<name>.py, a hyphen as an underscore there."""
PARTS = ("scan-wrong",)
"""What one of the above measures too, to be named alone where the whole takes too long."""


class Progress(Protocol):
    """Called with a few words on what is being done, as often as one likes, and with how much of it is done, 0 to 1, if known."""

    def __call__(self, words: str, part: float | None = None, /) -> None: ...


class Measurement(Protocol):
    """What a benchmark module is."""

    def figures(self, progress: Progress, **options: Any) -> Iterator[Figure]:
        """Measures, and yields each figure as soon as it is known. Options are the module's own."""


def measurement(name: str) -> Measurement:
    """The module behind a name. Raises Known for a name that is none."""
    if name not in NAMES + PARTS:
        raise Known(f"there is no benchmark {name!r}; there are {', '.join(NAMES + PARTS)}")
    return cast(Measurement, importlib.import_module(f"benchmarks.{name.replace('-', '_')}"))


def run(names: Sequence[str], *, as_json: bool, options: Mapping[str, Mapping[str, Any]] = MappingProxyType({})) -> bool:
    """Runs the named ones, or all, each with the options under its name; prints a table, or a line of JSON for each figure.
    Whether every promise is kept."""
    measurements = [(name, measurement(name)) for name in names or NAMES]
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
    # On a terminal only. Lines that go to a file stay out of its way by themselves; rich would print them beside the bar instead.
    bar = Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())
    kept: list[bool] = []
    table = _table()
    with _quiet(), bar:
        for name, each in measurements:
            for before in bar.task_ids:
                bar.remove_task(before)
            shown = bar.add_task(f"{name}: measuring", total=None)

            def progress(words: str, part: float | None = None, /, name: str = name, shown: TaskID = shown) -> None:
                bar.update(shown, description=f"{name}: {words}", total=None if part is None else 1.0, completed=part)

            for figure in each.figures(progress, **options.get(name, {})):
                kept.append(figure.ok)
                if as_json:
                    print(line_of(figure), flush=True)
                else:
                    table.add_row(*_row(figure))
    if not as_json:
        Console().print(table)
    return all(kept) and bool(kept)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What is measured journals on stdout where nobody tells it otherwise; stdout is for the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.reset_defaults()


def line_of(figure: Figure) -> str:
    """One line of JSON: figure, value, limit, better, note, ok."""
    return json.dumps(dataclasses.asdict(figure) | {"ok": figure.ok})


def _table() -> Table:
    table = Table()
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("limit", justify="right")
    table.add_column("")
    table.add_column("note")
    return table


def _row(figure: Figure) -> Iterable[str]:
    sign = "≤" if figure.better == "lower" else "≥"
    verdict = "[green]kept[/green]" if figure.ok else "[bold red]not kept[/bold red]"
    return (figure.figure, f"{figure.value:.4g}", f"{sign} {figure.limit:g}", verdict, figure.note)
