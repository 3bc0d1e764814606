"""By which channels this hub sends receipts: receipts.toml in its data folder, written by the site (docs/receipts.md)."""

from __future__ import annotations

import ssl
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from hub.folder import Folder, HubError

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
OPEN_TO_OTHERS = 0o077


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class MailTable(_Table):
    """`security`: "starttls" is what port 587 speaks, "tls" port 465. `user` is left out where the server asks for none,
    `ca_file` for the system's authorities; files lie in the data folder."""

    server: Line
    port: Annotated[int, Field(ge=1, le=65535)]
    security: Literal["starttls", "tls"]
    sender: Annotated[str, StringConstraints(max_length=200, pattern=r"^([^<>\x00-\x1f\x7f]+ <)?[^\s<>@]+@[^\s<>@]+>?$")]
    user: str = ""
    password_file: str = ""
    ca_file: str = ""


class TextTable(_Table):
    """`sender` is the number or the name that messages come from; `token_file` holds what proves to the gateway who asks."""

    url: Annotated[str, StringConstraints(pattern=r"^https://[^\s]{1,500}$")]
    sender: Line
    token_file: Line
    ca_file: str = ""


class ReceiptTables(_Table):
    email: MailTable | None = None
    text: TextTable | None = None


def read_tables(folder: Folder) -> ReceiptTables:
    """Both left out where there is no file. Raises HubError, which names the key."""
    path: Path = folder.receipts
    try:
        return ReceiptTables.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ReceiptTables()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(map(str, first["loc"]))
        raise HubError("receipts-malformed", f"{path}: {key}: {first['msg']}.") from error
    except (OSError, ValueError) as error:  # no TOML, or no text
        raise HubError("receipts-malformed", f"{path} cannot be read: {error}.") from error


def secret(folder: Folder, name: str) -> str:
    """What a private file holds, in one line. Raises HubError where it is missing, or others may read it."""
    path = folder.path / name
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise HubError("secret-unreadable", f"{path} cannot be read, and receipts.toml names it.") from error
    if mode & OPEN_TO_OTHERS:
        raise HubError("secret-open", f"{path} can be read by others: chmod 600 {path}")
    return text


def trust(folder: Folder, ca_file: str) -> ssl.SSLContext:
    """Whom to believe: `ca_file` alone, or the system's authorities where it is empty. Raises HubError."""
    try:
        return ssl.create_default_context(cafile=folder.path / ca_file if ca_file else None)
    except OSError as error:
        said = f"{folder.path / ca_file} is no file of certificates, and receipts.toml names it."
        raise HubError("ca-unreadable", said) from error
