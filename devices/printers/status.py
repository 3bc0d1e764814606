"""What a printer's status bytes say (ESC/POS: DLE EOT n, GS r 1). A byte that cannot be one says nothing."""

from __future__ import annotations

from devices.health import Condition, Health

ASK_PRINTER = b"\x10\x04\x01"
ASK_OFFLINE_CAUSE = b"\x10\x04\x02"
ASK_PAPER = b"\x10\x04\x04"
"""DLE EOT 1, 2 and 4: answered at once, whatever else the printer is doing."""
ASK_WHEN_PRINTED = b"\x1dr\x01"
"""GS r 1: answered in its turn, so only after everything sent before it has been carried out."""
CLEAR_BUFFERS = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 8: forgets what has not been printed, or the rest would come out in front of the next patient."""

UNKNOWN = Health(Condition.UNKNOWN, "printer-status-unknown")
READY = Health(Condition.READY)
LOW = Health(Condition.LOW, "printer-paper-low")
NO_PAPER = Health(Condition.OUT, "printer-no-paper")
COVER = Health(Condition.OUT, "printer-cover")
AWAY = Health(Condition.AWAY, "printer-away")
FAULTY = Health(Condition.OUT, "printer-fault")


def is_status(byte: int) -> bool:
    """True for an answer to DLE EOT: bits 1 and 4 set, bits 0 and 7 clear."""
    return byte & 0x93 == 0x12


def is_printed(byte: int) -> bool:
    """True for an answer to GS r 1: bits 4 and 7 clear."""
    return byte & 0x90 == 0


def health_of(cause: int, paper: int) -> Health:
    """The health behind the answers to ASK_OFFLINE_CAUSE and ASK_PAPER."""
    if cause & 0x04:
        return COVER
    if paper & 0x60 or cause & 0x20:
        return NO_PAPER
    if cause & 0x40:
        return FAULTY
    if paper & 0x0C:
        return LOW
    return READY
