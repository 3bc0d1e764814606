"""A gateway for tests and the demo: opens cards with a test key, and decides by the cents of the amount, as sandboxes do.

The cents are the ISO 8583 answer: x.05, x.51, x.54 and x.62 are declined with that code; x.68 is approved and the first answer
lost; x.91 loses the first question; x.96 is away. Anything else is approved. Its memory is a file: banks do not forget.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from pathlib import Path
from typing import Any

from domain.money import Money
from domain.payment import CardData
from hub.folder import Folder, HubError, write_private
from hub.gateway.cards import is_card
from hub.gateway.port import Answer, GatewayAway, GatewaySilent

TEST_KEY = "0123456789ABCDEFFEDCBA9876543210"
"""The base derivation key of X9.24-1's examples: published, and the simulated reader's own."""

DECLINED = {5: "05", 51: "51", 54: "54", 62: "62"}
LOSES_ANSWER, LOSES_QUESTION, AWAY = 68, 91, 96

_APPROVED, _DECLINED, _VOIDED, _CLOSED = "approved", "declined", "voided", "closed"


def open_sandbox(folder: Folder) -> Sandbox:
    """The sandbox of the hub in `folder`, with the test key that lies there; the first start puts the published one there. Raises
    HubError when the file does not hold a key."""
    if not folder.sandbox_key.exists():
        write_private(folder.sandbox_key, f"{TEST_KEY}\n".encode("ascii"))
    try:
        bdk = bytes.fromhex(folder.sandbox_key.read_text("ascii").strip())
    except ValueError as error:
        raise HubError("sandbox-key", f"{folder.sandbox_key} does not hold a key in hexadecimal.") from error
    return Sandbox(bdk, folder.sandbox_memory)


class Sandbox:
    """Safe to share between threads. Keeps nothing of a card."""

    def __init__(self, bdk: bytes, memory: Path) -> None:
        self._bdk = bdk
        self._path = memory
        self._lock = threading.Lock()
        self._lost: set[str] = set()
        self._memory: dict[str, dict[str, Any]] = {}
        if memory.exists():
            whole = memory.read_text("ascii").split("\n")[:-1]  # a crash leaves the last line torn at worst
            self._memory = {entry["payment"]: entry for entry in map(json.loads, whole)}

    def authorize(self, payment: str, amount: Money, card: CardData) -> Answer:
        with self._lock:
            known = self._memory.get(payment)
            if known is None:
                return self._decide(payment, amount, card)
            if known["state"] in (_VOIDED, _CLOSED):
                return Answer(False, amount, reason="gateway-closed")
            return _answer(known)

    def inquire(self, payment: str) -> Answer | None:
        with self._lock:
            known = self._memory.get(payment)
            if known is None:
                self._keep(payment, _CLOSED)
            return None if known is None or known["state"] in (_VOIDED, _CLOSED) else _answer(known)

    def void(self, payment: str) -> None:
        with self._lock:
            known = self._memory.get(payment)
            if known is None or known["state"] == _APPROVED:
                self._keep(payment, _CLOSED if known is None else _VOIDED)

    def _decide(self, payment: str, amount: Money, card: CardData) -> Answer:
        cents = amount.minor % 100
        if cents == AWAY:
            raise GatewayAway("gateway-96")
        if cents == LOSES_QUESTION and payment not in self._lost:
            self._lost.add(payment)
            raise GatewaySilent("gateway-91")
        iso = "14" if not is_card(self._bdk, card) else DECLINED.get(cents, "00")  # 14: invalid card number
        approved = iso == "00"
        code = hashlib.sha256(payment.encode("ascii")).hexdigest()[:6].upper() if approved else ""
        self._keep(payment, _APPROVED if approved else _DECLINED, code, iso, amount)
        if cents == LOSES_ANSWER:
            raise GatewaySilent("gateway-68")
        return _answer(self._memory[payment])

    def _keep(self, payment: str, state: str, code: str = "", iso: str = "", amount: Money | None = None) -> None:
        entry: dict[str, Any] = {"payment": payment, "state": state, "authorization": code, "iso": iso}
        if amount is not None:
            entry |= {"minor": amount.minor, "currency": amount.currency}
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(json.dumps(entry).encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._memory[payment] = entry


def _answer(entry: dict[str, Any]) -> Answer:
    """8A is the authorisation response code that the card is told (EMV 4.3, book 3, annex A)."""
    approved = entry["state"] == _APPROVED
    response = b"\x8a\x02" + entry["iso"].encode("ascii")
    amount = Money(entry["minor"], entry["currency"])
    return Answer(approved, amount, entry["authorization"], "" if approved else f"gateway-{entry['iso']}", response)
