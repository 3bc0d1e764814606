"""Printer URIs: `escpos+usb://04b8:0e15`, `escpos+serial:///dev/ttyUSB0?baud=38400`, `escpos+tcp://127.0.0.1:9100`.

All take `?columns=48` (of font A across the paper) and `?profile=TM-T88V` (python-escpos's capability profiles).
"""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qs, urlsplit

from devices.printers.escpos import EscposPrinter
from devices.printers.library import get_profile
from devices.printers.links import Link, SerialLink, TcpLink, UsbLink
from devices.printers.port import Printer
from devices.printers.rendering import DOTS_PER_COLUMN, Renderer

_OPTIONS = {"columns", "profile", "baud"}
_COLUMNS = range(24, 65)


def open_printer(uri: str) -> Printer:
    """The printer that `uri` names, not yet opened. Raises ValueError when it names none."""
    parts = urlsplit(uri)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if unknown := set(options) - _OPTIONS:
        raise ValueError(f"a printer URI has no option {', '.join(sorted(unknown))}")
    return EscposPrinter(_link(parts, options), _renderer(options))


def _link(parts: SplitResult, options: dict[str, str]) -> Link:
    match parts.scheme:
        case "escpos+tcp" if parts.hostname:
            return TcpLink(parts.hostname, parts.port or 9100)
        case "escpos+serial" if parts.path:
            return SerialLink(parts.path, int(options.get("baud", "38400")))
        case "escpos+usb" if parts.netloc.count(":") == 1:
            vendor, product = parts.netloc.split(":")
            return UsbLink(int(vendor, 16), int(product, 16))
        case _:
            raise ValueError("a printer is escpos+usb://VENDOR:PRODUCT, escpos+serial:///dev/PATH or escpos+tcp://HOST:PORT")


def _renderer(options: dict[str, str]) -> Renderer:
    name = options.get("profile", "default")
    try:
        profile = get_profile(name)
    except KeyError as error:
        raise ValueError(f"python-escpos has no printer profile {name}") from error
    columns = int(options["columns"]) if "columns" in options else profile.get_columns("a") if "profile" in options else 48
    if columns not in _COLUMNS:
        raise ValueError("columns is 24 to 64")
    paper = profile.profile_data["media"]["width"].get("pixels")
    if isinstance(paper, int) and columns * DOTS_PER_COLUMN > paper:
        raise ValueError(f"{columns} columns are wider than the paper of {name}")
    return Renderer(columns, name)
