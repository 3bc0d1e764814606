"""Status bytes as Epson's ESC/POS reference gives them (DLE EOT n, GS r 1)."""

from __future__ import annotations

import pytest

from devices.health import Condition
from devices.printers.status import health_of, is_printed, is_status


@pytest.mark.parametrize(
    ("cause", "paper", "condition", "fault"),
    [
        (0x12, 0x12, Condition.READY, ""),
        (0x12, 0x1E, Condition.LOW, "printer-paper-low"),
        (0x32, 0x7E, Condition.OUT, "printer-no-paper"),
        (0x12, 0x72, Condition.OUT, "printer-no-paper"),
        (0x16, 0x12, Condition.OUT, "printer-cover"),
        (0x36, 0x7E, Condition.OUT, "printer-cover"),
        (0x52, 0x12, Condition.OUT, "printer-fault"),
    ],
)
def test_what_the_bytes_say(cause: int, paper: int, condition: Condition, fault: str) -> None:
    assert is_status(cause)
    assert is_status(paper)
    health = health_of(cause, paper)
    assert (health.condition, health.fault) == (condition, fault)


def test_the_two_kinds_of_answer_cannot_be_mistaken_for_each_other() -> None:
    assert not any(is_status(byte) and is_printed(byte) for byte in range(256))
    assert [is_printed(byte) for byte in (0x00, 0x03, 0x0C)] == [True] * 3
    assert not any(is_status(byte) for byte in (0x00, 0xFF, 0x13, 0x92))
