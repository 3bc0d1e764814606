"""Where the database key is kept: sealed to the machine's TPM where there is one, in a root-only file otherwise.

Which one is decided when a kiosk starts, by the keeper that is given to the journal. Reading asks the folder: a key file that is
there is the key, because it is either the only one or on its way into the TPM; and it goes there only after it has opened the
database.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import structlog
from pydantic import ValidationError

from offline_queue import tpm
from offline_queue.errors import DatabaseForeign, DatabaseMissing, DiskFull, KeyAway, KeyRefused
from offline_queue.folder import database_file, key_file, known_disk_errors, refuse_shared, sync_folder, sync_name, write_private
from offline_queue.identity import Identity
from offline_queue.wire.left_key import LeftKey, leave

KEY_BYTES = 32

_log = structlog.get_logger()


class KeyKeeper(Protocol):
    """Keeps a kiosk's database key."""

    def keep_first(self, folder: Path, key: bytes) -> None:
        """Keeps a key that is new, before anything is encrypted with it: whole and durable, or not at all."""

    def keep_proven(self, folder: Path, key: bytes) -> None:
        """Takes over a key that has opened the database."""


class InFile:
    """In a file that its owner alone can read. Whoever takes the disk can read the queue's skeleton with it: ids, amounts, times.
    What was paid for is sealed to the hub all the same (law 9)."""

    def keep_first(self, folder: Path, key: bytes) -> None:
        write_private(key_file(folder), key)

    def keep_proven(self, folder: Path, key: bytes) -> None:
        """A file it is already, or it is sealed: then it stays so."""


class InTpm:
    """Sealed to the TPM. Where the TPM does not take it, in a file as long as that lasts: the next start tries again."""

    def keep_first(self, folder: Path, key: bytes) -> None:
        if not self._sealed(folder, key):
            InFile().keep_first(folder, key)

    def keep_proven(self, folder: Path, key: bytes) -> None:
        """Moves a key file into the TPM: it is removed when an unsealing has given the same bytes, and not before."""
        if key_file(folder).exists() and self._sealed(folder, key):
            key_file(folder).unlink()
            sync_folder(folder)
            _log.info("queue.key_sealed")

    def _sealed(self, folder: Path, key: bytes) -> bool:
        try:
            blob = tpm.seal(key)
            same = tpm.unseal(blob) == key
        except (KeyAway, KeyRefused) as error:
            _log.warning("queue.key_on_disk", reason=error.detail)
            return False
        if not same:
            _log.warning("queue.key_on_disk", reason="unsealed another")
            return False
        write_private(sealed_file(folder), blob)
        return True


IN_FILE = InFile()


def keeper_here() -> KeyKeeper:
    """What this machine can do: the TPM; or a file, and one warning in the log that whoever takes the disk has the key too."""
    reason = tpm.why_not()
    if not reason:
        return InTpm()
    _log.warning("queue.key_on_disk", reason=reason)
    return IN_FILE


def sealed_file(folder: Path) -> Path:
    return folder / "journal.key.tpm"


def make_key(folder: Path, keeper: KeyKeeper, random: Callable[[int], bytes]) -> None:
    """Makes the key at the very first start, never beside another one or a database."""
    with known_disk_errors():
        if not any(file(folder).exists() for file in (key_file, sealed_file, database_file)):
            sync_name(folder)
            keeper.keep_first(folder, random(KEY_BYTES))


def settle_key(folder: Path, keeper: KeyKeeper, key: bytes, who: Identity | None) -> None:
    """After `key` has opened the database: leaves it with the hub, once there is one, and only then hands it to `keeper`.
    A full disk puts that off until the next start."""
    try:
        with known_disk_errors():
            if who is not None:
                _leave_with_hub(folder, key, who)
            keeper.keep_proven(folder, key)
    except DiskFull as error:
        _log.warning("queue.key_waits", reason=error.code)


def left_file(folder: Path) -> Path:
    return folder / "journal.key.hub"


def _leave_with_hub(folder: Path, key: bytes, who: Identity) -> None:
    """A cleared or broken TPM must not cost the queue: the hub can open this file (`lobbypay hub kiosk recover-key`)."""
    with suppress(FileNotFoundError, ValidationError):
        left = LeftKey.model_validate_json(left_file(folder).read_bytes())
        if (left.kiosk, left.epoch, left.kid) == (who.kiosk, who.epoch, who.hub_kid):
            return
    left = leave(key, who.kiosk, who.epoch, who.hub_kid, who.hub_key)
    write_private(left_file(folder), left.model_dump_json().encode("ascii"))


def read_key(folder: Path) -> bytes:
    """The raw database key. Raises KeyExposed when others can read it, DatabaseForeign when it is no key of ours, KeyRefused when
    it is sealed to another TPM, KeyAway when the TPM cannot be asked."""
    with known_disk_errors():
        try:
            refuse_shared(folder)
            if sealed_file(folder).exists() and not key_file(folder).exists():
                refuse_shared(sealed_file(folder))
                key = tpm.unseal(sealed_file(folder).read_bytes())
            else:
                refuse_shared(key_file(folder))
                key = key_file(folder).read_bytes()
        except FileNotFoundError as error:
            raise (DatabaseForeign if database_file(folder).exists() else DatabaseMissing)("no key file") from error
    if len(key) != KEY_BYTES:
        raise DatabaseForeign("key length")
    return key
