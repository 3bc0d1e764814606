"""The memory's folder: who may read it, how a private file is written, and the lock that keeps a second kiosk out."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offline_queue.errors import DatabaseInUse, DiskFailing, DiskFull, KeyExposed


def database_file(folder: Path) -> Path:
    return folder / "journal.db"


def has_database(folder: Path) -> bool:
    """Whether there is a database. SQLite takes a file shorter than its smallest page for a new one: to us it is one that was
    lost."""
    return database_file(folder).exists() and database_file(folder).stat().st_size >= 512


def log_file(folder: Path) -> Path:
    """The database's write-ahead log: only there while it is open, and after a crash."""
    return folder / "journal.db-wal"


def key_file(folder: Path) -> Path:
    return folder / "journal.key"


@contextmanager
def known_disk_errors() -> Iterator[None]:
    """What the operating system refuses, as a known error."""
    try:
        yield
    except OSError as error:
        detail = errno.errorcode.get(error.errno or 0, "")
        raise (DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else DiskFailing)(detail) from error


def is_full(folder: Path) -> bool:
    """Whether its disk has no room for so much as SQLite's index of the log (32 KiB), or for one more file. (A file system that
    does not count its files, as btrfs, says that it has none of them in all.)"""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize < 64 * 1024 or (disk.f_favail == 0 < disk.f_files)


def lock(folder: Path) -> int:
    """Makes the folder (mode 0700) where there is none and locks it. Returns what to close to unlock it; the kernel does so too
    when this process dies, however it dies. Raises DatabaseInUse, KeyExposed, DiskFull, DiskFailing."""
    with known_disk_errors():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_shared(folder)
        held = os.open(folder / "journal.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(held)
            raise DatabaseInUse from error
        return held


def write_private(path: Path, content: bytes) -> None:
    """Writes `content` with mode 0600, whole and durable: readers see what was there before, or all of it."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
    sync_folder(path.parent)


def sync_name(folder: Path) -> None:
    """Makes durable that `folder` is there, and those above it that were made with it (all that we may write): a power cut before
    that would take everything in it, however well that was synced."""
    for above in [above for above in folder.absolute().parents if os.access(above, os.R_OK | os.W_OK)]:
        sync_folder(above)


def sync_folder(folder: Path) -> None:
    """Makes durable which files `folder` has: a new one, a rename, a removal."""
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(here)
    finally:
        os.close(here)


def refuse_shared(path: Path) -> None:
    """Raises KeyExposed when others than its owner can read or enter `path`."""
    if path.stat().st_mode & 0o077:
        raise KeyExposed(path.name)
