"""The rules of a protocol that a till breaks: told aloud, so that a test can say that our driver never does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Report = Callable[[dict[str, Any]], None]
Complaint = Callable[[str, bytes], None]
"""Takes a rule that the till broke, and the bytes that broke it."""


def complaints(report: Report) -> Complaint:
    """How a broken rule is told: {"violation": {"rule", "hex"}}."""
    return lambda rule, data: report({"violation": {"rule": rule, "hex": data.hex()}})
