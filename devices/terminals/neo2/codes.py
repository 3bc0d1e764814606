"""What a NEO 2 reader's numbers mean to us: statuses (guide, p28) and the results of a contact card's steps."""

from __future__ import annotations

from devices.health import Condition, Health
from devices.terminals.neo2 import packets
from devices.terminals.port import NotStarted
from domain.payment import Outcome

APPROVED = frozenset({0x0000, 0x0002})
DECLINED = frozenset({0x0001, 0x0003})
GO_ONLINE, STARTED = 0x0004, 0x0010
"""Results of 60-11 and 60-12, two bytes. The guide names 0004; the others are ID TECH's SDK's: 0 and 1 offline, 2 and 3 after the
host's answer; 10 a contact card's start. Anything else ended without either."""

_NOT_ALLOWED = frozenset({0x0B, 0x0C})
_NOT_BEGUN = frozenset({0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0D, 0x12}) | _NOT_ALLOWED
"""The command itself was not taken: header, command, sub-command, CRC, parameters, malformed, overflow, secure interface."""

NOT_NEO2 = Health(Condition.OUT, "terminal-not-neo2")
TAMPERED = Health(Condition.LATCHED, "terminal-tampered")
UNENCRYPTED = Health(Condition.LATCHED, "terminal-unencrypted")


def refusal_of(status: int, *, card_was_in: bool) -> NotStarted | None:
    """What it means that an Activate was answered with `status`; None where it was begun, and ended with that. A reader that may
    not begin right after a contact card's sale has that card in it still, as far as anybody can tell."""
    if status in _NOT_ALLOWED and card_was_in:
        return NotStarted("terminal-card-left", f"neo2-{status:02x}")
    if status in _NOT_ALLOWED:
        return NotStarted("terminal-busy", f"neo2-{status:02x}")
    return NotStarted("terminal-refused", f"neo2-{status:02x}") if status in _NOT_BEGUN else None


def outcome_of(status: int) -> Outcome:
    """What a transaction comes to that ended with `status` before any bank was asked: a card that failed, or none that came."""
    return Outcome.DECLINED if status == packets.FAILED else Outcome.CANCELLED
