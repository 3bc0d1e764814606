"""Signed requests: against RFC 9421's own vector, against a base written by hand, and against every change of a byte."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from starlette.datastructures import Headers

from offline_queue.wire.signatures import (
    MOST_SKEW,
    TAG,
    SignatureRefused,
    key_id,
    sign,
    verify,
)

NOW = dt.datetime(2026, 11, 21, 12, 0, 0, tzinfo=dt.UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
URL = "https://hub.example:8443/v1/kiosks/lobby-1/batches"
BODY = b'{"v":1}'
PLAIN = {
    "content-type": "application/json",
    "idempotency-key": "lobby-1:1:1-1:00000000",
}


def signed(method: str = "POST", body: bytes = BODY, headers: dict[str, str] | None = None) -> dict[str, str]:
    return sign(
        method,
        URL,
        PLAIN if headers is None else headers,
        body,
        key=KEY,
        keyid="lobby-1:1",
        now=NOW,
    )


def check(
    headers: dict[str, str],
    *,
    method: str = "POST",
    url: str = URL,
    body: bytes = BODY,
    now: dt.datetime = NOW,
) -> str:
    keys = {"lobby-1:1": KEY.public_key()}
    return verify(method, url, Headers(headers), body, find_key=keys.get, now=now)


def test_the_rfc_vector_b_2_6_holds_for_the_library_and_curve_we_use() -> None:
    # RFC 9421, appendix B.1.4 (key) and B.2.6 (signature base and signature)
    key = load_pem_private_key(
        b"-----BEGIN PRIVATE KEY-----\n"
        b"MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n"
        b"-----END PRIVATE KEY-----\n",
        password=None,
    )
    assert isinstance(key, Ed25519PrivateKey)
    from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
    from http_message_signatures.algorithms import ED25519

    class Request:
        method = "POST"
        url = "https://example.com/foo?param=Value&Pet=dog"
        headers = {  # noqa: RUF012
            "Host": "example.com",
            "Date": "Tue, 20 Apr 2021 02:07:55 GMT",
            "Content-Type": "application/json",
            "Content-Length": "18",
        }

    resolver = MappingKeyResolver(public_keys={}, private_keys={"test-key-ed25519": key})
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=resolver).sign(
        Request,
        key_id="test-key-ed25519",
        created=dt.datetime.fromtimestamp(1618884473, tz=dt.UTC),
        label="sig-b26",
        include_alg=False,
        covered_component_ids=(
            "date",
            "@method",
            "@path",
            "@authority",
            "content-type",
            "content-length",
        ),
    )
    assert Request.headers["Signature"] == (
        "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"
    )


def test_a_base_written_by_hand_from_the_rfc_verifies() -> None:
    headers = signed()
    digest = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    assert headers["content-digest"] == f"sha-256=:{digest}:"
    parameters = headers["signature-input"].removeprefix("kiosk=")
    assert f";created={int(NOW.timestamp())};" in parameters + ";"
    assert f'tag="{TAG}"' in parameters
    values = {
        "@method": "POST",
        "@target-uri": URL,
        "content-digest": headers["content-digest"],
        **PLAIN,
    }
    names = re.findall(r'"([^"]+)"', parameters[: parameters.index(")")])
    assert sorted(names) == sorted(values)
    base = "".join(f'"{name}": {values[name]}\n' for name in names) + f'"@signature-params": {parameters}'
    signature = base64.b64decode(headers["signature"].removeprefix("kiosk=:").removesuffix(":"))
    KEY.public_key().verify(signature, base.encode("ascii"))


def test_a_signed_request_is_taken_with_and_without_a_body() -> None:
    assert check(signed()) == "lobby-1:1" == key_id("lobby-1", 1)
    assert check(signed("GET", b"", {}), method="GET", body=b"") == "lobby-1:1"


@pytest.mark.parametrize("skew", [MOST_SKEW, -MOST_SKEW])
def test_the_clock_may_be_off_by_five_minutes_and_no_more(skew: dt.timedelta) -> None:
    assert check(signed(), now=NOW + skew) == "lobby-1:1"
    with pytest.raises(SignatureRefused, match="signature-clock-skew"):
        check(signed(), now=NOW + skew * 1.01)


def test_anything_changed_is_refused() -> None:
    for change in (
        {"method": "PUT"},
        {"url": URL + "x"},
        {"url": URL.replace("lobby-1", "lobby-2")},
        {"body": BODY + b" "},
        {"body": b""},
    ):
        with pytest.raises(SignatureRefused, match="signature-wrong"):
            check(signed(), **change)
    for name in ("content-type", "idempotency-key", "content-digest"):
        with pytest.raises(SignatureRefused, match="signature-wrong"):
            check({**signed(), name: "altered"})


def test_what_is_present_must_be_covered() -> None:
    bare = signed(headers={})
    assert check(bare) == "lobby-1:1"
    for name, value in PLAIN.items():
        with pytest.raises(SignatureRefused, match="signature-wrong"):
            check({**bare, name: value})
    bodiless = signed("POST", b"", PLAIN)
    with pytest.raises(SignatureRefused, match="signature-wrong"):
        check(bodiless)


def test_unknown_keys_and_missing_signatures_are_named() -> None:
    headers = signed()
    with pytest.raises(SignatureRefused, match="signature-missing"):
        check({name: value for name, value in headers.items() if name != "signature-input"})
    with pytest.raises(SignatureRefused, match="signature-wrong"):
        check({name: value for name, value in headers.items() if name != "signature"})
    with pytest.raises(SignatureRefused, match="signature-key-unknown"):
        check(
            {
                **headers,
                "signature-input": headers["signature-input"].replace("lobby-1:1", "lobby-2:1"),
            }
        )
    other = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(SignatureRefused, match="signature-wrong"):
        verify("POST", URL, headers, BODY, find_key=lambda _: other, now=NOW)


def test_a_signature_made_for_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offline_queue.wire.signatures.TAG", "another-application")
    headers = signed()
    monkeypatch.undo()
    with pytest.raises(SignatureRefused, match="signature-wrong"):
        check(headers)


def test_a_signature_without_a_time_is_refused() -> None:
    headers = signed()
    headers["signature-input"] = re.sub(r";created=[0-9]+", "", headers["signature-input"])
    with pytest.raises(SignatureRefused, match="signature-wrong"):
        check(headers)


def test_a_bug_in_the_key_lookup_is_not_taken_for_a_wrong_signature() -> None:
    def broken(_: str) -> None:
        raise RuntimeError("database")

    with pytest.raises(RuntimeError, match="database"):
        verify("POST", URL, signed(), BODY, find_key=broken, now=NOW)
