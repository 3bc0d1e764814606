"""PC/SC through pcscd, by pyscard's plain calls. Lives in the reader's own process only: any of them may never return."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from smartcard import scard

from devices.smartcards.apdu import Line
from devices.smartcards.port import CardError, Refusal
from devices.smartcards.service import ServiceAway, Slot

_EMPTY, _MUTE, _PRESENT = scard.SCARD_STATE_EMPTY, scard.SCARD_STATE_MUTE, scard.SCARD_STATE_PRESENT


class Pcscd:
    """A Service. `reader` is how the reader's name begins, as PC/SC has it; `check` gets the whole name whenever the service has
    been found, and raises when it may not be used."""

    def __init__(self, reader: str, check: Callable[[str], None]) -> None:
        self._wanted = reader
        self._check = check
        self._context: int | None = None
        self._reader = ""
        self._state = scard.SCARD_STATE_UNAWARE
        self._put_on = 0

    def wait(self, seconds: float) -> Slot:
        """As in Service. Anything but success and "nothing new" ends the context: which codes mean that it is dead is not said
        anywhere, and a new one costs a millisecond."""
        if self._context is None:
            self._open()
        code, states = scard.SCardGetStatusChange(self._context, round(seconds * 1000), [(self._reader, self._state)])
        if code == scard.SCARD_E_TIMEOUT:
            code, states = scard.SCardGetStatusChange(self._context, 0, [(self._reader, scard.SCARD_STATE_UNAWARE)])
        if code != scard.SCARD_S_SUCCESS:
            self._lost("smartcard-service-away", code)
        _, state, atr = states[0]
        if state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE):
            self._lost("smartcard-reader-away", state)
        before, self._state = self._state, state & ~scard.SCARD_STATE_CHANGED
        if state & _PRESENT and (not before & _PRESENT or before >> 16 != state >> 16):
            self._put_on += 1  # the upper half counts cards in and out, which may both have happened in between
        return Slot(bool(state & _PRESENT), bytes(atr), self._put_on)

    @contextmanager
    def connect(self) -> Iterator[Line]:
        code, card, protocol = scard.SCardConnect(
            self._context, self._reader, scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        )
        if code != scard.SCARD_S_SUCCESS:
            raise CardError(Refusal.TAKEN_AWAY, f"connecting {code & 0xFFFFFFFF:08x}")
        header = scard.SCARD_PCI_T1 if protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0

        def line(command: bytes) -> bytearray:
            code, said = scard.SCardTransmit(card, header, list(command))
            if code != scard.SCARD_S_SUCCESS:
                raise CardError(Refusal.TAKEN_AWAY, f"a command {code & 0xFFFFFFFF:08x}")
            return bytearray(said)  # empty when it was torn out, with the code of success

        try:
            yield line
        finally:
            scard.SCardDisconnect(card, scard.SCARD_UNPOWER_CARD)

    def _open(self) -> None:
        code, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if code != scard.SCARD_S_SUCCESS:
            self._lost("smartcard-service-away", code)
        code, readers = scard.SCardListReaders(self._context, [])
        found = sorted(name for name in readers if name.startswith(self._wanted)) if code == scard.SCARD_S_SUCCESS else []
        if not found:
            self._lost("smartcard-reader-away", code)
        self._check(found[0])
        self._reader, self._state = found[0], scard.SCARD_STATE_UNAWARE

    def _lost(self, fault: str, code: int) -> None:
        context, self._context = self._context, None
        if context is not None:
            scard.SCardReleaseContext(context)
        raise ServiceAway(fault, f"{code & 0xFFFFFFFF:08x}")
