"""A whole visit as snapshots, and a socket that plays it to the face as the engine would: the other side of the UI benchmarks.

`python -m benchmarks.replay SOCKET SECONDS PER_SECOND` plays visits for SECONDS, PER_SECOND snapshots a second, then hangs up.
With SECONDS = 0 it shows the attract screen and stays until stdin closes. Prints one line when it listens.
"""

from __future__ import annotations

import datetime as dt
import itertools
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from domain.billing import Adjustment, Charge, PaymentReceived, Statement, VisitLines
from domain.money import Money
from domain.payment import Card, Outcome, Result
from domain.statement_codes import RefKind, StatementRef
from kiosk.visit import stages as st
from kiosk.visit.events import CardStep, World
from kiosk.visit.pages.page import Site
from kiosk.visit.present import present
from kiosk.visit.screens import Snapshot
from kiosk.words import FluentWords

SITE = Site("St. Brigid Community Hospital", {"en": "the front desk", "es": "la recepción"}, "(555) 010-4400", 3, "PAY.EXAMPLE")
REF = StatementRef(RefKind.NUMBER, "447109028836")
RULES = st.Rules("USD", ("en", "es"), Money(20000, "USD"), 60, 20, 20, True, False)
BORN = "03141962"
ATTEMPT = "019a9f7e-0000-7000-8000-000000000001"


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def statement(visits: int) -> Statement:
    """A bill of `visits` visits with eight lines each."""
    return Statement(
        number=REF.value,
        account="A-1001",
        guarantor_name="Margaret Whitfield",
        issued=dt.date(2026, 4, 1),
        due=usd(visits * 12540),
        visits=tuple(_visit_lines(number) for number in range(visits)),
    )


def _visit_lines(number: int) -> VisitLines:
    date = dt.date(2026, 3, 1 + number)
    charges = tuple(Charge(date, f"Laboratory test, panel {line}", usd(10000 + 400 * line)) for line in range(6))
    charged = sum(charge.amount.minor for charge in charges)
    return VisitLines(
        number=f"V-{number}",
        date=date,
        place="Harbor Clinic",
        patient="Margaret Whitfield",
        charges=charges,
        adjustments=(Adjustment(date, "Agreed price with your insurance", usd(charged - 12540 - 30000)),),
        payments=(PaymentReceived(date, "Blue Harbor Health Plan", usd(30000), by_insurance=True),),
    )


def stages() -> Iterator[st.Stage]:
    """Every screen of a visit in the order a patient meets them, digit by digit where they type."""
    bill = st.Bill(REF, statement(5))
    payment = st.Payment(bill, usd(62700), offline=False)
    card = Card("Visa", "4242")
    paid = st.Paid(payment, ATTEMPT, Result(Outcome.APPROVED, usd(62700), card))
    yield from (st.Attract(), st.Scan(), st.Scan(notice="code-unknown"))
    yield from (st.TypeNumber(REF.value[:typed]) for typed in range(0, len(REF.value) + 1, 3))
    yield from (st.BirthDate(REF, digits=BORN[:typed]) for typed in range(len(BORN) + 1))
    yield st.LookingUp(REF, dt.date(1962, 3, 14), 0)
    yield from (st.ShowStatement(bill), st.OtherAmount(bill), st.OtherAmount(bill, "4000"), st.ShowStatement(bill))
    yield from (st.Probing(bill, usd(62700)), st.Consent(bill, usd(62700)), st.Opening(payment))
    yield from (st.AtTerminal(payment, ATTEMPT, step) for step in CardStep)
    yield from (paid, st.Printing(paid), st.ThankYou(paid, st.Slip.PRINTED))


def snapshots() -> list[Snapshot]:
    """One visit, and the questions that may lie over it."""
    words = {language: FluentWords(language, dt.UTC) for language in RULES.languages}
    visit = st.at_rest(RULES, World(True, True, True, True))
    shown = [present(replace(visit, stage=stage), words, SITE, 0) for stage in stages()]
    asked = [present(replace(visit, stage=st.Scan(), asking=asking), words, SITE, 0) for asking in st.Asking]
    return [replace(snapshot, serial=serial) for serial, snapshot in enumerate(shown + asked)]


def main(path: Path, seconds: float, per_second: float) -> None:
    lines = [snapshot.to_json().encode() + b"\n" for snapshot in snapshots()]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        print("ready", flush=True)
        face, _ = listener.accept()
        with face:
            if not seconds:
                face.sendall(lines[0])
                sys.stdin.read()
                return
            begun = time.monotonic()
            for count, line in enumerate(itertools.cycle(lines)):
                due = begun + count / per_second
                if due > begun + seconds:
                    return
                time.sleep(max(0.0, due - time.monotonic()))
                try:
                    face.sendall(line)
                except BrokenPipeError:
                    return  # the face has seen enough


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
