"""What the reader's process and the engine say to each other: one JSON line each, bounded and typed.

Of what a card said only the port's types come through here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Discriminator, TypeAdapter

from devices.own_process import FORGETTING, Alive, State, read_line
from devices.smartcards.port import Badge, Insured, Kind, Refused, Wristband

LONGEST_LINE = 4_096


@dataclass(frozen=True, slots=True)
class Look:
    """To the process: ask cards for this from now on; nothing means rest. `number` comes back with what was seen."""

    wanted: frozenset[Kind]
    number: int


@dataclass(frozen=True, slots=True)
class Report:
    """From the process: what came of a card, for the Look of that number."""

    seen: Annotated[Badge | Insured | Wristband | Refused, Discriminator("kind")]
    number: int
    kind: Literal["report"] = "report"


Said = Alive | State | Report

_LOOK = TypeAdapter(Look)
_SAID: TypeAdapter[Said] = TypeAdapter(Annotated[Said, Discriminator("kind")], config=FORGETTING)


def to_line(message: Look | Said) -> bytes:
    """With its line end."""
    kept: TypeAdapter[Any] = _LOOK if isinstance(message, Look) else _SAID
    return kept.dump_json(message) + b"\n"


def look_of(line: bytes) -> Look:
    """Raises NotOurs."""
    return read_line(_LOOK, line, LONGEST_LINE)


def said_of(line: bytes) -> Said:
    """Raises NotOurs."""
    return read_line(_SAID, line, LONGEST_LINE)
