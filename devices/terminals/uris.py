"""From a terminal's URI to its driver: zvt+serial:///dev/ttyACM0?baud=115200&tid=52523535&t4=20."""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import parse_qsl, urlsplit

from devices.terminals.port import Terminal
from devices.terminals.zvt.codes import CURRENCY_NUMBERS
from devices.terminals.zvt.driver import Registering, ZvtTerminal
from devices.terminals.zvt.link import SerialLink
from devices.terminals.zvt.session import Timers

DEFAULT_BAUD = 9600
"""What ZVT terminals are delivered with (fact sheet)."""

_TIMERS = frozenset(field.name for field in dataclasses.fields(Timers))


def open_terminal(uri: str, *, password: str, currency: str) -> Terminal:
    """The driver for `uri`, not yet opened; to be made in the loop that will own it.

    `password` is the terminal's registration password, six digits; `currency` the ISO 4217 letters it is registered with. Options
    in the query: baud, tid (the eight digits that the terminal must answer with), and any of session.Timers, in seconds.
    Raises ValueError with a plain sentence for a URI or an option that means nothing.
    """
    parts = urlsplit(uri)
    if parts.scheme != "zvt+serial":
        raise ValueError(f"no driver speaks {parts.scheme or 'that'!r}: a terminal's URI begins with zvt+serial://")
    if parts.netloc or not parts.path.startswith("/") or len(parts.path) < 2:
        raise ValueError("a serial terminal's URI names its device: zvt+serial:///dev/ttyACM0")
    if not re.fullmatch(r"[0-9]{6}", password):
        raise ValueError("a registration password is six digits")
    if currency not in CURRENCY_NUMBERS:
        raise ValueError(f"no terminal can be set up for {currency}")
    options = _options(parts.query)
    baud = options.pop("baud", str(DEFAULT_BAUD))
    terminal_id = options.pop("tid", "")
    if not re.fullmatch(r"[1-9][0-9]{2,6}", baud):
        raise ValueError("baud is a whole number")
    if not re.fullmatch(r"([0-9]{8})?", terminal_id):
        raise ValueError("tid is eight digits")
    timers = _timers(options)
    link = SerialLink(parts.path, int(baud), timers.t1, timers.t2)
    return ZvtTerminal(link, Registering(password, currency, terminal_id), timers)


def _options(query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("an option of the terminal's URI is there twice")
    return dict(pairs)


def _timers(options: dict[str, str]) -> Timers:
    unknown = sorted(set(options) - _TIMERS)
    if unknown:
        raise ValueError(f"the terminal's URI has an option that nobody knows: {unknown[0]}")
    if not all(re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", value) for value in options.values()):
        raise ValueError("a timer is a number of seconds")
    return Timers(**{name: float(value) for name, value in options.items()})
