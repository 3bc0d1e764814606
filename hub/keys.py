"""The hub's keys, made at its first start: its own CA and TLS certificate, the key to seal records to, the key of links."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
import json
import re
import secrets
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.folder import Folder, HubError, write_private
from offline_queue.wire.messages import HubKey

DEFAULT_PUBLIC_HOST = "pay.lobbypay.example"
_LATE = dt.timedelta(hours=1)
_CA_LIFE = dt.timedelta(days=3650)
_SERVER_LIFE = dt.timedelta(days=397)
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Keys:
    """`sealing` and `links` by key id, newest first; `hosts` in lower case, the one printed on new statements first.

    `ca_fingerprint` is four base32 characters of the CA certificate's SHA-256.
    """

    sealing: dict[str, X25519PrivateKey]
    links: dict[str, bytes]
    hosts: tuple[str, ...]
    ca_fingerprint: str

    def __repr__(self) -> str:
        return "Keys(...)"

    @property
    def to_seal_to(self) -> tuple[HubKey, ...]:
        """The public halves of `sealing`, the newest first, as kiosks are told them."""
        return tuple(HubKey(kid=kid, pub=_text(key.public_key().public_bytes_raw())) for kid, key in self.sealing.items())


def open_keys(folder: Folder, now: dt.datetime, public_host: str | None = None) -> Keys:
    """The keys in `folder`, made where missing; `public_host` becomes the first host.

    Raises HubError when the files are there and do not make sense, or when the host is not a host name.
    """
    held = _secrets(folder, public_host)
    _, ca = _authority(folder, now)
    return Keys(
        sealing={kid: X25519PrivateKey.from_private_bytes(base64.b64decode(raw)) for kid, raw in held["sealing"].items()},
        links={kid: base64.b64decode(raw) for kid, raw in held["links"].items()},
        hosts=tuple(held["hosts"]),
        ca_fingerprint=fingerprint(ca),
    )


def fingerprint(ca: x509.Certificate) -> str:
    """The four characters that end every enrolment code: whoever typed the code can tell our CA from another."""
    digest = hashlib.sha256(ca.public_bytes(serialization.Encoding.DER)).digest()
    return base64.b32encode(digest).decode("ascii")[:4]


def _secrets(folder: Folder, public_host: str | None) -> dict[str, dict[str, str]]:
    if public_host is not None and not _HOST.fullmatch(public_host):
        raise HubError("host-malformed", "The public host must be a host name in lower case.")
    try:
        held = json.loads(folder.secrets.read_bytes())
    except FileNotFoundError:
        held = {
            "sealing": {secrets.token_hex(4): _text(X25519PrivateKey.generate().private_bytes_raw())},
            "links": {"A": _text(secrets.token_bytes(32))},
            "hosts": [],
        }
    except ValueError as error:
        raise HubError("keys-unreadable", f"{folder.secrets} is damaged; restore it from a backup.") from error
    first = public_host or next(iter(held["hosts"]), DEFAULT_PUBLIC_HOST)
    hosts = [first, *(host for host in held["hosts"] if host != first)]
    if hosts != held["hosts"]:
        held["hosts"] = hosts
        write_private(folder.secrets, json.dumps(held).encode("ascii"))
    return held  # type: ignore[no-any-return]  # our own file


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _authority(folder: Folder, now: dt.datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    if folder.ca_certificate.exists():
        key = serialization.load_pem_private_key(folder.ca_key.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise HubError("ca-unreadable", f"{folder.ca_key} is not the hub's own key.")
        return key, x509.load_pem_x509_certificate(folder.ca_certificate.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Lobbypay hub CA {secrets.token_hex(4)}")])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(name, name, key.public_key(), now, _CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(folder.ca_key, _pem(key))
    write_private(folder.ca_certificate, certificate.public_bytes(serialization.Encoding.PEM))
    return key, certificate


def issue_server_certificate(folder: Folder, hosts: tuple[str, ...], now: dt.datetime) -> None:
    """Writes a new TLS key and certificate for localhost, 127.0.0.1 and `hosts`: at every start, so that it is always valid."""
    ca_key, ca = _authority(folder, now)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    names += [x509.DNSName(host) for host in hosts]
    certificate = (
        _builder(name, ca.subject, key.public_key(), now, _SERVER_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    write_private(folder.server_key, _pem(key))
    write_private(folder.server_certificate, certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime, life: dt.timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LATE)
        .not_valid_after(now + life)
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
