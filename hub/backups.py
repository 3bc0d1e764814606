"""Backups: a consistent, encrypted copy of a hub with its keys, and the way back, after which kiosks send what it lost.

What a kiosk may forget is decided here: a record is durable once a backup that was opened and audited holds it too.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Row, select, update

from hub.audit import first_difference
from hub.folder import Folder, HubError, generation, heard_generation, sync_folder, write_private
from hub.hub import Hub
from hub.schema import kiosks
from hub.store import copy_database, open_store

_KEYS = ("database.key", "keys.json", "ca.key", "ca.pem")
_DATABASE = ("hub.db", "hub.db-wal", "hub.db-shm")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Restored:
    """`aside` is where what was in the data folder before lies now, None where there was nothing."""

    generation: int
    aside: Path | None


def back_up(hub: Hub, target: Path) -> int:
    """Copies `hub`, which may be serving, into the new folder `target`; returns how many records the copy holds.

    The copy is opened and audited before it gets its name; only then are its records durable. Raises HubError when `target` is
    there already, cannot be written, or the copy does not pass.
    """
    if target.exists():
        raise HubError("backup-exists", f"{target} is there already; a backup never overwrites anything.")
    partial = Folder(target.with_name(f".{target.name}.partial"))
    with _disk_errors(target):
        shutil.rmtree(partial.path, ignore_errors=True)  # ours: a backup that was interrupted
        partial.make()
        for name in _KEYS:
            _copy(hub.folder.path / name, partial.path / name)
        write_private(partial.generation, f"{hub.generation}\n".encode("ascii"))
        copy_database(hub.folder, partial)
        held = _audited(partial)
        partial.path.rename(target)
        sync_folder(target.parent)
    with hub.store.writing() as connection:
        for row in held:
            same = kiosks.c.id == row.id, kiosks.c.epoch == row.epoch
            connection.execute(update(kiosks).where(*same).values(durable_seq=row.head_seq))
    _log.info("hub.backed_up", count=sum(row.head_seq for row in held))
    return sum(row.head_seq for row in held)


def restore(source: Path, folder: Folder) -> Restored:
    """Puts the backup in `source` into the data `folder`, where no hub may be running, and begins a new generation.

    The backup is copied, opened and audited first. What was in the folder is moved aside within it, never deleted. Raises
    HubError when there is no backup, it does not pass, or a hub is running.
    """
    if not Folder(source).holds_hub():
        raise HubError("backup-missing", f"There is no backup of a hub in {source}.")
    folder.make()
    fresh = Folder(folder.path / ".restoring")
    with folder.locked(), folder.alone(), _disk_errors(folder.path):
        shutil.rmtree(fresh.path, ignore_errors=True)  # ours: a restore that was interrupted, and had copied only
        fresh.make()
        for name in (*_KEYS, *_DATABASE[:2]):
            if (source / name).exists():
                _copy(source / name, fresh.path / name)
        _audited(fresh)
        before = generation(folder) if folder.generation.exists() else 0
        now = max(before, heard_generation(folder), generation(Folder(source))) + 1
        write_private(folder.generation, f"{now}\n".encode("ascii"))  # first: a newer one costs nothing should the rest fail
        aside = _move(folder.path, folder.path / f"before-{now}")
        _move(fresh.path, folder.path)
        shutil.rmtree(fresh.path)
        sync_folder(folder.path)
    _log.warning("hub.restored", gen=now)
    return Restored(now, aside)


def _audited(copy: Folder) -> list[Row[Any]]:
    """Opens `copy` and checks its books; returns where each kiosk stands in it, which is durable from now on there too."""
    store = open_store(copy)
    try:
        with store.writing() as connection:
            difference = first_difference(connection)
            if difference is not None:
                raise HubError("backup-differs", f"The copy does not pass the audit: {difference}.")
            connection.execute(update(kiosks).values(durable_seq=kiosks.c.head_seq))
            return list(connection.execute(select(kiosks)))
    finally:
        store.close()


def _copy(source: Path, target: Path) -> None:
    """A private copy, synced."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as old, os.fdopen(descriptor, "wb") as new:
        shutil.copyfileobj(old, new)
        new.flush()
        os.fsync(new.fileno())


def _move(source: Path, target: Path) -> Path | None:
    """Moves the files of a hub from one folder into another, made where it is missing; None where there was none."""
    present = [source / name for name in (*_KEYS, *_DATABASE) if (source / name).exists()]
    if not present:
        return None
    target.mkdir(mode=0o700, exist_ok=True)
    for path in present:
        path.rename(target / path.name)
    sync_folder(target)
    return target


@contextmanager
def _disk_errors(where: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HubError("backup-failed", f"{where} cannot be written: {os.strerror(error.errno or 0)}.") from error
