"""A receipt as plain text, for an e-mail: what the paper says, line by line."""

from __future__ import annotations

from typing import assert_never

from domain.receipt import Block, Code, Pair, Receipt, Rule, Text


def as_text(receipt: Receipt) -> str:
    """Lines that end in a newline each; a reader breaks the long ones. Nothing of it is HTML."""
    return "".join(f"{_line(block)}\n" for block in receipt.blocks)


def _line(block: Block) -> str:
    match block:
        case Text(text) | Code(text):
            return text
        case Pair(label, value):
            return f"{label}: {value}"
        case Rule():
            return ""
        case _:
            assert_never(block)
