"""The settings file: TOML, typed, closed. Nothing has a default but what is off unless a person says otherwise.

Checked whole at start; a mistake is told in one sentence.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from domain.check_digits import is_iban
from domain.errors import Known
from kiosk.brand import by_day

LARGEST_LOGO = 500_000
"""Bytes: a logo is drawn some 56 pixels high."""


_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates (UAX 9, 2.1 to 2.3): each changes in which direction others are read, of the sentence around
it too. Their harmless kin, a mark beside a word (U+200F), changes nothing else and may stand in a text."""

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and a symbol that are drawn as nothing: the fillers of Hangul, and Braille without a dot."""


def _one_line(text: str) -> str:
    """What goes to the screen, to paper and, with a receipt, to the hub: no control character, nothing that ends a line, and
    nothing that turns what is read around. The hub would refuse the letter, paper would break, and an amount beside it be read
    backwards, long after anybody could tell why."""
    wrong = next((each for each in text if unicodedata.category(each) in ("Cc", "Zl", "Zp") or each in _TURNS), None)
    if wrong is not None:
        raise ValueError(f"it must be one line of text, and has the character U+{ord(wrong):04X} in it, which nobody can see")
    return text


def _seen(text: str) -> str:
    """There is a letter, digit, sign or symbol in it: of spaces, joiners and marks alone a patient would see a gap."""
    if not any(unicodedata.category(each)[0] in "LNPS" and each not in _BLANK for each in text):
        raise ValueError("there is nothing in it that can be seen")
    return text


Words_ = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_one_line), AfterValidator(_seen)]
Uri = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Minor = Annotated[int, Field(ge=0, le=999_999_999)]
Language = Literal["en", "es", "zh", "vi", "ar"]
Seconds = Annotated[int, Field(ge=5, le=3600)]


class SettingsError(Known):
    """The settings file cannot be used. The text says which key and why, for the technician."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class KioskTable(_Table):
    """`data` is the folder of the database, its key and the UI's socket; `zone` an IANA time zone; `name` the kiosk's own.
    `emergency`: it stands in an emergency department, where the hub must say that a screening is done before anybody is asked to
    pay (EMTALA)."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    data: str
    zone: Words_
    emergency: bool = False

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("there is no such time zone; write it as America/Chicago") from error
        return zone


Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=600), AfterValidator(_one_line), AfterValidator(_seen)]


class HelpPayingTable(_Table):
    """Left out where the hospital has no financial assistance. `summary` is that policy in plain language, in each language, a
    few paragraphs that are shown and printed as they stand; `phone` is who helps."""

    phone: Words_
    summary: dict[Language, Annotated[list[Paragraph], Field(min_length=1, max_length=12)]]


class SiteTable(_Table):
    """`languages`: the first is the kiosk's own; `check_host` is where receipts are checked; `desk` (in each language) and
    `phone` are people; `greeting` is the hospital's own words on the first screen, in each language, or left out."""

    name: Words_
    desk: dict[Language, Words_]
    phone: Words_
    greeting: dict[Language, Words_] = Field(default_factory=dict)
    help_paying: HelpPayingTable | None = None
    answer_days: Annotated[int, Field(ge=1, le=30)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    languages: Annotated[list[Language], Field(min_length=1)]
    check_host: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9.\-]{1,100}(:[0-9]{1,5})?$")]

    @model_validator(mode="after")
    def _whole(self) -> SiteTable:
        if len(set(self.languages)) != len(self.languages):
            raise ValueError("a language is there twice")
        if missing := [language for language in self.languages if language not in self.desk]:
            raise ValueError(f"desk has no words in {missing[0]!r}")
        if self.greeting and (missing := [language for language in self.languages if language not in self.greeting]):
            raise ValueError(f"greeting has no words in {missing[0]!r}")
        helped = self.languages if self.help_paying is None else self.help_paying.summary
        if missing := [language for language in self.languages if language not in helped]:
            raise ValueError(f"help_paying.summary has no words in {missing[0]!r}")
        return self


class BrandTable(_Table):
    """Left out for the kiosk's own look. `colour` is "#RRGGBB", `logo` a PNG or SVG file; either is empty for the kiosk's own."""

    colour: Annotated[str, StringConstraints(pattern=r"^(#[0-9A-Fa-f]{6})?$")]
    logo: str

    @field_validator("colour")
    @classmethod
    def _for_everyone(cls, colour: str) -> str:
        if colour:
            by_day(colour)
        return colour

    @field_validator("logo")
    @classmethod
    def _a_picture(cls, logo: str) -> str:
        if not logo:
            return logo
        if Path(logo).suffix.lower() not in (".png", ".svg"):
            raise ValueError("a logo is a PNG or an SVG file")
        try:
            size = Path(logo).stat().st_size
        except OSError as error:
            raise ValueError(f"the logo cannot be read: {error.strerror}") from error
        if not 0 < size <= LARGEST_LOGO:
            raise ValueError(f"a logo has {LARGEST_LOGO} bytes at most, and this one has {size}")
        return str(Path(logo).resolve())


_HUB = re.compile(r"https://(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[\w.-]+))(?::(?P<port>[0-9]+))?/?")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def _is_host(name: str) -> bool:
    """Labels of letters, digits and hyphens (RFC 1123, 2.1), or an IPv4 address: no name ends in a number."""
    labels = name.split(".")
    if labels[-1].isdecimal():
        return _is_address(name, ipaddress.IPv4Address)
    return len(name) <= 253 and all(_LABEL.fullmatch(label) for label in labels)


