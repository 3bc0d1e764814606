"""Who put that card on: the order in which a card is asked, and that a payment card is asked nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devices.smartcards.apdu import Line
from devices.smartcards.atr import is_storage, says_payment
from devices.smartcards.egk import read_egk, select_egk
from devices.smartcards.piv import read_badge, select_piv
from devices.smartcards.port import CardError, Kind, Refusal, Refused, Seen
from devices.smartcards.trust import Trust
from devices.smartcards.wristband import read_wristband


@dataclass(frozen=True, slots=True)
class Asking:
    """`trust` None: there are no badges here. `random(n)` gives n bytes."""

    trust: Trust | None
    random: Callable[[int], bytes]


def identify(atr: bytes, line: Line, wanted: frozenset[Kind], asking: Asking) -> Seen:
    """Asks for what is wanted by its own application's name, and for nothing else: never for a list of applications (PSE, PPSE),
    never for a payment scheme's, never for a record. A card whose answer to reset names a scheme is sent no command at all."""
    if says_payment(atr):
        return Refused(Refusal.PAYMENT_CARD)
    try:
        if is_storage(atr):
            return read_wristband(line) if Kind.WRISTBAND in wanted else Refused(Refusal.UNKNOWN_CARD)
        if Kind.BADGE in wanted and asking.trust is not None and select_piv(line).ok:
            return read_badge(line, asking.trust, asking.random)
        if Kind.INSURANCE in wanted and select_egk(line).ok:
            return read_egk(line)
    except CardError as error:
        return Refused(error.reason)
    return Refused(Refusal.UNKNOWN_CARD)
