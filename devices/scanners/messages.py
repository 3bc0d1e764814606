"""What a camera's process and the engine say to each other: one JSON line each, bounded and typed. No picture goes this way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Discriminator, TypeAdapter

from devices.own_process import FORGETTING, Alive, State, read_line
from devices.scanners.port import View

SOURCE = "LOBBYPAY_CAMERA"
"""Where its process finds the camera's address in its environment: there may be a password in it, and arguments can be read."""

LONGEST_LINE = 1 << 18
"""Bytes: more than the codes of any bill, and less than a page full of the largest codes there are."""

BUG = "camera-bug"
"""The fault of a process that ends by a bug; the detail is where it was."""


@dataclass(frozen=True, slots=True)
class Look:
    """To the process: watch from now on, and nothing that was seen before counts; 0 for rest. `number` comes back with views."""

    number: int


@dataclass(frozen=True, slots=True)
class Report:
    """From the process: what is in view, for the Look of that number."""

    view: View
    number: int
    kind: Literal["report"] = "report"


Said = Alive | State | Report

_LOOK = TypeAdapter(Look)
_SAID: TypeAdapter[Said] = TypeAdapter(Annotated[Said, Discriminator("kind")], config=FORGETTING)


def to_line(message: Look | Said) -> bytes:
    """With its line end. A view that is too long for a line is one with no codes: nothing on such a page could be told apart."""
    kept: TypeAdapter[Any] = _LOOK if isinstance(message, Look) else _SAID
    line = kept.dump_json(message) + b"\n"
    if isinstance(message, Report) and len(line) > LONGEST_LINE:
        return to_line(replace(message, view=replace(message.view, sightings=(), agreed=frozenset())))
    return line


def look_of(line: bytes) -> Look:
    """Raises NotOurs."""
    return read_line(_LOOK, line, LONGEST_LINE)


def said_of(line: bytes) -> Said:
    """Raises NotOurs."""
    return read_line(_SAID, line, LONGEST_LINE)
