"""Who issues virtual badges: an authority with its certificate, badges with theirs, and what it has withdrawn."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from devices.smartcards.simulator.cards import BadgeCard, signs

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def new_ec_key() -> ec.EllipticCurvePrivateKey:
    """A P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, slots=True)
class Period:
    """When a certificate counts; both aware."""

    begin: dt.datetime
    end: dt.datetime


class Issuer:
    """`name` is its common name; the certificate counts in `period`."""

    def __init__(self, name: str, period: Period, may_sign: bool = True) -> None:
        self._key = new_ec_key()
        self._name = _name(name)
        builder = _certificate(self._name, self._name, self._key, period, 1)
        builder = builder.add_extension(x509.BasicConstraints(ca=may_sign, path_length=None), critical=True)
        self.certificate = builder.sign(self._key, hashes.SHA256())

    def pem(self, *withdrawn: int) -> bytes:
        """What a kiosk pins: the certificate, and a list of withdrawn serial numbers when there are any."""
        pem = self.certificate.public_bytes(Encoding.PEM)
        if not withdrawn:
            return pem
        at = self.certificate.not_valid_before_utc
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name).last_update(at)
        builder = builder.next_update(at + dt.timedelta(days=7))
        for serial in withdrawn:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
            )
        return pem + builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def certify(self, holder: str, key: Key, period: Period, serial: int = 0x5EED, usage: x509.KeyUsage | None = None) -> bytes:
        """A badge's certificate in DER."""
        builder = _certificate(_name(holder), self._name, key, period, serial)
        if usage is not None:
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.DER)

    def badge(self, holder: str, key: Key, period: Period, serial: int = 0x5EED) -> BadgeCard:
        """A badge as it is handed to somebody."""
        return BadgeCard(self.certify(holder, key, period, serial), signs(key))


def _certificate(subject: x509.Name, issuer: x509.Name, key: Key, period: Period, serial: int) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).serial_number(serial)
    return builder.public_key(key.public_key()).not_valid_before(period.begin).not_valid_after(period.end)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
