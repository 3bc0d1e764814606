"""What the hub's commands have in common: their options, how they open a hub, and how a refusal becomes a plain sentence."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import structlog
import typer

from domain.errors import Known
from hub.folder import Folder, HubError
from hub.hub import Hub, open_hub

NewData = Annotated[Path, typer.Option("--data", metavar="DIR", help="The hub's data folder; made when it is not there.")]
Data = Annotated[Path, typer.Option(metavar="DIR", help="The hub's data folder, as `serve` made it.")]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable lines on stdout, and nothing else there.")]


@contextmanager
def opened(data: Path, public_host: str | None = None, *, sandbox: bool = False) -> Iterator[Hub]:
    hub = open_hub(Folder(data), public_host=public_host, sandbox=sandbox)
    try:
        yield hub
    finally:
        hub.store.close()


@contextmanager
def there(data: Path) -> Iterator[Hub]:
    """The hub in `data`, which only `serve` and `migrate` may make: a mistyped folder is no hub without records."""
    log_nowhere()
    must_hold_hub(data)
    with opened(data) as hub:
        yield hub


def must_hold_hub(data: Path) -> None:
    if not Folder(data).holds_hub():
        raise Known(f"There is no hub in {data}.")


@contextmanager
def known() -> Iterator[None]:
    try:
        yield
    except HubError as error:
        raise Known(str(error)) from error


def log_nowhere() -> None:
    """For a command in front of a person: what there is to know comes in its own words."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
