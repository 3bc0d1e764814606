"""TLS as the kiosk speaks it: version 1.3, the hub's own authority and nothing else, and the kiosk's certificate shown.

The kiosk's one Ed25519 key signs requests and TLS handshakes: 1.3 signs under a context string of its own (RFC 8446, 4.4.3), so
that neither signature can be taken for the other. Earlier versions do not, so they are not spoken.
"""

from __future__ import annotations

import base64
import os
import ssl
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def context(ca_file: Path | None, key: Ed25519PrivateKey | None, certificate: str | None) -> ssl.SSLContext:
    """What a connection to the hub is made with: `ca_file` (PEM) says whom to trust, None for the system's authorities; where
    there is a `certificate` (base64 of DER) of `key`, it is shown. Raises OSError when `ca_file` cannot be read."""
    made = ssl.create_default_context(cafile=ca_file)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    if key is not None and certificate is not None:
        _show(made, key, certificate)
    return made


def _show(made: ssl.SSLContext, key: Ed25519PrivateKey, certificate: str) -> None:
    """OpenSSL's binding reads keys from files only: this one has no name and never leaves memory."""
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    held = os.memfd_create("kiosk")
    try:
        os.write(held, private + ssl.DER_cert_to_PEM_cert(base64.b64decode(certificate)).encode("ascii"))
        made.load_cert_chain(f"/proc/self/fd/{held}")
    finally:
        os.close(held)


def fault(error: BaseException | None) -> str:
    """Why no line came about, anywhere in what led to `error`: "hub-certificate" (not the hub we trust), "hub-tls" (it hangs up
    in the middle of TLS's greeting, or answers something else), or empty: it did not come to that."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return "hub-certificate"
        if isinstance(error, ssl.SSLError):
            return "hub-tls"
        error = error.__cause__ or error.__context__
    return ""
