"""What was paid here in the last quarter of an hour, for who comes back for the receipt. In memory only, without a name in it."""

from __future__ import annotations

import asyncio
import datetime as dt
import hmac
from collections.abc import Callable
from dataclasses import replace

from domain.money import Money
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.choosing import came_to
from kiosk.visit.receipts import without_person

BELATED_S = 900.0
"""How long a receipt can be had again (reference: kiosk, "Lost receipt")."""

KEY_BYTES = 16


class Belated:
    """One payment for each statement, its newest. Belongs to one loop; `clock` is aware, `key` is KEY_BYTES of chance: a
    statement's number is kept only as what this key makes of it, which nobody can look for in a memory."""

    def __init__(self, clock: Callable[[], dt.datetime], key: bytes) -> None:
        self._clock = clock
        self._key = key
        self._kept: dict[bytes, st.Earlier] = {}

    def keep(self, paid: st.Paid) -> None:
        """From now on, unless this payment is kept already; of several bills under each that a part of it came to. One for a bill
        whose number nobody knows cannot be found again."""
        taken, shares = paid.result.amount, dict[str, Money]()
        for part in came_to(paid.payment, taken):
            shares[part.statement] = shares.get(part.statement, Money(0, taken.currency)) + part.amount
        bare, now = without_person(paid), self._clock()
        for number, share in (shares or {paid.payment.bill.number: taken}).items():
            of, earlier = self._of(number), st.Earlier(bare, now, share)
            held = self._kept.get(of)
            if number and (held is None or held.paid.attempt != paid.attempt):
                self._kept[of] = earlier
                asyncio.get_running_loop().call_later(BELATED_S, self._forget, of, earlier)

    def told(self, found: ev.Found) -> ev.Found:
        """What the hub found, with what was paid for it: it found it for who has shown the bill and given the second factor."""
        return replace(found, earlier=self._kept.get(self._of(found.statement.number)))

    def _forget(self, of: bytes, earlier: st.Earlier) -> None:
        if self._kept.get(of) is earlier:
            del self._kept[of]

    def _of(self, number: str) -> bytes:
        return hmac.digest(self._key, number.encode("utf-8"), "sha256")
