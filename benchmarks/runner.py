"""`./lobbypay bench`: runs the measurements asked for and shows each figure beside its limit."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol, cast

import structlog
from rich.console import Console
from rich.table import Table

from benchmarks.figure import Figure
from domain.errors import Known

NAMES = ("start", "card", "ui-tick", "capture", "drain", "tlv", "terminal", "scan")
"""Each lives in benchmarks/<name>.py, a hyphen as an underscore there."""

Progress = Callable[[str], None]
"""Called with a few words on what is being done, as often as one likes."""


class Measurement(Protocol):
    """What a benchmark module is."""

    def figures(self, progress: Progress, **options: Any) -> Iterator[Figure]:
        """Measures, and yields each figure as soon as it is known. Options are the module's own."""


def measurement(name: str) -> Measurement:
    """The module behind a name. Raises Known for a name that is none."""
    if name not in NAMES:
        raise Known(f"there is no benchmark {name!r}; there are {', '.join(NAMES)}")
    return cast(Measurement, importlib.import_module(f"benchmarks.{name.replace('-', '_')}"))


def run(names: Sequence[str], *, as_json: bool, options: Mapping[str, Mapping[str, Any]] = MappingProxyType({})) -> bool:
    """Runs the named ones, or all, each with the options under its name; prints a table, or a line of JSON for each figure.
    Whether every promise is kept."""
    measurements = [(name, measurement(name)) for name in names or NAMES]
    asides = Console(stderr=True)  # progress, where a terminal can show it
    kept: list[bool] = []
    table = _table()
    with _quiet(), asides.status("") as status:
        for name, each in measurements:

            def progress(words: str, name: str = name) -> None:
                status.update(f"{name}: {words}")

            progress("measuring")
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
