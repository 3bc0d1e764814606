"""Card data at the sandbox gateway: what opens, what does not, and that nothing of it is left."""

from __future__ import annotations

import pytest

from domain.dukpt import decrypt
from domain.payment import CardData
from hub.gateway import cards
from hub.gateway.cards import is_card
from tests.hub.gateway_card import AES_KSN, BDK, KSN, card, object_of, sealed_object, track2


@pytest.mark.parametrize("pan", ["4111111111111111", "378282246310005", "6304000000000000", "5555555555554444"])
@pytest.mark.parametrize("ksn", [KSN, AES_KSN])
def test_a_card_opens_whatever_its_length_and_its_readers_keys(pan: str, ksn: bytes) -> None:
    assert is_card(BDK, card(pan, ksn=ksn))


def test_objects_of_every_form_may_lie_before_the_card() -> None:
    """As ID TECH has them: masked track 2 first, lengths of two bytes, and the encrypted one with a bit for that."""
    masked = bytes.fromhex("57A113") + bytes(19)
    long = object_of("9F7C", bytes(5)) + bytes.fromhex("DFEE1282") + (200).to_bytes(2, "big") + bytes(200)
    sealed = sealed_object("57", track2("4111111111111111"))
    assert is_card(BDK, CardData(KSN, masked + long + b"\x57\xc1" + sealed[1:]))


@pytest.mark.parametrize(
    "data",
    [
        card("4111111111111112"),  # its check digit is wrong
        card("41111111"),
        card(bdk=bytes(15) + b"\x01"),
        card(ksn=KSN[:9] + b"\x02"),
        CardData(bytes(10), card().data),  # a counter that no reader uses
        CardData(KSN, b"\x57\x08abc"),
        CardData(KSN, b"\x57\x03abc"),
        CardData(KSN, b"\x5f"),
        CardData(KSN, b"\x9a\x01\x00"),
        CardData(KSN, sealed_object("57", bytes.fromhex("4111111111111111"))),  # no separator: nobody knows where it ends
        CardData(KSN, b"\x57\x00"),
        CardData(KSN, sealed_object("5A", track2("4111111111111111"))),
        CardData(KSN, b"\x57" + sealed_object("5A", track2("4111111111111111"))[1:]),  # another object in 57's place
        CardData(KSN, bytes.fromhex("57A113") + bytes(19)),
    ],
)
def test_what_is_no_card_does_not(data: CardData) -> None:
    assert not is_card(BDK, CardData(KSN, data.data) if len(data.ksn) == 10 and any(data.ksn) else data)


def test_what_was_opened_is_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[bytearray] = []

    def watched(initial: bytes, ksn: bytes, data: bytes) -> bytearray:
        opened.append(decrypt(initial, ksn, data))
        return opened[-1]

    monkeypatch.setattr(cards, "decrypt", watched)
    assert is_card(BDK, card())
    assert opened == [bytearray(len(opened[0]))]
