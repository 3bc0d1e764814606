"""What a simulated terminal has charged: it outlives pulled cables and, with a file, power cuts, so that it answers truly."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Charge:
    """One approved payment: `amount` in minor units (below zero for a refund), the terminal's own numbers, and the card it was
    paid with. `offline` is approved without the bank, `sent` whether the bank has heard of it since; `original` is the trace of
    the one that it takes back, releases or books, 0 for none."""

    amount: int
    receipt: int
    trace: int
    brand: str
    pan: str
    offline: bool
    made_at: dt.datetime
    """By the terminal's own clock, in its own time zone."""
    sent: bool = True
    original: int = 0


@dataclass
class Books:
    """Charges that stand, reservations that are open, numbers that never come back, and what a repeat receipt shows. `clock` is
    the terminal's own (aware); `batch` has the receipts since the day was closed; `counter` is a reader's count of keys used."""

    clock: Callable[[], dt.datetime]
    file: Path | None = None
    standing: list[Charge] = field(default_factory=list)
    reserved: list[Charge] = field(default_factory=list)
    batch: list[int] = field(default_factory=list)
    shown: Charge | None = None
    receipt: int = 0
    trace: int = 0
    counter: int = 0

    def new(self, amount: int, brand: str, pan: str, offline: bool, original: int = 0) -> Charge:
        """The next entry, by its numbers; it is in no book yet."""
        self.receipt = self.receipt % 9999 + 1
        self.trace = self.trace % 999_999 + 1
        return Charge(amount, self.receipt, self.trace, brand, pan, offline, self.clock(), sent=not offline, original=original)

    def charge(self, amount: int, brand: str, pan: str, offline: bool = False, original: int = 0) -> Charge:
        self.shown = self.new(amount, brand, pan, offline, original)
        self.standing.append(self.shown)
        self.batch.append(self.shown.receipt)
        self.save()
        return self.shown

    def reserve(self, amount: int, brand: str, pan: str, offline: bool) -> Charge:
        self.shown = self.new(amount, brand, pan, offline)
        self.reserved.append(self.shown)
        self.save()
        return self.shown

    def book(self, reserved: Charge, amount: int) -> Charge:
        """So much of a reservation is charged, and the rest is free again."""
        self.reserved.remove(reserved)
        return self.charge(amount, reserved.brand, reserved.pan, original=reserved.trace)

    def release(self, reserved: Charge) -> Charge:
        self.reserved.remove(reserved)
        self.shown = self.new(reserved.amount, reserved.brand, reserved.pan, offline=False, original=reserved.trace)
        self.save()
        return self.shown

    def take_back(self, charge: Charge, shows_it_still: bool = False) -> None:
        """The charge stands no more. Terminals differ in what they show then: it, as if it stood, or the one before."""
        self.standing.remove(charge)
        if not shows_it_still:
            self.shown = self.standing[-1] if self.standing else None
        self.save()

    def change(self, charge: Charge, amount: int) -> Charge:
        """Only a part of the goods was issued."""
        self.shown = Charge(**{**_plain(charge), "amount": amount})
        self.standing[self.standing.index(charge)] = self.shown
        self.save()
        return self.shown

    def reverse(self, charge: Charge) -> Charge:
        """Takes it back as a transaction of its own, which is what is shown from then on."""
        self.standing.remove(charge)
        self.shown = self.new(charge.amount, charge.brand, charge.pan, offline=False, original=charge.trace)
        self.save()
        return self.shown

    def find(self, receipt: int | None) -> Charge | None:
        return next((charge for charge in self.standing if charge.receipt == receipt), None)

    def find_reserved(self, receipt: int | None) -> Charge | None:
        return next((charge for charge in self.reserved if charge.receipt == receipt), None)

    def of_the_day(self) -> list[Charge]:
        return [charge for charge in self.standing if charge.receipt in self.batch]

    def close_day(self) -> None:
        self.batch.clear()
        self.save()

    def send_offline(self) -> int:
        """Tells the bank of what was approved without it; how many there were."""
        waiting = [charge for charge in self.standing if not charge.sent]
        self.standing = [Charge(**{**_plain(charge), "sent": True}) for charge in self.standing]
        self.save()
        return len(waiting)

    def totals(self) -> dict[str, Any]:
        def brief(charges: list[Charge]) -> list[dict[str, int]]:
            return [{"receipt": charge.receipt, "trace": charge.trace, "amount": charge.amount} for charge in charges]

        amount = sum(charge.amount for charge in self.standing)
        unsent = sum(not charge.sent for charge in self.standing)
        charges, reserved = brief(self.standing), brief(self.reserved)
        return {"count": len(charges), "amount": amount, "charges": charges, "reserved": reserved, "unsent": unsent}

    def save(self) -> None:
        if self.file is None:
            return
        kept = {name: getattr(self, name) for name in ("batch", "receipt", "trace", "counter")}
        kept |= {name: [_written(charge) for charge in getattr(self, name)] for name in ("standing", "reserved")}
        kept["shown"] = _written(self.shown) if self.shown else None
        new = self.file.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.file)


def open_books(file: Path | None, clock: Callable[[], dt.datetime]) -> Books:
    """The books as they were when the power went, or empty ones."""
    books = Books(clock, file)
    if file is not None and file.exists():
        kept = json.loads(file.read_text(encoding="utf-8"))
        books.standing = [_read(charge) for charge in kept["standing"]]
        books.reserved = [_read(charge) for charge in kept["reserved"]]
        books.shown = _read(kept["shown"]) if kept["shown"] else None
        for name in ("batch", "receipt", "trace", "counter"):
            setattr(books, name, kept[name])
    return books


def _plain(charge: Charge) -> dict[str, Any]:
    return asdict(charge)


def _written(charge: Charge) -> dict[str, Any]:
    return asdict(charge) | {"made_at": charge.made_at.isoformat()}


def _read(kept: dict[str, Any]) -> Charge:
    return Charge(**kept | {"made_at": dt.datetime.fromisoformat(kept["made_at"])})
