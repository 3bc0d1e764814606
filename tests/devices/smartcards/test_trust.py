"""Whose badges count, and whose do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from devices.smartcards.port import CardError, Refusal
from devices.smartcards.simulator.issuer import Issuer, Key, Period, new_ec_key
from devices.smartcards.trust import Trust
from tests.devices.smartcards.people import DAY, GOOD, NOW, PAST, clock, rsa_key, trust_in

OURS = Issuer("Badges of Riverside", GOOD)


def usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(signs, False, False, False, not signs, False, False, False, False)


def refusal(trust: Trust, der: bytes) -> Refusal:
    with pytest.raises(CardError) as refused:
        trust.holder(der)
    return refused.value.reason


@pytest.mark.parametrize("key", [new_ec_key(), rsa_key()], ids=["P-256", "RSA"])
def test_a_badge_of_ours_says_whose_it_is(key: Key) -> None:
    holder = trust_in(OURS).holder(OURS.certify("Robin Tester", key, GOOD, serial=0xABC, usage=usage(signs=True)))
    assert (holder.name, holder.serial, holder.key) == ("Robin Tester", "abc", key.public_key())


def test_one_of_another_authority_is_not_believed_nor_one_of_the_same_name() -> None:
    for other in (Issuer("Somebody", GOOD), Issuer("Badges of Riverside", GOOD)):
        der = other.certify("Robin Tester", new_ec_key(), GOOD)
        assert refusal(trust_in(OURS), der) is Refusal.BADGE_UNTRUSTED
        assert trust_in(OURS, other).holder(der).name == "Robin Tester"


def test_what_the_authority_itself_shows_is_no_badge() -> None:
    assert refusal(trust_in(OURS), OURS.certificate.public_bytes(Encoding.DER)) is Refusal.BADGE_UNTRUSTED


def test_time_counts_for_the_badge_and_for_its_authority() -> None:
    later = Period(NOW + DAY, NOW + 2 * DAY)
    for period in (PAST, later):
        assert refusal(trust_in(OURS), OURS.certify("R", new_ec_key(), period)) is Refusal.BADGE_EXPIRED
    old = Issuer("Old", PAST)
    assert refusal(trust_in(old), old.certify("R", new_ec_key(), GOOD)) is Refusal.BADGE_EXPIRED


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP384R1()), rsa_key(1024)], ids=["P-384", "RSA 1024"])
def test_a_key_that_no_badge_of_ours_has_is_refused(key: Key) -> None:
    assert refusal(trust_in(OURS), OURS.certify("R", key, GOOD)) is Refusal.BADGE_UNTRUSTED


def test_a_certificate_for_something_else_is_refused() -> None:
    der = OURS.certify("R", new_ec_key(), GOOD, usage=usage(signs=False))
    assert refusal(trust_in(OURS), der) is Refusal.BADGE_UNTRUSTED


@pytest.mark.parametrize("der", [b"", b"\x30\x80\x00\x00", b"no certificate"])
def test_what_is_no_certificate_is_refused(der: bytes) -> None:
    assert refusal(trust_in(OURS), der) is Refusal.BADGE_UNTRUSTED


def test_a_name_that_would_write_on_the_screen_is_refused() -> None:
    assert refusal(trust_in(OURS), OURS.certify("R\n\x1b[2J", new_ec_key(), GOOD)) is Refusal.BADGE_UNTRUSTED


def test_the_file_holds_authorities_and_what_they_withdrew(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(Issuer("Another", GOOD).pem() + OURS.pem(0xBAD))
    trust = Trust.read(file, clock)
    assert trust.holder(OURS.certify("Robin Tester", new_ec_key(), GOOD, serial=0x600D)).serial == "600d"
    assert refusal(trust, OURS.certify("Robin Tester", new_ec_key(), GOOD, serial=0xBAD)) is Refusal.BADGE_REVOKED


def test_one_authoritys_list_says_nothing_of_anothers_badges(tmp_path: Path) -> None:
    other, file = Issuer("Another", GOOD), tmp_path / "ca.pem"
    file.write_bytes(other.pem(0xBAD) + OURS.pem())
    assert Trust.read(file, clock).holder(OURS.certify("R", new_ec_key(), GOOD, serial=0xBAD)).name == "R"


def test_a_file_that_cannot_be_relied_on_is_refused(tmp_path: Path) -> None:
    wrong = {
        "none": b"",
        "text": b"not PEM",
        "no authority": Issuer("Nobody", GOOD, may_sign=False).pem(),
        "stranger's list": OURS.pem() + Issuer("Badges of Riverside", GOOD).pem(7).partition(b"-----END CERTIFICATE-----\n")[2],
    }
    for name, pem in wrong.items():
        (tmp_path / name).write_bytes(pem)
    for name in (*wrong, "missing"):
        with pytest.raises(ValueError):
            Trust.read(tmp_path / name, clock)
