"""From a terminal's URI to its driver: zvt+serial:///dev/ttyACM0?baud=115200&tid=52523535&t4=20, neo2+serial:///dev/ttyACM1."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import ssl
from collections.abc import Callable
from functools import partial
from typing import TypeVar
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from devices.terminals.authorizer import Authorizer
from devices.terminals.neo2.driver import Neo2Terminal, Setup
from devices.terminals.neo2.link import CarrierLink, HidCarrier, SerialCarrier
from devices.terminals.neo2.session import Timers as Neo2Timers
from devices.terminals.port import Serviced
from devices.terminals.simulated import SimulatedTerminal, new_line
from devices.terminals.zvt.connection import Clock, Registering
from devices.terminals.zvt.driver import ZvtTerminal
from devices.terminals.zvt.link import Link, SerialLink
from devices.terminals.zvt.profiles import KIOSK_CONFIG, PROFILES
from devices.terminals.zvt.session import Timers
from devices.terminals.zvt.tcp import DEFAULT_PORT, TcpLink
from domain.money import CURRENCY_NUMBERS

DEFAULT_BAUD = 9600
"""What ZVT terminals are delivered with (fact sheet)."""

NEO2_BAUD = 115200
"""What NEO 2 readers are delivered with (guide, p39)."""

_AnyTimers = TypeVar("_AnyTimers", Timers, Neo2Timers)


def machine_time() -> dt.datetime:
    """The machine's clock, in the zone that it is set to."""
    return dt.datetime.now(dt.UTC).astimezone()


def open_terminal(
    uri: str,
    *,
    password: str,
    currency: str,
    authorizer: Authorizer | None = None,
    captures: bool = False,
    mends: bool = False,
    clock: Clock = machine_time,
) -> Serviced:
    """The driver for `uri`, not yet opened; to be made in the loop that will own it.

    `password` is the terminal's registration password, six digits; `currency` the ISO 4217 letters it is registered with. Options
    in the query: baud (serial), ca (TLS: a file with the authority that vouches for the terminal), tid (the eight digits that the
    terminal must answer with), serial (its serial number, as it says it), profile (zvt/profiles.py), config (the registration's
    byte, two hex digits), and any of session.Timers, in seconds. `mends` is for the kiosk that owns the terminal: one that cannot
    sell is given what it says it needs, an end of day for one; `clock` is what its date is set by.

    For a NEO 2 reader: baud (serial), serial (its number), tamper (the command that asks for its tamper state, four hex digits),
    and its own session.Timers; `authorizer` decides on its cards, and `captures` is whether the site takes them while the hub is
    away. sim: and sim:neo2 start a simulated terminal and drive it; its option books is a file that keeps what it has charged,
    all others are the driver's.
    Raises ValueError with a plain sentence for a URI or an option that means nothing.
    """
    parts = urlsplit(uri)
    if parts.scheme == "sim":
        same = partial(
            open_terminal,
            password=password,
            currency=currency,
            authorizer=authorizer,
            captures=captures,
            mends=mends,
            clock=clock,
        )
        return _simulated(parts, same)
    if parts.scheme in ("neo2+serial", "neo2+hid"):
        return _neo2(parts, currency, authorizer, captures)
    if parts.scheme not in ("zvt+serial", "zvt+tcp", "zvt+tls"):
        known = "zvt+serial://, zvt+tcp://, neo2+serial:// or sim:"
        raise ValueError(f"no driver speaks {parts.scheme or 'that'!r}: a terminal's URI begins with {known}")
    if not re.fullmatch(r"[0-9]{6}", password):
        raise ValueError("a registration password is six digits")
    if currency not in CURRENCY_NUMBERS:
        raise ValueError(f"no terminal can be set up for {currency}")
    options = _options(parts.query)
    line: dict[str, str] = {name: options.pop(name) for name in ("baud", "ca") if name in options}
    registering = _registering(options, password, currency, mends)
    timers = _timers(options, Timers)
    link = _serial(parts, line, timers) if parts.scheme == "zvt+serial" else _tcp(parts, line, timers)
    if line:
        raise ValueError(f"{parts.scheme} has no option {min(line)}")
    return ZvtTerminal(link, registering, timers, clock)


