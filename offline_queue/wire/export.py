"""A queue export: what waits at a kiosk, as a file to be carried to its hub by hand, signed as nothing else is.

JSON lines in UTF-8, each ended by one line feed (docs/sync-protocol.md): a header, the batches that the kiosk would have sent,
and last its signature over every byte before. Reading is bounded: no file decides how much of it is held at once.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from typing import Annotated, BinaryIO, Literal, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, StringConstraints, ValidationError

from offline_queue.wire.messages import MOST_RECORDS, Batch, Hash, Key32, KioskId, Message

LABEL = b"lobbypay-queue-export/v1\0"
"""What is signed begins so. A request's signature base begins with a quotation mark (RFC 9421), TLS 1.3's with spaces, a CSR's
with an ASN.1 tag: no signature made for one of them is ever taken for another."""

MOST_EXPORTED = 10_000_000
"""Records in one file: more than a kiosk's database of 2 GiB holds."""

MOST_LINE_BYTES = 2_097_152
"""No MOST_RECORDS records of the longest form come to more."""

_MOST_HEADER_BYTES = 1_024

_M = TypeVar("_M", bound=Message)


class ExportHeader(Message):
    """`key` is the public half of what the file is signed with, so that a kiosk of the same name at another hub is told apart
    from an altered file. `gen_seen` and `prev_hash` are the first batch's; `count` records follow, MOST_RECORDS a line."""

    format: Literal["lobbypay-queue-export"]
    v: Literal[1]
    kiosk: KioskId
    epoch: Annotated[int, Field(ge=1, lt=2**31)]
    key: Key32
    gen_seen: Annotated[int, Field(ge=1, lt=2**31)]
    prev_hash: Hash
    count: Annotated[int, Field(ge=1, le=MOST_EXPORTED)]

    @property
    def lines(self) -> int:
        """How many batches follow."""
        return -(-self.count // MOST_RECORDS)


class ExportEnd(Message):
    """The Ed25519 signature, base64."""

    signature: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{86}==$")]


class ExportRefused(Exception):
    """A file that is not, byte for byte, what a kiosk wrote. `code` is "not-an-export", "export-truncated", "export-altered" or
    "export-too-large"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def header_of(first: Batch, count: int, key: Ed25519PrivateKey) -> ExportHeader:
    """The header of a file of `count` records that begins with `first`."""
    return ExportHeader(
        format="lobbypay-queue-export",
        v=1,
        kiosk=first.kiosk,
        epoch=first.epoch,
        key=base64.b64encode(key.public_key().public_bytes_raw()).decode("ascii"),
        gen_seen=first.gen_seen,
        prev_hash=first.prev_hash,
        count=count,
    )


def written(header: ExportHeader, batches: Iterable[Batch], key: Ed25519PrivateKey) -> Iterator[bytes]:
    """The file, line by line; `batches` are those that `header` tells of."""
    digest = hashlib.sha256()
    line = _line(header)
    digest.update(line)
    yield line
    for batch in batches:
        line = _line(batch)
        digest.update(line)
        yield line
    signature = key.sign(LABEL + digest.digest())
    yield _line(ExportEnd(signature=base64.b64encode(signature).decode("ascii")))


class ExportFile:
    """A file that says it is an export: first `check` all of it, then take its `batches`. Each raises ExportRefused."""

    def __init__(self, file: BinaryIO) -> None:
        """Reads no more than the header from the start of `file`, which is seekable. Nothing is proved by it yet."""
        self._file = file
        self._first = file.readline(_MOST_HEADER_BYTES)
        self._digests: list[bytes] = []
        self.header = _parsed(ExportHeader, self._first, "not-an-export")

    def check(self, key: Ed25519PublicKey) -> Iterator[int]:
        """Reads to the end, yielding the number of each batch from 1. Once that is over, the holder of `key` wrote every byte."""
        signed = hashlib.sha256(self._first)
        for number in range(1, self.header.lines + 1):
            line = _whole_line(self._file)
            signed.update(line)
            self._digests.append(hashlib.sha256(line).digest())
            yield number
        end = _parsed(ExportEnd, _whole_line(self._file), "export-altered")
        if self._file.read(1):
            raise ExportRefused("export-altered")
        try:
            key.verify(base64.b64decode(end.signature), LABEL + signed.digest())
        except InvalidSignature as error:
            raise ExportRefused("export-altered") from error

    def batches(self) -> Iterator[Batch]:
        """Reads what was checked once more, batch by batch: a failing stick may give other bytes the second time."""
        self._file.seek(len(self._first))
        previous = self.header.prev_hash
        for digest in self._digests:
            line = _whole_line(self._file)
            if hashlib.sha256(line).digest() != digest:
                raise ExportRefused("export-altered")
            batch = _parsed(Batch, line, "not-an-export")
            said = self.header.kiosk, self.header.epoch, self.header.gen_seen, previous
            if (batch.kiosk, batch.epoch, batch.gen_seen, batch.prev_hash) != said:
                raise ExportRefused("not-an-export")
            previous = batch.records[-1].hash
            yield batch


def _line(message: Message) -> bytes:
    return message.model_dump_json().encode("utf-8") + b"\n"


def _whole_line(file: BinaryIO) -> bytes:
    line = file.readline(MOST_LINE_BYTES)
    if not line.endswith(b"\n"):
        raise ExportRefused("export-too-large" if len(line) == MOST_LINE_BYTES else "export-truncated")
    return line


def _parsed(kind: type[_M], line: bytes, otherwise: str) -> _M:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise ExportRefused(otherwise) from error
