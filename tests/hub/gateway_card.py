"""A test card as a reader encrypts it: what a simulated NEO 2 reader would hand over."""

from __future__ import annotations

from domain.dukpt import encrypt, initial_key
from domain.payment import CardData

BDK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
"""The published test key of ANSI X9.24-1."""

KSN = bytes.fromhex("FFFF9876543210E00001")
AES_KSN = bytes.fromhex("123456789012345600000001")
PAN = "4111111111111111"


def object_of(tag: str, value: bytes) -> bytes:
    return bytes.fromhex(tag) + bytes((len(value),)) + value


def track2(pan: str) -> bytes:
    """57: number, separator, expiry, service code."""
    text = f"{pan}D30122010000"
    return bytes.fromhex(text + "F" * (len(text) % 2))


def sealed_object(tag: str, value: bytes, *, bdk: bytes = BDK, ksn: bytes = KSN) -> bytes:
    return object_of(tag, encrypt(initial_key(bdk, ksn), ksn, object_of(tag, value)))


def card(pan: str = PAN, *, bdk: bytes = BDK, ksn: bytes = KSN) -> CardData:
    head = object_of("9F02", bytes.fromhex("000000002550"))
    return CardData(ksn, head + sealed_object("57", track2(pan), bdk=bdk, ksn=ksn))
