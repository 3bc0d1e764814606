"""The profiles that a kiosk takes: shipped by name, its own by path, each mistake one sentence for the technician."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.billers import MOST_BYTES, SHIPPED, BillerError, load_profiles, shipped
from tests.billers import NO_LINKS

NUMBER = (SHIPPED / "lobbypay-number.toml").read_text(encoding="utf-8")


def test_shipped_ones_go_by_name_and_others_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme.toml").write_text(NUMBER.replace("lobbypay-number", "acme"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    profiles = load_profiles(["swiss-qr-bill", "acme.toml", "lobbypay-link"], NO_LINKS, frozenset({"CH4431999123000889012"}))
    assert [profile.name for profile in profiles] == ["swiss-qr-bill", "acme", "lobbypay-link"]
    assert {profile.payees for profile in profiles} == {frozenset({"CH4431999123000889012"})}


def test_every_shipped_one_is_named_as_its_file() -> None:
    assert [profile.name for profile in load_profiles(shipped(), NO_LINKS, None)] == list(shipped())


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("swiss", "There is no biller profile 'swiss'; there are dutch-payment-reference, "),
        ("./none.toml", "The biller profile none.toml cannot be read: No such file or directory."),
        (".//", "The biller profile . cannot be read: Is a directory."),
        ("./large.toml", "The biller profile large.toml is too large to be one."),
        ("./latin.toml", "The biller profile latin.toml is not UTF-8 text."),
        ("./wrong.toml", "The biller profile wrong.toml, at length: it is missing."),
        ("lobbypay-number", "The biller profile lobbypay-number is there twice."),
        ("epc-girocode", "The biller profile epc-girocode needs to know whom its bills pay: list the accounts as payees."),
    ],
)
def test_a_mistake_is_one_sentence(name: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "large.toml").write_bytes(b"#" * (MOST_BYTES + 1))
    (tmp_path / "latin.toml").write_bytes(b"# \xe4")
    (tmp_path / "wrong.toml").write_text(NUMBER.replace("length = 14\n", ""), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BillerError) as caught:
        load_profiles(["lobbypay-number", name], NO_LINKS, frozenset())
    assert str(caught.value).startswith(told)
