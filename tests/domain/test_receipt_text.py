"""A receipt as plain text: every block is a line, in its order."""

from __future__ import annotations

from domain.receipt import Code, Pair, Receipt, Rule, Style, Text
from domain.receipt_text import as_text


def test_each_block_is_a_line() -> None:
    blocks = (Text("St. Brendan", Style.STRONG), Rule(), Pair("Amount", "$2.50", Style.LARGE), Code("HTTPS://PAY.EXAMPLE/R1/A"))
    assert as_text(Receipt("A", blocks)) == "St. Brendan\n\nAmount: $2.50\nHTTPS://PAY.EXAMPLE/R1/A\n"
