"""The export's file format, read by a stranger who has the protocol's page alone, and spoiled in every way."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from offline_queue.wire import chain
from offline_queue.wire.export import MOST_LINE_BYTES, ExportFile, ExportRefused, header_of, written
from offline_queue.wire.messages import Batch, SealedRecord
from offline_queue.wire.signatures import SignatureRefused, sign, verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
COUNT = 103
NOW = dt.datetime(2026, 11, 21, 15, 0, tzinfo=dt.UTC)


def batches(first: int = 1, count: int = COUNT) -> list[Batch]:
    """What waits: `count` records, in batches of a hundred."""
    records, previous = list[SealedRecord](), chain.FIRST_HASH
    for seq in range(1, first + count):
        pid, sealed = f"017f22e2-79b0-7cc3-98c4-{seq:012x}", bytes([seq % 256]) * 40
        previous = chain.link(previous, 2, seq, pid, sealed)
        text = base64.b64encode(sealed).decode()
        records.append(SealedRecord(seq=seq, pid=pid, kid="k1", sealed=text, hash=previous, origin=None))
    mine = records[first - 1 :]
    before = [chain.FIRST_HASH, *(record.hash for record in records)]
    return [
        Batch(v=1, kiosk="lobby", epoch=2, gen_seen=3, prev_hash=before[first - 1 + at], records=tuple(mine[at : at + 100]))
        for at in range(0, count, 100)
    ]


def file_of(these: list[Batch], **changes: Any) -> bytes:
    """The file of `these` batches, its header changed where said; signed as it stands."""
    header = header_of(these[0], sum(len(batch.records) for batch in these), KEY).model_copy(update=changes)
    return b"".join(written(header, these, KEY))


FILE = file_of(batches())


def taken(content: bytes) -> list[Batch]:
    """What a hub takes from it."""
    file = ExportFile(io.BytesIO(content))
    for _ in file.check(KEY.public_key()):
        pass
    return list(file.batches())


def why(content: bytes) -> str:
    with pytest.raises(ExportRefused) as refused:
        taken(content)
    return refused.value.code


def test_what_was_written_is_read() -> None:
    assert taken(FILE) == batches()
    assert taken(file_of(batches(first=101, count=7))) == batches(first=101, count=7)
    file = ExportFile(io.BytesIO(FILE))
    assert (file.header.kiosk, file.header.epoch, file.header.count, file.header.lines) == ("lobby", 2, COUNT, 2)
    assert list(file.check(KEY.public_key())) == [1, 2]


def test_a_stranger_reads_it_by_the_protocols_page() -> None:
    *signed, last = FILE.splitlines(keepends=True)
    header, *lines = (json.loads(line) for line in signed)
    assert (header["format"], header["v"], header["count"]) == ("lobbypay-queue-export", 1, COUNT)
    assert base64.b64decode(header["key"]) == KEY.public_key().public_bytes_raw()
    assert (header["kiosk"], header["epoch"], header["gen_seen"], header["prev_hash"]) == ("lobby", 2, 3, "0" * 64)
    assert [len(line["records"]) for line in lines] == [100, 3]
    what = b"lobbypay-queue-export/v1\0" + hashlib.sha256(b"".join(signed)).digest()
    KEY.public_key().verify(base64.b64decode(json.loads(last)["signature"]), what)
    spaced = json.dumps(header, indent=None, separators=(" , ", " : ")).encode() + b"\n"
    digest = hashlib.sha256(spaced + b"".join(signed[1:])).digest()
    end = {"signature": base64.b64encode(KEY.sign(b"lobbypay-queue-export/v1\0" + digest)).decode()}
    assert taken(spaced + b"".join(signed[1:]) + json.dumps(end).encode() + b"\n") == batches()


def test_cut_off_anywhere_it_is_refused() -> None:
    header = FILE.index(b"\n")
    for at in (*range(header + 1), *range(header + 1, len(FILE) - 200, 997), *range(len(FILE) - 200, len(FILE))):
        assert why(FILE[:at]) == ("not-an-export" if at < header else "export-truncated"), at


def test_altered_anywhere_it_is_refused() -> None:
    for at in (*range(400), *range(400, len(FILE) - 200, 997), *range(len(FILE) - 200, len(FILE))):
        spoiled = bytearray(FILE)
        spoiled[at] ^= 1
        assert why(bytes(spoiled)) in {"not-an-export", "export-altered", "export-truncated"}, at


def test_what_stands_after_the_end_was_not_signed() -> None:
    assert why(FILE + b"\n") == "export-altered"


def test_lines_cannot_be_left_out_swapped_or_taken_from_another_file() -> None:
    header, first, second, end = FILE.splitlines(keepends=True)
    other = file_of(batches(count=203)).splitlines(keepends=True)
    for lines in ((header, second, first, end), (header, first, first, end), (header, first, other[2], end)):
        assert why(b"".join(lines)) == "export-altered"
    assert why(header + second + end) == "export-truncated"
    assert why(b"".join((other[0], *other[1:3], end))) == "export-truncated"


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"{}\n", b"\0" * 10_000_000, b"\xff\xfe\n", FILE.replace(b'"v":1', b'"v":2', 1), b"{" * 5_000],
    ids=["empty", "blank", "other JSON", "zeros", "no text", "a later form", "braces"],
)
def test_another_file_is_no_export(content: bytes) -> None:
    assert why(content) == "not-an-export"


def test_a_line_without_end_is_read_to_the_bound_and_no_further() -> None:
    header = FILE[: FILE.index(b"\n") + 1]
    file = io.BytesIO(header + b" " * (4 * MOST_LINE_BYTES))
    with pytest.raises(ExportRefused, match="export-too-large"):
        list(ExportFile(file).check(KEY.public_key()))
    assert file.tell() == len(header) + MOST_LINE_BYTES


def test_the_longest_batch_that_the_protocol_knows_fits_its_line() -> None:
    long, most = "\U0001f4b3" * 64, 2**63 - 1
    record = SealedRecord(
        seq=most,
        pid="f" * 8 + "-ffff-ffff-ffff-" + "f" * 12,
        kid=long,
        sealed="A" * 16_384,
        hash="f" * 64,
        origin={"epoch": 2**31 - 1, "seq": most},
    )
    batch = Batch(v=1, kiosk="k" * 63, epoch=2**31 - 1, gen_seen=2**31 - 1, prev_hash="f" * 64, records=(record,) * 100)
    assert taken(file_of([batch])) == [batch]


def test_a_stick_that_gives_other_bytes_the_second_time_is_found() -> None:
    stick = io.BytesIO(FILE)
    file = ExportFile(stick)
    list(file.check(KEY.public_key()))
    at = FILE.rindex(b'"kid":"k1"')
    stick.getbuffer()[at + 7 : at + 9] = b"k2"
    with pytest.raises(ExportRefused, match="export-altered"):
        list(file.batches())


@pytest.mark.parametrize("change", [{"kiosk": "other"}, {"epoch": 3}, {"gen_seen": 4}, {"prev_hash": "f" * 64}], ids=str)
def test_a_kiosk_that_signs_what_is_not_its_own_is_refused(change: dict[str, Any]) -> None:
    """Its key speaks for its own records: those of another kiosk cannot be brought in under its name."""
    assert why(file_of(batches(), **change)) == "not-an-export"


def test_a_signed_line_that_is_no_batch_is_refused() -> None:
    class Odd(Batch):
        odd: str = "yes"

    (batch, _) = batches()
    assert why(file_of([Odd(**batch.model_dump())])) == "not-an-export"


def test_another_kiosks_signature_is_none() -> None:
    file = ExportFile(io.BytesIO(FILE))
    with pytest.raises(ExportRefused, match="export-altered"):
        list(file.check(Ed25519PrivateKey.generate().public_key()))


def test_an_exports_signature_never_passes_for_a_requests() -> None:
    """Even where somebody is made to sign the very bytes of a request's signature base as an export's digest."""
    url = "https://hub.example/v1/kiosks/lobby/batches"
    body = batches()[0].model_dump_json().encode()
    headers = {"content-type": "application/json"}
    signed = sign("POST", url, headers, body, key=KEY, keyid="lobby:2", now=NOW)
    inputs = signed["signature-input"].removeprefix("kiosk=")
    digest = hashlib.sha256(body).digest()
    base = "\n".join(
        (
            '"@method": POST',
            f'"@target-uri": {url}',
            '"content-type": application/json',
            f'"content-digest": {signed["content-digest"]}',
            f'"@signature-params": {inputs}',
        )
    ).encode()
    raw = base64.b64decode(signed["signature"].removeprefix("kiosk=:").removesuffix(":"))
    KEY.public_key().verify(raw, base)  # this is what a request's signature is over
    for forged in (base, hashlib.sha256(base).digest(), digest):
        mine = base64.b64encode(KEY.sign(b"lobbypay-queue-export/v1\0" + forged)).decode()
        told = {**signed, "signature": f"kiosk=:{mine}:"}
        with pytest.raises(SignatureRefused, match="signature-wrong"):
            verify("POST", url, told, body, find_key=lambda _: KEY.public_key(), now=NOW)
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(raw, b"lobbypay-queue-export/v1\0" + hashlib.sha256(base).digest())


def test_a_requests_signature_never_passes_for_an_exports() -> None:
    lines = FILE.splitlines(keepends=True)[:-1]
    headers = {"content-type": "application/json"}
    for body in (b"".join(lines), b"lobbypay-queue-export/v1\0" + hashlib.sha256(b"".join(lines)).digest()):
        signed = sign("POST", "https://hub.example/v1/kiosks/lobby/batches", headers, body, key=KEY, keyid="lobby:2", now=NOW)
        end = {"signature": signed["signature"].removeprefix("kiosk=:").removesuffix(":")}
        assert why(b"".join(lines) + json.dumps(end).encode() + b"\n") == "export-altered"