def _is_address(text: str, kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


class HubTable(_Table):
    """`url` is the hub's address and nothing more; `ca_file` is the hub's own authority, empty for the system's."""

    url: Uri
    ca_file: str

    @field_validator("url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        """Every request begins with it: what else stands in it would be found out with the first patient."""
        if strange := next((each for each in url if not "!" <= each <= "~"), None):
            raise ValueError(
                f"it has the character U+{ord(strange):04X} in it; a name with other letters than a to z is written with xn--"
            )
        found = _HUB.fullmatch(url)
        if found is None:
            raise ValueError("write it as https://hub.example.org:8443, with a host and at most a port, and nothing else in it")
        if not (_is_address(found["six"], ipaddress.IPv6Address) if found["six"] else _is_host(found["name"])):
            raise ValueError("its host is neither a name that a computer can have nor an IP address")
        if found["port"] and not 0 < int(found["port"]) < 65_536:
            raise ValueError("its port must be from 1 to 65535")
        return url


class TerminalTable(_Table):
    """`password_file` holds the six digits that the terminal registers with; `day_ends_at` is the time of day in the kiosk's zone
    at which the terminal settles with the bank, or soon after, when nobody is there. `capture`: whether cards may be taken while
    the hub is away, where the terminal cannot ask the bank itself: encrypted, they wait for the hub. Only if the acquirer agrees.
    """

    uri: Uri
    password_file: str
    day_ends_at: dt.time
    capture: bool

    @field_validator("uri")
    @classmethod
    def _real(cls, uri: str) -> str:
        if uri.startswith("sim:"):
            raise ValueError("a simulated terminal charges nobody, and patients would think that they have paid")
        return uri


class DeviceTable(_Table):
    uri: Uri


class ScannerTable(_Table):
    """`uri` is one scanner's, or a list of them: a camera and a hand-held scanner. `mirror`: the camera faces the patient, who
    sees its picture as in a mirror; one that looks down on the bill shows it as it lies there."""

    uri: Annotated[list[Uri], Field(min_length=1), BeforeValidator(lambda uri: [uri] if isinstance(uri, str) else uri)]
    mirror: bool = False


class BillersTable(_Table):
    """`profiles` are whose codes are taken: shipped ones by name, or paths of files; `payees` the accounts of this hospital, one
    of which a bill must pay where its code says whom it pays: IBANs, or numbers that a profile of the site's own has."""

    profiles: Annotated[list[Words_], Field(min_length=1)]
    payees: list[Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{4,34}$")]]

    @field_validator("payees")
    @classmethod
    def _accounts(cls, payees: list[str]) -> list[str]:
        """What begins with a country is an IBAN: one that is mistyped would have every bill refused, long after it was typed."""
        if wrong := next((at for at, payee in enumerate(payees, start=1) if payee[:2].isalpha() and not is_iban(payee)), None):
            raise ValueError(f"number {wrong} is no IBAN: a character is wrong, or missing")
        return payees


class OfflineTable(_Table):
    """How much may be taken while the hub is away: minor units, minor units, payments, hours."""

    payment: Minor
    total: Minor
    count: Annotated[int, Field(ge=0, le=10_000)]
    age_hours: Annotated[int, Field(ge=1, le=24 * 30)]


class PaceTable(_Table):
    """How long to wait for a person, in seconds: before the warning, in the warning, on the last screen."""

    idle_s: Seconds
    warning_s: Seconds
    thanks_s: Seconds


class ScreenTable(_Table):
    """`motion`: whether anything on the screen may move; `windowed`: a window instead of the full screen."""

    motion: bool
    windowed: bool


class StaffTable(_Table):
    """`pin_hash` is what `./lobbypay queue pin` makes of the staff's PIN; empty for no staff screen."""

    pin_hash: Annotated[str, StringConstraints(pattern=r"^(scrypt:[0-9a-f]{32}:[0-9a-f]{64})?$")]


class SmartcardsTable(_Table):
    """Left out where there is no reader of badges. `reader` is how its name begins (PC/SC's), `ca_file` the badges' authority."""

    reader: Words_
    ca_file: Words_


class SoundTable(_Table):
    """Left out where nothing is to be heard. `player` is a command, as `aplay -q`, that plays the WAV file named after it."""

    player: Annotated[list[Words_], Field(min_length=1)]


class SpeechTable(_Table):
    """Left out where nobody can listen. `sink` is the headphones' own ALSA device, as `aplay -L` names it: what is said there is
    one person's business. `jack` is the input device that tells of the plug (/dev/input/by-id/...); empty where none does."""

    sink: Words_
    jack: Annotated[str, StringConstraints(max_length=120)]

    @field_validator("sink")
    @classmethod
    def _named(cls, sink: str) -> str:
        if sink.split(":")[0] in ("default", "sysdefault", "pulse", "pipewire") and ":" not in sink:
            raise ValueError("name the headphones' own device: a default may be the lobby's loudspeaker")
        return sink


class Settings(_Table):
    kiosk: KioskTable
    site: SiteTable
    hub: HubTable
    terminal: TerminalTable
    scanner: ScannerTable
    printer: DeviceTable
    billers: BillersTable
    offline: OfflineTable
    pace: PaceTable
    screen: ScreenTable
    staff: StaffTable
    smartcards: SmartcardsTable | None = None
    sound: SoundTable | None = None
    speech: SpeechTable | None = None
    brand: BrandTable | None = None


def socket_path(settings: Settings) -> Path:
    """Where the UI finds the engine."""
    return Path(settings.kiosk.data) / "ui.sock"


def read_settings(path: Path) -> Settings:
    """The settings in `path`. Raises SettingsError with the first thing that is wrong, by its key."""
    try:
        return Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"The settings file {path} is not UTF-8 text.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {path} is not TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        plain = {"extra_forbidden": "there is no such key", "missing": "it is missing"}
        reason = plain.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise SettingsError(f"The settings file {path}, at {key}: {reason}.") from error
