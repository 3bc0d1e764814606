"""The hub's data folder: where everything lies, and how a private file is written so that a crash leaves it whole or absent."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class HubError(Exception):
    """Something the operator can put right. `code` names it for logs; the message is one plain sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Folder:
    """Paths inside one data folder. Everything in it is private to the hub's own user, but for the CA certificate."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "hub.db"

    @property
    def database_key(self) -> Path:
        return self.path / "database.key"

    @property
    def secrets(self) -> Path:
        return self.path / "keys.json"

    @property
    def ca_key(self) -> Path:
        return self.path / "ca.key"

    @property
    def ca_certificate(self) -> Path:
        return self.path / "ca.pem"

    @property
    def server_key(self) -> Path:
        return self.path / "server.key"

    @property
    def server_certificate(self) -> Path:
        return self.path / "server.pem"

    @property
    def generation(self) -> Path:
        return self.path / "generation"

    @property
    def heard_generation(self) -> Path:
        return self.path / "generation-heard"

    @property
    def demo_password(self) -> Path:
        return self.path / "demo-password"

    @property
    def letterhead(self) -> Path:
        return self.path / "letterhead.toml"

    @property
    def receipts(self) -> Path:
        return self.path / "receipts.toml"

    @property
    def sandbox_key(self) -> Path:
        return self.path / "sandbox.bdk"

    @property
    def sandbox_memory(self) -> Path:
        return self.path / "sandbox.jsonl"

    def holds_hub(self) -> bool:
        """Whether a hub was ever started here: it leaves a database that is not empty."""
        return self.database.exists() and self.database.stat().st_size > 0

    def make(self) -> None:
        """Makes the folder, readable by its owner only. Raises HubError when it cannot."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise HubError("folder-unwritable", f"The data folder {self.path} cannot be made.") from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Waits until no other process is opening this folder, so that two first starts make one set of keys."""
        with (self.path / "lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Holds this folder while nobody has its database open. Raises HubError when somebody has."""
        descriptor = self._hold(fcntl.LOCK_EX, HubError("hub-running", f"A hub is running in {self.path}. Stop it first."))
        try:
            yield
        finally:
            os.close(descriptor)

    def in_use(self) -> int:
        """Says that the database here is open until the descriptor is closed. Raises HubError while the hub is being restored."""
        return self._hold(fcntl.LOCK_SH, HubError("hub-restoring", f"The hub in {self.path} is being restored; try again soon."))

    def _hold(self, how: int, refused: HubError) -> int:
        descriptor = os.open(self.path / "in-use", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise refused from error
        return descriptor


def write_private(path: Path, content: bytes) -> None:
    """Writes `content` with mode 0600, durably, in one step: readers see the old file or the new one."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)  # there only where the disk did not take all of it
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Makes what was written, renamed or removed in the folder `path` last."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def generation(folder: Folder) -> int:
    """How often this hub was restored, plus one (docs/sync-protocol.md). Outside the database: no restore takes it back."""
    try:
        return int(folder.generation.read_text("ascii"))
    except FileNotFoundError:
        write_private(folder.generation, b"1\n")
        return 1
    except ValueError as error:
        raise HubError("generation-unreadable", f"{folder.generation} does not hold a number.") from error


def heard_generation(folder: Folder) -> int:
    """The newest generation that any kiosk said it had seen and that this hub was not; 0 where there was none."""
    try:
        return int(folder.heard_generation.read_text("ascii"))
    except FileNotFoundError:
        return 0
    except ValueError as error:
        raise HubError("generation-unreadable", f"{folder.heard_generation} does not hold a number.") from error


@contextmanager
def room_to_write() -> Iterator[None]:
    """Raises NotNow where the disk has no room for what is written inside."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise NotNow(*DISK_FULL) from error


DISK_FULL = ("disk-full", "The hub's disk is full. Make room: nothing is lost meanwhile, the kiosks keep it.", 60)
"""What a NotNow of it says."""


class NotNow(HubError):
    """The hub cannot do it at this moment; nothing is wrong with what was asked. `retry_after` is in seconds."""

    def __init__(self, code: str, message: str, retry_after: int) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after
