"""The hospital's own words on its statements: letterhead.toml in the hub's data folder, written by its people."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.folder import Folder, HubError
from hub.paper.language import Language

Line = Annotated[str, Field(min_length=1, max_length=80)]

DEMO = """\
# The head of every printed statement (docs/statements.md). All of it is required.
name = "Riverside Community Hospital"
address = ["Patient Financial Services", "400 River Road, Riverside, IL 60546"]
phone = "555-0142"
desk = { en = "the front desk beside the entrance", es = "la recepción junto a la entrada" }
pay_within_days = 30
paper = "letter"
"""


class Letterhead(BaseModel):
    """`address` is what stands under the name, at most three lines; `desk` is where somebody helps, in each language."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Line
    address: Annotated[list[Line], Field(max_length=3)]
    phone: Line
    desk: dict[str, Line]
    pay_within_days: Annotated[int, Field(ge=1, le=365)]
    paper: Literal["letter", "a4"]


def read_letterhead(folder: Folder) -> Letterhead:
    """Raises HubError, which names the key, where the file is missing or is not as docs/statements.md says."""
    path: Path = folder.letterhead
    try:
        letterhead = Letterhead.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        said = f"A statement needs its letterhead: write {path}, as docs/statements.md shows."
        raise HubError("letterhead-missing", said) from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise HubError("letterhead-malformed", f"{path}: {key}: {first['msg']}.") from error
    except ValueError as error:  # no TOML, or no text
        raise HubError("letterhead-malformed", f"{path} cannot be read: {error}.") from error
    missing = [language.value for language in Language if language not in letterhead.desk]
    if missing:
        raise HubError("letterhead-malformed", f"{path}: desk has no words in {', '.join(missing)}.")
    return letterhead
