"""The profiles that a kiosk takes: shipped by name, its own by path, each mistake one sentence for the technician."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.statement_codes import LinkProfile, MacKey
from kiosk.billers import MOST_BYTES, SHIPPED, BillerError, load_profiles, shipped
from tests.billers import NO_LINKS
from tests.domain.test_biller_files import SIGNED

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


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_with_secrets_of_links_is_its_owners_alone(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    path.write_text(SIGNED, encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(BillerError) as caught:
        load_profiles([str(path)], NO_LINKS, frozenset())
    told = f"Other users can get at the biller profile {path}, which has the secrets of links. Set it to mode 0600"
    assert str(caught.value) == f"{told}: chmod 600 {path}."
    path.chmod(0o600)
    assert [profile.name for profile in load_profiles([str(path)], NO_LINKS, frozenset())] == ["acme-link"]


def test_a_file_without_secrets_is_anybodys_to_read(tmp_path: Path) -> None:
    """That of our own links as well: the secrets are the hub's, and not in it."""
    path = tmp_path / "own.toml"
    path.write_text((SHIPPED / "lobbypay-link.toml").read_text(encoding="utf-8"), encoding="utf-8")
    path.chmod(0o644)
    links = LinkProfile(frozenset({"PAY.EXAMPLE"}), {"A": MacKey(bytes(16))})
    assert [profile.links for profile in load_profiles([str(path)], links, frozenset())] == [links]
