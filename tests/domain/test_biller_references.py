"""Other billers' references as the hub is given them: what kiosks read holds here, and what is mistyped does not."""

from __future__ import annotations

import pytest

from domain.biller_profiles import Reading, read_by_each
from domain.biller_references import holds, is_reference
from domain.statement_codes import RefKind
from tests.billers import TODAY
from tests.domain.test_biller_profiles import ALL, PUBLISHED

READ = {
    name: answer.ref.value
    for name, (symbology, text, *_) in PUBLISHED.items()
    for _, answer in read_by_each(symbology, text, ALL, TODAY)
    if isinstance(answer, Reading) and answer.ref.kind is RefKind.BILLER
}
CHECKED = {name: value for name, value in READ.items() if not value.startswith("LOCKBOX/")}


@pytest.mark.parametrize("name", READ)
def test_what_a_kiosk_reads_on_a_published_bill_holds(name: str) -> None:
    assert is_reference(READ[name])
    assert holds(READ[name])


@pytest.mark.parametrize("name", CHECKED)
def test_a_reference_with_another_digit_or_one_less_does_not(name: str) -> None:
    value = CHECKED[name]
    other = str((int(value[-1]) + 1) % 10)
    assert not holds(value[:-1] + other)
    assert not holds(value[:-1])
    assert not holds(value + "A")


@pytest.mark.parametrize("value", ["LOCKBOX/00345678901", "ACME/1", "RFX/RF18539007547034"])
def test_what_cannot_be_told_holds(value: str) -> None:
    assert holds(value)


@pytest.mark.parametrize(
    "value",
    [
        "", "RF18539007547034", "/RF18539007547034", "RF/", "rf/RF18539007547034", "RF/RF18 5390 0754 7034",
        "RF/RF18539007547034\n", "A" * 17 + "/1", "A/" + "1" * 48, "A/1/2", "A/1-2", "A/\N{ARABIC-INDIC DIGIT ONE}",
    ],
)  # fmt: skip
def test_what_has_not_the_form_is_no_reference(value: str) -> None:
    assert not is_reference(value)
