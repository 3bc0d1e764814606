"""The biller profiles that a kiosk takes: shipped ones by name (assets/billers), others from files of the site's own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from domain.biller_files import ProfileError, parse_profile
from domain.biller_profiles import Profile
from domain.errors import Known
from domain.statement_codes import LinkProfile

SHIPPED = Path(__file__).resolve().parent.parent / "assets" / "billers"

MOST_BYTES = 64 * 1024
"""Of a profile's file."""


class BillerError(Known):
    """A profile cannot be taken. The sentence says which, and where it is wrong."""


def shipped() -> tuple[str, ...]:
    """The names of those that come with the kiosk."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def load_profiles(names: Sequence[str], enrolled: LinkProfile, payees: frozenset[str] | None) -> tuple[Profile, ...]:
    """Each profile of `names`: a shipped one, or a path (with a slash in it, or .toml at its end) to a file; relative paths are
    from where the command was called. `enrolled` and `payees` as domain.biller_files.parse_profile has them. Raises
    BillerError."""
    profiles = dict[str, Profile]()
    for name in names:
        profile = load_profile(_path(name), enrolled, payees)
        if profile.name in profiles:
            raise BillerError(f"The biller profile {profile.name} is there twice.")
        if profile.payee and payees is not None and not payees:
            raise BillerError(f"The biller profile {profile.name} needs to know whom its bills pay: list the accounts as payees.")
        profiles[profile.name] = profile
    return tuple(profiles.values())


def load_profile(path: Path, enrolled: LinkProfile, payees: frozenset[str] | None) -> Profile:
    """The profile in the file `path`. Raises BillerError."""
    try:
        with path.open("rb") as file:
            raw, exposed = file.read(MOST_BYTES + 1), os.fstat(file.fileno()).st_mode & 0o077
    except OSError as error:
        raise BillerError(f"The biller profile {path} cannot be read: {error.strerror}.") from error
    if len(raw) > MOST_BYTES:
        raise BillerError(f"The biller profile {path} is too large to be one.")
    try:
        profile = parse_profile(raw.decode("utf-8"), enrolled, payees)
    except UnicodeDecodeError as error:
        raise BillerError(f"The biller profile {path} is not UTF-8 text.") from error
    except ProfileError as error:
        raise BillerError(f"The biller profile {path}, {error}.") from error
    if exposed and profile.links is not None and profile.links is not enrolled:
        told = f"Other users can get at the biller profile {path}, which has the secrets of links. Set it to mode 0600"
        raise BillerError(f"{told}: chmod 600 {path}.")
    return profile


def _path(name: str) -> Path:
    if "/" in name or name.endswith(".toml"):
        return Path(name)
    if name not in shipped():
        raise BillerError(f"There is no biller profile {name!r}; there are {', '.join(shipped())}, and files by their path.")
    return SHIPPED / f"{name}.toml"