def _registering(options: dict[str, str], password: str, currency: str, mends: bool) -> Registering:
    terminal_id, serial = options.pop("tid", ""), options.pop("serial", "")
    if not re.fullmatch(r"([0-9]{8})?", terminal_id):
        raise ValueError("tid is eight digits")
    name, config = options.pop("profile", "plain"), options.pop("config", f"{KIOSK_CONFIG:02x}")
    if name not in PROFILES:
        raise ValueError(f"profile is one of {', '.join(PROFILES)}")
    profile = PROFILES[name]
    if not re.fullmatch(r"[0-9A-Fa-f]{2}", config):
        raise ValueError("config is two hex digits")
    if int(config, 16) & profile.needed != profile.needed:
        raise ValueError(f"config must have the bits {profile.needed:02x} with the profile {name}")
    return Registering(password, currency, terminal_id, serial, int(config, 16), profile, mends)


def _serial(parts: SplitResult, options: dict[str, str], timers: Timers) -> Link:
    return SerialLink(_device(parts), _baud(options, DEFAULT_BAUD), timers.t1, timers.t2)


def _device(parts: SplitResult) -> str:
    if parts.netloc or not parts.path.startswith("/") or len(parts.path) < 2:
        raise ValueError(f"a terminal's URI names its device: {parts.scheme}:///dev/ttyACM0")
    return parts.path


def _baud(options: dict[str, str], default: int) -> int:
    baud = options.pop("baud", str(default))
    if not re.fullmatch(r"[1-9][0-9]{2,6}", baud):
        raise ValueError("baud is a whole number")
    return int(baud)


def _tcp(parts: SplitResult, options: dict[str, str], timers: Timers) -> Link:
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    secure = parts.scheme == "zvt+tls"
    if not host or parts.username is not None or parts.path not in ("", "/") or (secure and port is None):
        raise ValueError(f"a network terminal's URI names its host and port: {parts.scheme}://10.0.0.5:20007")
    return TcpLink(host, port or DEFAULT_PORT, _vouched(options.pop("ca", None)) if secure else None, timers.t2)


def _simulated(parts: SplitResult, opens: Callable[[str], Serviced]) -> Serviced:
    """`opens` makes the driver for a URI, with everything but that as it was asked for."""
    protocol, options = parts.path or "zvt", _options(parts.query)
    if protocol not in ("zvt", "neo2") or parts.netloc:
        raise ValueError("a simulated terminal's URI is sim: or sim:neo2")
    books = options.pop("books", "")
    line = new_line()
    driver = opens(f"{protocol}+serial://{line}?{urlencode(options)}")
    return SimulatedTerminal(driver, line, ("--protocol", protocol, *(("--books", books) if books else ())))


def _neo2(parts: SplitResult, currency: str, authorizer: Authorizer | None, captures: bool) -> Serviced:
    if authorizer is None:
        raise ValueError("a NEO 2 reader needs a hub that authorises its cards")
    if currency not in CURRENCY_NUMBERS:
        raise ValueError(f"no terminal can be set up for {currency}")
    path, options = _device(parts), _options(parts.query)
    carrier = HidCarrier(path) if parts.scheme == "neo2+hid" else SerialCarrier(path, _baud(options, NEO2_BAUD))
    serial, tamper = options.pop("serial", ""), options.pop("tamper", "")
    if not re.fullmatch(r"[!-~]{0,15}", serial):
        raise ValueError("a reader's serial number has at most 15 letters and digits")
    if not re.fullmatch(r"([0-9A-Fa-f]{4})?", tamper):
        raise ValueError("tamper is a command and its sub-command, four hex digits")
    timers = _timers(options, Neo2Timers)
    asks = bytes.fromhex(tamper)
    setup = Setup(currency, CURRENCY_NUMBERS[currency], serial, (asks[0], asks[1]) if asks else None, captures)
    return Neo2Terminal(CarrierLink(carrier, timers.t1, timers.answer), authorizer, setup, timers)


def _vouched(authority: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise ValueError("the file that ca names holds no certificate") from error


def _options(query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("an option of the terminal's URI is there twice")
    return dict(pairs)


def _timers(options: dict[str, str], kind: type[_AnyTimers]) -> _AnyTimers:
    unknown = sorted(set(options) - {field.name for field in dataclasses.fields(kind)})
    if unknown:
        raise ValueError(f"the terminal's URI has an option that nobody knows: {unknown[0]}")
    if not all(re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", value) for value in options.values()):
        raise ValueError("a timer is a number of seconds")
    return kind(**{name: float(value) for name, value in options.items()})
