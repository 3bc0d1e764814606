"""From a terminal's URI to its driver: zvt+serial:///dev/ttyACM0?baud=115200&tid=52523535&t4=20."""

from __future__ import annotations

import dataclasses
import re
import ssl
from urllib.parse import SplitResult, parse_qsl, urlsplit

from devices.terminals.port import Terminal
from devices.terminals.zvt.codes import CURRENCY_NUMBERS
from devices.terminals.zvt.driver import Registering, ZvtTerminal
from devices.terminals.zvt.link import Link, SerialLink
from devices.terminals.zvt.session import Timers
from devices.terminals.zvt.tcp import DEFAULT_PORT, TcpLink

DEFAULT_BAUD = 9600
"""What ZVT terminals are delivered with (fact sheet)."""

_TIMERS = frozenset(field.name for field in dataclasses.fields(Timers))


def open_terminal(uri: str, *, password: str, currency: str) -> Terminal:
    """The driver for `uri`, not yet opened; to be made in the loop that will own it.

    `password` is the terminal's registration password, six digits; `currency` the ISO 4217 letters it is registered with. Options
    in the query: baud (serial), ca (TLS: a file with the authority that vouches for the terminal), tid (the eight digits that the
    terminal must answer with), and any of session.Timers, in seconds.
    Raises ValueError with a plain sentence for a URI or an option that means nothing.
    """
    parts = urlsplit(uri)
    if parts.scheme not in ("zvt+serial", "zvt+tcp", "zvt+tls"):
        raise ValueError(f"no driver speaks {parts.scheme or 'that'!r}: a terminal's URI begins with zvt+serial:// or zvt+tcp://")
    if not re.fullmatch(r"[0-9]{6}", password):
        raise ValueError("a registration password is six digits")
    if currency not in CURRENCY_NUMBERS:
        raise ValueError(f"no terminal can be set up for {currency}")
    options = _options(parts.query)
    line: dict[str, str] = {name: options.pop(name) for name in ("baud", "ca") if name in options}
    terminal_id = options.pop("tid", "")
    if not re.fullmatch(r"([0-9]{8})?", terminal_id):
        raise ValueError("tid is eight digits")
    timers = _timers(options)
    link = _serial(parts, line, timers) if parts.scheme == "zvt+serial" else _tcp(parts, line, timers)
    if line:
        raise ValueError(f"{parts.scheme} has no option {min(line)}")
    return ZvtTerminal(link, Registering(password, currency, terminal_id), timers)


def _serial(parts: SplitResult, options: dict[str, str], timers: Timers) -> Link:
    if parts.netloc or not parts.path.startswith("/") or len(parts.path) < 2:
        raise ValueError("a serial terminal's URI names its device: zvt+serial:///dev/ttyACM0")
    baud = options.pop("baud", str(DEFAULT_BAUD))
    if not re.fullmatch(r"[1-9][0-9]{2,6}", baud):
        raise ValueError("baud is a whole number")
    return SerialLink(parts.path, int(baud), timers.t1, timers.t2)


def _tcp(parts: SplitResult, options: dict[str, str], timers: Timers) -> Link:
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    secure = parts.scheme == "zvt+tls"
    if not host or parts.username is not None or parts.path not in ("", "/") or (secure and port is None):
        raise ValueError(f"a network terminal's URI names its host and port: {parts.scheme}://10.0.0.5:20007")
    return TcpLink(host, port or DEFAULT_PORT, _vouched(options.pop("ca", None)) if secure else None, timers.t2)


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


def _timers(options: dict[str, str]) -> Timers:
    unknown = sorted(set(options) - _TIMERS)
    if unknown:
        raise ValueError(f"the terminal's URI has an option that nobody knows: {unknown[0]}")
    if not all(re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", value) for value in options.values()):
        raise ValueError("a timer is a number of seconds")
    return Timers(**{name: float(value) for name, value in options.items()})
