"""What a screen says: Snapshot and its parts. The UI draws these and nothing else; `present` makes them from a visit.

Every string has its spoken form beside it (law 15). A snapshot crosses the UI socket as one line of JSON.
"""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar


class Tone(StrEnum):
    """How a screen feels; always with an icon and words, never colour alone (reference: look)."""

    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


class Theme(StrEnum):
    DAY = "day"
    NIGHT = "night"
    CONTRAST = "contrast"


class Privacy(StrEnum):
    """Where words may be spoken: wherever there is a voice, into headphones that are known to be plugged in, or nowhere."""

    OPEN = "open"
    PRIVATE = "private"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Said:
    """Words on the screen, and how they are spoken; in the screen's `language` where it is empty."""

    text: str
    speech: str
    privacy: Privacy = Privacy.OPEN
    language: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something to touch: `intent` goes back to the engine, with `value`. `mark` is "on" or "off" for what is chosen or not, else
    empty; `see` are the words of a smaller button at its side, which sends `see` with the same value."""

    intent: str
    label: Said
    value: str = ""
    mark: str = ""
    see: Said | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that shows what to do: "hold-bill", "camera" (the same, and what the camera sees in its place once it comes),
    "bill", "insert-card", "remove-card", "enter-pin", "wait", "clock", "paper", "tick", "cross", "warning", "door";
    `moving` says that something is going on."""

    name: str
    caption: Said
    moving: bool
    kind: str = dataclasses.field(default="picture", init=False)


@dataclass(frozen=True, slots=True)
class Choices:
    """Large buttons, one under the other, and over them a picture where there is room for it."""

    items: tuple[Action, ...]
    picture: Picture | None = None
    kind: str = dataclasses.field(default="choices", init=False)


@dataclass(frozen=True, slots=True)
class Keypad:
    """Digits: `shown` is what was typed, as it is written; `hint` its form ("MM / DD / YYYY"). Keys send `key` with the
    digit, `erase` and `clear`; those two have words of their own, for the eye and for the ear."""

    shown: Said
    hint: Said
    erase: Said
    clear: Said
    kind: str = dataclasses.field(default="keypad", init=False)


