"""The bill that the demo's patient has in his hand."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from demo.bills import Codes, Paper, bill_to_pay, birth_digits
from hub.bills import Bill
from hub.demo_data import demo_bills, fill
from hub.folder import Folder
from hub.hub import open_hub
from hub.paper.language import Language
from tests.hub.paper.bills import bill as printed


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


@pytest.mark.parametrize(
    ("codes", "texts"), [("qr", ["link_text"]), ("code128", ["numbered_text"]), ("both", ["link_text", "numbered_text"])]
)
def test_the_page_that_is_held_up_is_the_printed_one_with_the_codes_asked_for(codes: Codes, texts: list[str]) -> None:
    bill = printed()
    shown = json.loads(json.dumps(Paper(bill, Language.ES).shown(codes)))
    with Image.open(io.BytesIO(base64.b64decode(shown["png"]))) as page:
        assert page.size == (1700, 2200)
        assert {symbol.text for symbol in zxingcpp.read_barcodes(page)} == {getattr(bill, text) for text in texts}


def test_a_birth_date_is_typed_in_the_order_of_the_language() -> None:
    assert birth_digits(dt.date(1962, 3, 4), "en") == "03041962"
    assert birth_digits(dt.date(1962, 3, 4), "es") == "04031962"
