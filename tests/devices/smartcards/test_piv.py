"""A badge proves that it holds its certificate's key, or it is none."""

from __future__ import annotations

import gzip

import pytest
from cryptography.hazmat.primitives.asymmetric import padding

from devices.smartcards.piv import SLOTS, read_badge, select_piv
from devices.smartcards.port import Badge, CardError, Refusal
from devices.smartcards.simulator.cards import OK, BadgeCard, signs
from devices.smartcards.simulator.issuer import Issuer, Key, new_ec_key
from devices.tlv import Tlv, encode
from tests.devices.smartcards.people import GOOD, PAST, line_to, random, rsa_key, scripted, trust_in

OURS = Issuer("Badges of Riverside", GOOD)
KEYS: dict[str, Key] = {"P-256": new_ec_key(), "RSA": rsa_key(), "RSA 3072": rsa_key(3072)}


def read(card: BadgeCard) -> Badge:
    assert select_piv(line_to(card)).ok
    return read_badge(line_to(card), trust_in(OURS), random)


def refusal(card: BadgeCard) -> Refusal:
    with pytest.raises(CardError) as refused:
        read(card)
    return refused.value.reason


@pytest.mark.parametrize("name", KEYS)
def test_a_badge_is_its_holders(name: str) -> None:
    assert read(OURS.badge("Robin Tester", KEYS[name], GOOD, serial=0x2A)) == Badge("Robin Tester", "2a")


@pytest.mark.parametrize("slot", SLOTS)
def test_any_key_that_signs_will_do(slot: tuple[int, int]) -> None:
    key = KEYS["P-256"]
    assert read(BadgeCard(OURS.certify("R", key, GOOD), signs(key), slot)).holder == "R"


@pytest.mark.parametrize("name", KEYS)
def test_a_copied_certificate_with_another_key_is_false(name: str) -> None:
    other: Key = new_ec_key() if name == "P-256" else rsa_key(2048 if name == "RSA 3072" else 3072)
    assert refusal(BadgeCard(OURS.certify("R", KEYS[name], GOOD), signs(other))) is Refusal.BADGE_FALSE


def test_a_proof_that_was_heard_before_is_false() -> None:
    """Whoever listened once can play the answer again: the challenge is another."""
    key = KEYS["P-256"]
    heard: list[bytes] = []

    def listening(digest: bytes) -> bytes:
        heard.append(signs(key)(digest))
        return heard[0]

    card = BadgeCard(OURS.certify("R", key, GOOD), listening)
    challenges = iter((b"\x01" * 32, b"\x02" * 32))
    read_badge(line_to(card), trust_in(OURS), lambda _size: next(challenges))
    with pytest.raises(CardError) as refused:
        read_badge(line_to(card), trust_in(OURS), lambda _size: next(challenges))
    assert refused.value.reason is Refusal.BADGE_FALSE


def test_the_challenge_is_padded_as_pkcs1_wants_it() -> None:
    """Judged by the library: what the card's bare RSA made of our block is a signature of the challenge."""
    key = rsa_key()
    card = OURS.badge("R", key, GOOD)
    read(card)
    sent = b"".join(command[5 : 5 + command[4]] for command in card.heard if command[1] == 0x87)
    block = sent[sent.index(b"\x00\x01\xff") :]
    assert block == pow(int.from_bytes(_signature_of_library(key), "big"), 65_537, key.public_key().public_numbers().n).to_bytes(
        256, "big"
    )


def _signature_of_library(key: Key) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa

    assert isinstance(key, rsa.RSAPrivateKey)
    return key.sign(b"lobbypay staff badge" + random(32), padding.PKCS1v15(), hashes.SHA256())


def test_a_badge_whose_keys_want_a_pin_is_locked() -> None:
    assert refusal(BadgeCard(OURS.certify("R", KEYS["P-256"], GOOD), None)) is Refusal.BADGE_LOCKED


def test_an_expired_badge_says_so_and_signs_nothing() -> None:
    card = OURS.badge("R", KEYS["P-256"], PAST)
    assert refusal(card) is Refusal.BADGE_EXPIRED
    assert not [command for command in card.heard if command[1] == 0x87]


def test_a_badge_without_a_certificate_is_untrusted() -> None:
    line, _ = scripted("6A82", "6A82", "6A82")
    with pytest.raises(CardError) as refused:
        read_badge(line, trust_in(OURS), random)
    assert refused.value.reason is Refusal.BADGE_UNTRUSTED


def wrapped(*inner: Tlv) -> str:
    return (encode((Tlv(0x53, encode(inner)),)) + OK).hex()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("53059000", Refusal.UNREADABLE),  # cut off
        ("53037005009000", Refusal.UNREADABLE),
        ("9000", Refusal.BADGE_UNTRUSTED),
        (wrapped(Tlv(0x71, b"\x00")), Refusal.BADGE_UNTRUSTED),
        (wrapped(Tlv(0x70, b"no gzip"), Tlv(0x71, b"\x01")), Refusal.UNREADABLE),
        (wrapped(Tlv(0x70, gzip.compress(bytes(100_000), mtime=0)), Tlv(0x71, b"\x01")), Refusal.UNREADABLE),  # a bomb
        (wrapped(Tlv(0x70, gzip.compress(b"x", mtime=0)[:-4]), Tlv(0x71, b"\x01")), Refusal.UNREADABLE),
        (wrapped(Tlv(0x70, b"no certificate")), Refusal.BADGE_UNTRUSTED),
    ],
)
def test_a_certificate_object_that_is_none(said: str, reason: Refusal) -> None:
    line, _ = scripted(said, *["6A82"] * 2)
    with pytest.raises(CardError) as refused:
        read_badge(line, trust_in(OURS), random)
    assert refused.value.reason is reason


def test_a_certificate_may_come_packed() -> None:
    key = KEYS["P-256"]
    packed = gzip.compress(OURS.certify("R", key, GOOD))
    card = OURS.badge("R", key, GOOD)
    card._object = encode((Tlv(0x53, encode((Tlv(0x70, packed), Tlv(0x71, b"\x01")))),))
    assert read(card).holder == "R"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("7C059000", Refusal.UNREADABLE),
        ("9000", Refusal.BADGE_FALSE),
        ("7C029000", Refusal.UNREADABLE),
        ("7C0281009000", Refusal.BADGE_FALSE),
        ("7C03820100" + "9000", Refusal.BADGE_FALSE),
        ("6A80", Refusal.BADGE_FALSE),
    ],
)
def test_a_proof_that_is_none(said: str, reason: Refusal) -> None:
    card = OURS.badge("R", KEYS["P-256"], GOOD)

    def line(command: bytes) -> bytearray:
        return bytearray.fromhex(said) if command[1] == 0x87 else bytearray(card.answer(command) or b"")

    with pytest.raises(CardError) as refused:
        read_badge(line, trust_in(OURS), random)
    assert refused.value.reason is reason


def test_a_badge_that_leaves_meanwhile_is_not_asked_for_its_other_keys() -> None:
    line, sent = scripted("")
    with pytest.raises(CardError) as left:
        read_badge(line, trust_in(OURS), random)
    assert left.value.reason is Refusal.TAKEN_AWAY
    assert len(sent) == 1
