"""Client certificates on the wire: the PKCS #10 request (RFC 2986) that a kiosk signs with its own key, and what comes back.

Both travel as base64 of their DER bytes. A certificate's subject is CN=<kiosk>, serialNumber=<epoch>: together the key id.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from offline_queue.wire.signatures import key_id


class NotCertified(Exception):
    """What should be a request or a certificate of an Ed25519 key is none."""


@dataclass(frozen=True, slots=True)
class Certified:
    """What a certificate says: whose `key` (the raw 32 bytes) it is, and until when."""

    keyid: str
    key: bytes
    until: dt.datetime


def request(key: Ed25519PrivateKey) -> str:
    """A request for `key`, signed by it. It names nobody: the hub knows whose code or signature it came with."""
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, None)
    return base64.b64encode(made.public_bytes(Encoding.DER)).decode("ascii")


def requested(csr: str) -> Ed25519PublicKey:
    """The key of a request that was signed by that same key. Raises NotCertified."""
    try:
        asked = x509.load_der_x509_csr(base64.b64decode(csr, validate=True))
        key = asked.public_key()
        if not isinstance(key, Ed25519PublicKey):
            raise NotCertified
        key.verify(asked.signature, asked.tbs_certrequest_bytes)
    except (ValueError, binascii.Error, UnsupportedAlgorithm, InvalidSignature) as error:
        raise NotCertified from error
    return key


def read(certificate: str) -> Certified:
    """What `certificate` (base64 of DER) says. Whether its issuer is to be believed is for TLS to find. Raises NotCertified."""
    try:
        found = x509.load_der_x509_certificate(base64.b64decode(certificate, validate=True))
        key = found.public_key()
        named = {attribute.oid: str(attribute.value) for attribute in found.subject}
    except (ValueError, binascii.Error, UnsupportedAlgorithm) as error:
        raise NotCertified from error
    if not isinstance(key, Ed25519PublicKey) or named.keys() != {NameOID.COMMON_NAME, NameOID.SERIAL_NUMBER}:
        raise NotCertified
    keyid = key_id(named[NameOID.COMMON_NAME], named[NameOID.SERIAL_NUMBER])
    return Certified(keyid, key.public_bytes_raw(), found.not_valid_after_utc)
