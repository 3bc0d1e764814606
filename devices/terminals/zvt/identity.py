"""Who a terminal says it is, in its answer to a status enquiry (TLV 1F44, and E4 with 1F41 and 1F42)."""

from __future__ import annotations

from dataclasses import dataclass

from devices.terminals.zvt.bmp import CHARSET
from devices.terminals.zvt.packets import Packet


@dataclass(frozen=True, slots=True)
class Identity:
    """Empty where it does not say. `serials` is its serial number in each way that it may be read: some makers write it as
    letters and digits, others as packed digits."""

    software: str
    serials: tuple[str, ...]
    terminal_id: str

    @property
    def serial(self) -> str:
        return self.serials[0] if self.serials else ""


def identity_of(status: Packet) -> Identity:
    """Reads the completion of a status enquiry."""
    device, terminal_id = status.tlv(0xE4), status.tlv(0x1F44)
    serial = device.find(0x1F42) if device is not None else None
    software = device.find(0x1F41) if device is not None else None
    said = software.value if software is not None else status.version
    return Identity(
        software=_text(said),
        serials=_readings(serial.value) if serial is not None else (),
        terminal_id=terminal_id.value.hex() if terminal_id is not None else "",
    )


def _readings(raw: bytes) -> tuple[str, ...]:
    text = _text(raw)
    return (text, raw.hex()) if text.isascii() and text.isprintable() and text else (raw.hex(),)


def _text(raw: bytes) -> str:
    return raw.decode(CHARSET).strip("\0 ")