@dataclass(frozen=True, slots=True)
class Letters:
    """The keys for a name or an address: `shown` is what was typed, `hint` what is asked for. `keys` send `key` with a letter;
    in the last row stand `left`, `space` and `erase`, which is as in Keypad: what clears a name and parts its words; the dot and
    the @ of an address."""

    shown: Said
    hint: Said
    keys: tuple[Action, ...]
    left: Action
    space: Action
    erase: Said
    kind: str = dataclasses.field(default="letters", init=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a bill: `style` is "heading", "line", "subtotal", "why" (a sentence) or "total"."""

    label: Said
    value: Said
    style: str


@dataclass(frozen=True, slots=True)
class Bill:
    """A statement's lines; scrolls when it is long."""

    rows: tuple[Row, ...]
    kind: str = dataclasses.field(default="bill", init=False)


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code for a telephone's camera: each of `rows` has a "1" for a dark module and a "0" for a light one, without the quiet
    zone; `caption` says what it is for."""

    rows: tuple[str, ...]
    caption: Said
    kind: str = dataclasses.field(default="code", init=False)


Middle = Choices | Picture | Keypad | Letters | Bill | QrCode | None


@dataclass(frozen=True, slots=True)
class Overlay:
    """A question over the screen: the idle warning, or help. `seconds` counts down, 0 for none."""

    title: Said
    lines: tuple[Said, ...]
    actions: tuple[Action, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody listens: at `rate` words a minute and `volume` percent, with the `curtain` down or not. `phrases` are what a voice
    says beside the screen's words, by name (kiosk.visit.hearing)."""

    rate: int
    volume: int
    curtain: bool
    phrases: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Inks:
    """A brand's colours in one theme, each "#RRGGBB": of buttons and of words, of what is under a finger, of words on these."""

    brand: str
    pressed: str
    words: str


@dataclass(frozen=True, slots=True)
class Brand:
    """A hospital's own look. `logo` is the path of its picture, empty for the kiosk's own sign; the colours are None for the
    kiosk's own."""

    logo: str
    day: Inks | None
    night: Inks | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One screen, whole. `screen` is its name for tests and pictures ("scan", "card"); `serial` grows with each change;
    `notice` is what went wrong with the last thing the person did, in words, or None; `primary` is the one main action;
    `more` explains what is shown; `back` and `cancel` are None where they would do harm or nothing; `foot` is always the same."""

    serial: int
    screen: str
    language: str
    right_to_left: bool
    theme: Theme
    text_percent: int
    site_name: str
    title: Said
    lines: tuple[Said, ...]
    notice: Said | None
    tone: Tone
    middle: Middle
    amount: Said | None
    amount_label: Said | None
    primary: Action | None
    secondary: Action | None
    more: tuple[Action, ...]
    back: Action | None
    cancel: Action | None
    top: tuple[Action, ...]
    """Beside the hospital's name: the language in its own words, which opens the choice of all; nothing where there is one."""
    foot: tuple[Action, ...]
    overlay: Overlay | None
    motion: bool
    """Off: nothing on the screen moves (reference: look)."""
    reach: bool
    """What is touched stands in the lower half of the screen."""
    voice: Voice | None = None
    brand: Brand | None = None

    def to_json(self) -> str:
        """One line, no newline at the end."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, separators=(",", ":"))


PREVIEW_SOCKET = "preview.sock"
"""The name of the socket on which previews come, beside the one for snapshots: a picture never stands in a snapshot's way."""

MOST_PIXELS = 640 * 640
MOST_FOUND = 32
_HEAD = struct.Struct("<4sHHB")
_MAGIC = b"LPV1"
_OUTLINE = struct.Struct("<8h")


@dataclass(frozen=True, slots=True)
class Preview:
    """What the camera sees while a bill is scanned: `height` rows of `width` triples of bytes, blue, green, red;
    and around each code that was found four corners, x and y in pixels of it, one after the other. Without a pixel there is
    nothing to see any more, and what was there is to be forgotten."""

    width: int
    height: int
    pixels: bytes
    found: tuple[tuple[int, ...], ...]

    def to_bytes(self) -> bytes:
        """As it crosses the socket. What is found beyond MOST_FOUND, nobody could see."""
        found = self.found[:MOST_FOUND]
        head = _HEAD.pack(_MAGIC, self.width, self.height, len(found))
        return b"".join((head, *(_OUTLINE.pack(*corners) for corners in found), self.pixels))


NO_PREVIEW = Preview(0, 0, b"", ())


def preview_size(data: bytes | bytearray) -> int | None:
    """How long the preview is that `data` begins with, in bytes; None while too little is there to tell. Raises ValueError for
    what begins no preview."""
    if len(data) < _HEAD.size:
        return None
    magic, width, height, count = _HEAD.unpack_from(data)
    if magic != _MAGIC or width * height > MOST_PIXELS or count > MOST_FOUND:
        raise ValueError("not a preview")
    return int(_HEAD.size + count * _OUTLINE.size + width * height * 3)


def preview_from_bytes(data: bytes) -> Preview:
    """What `to_bytes` wrote, whole. Raises ValueError for anything else."""
    if preview_size(data) != len(data):
        raise ValueError("not a preview")
    _, width, height, count = _HEAD.unpack_from(data)
    begin = _HEAD.size + count * _OUTLINE.size
    found = tuple(_OUTLINE.unpack_from(data, _HEAD.size + index * _OUTLINE.size) for index in range(count))
    return Preview(width, height, data[begin:], found)


UNATTENDED = frozenset({"attract", "out-of-service"})
"""The screens before and after a visit: nobody's words are kept there (law 10)."""

VOICE = "voice"
"""The intent with which the UI says how its voice is: "ready", or a fault's detail ("no-sink")."""

HEARD = "heard"
"""The intent with which the UI says that it has just spoken: while there is something to hear, nobody's time runs out."""

SCANNED = "scanned"
"""The intent that no person has: what a scanner typed, held back from the screen. Its value goes to the scanner's driver."""

MOST_VALUE = 1200
"""Characters of an intent's value. The longest code on a bill is a Swiss QR-bill's, 997 (SIX, Implementation Guidelines)."""


KEYS = frozenset({"key", "erase", "clear"})
"""The intents of a keypad."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person did: the `intent` of an Action, with its value; or "key", "erase", "clear" from a keypad."""

    name: str
    value: str = ""

    def to_json(self) -> str:
        return json.dumps({"intent": self.name, "value": self.value}, ensure_ascii=False, separators=(",", ":"))


def intent_from_json(line: str) -> Intent:
    """Raises ValueError for anything but an intent of at most 40 characters with a value of at most MOST_VALUE."""
    try:
        data: Any = json.loads(line)
    except RecursionError as wrong:  # a few thousand brackets; not a ValueError to json
        raise ValueError("not an intent") from wrong
    if not isinstance(data, dict) or set(data) != {"intent", "value"}:
        raise ValueError("not an intent")
    name, value = data["intent"], data["value"]
    if not isinstance(name, str) or not isinstance(value, str) or len(name) > 40 or len(value) > MOST_VALUE:
        raise ValueError("not an intent")
    return Intent(name, value)


def snapshot_from_json(line: str | bytes) -> Snapshot:
    """What `to_json` wrote. Raises ValueError for anything else: a missing part, a part too many, a wrong type."""
    try:
        data: Any = json.loads(line)
        snapshot = Snapshot(
            serial=_as(int, data["serial"]),
            screen=_as(str, data["screen"]),
            language=_as(str, data["language"]),
            right_to_left=_as(bool, data["right_to_left"]),
            theme=Theme(data["theme"]),
            text_percent=_as(int, data["text_percent"]),
            site_name=_as(str, data["site_name"]),
            title=_said(data["title"]),
            lines=tuple(map(_said, data["lines"])),
            notice=_said_or_none(data["notice"]),
            tone=Tone(data["tone"]),
            middle=_middle(data["middle"]),
            amount=_said_or_none(data["amount"]),
            amount_label=_said_or_none(data["amount_label"]),
            primary=_action_or_none(data["primary"]),
            secondary=_action_or_none(data["secondary"]),
            more=tuple(map(_action, data["more"])),
            back=_action_or_none(data["back"]),
            cancel=_action_or_none(data["cancel"]),
            top=tuple(map(_action, data["top"])),
            foot=tuple(map(_action, data["foot"])),
            overlay=None if data["overlay"] is None else _overlay(data["overlay"]),
            motion=_as(bool, data["motion"]),
            reach=_as(bool, data["reach"]),
            voice=None if data["voice"] is None else _voice(data["voice"]),
            brand=None if data["brand"] is None else _brand(data["brand"]),
        )
    except (KeyError, TypeError, RecursionError) as wrong:
        raise ValueError("not a snapshot") from wrong
    if len(data) != len(dataclasses.fields(Snapshot)):
        raise ValueError("not a snapshot")
    return snapshot


T = TypeVar("T")


def _as(kind: type[T], value: Any) -> T:
    if type(value) is not kind:
        raise ValueError("not a snapshot")
    return value


def _said(data: Any) -> Said:
    return Said(_as(str, data["text"]), _as(str, data["speech"]), Privacy(data["privacy"]), _as(str, data["language"]))


def _said_or_none(data: Any) -> Said | None:
    return None if data is None else _said(data)


def _voice(data: Any) -> Voice:
    phrases = {_as(str, name): _as(str, phrase) for name, phrase in _as(dict, data["phrases"]).items()}
    return Voice(_as(int, data["rate"]), _as(int, data["volume"]), _as(bool, data["curtain"]), phrases)


def _brand(data: Any) -> Brand:
    return Brand(_as(str, data["logo"]), *(None if data[theme] is None else _inks(data[theme]) for theme in ("day", "night")))


def _inks(data: Any) -> Inks:
    return Inks(*(_as(str, data[ink]) for ink in ("brand", "pressed", "words")))


def _action(data: Any) -> Action:
    intent, label, value = _as(str, data["intent"]), _said(data["label"]), _as(str, data["value"])
    return Action(intent, label, value, _as(str, data["mark"]), _said_or_none(data["see"]))


def _action_or_none(data: Any) -> Action | None:
    return None if data is None else _action(data)


def _middle(data: Any) -> Middle:
    match data:
        case None:
            return None
        case {"kind": "choices", "items": items, "picture": picture}:
            return Choices(tuple(map(_action, items)), None if picture is None else _picture(picture))
        case {"kind": "picture"}:
            return _picture(data)
        case {"kind": "keypad", "shown": shown, "hint": hint, "erase": erase, "clear": clear}:
            return Keypad(_said(shown), _said(hint), _said(erase), _said(clear))
        case {"kind": "letters", "shown": shown, "hint": hint, "keys": keys, "left": left, "space": space, "erase": erase}:
            return Letters(_said(shown), _said(hint), tuple(map(_action, keys)), _action(left), _action(space), _said(erase))
        case {"kind": "code", "rows": rows, "caption": caption}:
            return QrCode(tuple(_as(str, row) for row in rows), _said(caption))
        case {"kind": "bill", "rows": rows}:
            return Bill(tuple(Row(_said(row["label"]), _said(row["value"]), _as(str, row["style"])) for row in rows))
        case _:
            raise ValueError("not a snapshot")


def _picture(data: Any) -> Picture:
    return Picture(_as(str, data["name"]), _said(data["caption"]), _as(bool, data["moving"]))


def _overlay(data: Any) -> Overlay:
    return Overlay(
        _said(data["title"]), tuple(map(_said, data["lines"])), tuple(map(_action, data["actions"])), _as(int, data["seconds"])
    )
