"""An export that was carried here from a kiosk whose network is gone: checked, and fed to the same intake as what comes by wire.

What it held is posted, accepted or parked like any record, and answered as it was now should the kiosk ever reach this hub again.
"""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Row, select

from domain.progress import Told
from hub.folder import HubError, NotNow
from hub.hub import Hub
from hub.intake import take, was_here
from hub.requests import RequestRefused
from hub.schema import kiosks
from offline_queue.wire.export import ExportFile, ExportHeader, ExportRefused
from offline_queue.wire.messages import Batch, BatchAnswer, Conflict, RecordStatus

_SENTENCES = {
    "not-an-export": "This is not a file of `lobbypay queue export`, or not one that this release understands.",
    "export-truncated": "The file is cut off. Export again at the kiosk, and take the stick out only when that has ended.",
    "export-altered": "The file is not, byte for byte, what the kiosk wrote. Copy it again, or export again.",
    "export-too-large": "The file has a line that is longer than an export's can be.",
    "no-kiosk": "No kiosk {kiosk} is enrolled here: the file belongs to another hub.",
    "another-key": "The kiosk {kiosk} that wrote this file has another key than the one that is enrolled here: it belongs to "
    "another hub, or this one was restored from a backup made before that enrolment.",
    "kiosk-revoked": "Kiosk {kiosk} is revoked. To take it back: `hub kiosk add`, enrol it, and export again.",
    "epoch-stale": "Kiosk {kiosk} has been enrolled again here since enrolment {epoch}, of which this file is; what waited went "
    "along. Export again, unless the file is of another hub, with a kiosk of the same name.",
    "epoch-unknown": "This hub does not know enrolment {epoch} of {kiosk}: it was restored from a backup made before that. Enrol "
    "the kiosk again, then export again.",
    "not-contiguous": "The file's records do not follow from one another, though its kiosk signed them. Call support.",
    "chain-broken": "The file's records do not follow from one another, though its kiosk signed them. Call support.",
    "gap": "Records between the last that this hub holds of {kiosk} and the first in the file are missing. Was the hub restored "
    "since the kiosk last reached it? Only the kiosk itself can send them again: connect the two.",
    "fork": "This hub holds another history of {kiosk}. Enrol the kiosk again, then export again.",
    "generation-behind": "The kiosk has heard a newer hub than this one, which is an old copy: run `hub restore`, then "
    "import again.",
}


class ImportRefused(HubError):
    """The export was not taken, or not to its end. `code` says why."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an export of `count` records: `before` of them were here already, `new` counts the others by status (posted,
    accepted, parked), and `waiting` are those of them that wait for a person: payment id and reason."""

    kiosk: str
    epoch: int
    count: int
    before: int
    new: dict[str, int]
    waiting: tuple[tuple[str, str], ...]


def import_export(hub: Hub, path: Path, told: Told) -> Imported:
    """Takes the export in the file `path`; `told` hears how many of how many batches were proved or taken. All of it is proved to
    be its kiosk's before any of it is taken, and what is here already stays as it is. Raises ImportRefused, NotNow."""
    try:
        with path.open("rb") as file:
            return _import(hub, ExportFile(file), told)
    except OSError as error:
        raise ImportRefused("export-unreadable", f"{path} cannot be read: {error.strerror or 'it is no file'}.") from error
    except ExportRefused as error:
        raise ImportRefused(error.code, _SENTENCES[error.code]) from error


def _import(hub: Hub, file: ExportFile, told: Told) -> Imported:
    header = file.header
    row = _enrolled(hub, header)
    for number in file.check(Ed25519PublicKey.from_public_bytes(row.sign_pub)):
        told(number, 2 * header.lines)
    count, new, waiting = 0, Counter[str](posted=0, accepted=0, parked=0), list[tuple[str, str]]()
    for number, batch in enumerate(file.batches(), start=1):
        with hub.store.reading() as connection:
            here = {each.seq for each in batch.records if each.seq <= row.head_seq or was_here(connection, batch.kiosk, each)}
        for result in _taken(hub, batch, count, header.count).results:
            count += 1
            if result.seq not in here:
                new[result.status] += 1
                if result.status is RecordStatus.PARKED:
                    waiting.append((result.pid, result.code))
        told(header.lines + number, 2 * header.lines)
    return Imported(header.kiosk, header.epoch, count, count - new.total(), dict(new), tuple(waiting))


def _enrolled(hub: Hub, header: ExportHeader) -> Row[Any]:
    """The kiosk as this hub knows it, which says whether it takes a file of that enrolment."""
    with hub.store.reading() as connection:
        row = connection.execute(select(kiosks).where(kiosks.c.id == header.kiosk)).first()
    if row is None or row.epoch == 0:
        raise _refused("no-kiosk", header)
    if row.revoked_at is not None:
        raise _refused("kiosk-revoked", header)
    if header.epoch != row.epoch:
        raise _refused("epoch-stale" if header.epoch < row.epoch else "epoch-unknown", header)
    if header.key != base64.b64encode(row.sign_pub).decode("ascii"):
        raise _refused("another-key", header)
    return row


def _taken(hub: Hub, batch: Batch, done: int, count: int) -> BatchAnswer:
    try:
        answer = take(hub, batch, by_hand=True)
    except NotNow as error:
        raise NotNow(error.code, f"{error} Taken: {done} of {count} records. Import again then.", error.retry_after) from error
    except RequestRefused as error:
        raise _refused(error.code, batch) from error
    if isinstance(answer, Conflict):
        raise _refused(answer.kind, batch)
    return answer


def _refused(code: str, of: ExportHeader | Batch) -> ImportRefused:
    return ImportRefused(code, _SENTENCES[code].format(kiosk=of.kiosk, epoch=of.epoch))
