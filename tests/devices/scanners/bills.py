"""A bill for the simulated camera to show."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

from pydantic import TypeAdapter

from devices.scanners.simulator.page import Bill
from domain.billing import Adjustment, Charge, PaymentReceived, Statement, VisitLines
from domain.money import Money
from domain.statement_codes import LinkProfile, MacKey, link_text, numbered_text
from tests.billers import ours

NUMBER, OPAQUE, HOST, KEY_ID, KEY = "4000123456", "ABCDEFGHIJKLMNOP", "BILLS.RIVERSIDE.EXAMPLE", "A", b"k" * 16
LINK = link_text(KEY, HOST, KEY_ID, OPAQUE)
NUMBERED = numbered_text(NUMBER)
PROFILES = ours(LinkProfile(frozenset({HOST}), {KEY_ID: MacKey(KEY)}))


def dollars(cents: int) -> Money:
    return Money(cents, "USD")


def bill(**changes: Any) -> Bill:
    """Two visits, $316.70 to pay."""
    first, second = dt.date(2026, 3, 3), dt.date(2026, 3, 17)
    name = "María Peña-Núñez"
    visits = (
        VisitLines(
            "V1", first, "Emergency department", name,
            (Charge(first, "Emergency visit, level 3", dollars(98000)), Charge(first, "X-ray of the wrist", dollars(39670))),
            (Adjustment(first, "Insurance contract adjustment", dollars(61000)),),
            (PaymentReceived(first, "Paid by Blue Plains Health", dollars(60000), True),),
        ),
        VisitLines("V2", second, "Orthopedic clinic", name, (Charge(second, "Follow-up visit", dollars(15000)),), (), ()),
    )  # fmt: skip
    statement = Statement(NUMBER, "A-1002003", name, dt.date(2026, 4, 1), dollars(31670), visits)
    return dataclasses.replace(Bill(statement, LINK, NUMBERED), **changes)


def as_json(shown: Bill) -> Any:
    """As the simulator's `show` command takes it."""
    return json.loads(TypeAdapter(Bill).dump_json(shown))
