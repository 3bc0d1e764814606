"""Whose badges count: certificates of the authority in one file, checked for time, strength and withdrawal (RFC 5280)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from devices.smartcards.port import CardError, Refusal

LEAST_RSA_BITS = 2048
_STRONG = (hashes.SHA256, hashes.SHA384, hashes.SHA512)

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)

Key = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Holder:
    """What a certificate says, once it is believed. `serial` in hexadecimal."""

    name: str
    serial: str
    key: Key


class Trust:
    """The pinned authorities, each of which signs badges itself, and what they have withdrawn. Nobody else counts.

    A list of what was withdrawn counts however old it is: it can only refuse.
    """

    def __init__(
        self,
        authorities: tuple[x509.Certificate, ...],
        withdrawn: tuple[x509.CertificateRevocationList, ...],
        clock: Callable[[], dt.datetime],
    ) -> None:
        """`clock` gives aware times."""
        self._authorities = authorities
        self._withdrawn = withdrawn
        self._clock = clock

    @classmethod
    def read(cls, file: Path, clock: Callable[[], dt.datetime]) -> Trust:
        """From PEM: one certificate or more, and for a certificate at most one list of what it has withdrawn.

        Raises ValueError when the file cannot be read, has no certificate, one that is no authority's, or a list that is none
        of theirs.
        """
        try:
            pem = file.read_bytes()
        except OSError as error:
            raise ValueError(f"{file} cannot be read: {error.strerror}") from error
        authorities = tuple(x509.load_pem_x509_certificates(pem))
        if not all(map(_may_sign, authorities)):
            raise ValueError(f"{file} has a certificate that may not sign others")
        mark = b"-----END X509 CRL-----"
        lists = [block + mark for block in pem.split(mark)[:-1]]
        withdrawn = tuple(x509.load_pem_x509_crl(block[block.index(b"-----BEGIN X509 CRL-----") :]) for block in lists)
        for each in withdrawn:
            if not any(each.issuer == by.subject and each.is_signature_valid(_key_of(by)) for by in authorities):
                raise ValueError(f"{file} has a revocation list that none of its authorities signed")
        return cls(authorities, withdrawn, clock)

    def holder(self, der: bytes) -> Holder:
        """Who the certificate is of. Raises CardError when it is not to be believed."""
        try:
            badge = x509.load_der_x509_certificate(der)
            self._believe(badge)
            key = badge.public_key()
            names = badge.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension) as error:
            raise CardError(Refusal.BADGE_UNTRUSTED, "a certificate") from error
        if len(names) != 1 or not isinstance(names[0].value, str) or not names[0].value.isprintable():
            raise CardError(Refusal.BADGE_UNTRUSTED, "a certificate's name")
        if isinstance(key, rsa.RSAPublicKey) and key.key_size in (LEAST_RSA_BITS, 3072) and key.public_numbers().e >= 65_537:
            return Holder(names[0].value, f"{badge.serial_number:x}", key)
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            return Holder(names[0].value, f"{badge.serial_number:x}", key)
        raise CardError(Refusal.BADGE_UNTRUSTED, "a certificate's key")

    def _believe(self, badge: x509.Certificate) -> None:
        now = self._clock()
        signer = next((each for each in self._authorities if _signed(badge, each)), None)
        if signer is None or not isinstance(badge.signature_hash_algorithm, _STRONG):
            raise CardError(Refusal.BADGE_UNTRUSTED, "a certificate's signer")
        if not _may_prove(badge):
            raise CardError(Refusal.BADGE_UNTRUSTED, "a certificate's purpose")
        for each in (badge, signer):
            if not each.not_valid_before_utc <= now <= each.not_valid_after_utc:
                raise CardError(Refusal.BADGE_EXPIRED, "a certificate's time")
        for withdrawn in self._withdrawn:
            listed = withdrawn.get_revoked_certificate_by_serial_number(badge.serial_number)
            if withdrawn.issuer == signer.subject and listed is not None:
                raise CardError(Refusal.BADGE_REVOKED, "a certificate")


def proves(key: Key, challenge: bytes, signature: bytes) -> bool:
    """Whether the key's holder signed the challenge, with SHA-256."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, challenge, padding.PKCS1v15(), hashes.SHA256())
        else:
            key.verify(signature, challenge, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _signed(badge: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        badge.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):  # another's name, a key of a kind that cannot have, or not its signature
        return False
    return True


def _may_sign(authority: x509.Certificate) -> bool:
    constraints, usage = _extension(authority, x509.BasicConstraints), _extension(authority, x509.KeyUsage)
    if not isinstance(authority.public_key(), rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return False
    return constraints is not None and constraints.ca and (usage is None or usage.key_cert_sign)


def _may_prove(badge: x509.Certificate) -> bool:
    """A badge signs challenges, and nobody's certificates."""
    constraints, usage = _extension(badge, x509.BasicConstraints), _extension(badge, x509.KeyUsage)
    return (constraints is None or not constraints.ca) and (usage is None or usage.digital_signature)


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _key_of(authority: x509.Certificate) -> Key:
    key = authority.public_key()
    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey), "_may_sign says so"
    return key
