"""The ballast: room on the disk that is held back for what has already happened.

Another program may fill the disk while a patient's card is in the terminal. The ballast is a file beside the database that is
worth nothing but its blocks: a transaction that records a result, a cancellation or a delivery and finds no room gives it up and
is tried again. While it is missing or short no new payment begins (reference: queue, requirement 6), so that what it has to make
room for is bounded.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import structlog

from offline_queue.errors import DiskFull
from offline_queue.folder import known_disk_errors, sync_folder

BALLAST_BYTES = 4 * 1024 * 1024
"""As much as the write-ahead log holds before it is folded in (1,000 pages of 4 KiB): folding it in has room then, even were each
of its pages new. That empties the log, and what follows writes into the room that the log had."""

_PIECE = 128 * 1024

_log = structlog.get_logger()


class Ballast:
    """The ballast of the memory in `folder`. Its methods belong to the database's thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "journal.ballast"
        self._missed = False

    def whole(self) -> bool:
        """Whether it is there in its full size."""
        with known_disk_errors():
            try:
                return self._path.stat().st_size >= BALLAST_BYTES
            except FileNotFoundError:
                return False

    def make(self) -> bool:
        """Makes it where it is missing or short, if as much again stays free. Returns whether it is whole now.
        Raises DiskFailing."""
        if self.whole():
            return True
        with known_disk_errors():
            self._path.unlink(missing_ok=True)
            made = shutil.disk_usage(self._path.parent).free >= 2 * BALLAST_BYTES and self._write()
        if not made:
            _log.warning("queue.ballast", state="no-room")
        elif self._missed:
            _log.info("queue.ballast", state="made-again")
        self._missed = not made
        return made

    def give_up(self) -> None:
        """Gives its room back to the disk: when this returns it can be written to (ext4 frees blocks at its commit, and the sync
        of the folder is one). Does nothing where there is none. Raises DiskFailing."""
        with known_disk_errors():
            try:
                os.truncate(self._path, 0)
            except FileNotFoundError:
                return
            self._path.unlink()
            sync_folder(self._path.parent)
        self._missed = True
        _log.warning("queue.ballast", state="given-up")

    def _write(self) -> bool:
        """Real blocks, of bytes that no file system can squeeze or share. False when the room was taken meanwhile, or is
        beyond this user's quota."""
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with known_disk_errors():
                os.posix_fallocate(file, 0, BALLAST_BYTES)
                for at in range(0, BALLAST_BYTES, _PIECE):
                    piece = hashlib.shake_128(at.to_bytes(4, "big")).digest(_PIECE)
                    if os.pwrite(file, piece, at) != _PIECE:
                        raise DiskFull("ballast")
                os.fsync(file)
                sync_folder(self._path.parent)
        except DiskFull:
            self._path.unlink()
            return False
        finally:
            os.close(file)
        return True
