"""What a card says of itself before it is asked anything: its answer to reset (ISO 7816-3; PC/SC part 3 for contactless ones)."""

from __future__ import annotations

_STORAGE = bytes.fromhex("804F0CA000000306")
"""Begins the historical bytes that a reader makes up for a card of memory only, as wristbands have (PC/SC part 3, 3.1.3.2.3)."""

PAYMENT_SCHEMES = tuple(
    bytes.fromhex(rid)
    for rid in (
        "A000000003",  # Visa
        "A000000004",  # Mastercard, Maestro
        "A000000005",  # Mastercard UK
        "A000000025",  # American Express
        "A000000029",  # LINK
        "A000000042",  # Cartes Bancaires
        "A000000065",  # JCB
        "A000000121",  # Dankort
        "A000000141",  # PagoBancomat
        "A000000152",  # Discover, Diners
        "A000000277",  # Interac
        "A000000324",  # Zip
        "A000000333",  # UnionPay
        "A000000359",  # girocard
        "A000000524",  # RuPay
        "A000000658",  # Mir
        "D276000025",  # Deutsche Kreditwirtschaft (GeldKarte)
    )
)
"""Registered application providers (ISO 7816-5) that are payment schemes."""


def says_payment(atr: bytes) -> bool:
    """Whether a payment scheme is named in it. Most payment cards name none: they are refused because they are not ours."""
    return any(scheme in atr for scheme in PAYMENT_SCHEMES)


def is_storage(atr: bytes) -> bool:
    """Whether this is a card of memory only, which no payment card is."""
    return historical(atr).startswith(_STORAGE)


def historical(atr: bytes) -> bytes:
    """The bytes that are the card maker's own; empty when the rest does not fit together (ISO 7816-3, 8.2)."""
    if len(atr) < 2:
        return b""
    count, more, at = atr[1] & 0x0F, atr[1] >> 4, 2
    while more:
        at += more.bit_count()
        if not more & 0x8:
            break
        if at > len(atr):
            return b""
        more = atr[at - 1] >> 4
    return atr[at : at + count] if at + count <= len(atr) else b""
