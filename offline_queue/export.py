"""What waits, written to a file that is carried to the hub by hand. It waits here as before, until the hub itself answers."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from domain.progress import Told
from offline_queue import identity, outbox
from offline_queue.errors import ExportExists, ExportUnwritable, NotEnrolled
from offline_queue.folder import sync_folder
from offline_queue.sqlcipher import Connection
from offline_queue.wire.export import header_of, written
from offline_queue.wire.messages import MOST_RECORDS, Batch


def export(connection: Connection, target: Path, told: Told) -> int:
    """Writes everything that waits to the new file `target`, mode 0600; returns how many records. Where none wait, there is no
    file. `connection` is in one transaction. Raises NotEnrolled, ExportExists, ExportUnwritable; then there is no file either."""
    who = identity.load(connection)
    if who is None:
        raise NotEnrolled
    first = outbox.waiting(connection, who, MOST_RECORDS)
    if first is None:
        return 0
    count = int(connection.execute("SELECT count(*) FROM waiting WHERE epoch = ?", (who.epoch,)).fetchone()[0])

    def batches() -> Iterator[Batch]:
        batch: Batch | None = first
        done = 0
        while batch is not None:
            yield batch
            done += len(batch.records)
            told(done, count)
            batch = outbox.waiting(connection, who, MOST_RECORDS, batch.records[-1].seq)

    with _new_file(target) as write:
        for line in written(header_of(first, count, who.signing_key), batches(), who.signing_key):
            write(line)
    return count


@contextmanager
def _new_file(target: Path) -> Iterator[Callable[[bytes], object]]:
    """It gets its name when it is whole and synced: a stick that is pulled out too early holds no file that looks like one."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        if target.exists():
            raise ExportExists
        partial.unlink(missing_ok=True)  # ours: an export that was interrupted
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            yield file.write
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)
        try:
            sync_folder(target.parent)
        except OSError:
            target.unlink()
            raise
    except OSError as error:
        raise ExportUnwritable(errno.errorcode.get(error.errno or 0, "")) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
