"""The bill that the demo's patient has in his hand."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from demo.bills import Paper, bill_to_pay, birth_digits
from hub.bills import Bill
from hub.demo_data import demo_bills, fill
from hub.folder import Folder
from hub.hub import open_hub


def bills(folder: Path) -> tuple[Bill, ...]:
    hub = open_hub(Folder(folder))
    try:
        fill(hub)
    finally:
        hub.store.close()
    return demo_bills(folder)


def test_every_seed_has_a_bill_that_may_be_paid_with_and_without_the_hub(tmp_path: Path) -> None:
    found = bills(tmp_path / "hub")
    chosen = [bill_to_pay(found, seed) for seed in range(60)]
    assert all(0 < bill.statement.due.minor <= 50_000 for bill in chosen)
    assert len({bill.statement.number for bill in chosen}) > 20
    assert bill_to_pay(found, 1) == bill_to_pay(found, 1)
    shown = Paper(chosen[0]).shown("code128")
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["codes"], shown["numbered"]) == ("code128", chosen[0].numbered_text)


def test_a_birth_date_is_typed_in_the_order_of_the_language() -> None:
    assert birth_digits(dt.date(1962, 3, 4), "en") == "03041962"
    assert birth_digits(dt.date(1962, 3, 4), "es") == "04031962"
