"""Signed requests: RFC 9421 with Ed25519 over method, target, body digest (RFC 9530) and idempotency key.

The kiosk signs with the key it made at enrolment; its key id is "<kiosk>:<epoch>". The body, where there is one, is bound by
its Content-Digest. Canonical forms are the `http-message-signatures` library's; this file only says what must be covered.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    InvalidSignature,
    MappingKeyResolver,
)
from http_message_signatures.algorithms import ED25519

TAG = "lobbypay-kiosk/v1"
"""The application tag: a signature made for something else is never taken for one of ours."""

MOST_SKEW = dt.timedelta(minutes=5)
"""How far a request's `created` may be from the hub's clock, either way."""

_KEY_ID = re.compile(r';keyid="([a-z0-9][a-z0-9-]{0,62}:[1-9][0-9]{0,9})"')
_LABEL = "kiosk"
_ALWAYS = ("@method", "@target-uri")
_WHERE_PRESENT = ("content-digest", "content-type", "idempotency-key")


class SignatureRefused(Exception):
    """A request that is not what a known kiosk signed. `code` is "signature-missing", "signature-key-unknown",
    "signature-clock-skew" (tell the kiosk the hub's time) or "signature-wrong"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class _Request:
    """What the library asks of a message."""

    method: str
    url: str
    headers: MutableMapping[str, str] | Mapping[str, str]


class _ClockSkew(InvalidSignature):
    pass


class _Verifier(HTTPMessageVerifier):
    """The library's verifier with our clock in place of the machine's (law 14)."""

    def __init__(self, keyid: str, key: Ed25519PublicKey, now: dt.datetime) -> None:
        resolver = MappingKeyResolver(public_keys={keyid: key}, private_keys={})
        super().__init__(signature_algorithm=ED25519, key_resolver=resolver)
        self._now = now

    def validate_created_and_expires(self, sig_input, max_age=None):  # type: ignore[no-untyped-def]  # the library's signature
        created = sig_input.params.get("created")
        if type(created) is not int:
            raise InvalidSignature("created is missing")
        if abs(created - self._now.timestamp()) > MOST_SKEW.total_seconds():
            raise _ClockSkew("created is too far from now")


def key_id(kiosk: str, epoch: int | str) -> str:
    """The name of the key that `kiosk` made at its enrolment number `epoch`."""
    return f"{kiosk}:{epoch}"


def sign(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    key: Ed25519PrivateKey,
    keyid: str,
    now: dt.datetime,
) -> dict[str, str]:
    """`headers` with Content-Digest (where there is a body), Signature-Input and Signature added.

    `url` is absolute, as sent; `headers` in lower case, with content-type and idempotency-key where the request has them;
    `now` is aware. Send exactly this method, url and body.
    """
    signed = _Request(method, url, dict(headers))
    present = [name for name in _WHERE_PRESENT if name in signed.headers]
    HTTPMessageSigner(
        signature_algorithm=ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={keyid: key}),
    ).sign(
        signed,
        key_id=keyid,
        created=now,
        label=_LABEL,
        tag=TAG,
        covered_component_ids=(*_ALWAYS, *present),
        body=body or None,
    )
    return {name.lower(): value for name, value in signed.headers.items()}


def verify(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    find_key: Callable[[str], Ed25519PublicKey | None],
    now: dt.datetime,
) -> str:
    """The key id that signed this request, once everything about it holds. Raises SignatureRefused.

    `url` is the absolute address as the kiosk wrote it; `headers` is a mapping such as Starlette's `request.headers`;
    `find_key` gives the public key of a key id ("<kiosk>:<epoch>"), None when there is none; `now` is aware.
    A non-empty body must be covered by its digest, and content-type and idempotency-key wherever they are present.
    """
    named = _KEY_ID.search(headers.get("signature-input", ""))
    if named is None:
        raise SignatureRefused("signature-missing")
    keyid = named.group(1)
    key = find_key(keyid)
    if key is None:
        raise SignatureRefused("signature-key-unknown")
    required = (*_ALWAYS, *(name for name in _WHERE_PRESENT if name in headers))
    try:
        _Verifier(keyid, key, now).verify(
            _Request(method, url, headers),
            max_age=None,
            expect_tag=TAG,
            require_components=required,
            body=body,
        )
    except _ClockSkew as error:
        raise SignatureRefused("signature-clock-skew") from error
    except InvalidSignature as error:
        raise SignatureRefused("signature-wrong") from error
    return keyid
