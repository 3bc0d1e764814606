"""The hub's own certificate authority: made at the first start, it vouches for the hub to its kiosks and for them to it."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
import secrets
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.folder import Folder, HubError, write_private

CLIENT_LIFE = dt.timedelta(days=400)
_CA_LIFE = dt.timedelta(days=3650)
_SERVER_LIFE = dt.timedelta(days=397)
_SINCE = dt.timedelta(days=30)
"""A certificate is good from this long before it was made: a kiosk whose clock is days behind still trusts a hub that was just
started, and is then told the time."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Its key and its certificate, which every kiosk has as ca.pem."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def fingerprint(self) -> str:
        """Four base32 characters of the certificate's SHA-256. They end every enrolment code: whoever typed the code can tell our
        authority from another."""
        digest = hashlib.sha256(self.certificate.public_bytes(serialization.Encoding.DER)).digest()
        return base64.b32encode(digest).decode("ascii")[:4]

    def client_certificate(self, kiosk: str, epoch: int, key: Ed25519PublicKey, now: dt.datetime) -> str:
        """A certificate that `key` is that of `kiosk` in its enrolment number `epoch`, for TLS clients, good for CLIENT_LIFE;
        base64 of its DER bytes. (A common name has at most 64 characters, so that the epoch needs an attribute of its own.)"""
        subject = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, kiosk), x509.NameAttribute(NameOID.SERIAL_NUMBER, str(epoch))]
        )
        certificate = (
            _builder(subject, self.certificate.subject, key, now, CLIENT_LIFE)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode("ascii")


def open_authority(folder: Folder, now: dt.datetime) -> Authority:
    """The authority in `folder`, made where there is none. Raises HubError when its files do not make sense."""
    if folder.ca_certificate.exists():
        key = serialization.load_pem_private_key(folder.ca_key.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise HubError("ca-unreadable", f"{folder.ca_key} is not the hub's own key.")
        return Authority(key, x509.load_pem_x509_certificate(folder.ca_certificate.read_bytes()))
    made = new_authority(now)
    write_private(folder.ca_key, _pem(made.key))
    write_private(folder.ca_certificate, made.certificate.public_bytes(serialization.Encoding.PEM))
    return made


def new_authority(now: dt.datetime) -> Authority:
    """An authority that nobody knows yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Lobbypay hub CA {secrets.token_hex(4)}")
    certificate = (
        _builder(name, name, key.public_key(), now, _CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, certificate)


def issue_server_certificate(folder: Folder, hosts: tuple[str, ...], now: dt.datetime) -> None:
    """Writes a new TLS key and certificate for localhost, 127.0.0.1 and `hosts`: at every start, so that it is always valid."""
    authority = open_authority(folder, now)
    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    names += [x509.DNSName(host) for host in hosts]
    certificate = (
        _builder(_name(hosts[0]), authority.certificate.subject, key.public_key(), now, _SERVER_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    write_private(folder.server_key, _pem(key))
    write_private(folder.server_certificate, certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey | Ed25519PublicKey,
    now: dt.datetime,
    life: dt.timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SINCE)
        .not_valid_after(now + life)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(**allowed: bool) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
        "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{use: allowed.get(use, False) for use in every})


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
