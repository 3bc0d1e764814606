"""Synthetic patients for the demo: statements of every shape, the same from the same seed, and what is printed on them."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from domain.billing import Account, Adjustment, Category, Charge, Guarantor, PaymentReceived, Statement, VisitLines
from domain.check_digits import mod97_10
from domain.money import Money, total
from hub.bills import Bill, bills
from hub.folder import Folder
from hub.hub import Hub, open_hub
from hub.schema import accounts, appointments
from hub.statements import add_account, add_statement

SEED = 20261030
ISSUED = dt.date(2026, 10, 30)
CURRENCY = "USD"
ESTIMATE = 600_00

_SOURCE = Path(__file__).parent.parent / "assets" / "demo" / "patients.json"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """One account and its statements, each with the opaque id of its link."""

    account: Account
    statements: tuple[tuple[Statement, str], ...]


def demo_bills(folder: Path) -> tuple[Bill, ...]:
    """Every bill in the data `folder` of a hub, as it stands now, in the order of the patients; the first is a plain one."""
    hub = open_hub(Folder(folder))
    try:
        return bills(hub)
    finally:
        hub.store.close()


def fill(hub: Hub, seed: int = SEED) -> None:
    """Puts the demo's patients into a hub that has no accounts, each with an appointment on that day; does nothing to one that
    has."""
    if holds_accounts(hub):
        return
    with hub.store.writing() as connection:
        for patient in demo_patients(seed):
            add_account(connection, patient.account)
            for statement, opaque in patient.statements:
                add_statement(connection, statement, opaque, hub.world.clock(), [f"RF/{rf_reference(statement)}"])
        today = hub.world.clock().astimezone().date()
        numbers = connection.scalars(select(accounts.c.number)).all()
        connection.execute(insert(appointments), [{"number": f"T-{each}", "account": each, "date": today} for each in numbers])


def rf_reference(statement: Statement) -> str:
    """The creditor reference (ISO 11649) under which a bank's code would know the demo's `statement`."""
    return f"RF{mod97_10(statement.number + 'RF')}{statement.number}"


def holds_accounts(hub: Hub) -> bool:
    with hub.store.reading() as connection:
        return bool(connection.scalar(select(func.count()).select_from(accounts)))


def demo_patients(seed: int) -> tuple[DemoPatient, ...]:
    """All of them, from the seed alone. Every statement balances: `Statement` sees to it."""
    source = json.loads(_SOURCE.read_text("utf-8"))
    maker = _Maker(source, random.Random(seed))
    return tuple(maker.patient(index, person) for index, person in enumerate(source["patients"], start=1))


class _Maker:
    """Draws numbers, dates and lines from one stream of chance."""

    def __init__(self, source: dict[str, Any], chance: random.Random) -> None:
        self._source = source
        self._chance = chance
        self._numbers: set[str] = set()

    def patient(self, index: int, person: dict[str, Any]) -> DemoPatient:
        account = Account(
            number=f"A{100_000 + index}",
            guarantor=Guarantor(person["name"], dt.date.fromisoformat(person["born"]), person.get("guarantor", "")),
            currency=CURRENCY,
        )
        shape: Callable[[dict[str, Any]], list[VisitLines]] = getattr(self, f"_{person['shape']}")
        bills = [(self._statement(account, shape(person), ISSUED), self._opaque())]
        if person["shape"] == "over_estimate":
            bills = [(replace(statement, estimate=_usd(ESTIMATE)), opaque) for statement, opaque in bills]
        if person["shape"] == "two_statements":
            earlier = ISSUED - dt.timedelta(days=31)
            bills.append((self._statement(account, self._ordinary(person), earlier), self._opaque()))
        return DemoPatient(account, tuple(bills))

    def _statement(self, account: Account, visits: list[VisitLines], issued: dt.date) -> Statement:
        due = total((visit.due(CURRENCY) for visit in visits), CURRENCY)
        return Statement(self._number(), account.number, account.guarantor.name, issued, due, tuple(visits))

    # shapes: each is the visits of one statement

    def _first(self, person: dict[str, Any]) -> list[VisitLines]:
        """The bill that the demo pays: small enough to read, $125.50 to pay."""
        date = dt.date(2026, 10, 6)
        later = date + dt.timedelta(days=14)
        return [
            VisitLines(
                number="V2610060417",
                date=date,
                place="Riverside Clinic",
                patient=person["name"],
                charges=(
                    Charge(date, "Visit with a doctor", _usd(14500), Category.CARE),
                    Charge(date, "X-ray, two pictures", _usd(18900), Category.TESTS),
                    Charge(date, "Blood test", _usd(4200), Category.TESTS),
                ),
                adjustments=(Adjustment(later, "Your insurance's agreed discount", _usd(9850)),),
                payments=(PaymentReceived(later, "Blue Harbor Health Plan", _usd(15200), by_insurance=True),),
            )
        ]

    def _ordinary(self, person: dict[str, Any]) -> list[VisitLines]:
        return [self._insured(person["name"], self._chance.randrange(3, 7))]

    def _several_visits(self, person: dict[str, Any]) -> list[VisitLines]:
        count = self._chance.randrange(3, 6)
        return _by_date([self._insured(person["name"], self._chance.randrange(2, 5)) for _ in range(count)])

    def _family(self, person: dict[str, Any]) -> list[VisitLines]:
        return _by_date([self._insured(name, self._chance.randrange(2, 5)) for name in person["others"]])

    def _long_list(self, person: dict[str, Any]) -> list[VisitLines]:
        return [self._insured(person["name"], self._chance.randrange(42, 56), catalogue="stay")]

    def _large(self, person: dict[str, Any]) -> list[VisitLines]:
        """A stay without insurance: a six-figure bill."""
        visit = self._visit(person["name"], 12, "stay")
        night = self._source["stay"][0]
        days = [visit.date + dt.timedelta(days=day) for day in range(1, 40)]
        more = tuple(Charge(day, night[0], _usd(night[1]), Category(night[2])) for day in days)
        return [replace(visit, charges=(*visit.charges, *more))]

    def _copay(self, person: dict[str, Any]) -> list[VisitLines]:
        visit = self._visit(person["name"], 0, "charges")
        copay = self._chance.choice([1500, 2000, 2500, 3500, 4000, 5000])
        return [replace(visit, charges=(Charge(visit.date, "Your copay for the visit", _usd(copay)),))]

    def _self_pay(self, person: dict[str, Any]) -> list[VisitLines]:
        visit = self._visit(person["name"], self._chance.randrange(2, 6), "charges")
        off = _charged(visit) * 40 // 100
        return [replace(visit, adjustments=(Adjustment(visit.date, "Discount for paying yourself", _usd(off)),))]

    def _over_estimate(self, person: dict[str, Any]) -> list[VisitLines]:
        """Without insurance, and dearer than was expected: $400 or more above ESTIMATE."""
        visit = self._visit(person["name"], 0, "charges")
        parts = (("Visit with a doctor", 38_500, Category.CARE), ("Treatment room", 64_000, Category.HOSPITAL))
        return [replace(visit, charges=tuple(Charge(visit.date, words, _usd(minor), kind) for words, minor, kind in parts))]

    def _credit(self, person: dict[str, Any]) -> list[VisitLines]:
        """Insurance paid after the patient had: more came in than was due."""
        visit = self._insured(person["name"], self._chance.randrange(2, 5))
        paid = visit.due(CURRENCY).minor + self._chance.randrange(1500, 12_000)
        return [self._paid_by_patient(visit, paid)]

    def _zero(self, person: dict[str, Any]) -> list[VisitLines]:
        visit = self._insured(person["name"], self._chance.randrange(2, 5))
        return [self._paid_by_patient(visit, visit.due(CURRENCY).minor)]

    def _partly_paid(self, person: dict[str, Any]) -> list[VisitLines]:
        visit = self._insured(person["name"], self._chance.randrange(3, 6))
        return [self._paid_by_patient(visit, visit.due(CURRENCY).minor // 3 + 1)]

    _two_statements = _ordinary

    # parts

    def _insured(self, patient: str, count: int, catalogue: str = "charges") -> VisitLines:
        visit = self._visit(patient, count, catalogue)
        charged = _charged(visit)
        off = charged * self._chance.randrange(15, 45) // 100
        paid = (charged - off) * self._chance.randrange(50, 91) // 100
        later = visit.date + dt.timedelta(days=self._chance.randrange(10, 20))
        return replace(
            visit,
            adjustments=(Adjustment(later, "Your insurance's agreed discount", _usd(off)),),
            payments=(PaymentReceived(later, "Blue Harbor Health Plan", _usd(paid), by_insurance=True),),
        )

    def _paid_by_patient(self, visit: VisitLines, minor: int) -> VisitLines:
        line = PaymentReceived(visit.date, "at the front desk", _usd(minor), by_insurance=False)
        return replace(visit, payments=(*visit.payments, line))

    def _visit(self, patient: str, count: int, catalogue: str) -> VisitLines:
        date = ISSUED - dt.timedelta(days=self._chance.randrange(45, 120))
        chosen = [self._chance.choice(self._source[catalogue]) for _ in range(count)]
        return VisitLines(
            number=f"V{date:%y%m%d}{self._chance.randrange(10_000):04d}",
            date=date,
            place=self._chance.choice(self._source["places"]),
            patient=patient,
            charges=tuple(
                Charge(date, words, _usd(self._priced(minor)), Category(category)) for words, minor, category in chosen
            ),
            adjustments=(),
            payments=(),
        )

    def _priced(self, minor: int) -> int:
        return minor * self._chance.randrange(90, 126) // 100

    def _number(self) -> str:
        while True:
            number = str(self._chance.randrange(10**9, 10**10))
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def _opaque(self) -> str:
        return "".join(self._chance.choice(_BASE32) for _ in range(16))


def _charged(visit: VisitLines) -> int:
    return total((charge.amount for charge in visit.charges), CURRENCY).minor


def _by_date(visits: list[VisitLines]) -> list[VisitLines]:
    return sorted(visits, key=lambda visit: visit.date)


def _usd(minor: int) -> Money:
    return Money(minor, CURRENCY)
