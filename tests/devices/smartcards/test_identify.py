"""A card is asked for what is wanted, in the application's own name; a payment card is never asked for anything of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.smartcards.atr import PAYMENT_SCHEMES
from devices.smartcards.identify import Asking, identify
from devices.smartcards.port import Badge, Insured, Kind, Refusal, Refused, Seen, Wristband
from devices.smartcards.simulator import emv
from devices.smartcards.simulator.cards import Card, PaymentCard, Spoilt, Tag, TornOut, chip_atr, health_card
from devices.smartcards.simulator.issuer import Issuer, new_ec_key
from tests.devices.smartcards.people import GOOD, line_to, random, trust_in

OURS = Issuer("Badges of Riverside", GOOD)
ASKING = Asking(trust_in(OURS), random)
ALL = frozenset(Kind)

BADGE = OURS.badge("Robin Tester", new_ec_key(), GOOD)

OUR_APPLICATIONS = {"a000000308000010000100", "d27600000102"}


def seen(card: Card, wanted: frozenset[Kind] = ALL) -> Seen:
    return identify(card.atr, line_to(card), wanted, ASKING)


def test_each_kind_is_known_for_what_it_is() -> None:
    assert isinstance(seen(BADGE), Badge)
    assert isinstance(seen(health_card("A", "B", "19800101")), Insured)
    assert isinstance(seen(Tag(b"1234", "x")), Wristband)


def test_what_is_not_wanted_is_not_read() -> None:
    for card, kind in (
        (OURS.badge("R", new_ec_key(), GOOD), Kind.BADGE),
        (health_card("A", "B", "19800101"), Kind.INSURANCE),
        (Tag(b"1234", "x"), Kind.WRISTBAND),
    ):
        assert seen(card, ALL - {kind}) == Refused(Refusal.UNKNOWN_CARD)
        assert all(command[:4].hex().startswith("00a404") for command in card.heard)


def test_without_an_authority_there_are_no_badges() -> None:
    card = OURS.badge("R", new_ec_key(), GOOD)
    assert identify(card.atr, line_to(card), ALL, Asking(None, random)) == Refused(Refusal.UNKNOWN_CARD)
    assert [command[5:11].hex() for command in card.heard] == ["d27600000102"]


def test_a_payment_card_that_names_its_scheme_is_sent_not_one_command() -> None:
    card = PaymentCard(named=True)
    assert seen(card) == Refused(Refusal.PAYMENT_CARD)
    assert card.heard == []


@pytest.mark.parametrize("wanted", [ALL, *(frozenset({kind}) for kind in Kind), frozenset[Kind]()])
def test_any_other_payment_card_is_asked_for_our_applications_and_for_nothing_of_its_own(wanted: frozenset[Kind]) -> None:
    card = PaymentCard()
    assert seen(card, wanted) == Refused(Refusal.UNKNOWN_CARD)
    for command in card.heard:
        assert command[:4].hex() in ("00a40400", "00a4040c"), "only ever SELECT by name"
        assert command[5 : 5 + command[4]].hex() in OUR_APPLICATIONS
        assert b"PAY.SYS" not in command
        assert not any(scheme in command for scheme in PAYMENT_SCHEMES)


def test_that_card_would_have_told_everything() -> None:
    """The card above is no strawman: whoever asks gets its number."""
    card = PaymentCard()
    card.answer(bytes.fromhex("00A404000E325041592E5359532E444446303100"))
    assert bytes.fromhex(emv.TEST_NUMBER) in (card.answer(bytes.fromhex("00B2020C00")) or b"")


@given(st.binary(max_size=32), st.lists(st.binary(min_size=0, max_size=300), min_size=1, max_size=8))
def test_whatever_a_card_says_it_is_asked_nothing_of_a_payment_cards(historical: bytes, answers: list[bytes]) -> None:
    """Cards that answer anything at all: no order of answers leads to a payment application or to READ RECORD."""
    sent: list[bytes] = []

    def line(command: bytes) -> bytearray:
        sent.append(command)
        return bytearray(answers[len(sent) % len(answers)])

    identify(chip_atr(historical[:15]), line, ALL, ASKING)
    for command in sent:
        assert command[1] != 0xB2
        if command[1] == 0xA4:
            assert command[5 : 5 + command[4]].hex() in OUR_APPLICATIONS


def test_what_goes_wrong_is_said() -> None:
    assert seen(Spoilt(health_card("A", "B", "19800101"), 2, bytes(5_000))) == Refused(Refusal.UNREADABLE)
    assert seen(Spoilt(health_card("A", "B", "19800101"), 3, b"")) == Refused(Refusal.TAKEN_AWAY)
    with pytest.raises(TornOut):
        seen(Spoilt(health_card("A", "B", "19800101"), 2, TornOut))
    assert seen(Issuer("Somebody", GOOD).badge("R", new_ec_key(), GOOD)) == Refused(Refusal.BADGE_UNTRUSTED)
