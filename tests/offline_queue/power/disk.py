"""What a disk may hold after a power cut, rebuilt from a log of system calls.

The model, that of ALICE (Pillai et al., OSDI 2014) made strict:

* A file's bytes and size are durable when fsync or fdatasync of it has returned. Since then each sector (512 or 4096 bytes), on
  its own, may be as it was at any moment: writes reach the disk in any order, by halves, or not at all. So may the size, and
  what it uncovers where no data arrived is zeros, or whatever lay on that place of the disk. To cut a file shorter changes its
  size and no byte: while that has not arrived, what is beyond is as it was.
* A name (created, renamed, removed) is durable when its folder was synced; that of a folder when the folder above was. Until
  then each such change may have happened or not, whatever became of the others; a rename is one change.
* A sector is written whole or not at all, and a write harms no sector that it does not touch (SQLite's "powersafe overwrite").
* A sync that failed has dropped what it should have kept (Rebello et al., ATC 2020): readers see it while the machine runs, but
  no later sync keeps it, except in a page (4096 bytes) that was written again.
* What was synced stays: a disk that lies about that is the mutation (`Lie`), and must be found out.

ext4, XFS and btrfs promise more than that (they order names, and a file's fsync makes its name durable), so what holds here
holds there. A file in shared memory (SQLite's -shm) is left out or filled with rubbish: it must be rebuilt from nothing.
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from pathlib import Path, PurePath

SAID = PurePath("said")
"""Where the victim says what it promises: on paper, so to speak. A power cut does not unsay it."""

SHARED = "-shm"

PAGE = 4_096
"""What the kernel keeps of a file in one piece."""


class What(IntEnum):
    """What a record of the log is, as in shim.c."""

    BEGIN = 1
    OPEN = 2
    CLOSE = 3
    WRITE = 4
    RESIZE = 5
    SYNC = 6
    UNLINK = 7
    RENAME = 8
    MKDIR = 9
    CUT = 11
    FAILED_SYNC = 12


@dataclass(frozen=True, slots=True)
class Call:
    """One system call that succeeded. `number` is an offset, a size, or the flags of an open."""

    what: What
    fd: int
    number: int
    data: bytes


def read_log(log: Path) -> list[Call]:
    """The calls in the log, in order."""
    raw, head, at, calls = log.read_bytes(), struct.Struct("=BiqI"), 0, []
    while at < len(raw):
        what, fd, number, length = head.unpack_from(raw, at)
        at += head.size
        calls.append(Call(What(what), fd, number, raw[at : at + length]))
        at += length
    return calls


class Loss(Enum):
    """What a power cut makes of everything that was not synced."""

    ALL = "nothing of it arrived"
    NONE = "all of it arrived"
    LAST = "all of it arrived, but of the last write a part only"
    SECTORS = "each sector, size and name as it was at some moment, on its own"


class Lie(Enum):
    """A disk that breaks its promise: a sync of these does nothing."""

    FILES = "files"
    FOLDERS = "folders"


@dataclass(slots=True)
class File:
    """A file's durable bytes, and what was done to it since: (offset, data), or (size, None).

    After a failed sync, `seen` is what readers see, which the disk does not hold; None before.
    """

    durable: bytes = b""
    since: list[tuple[int, bytes | None]] = field(default_factory=list)
    seen: bytearray | None = None

    def write(self, offset: int, data: bytes) -> None:
        if self.seen is not None:
            self.seen.extend(bytes(max(0, offset - len(self.seen))))
            self.seen[offset : offset + len(data)] = data
            end = offset + len(data) + -(offset + len(data)) % PAGE
            offset -= offset % PAGE
            data = bytes(self.seen[offset:end])
        self.since.append((offset, data))

    def resize(self, size: int) -> None:
        if self.seen is not None:
            del self.seen[size:]
            self.seen.extend(bytes(size - len(self.seen)))
        self.since.append((size, None))

    def drop(self) -> None:
        """A sync has failed."""
        if self.seen is None:
            self.seen = bytearray(self.at(len(self.since)))
        self.since = []

    def sync(self) -> None:
        self.durable, self.since = self.at(len(self.since)), []

    def at(self, moment: int, *, cut: bool = True) -> bytes:
        """Its bytes after the first `moment` of what was done since; with those that it was `cut` by when that is False."""
        content = bytearray(self.durable)
        for number, data in self.since[:moment]:
            if data is None:
                if cut:
                    del content[number:]
                content.extend(bytes(max(0, number - len(content))))
            else:
                content.extend(bytes(max(0, number - len(content))))
                content[number : number + len(data)] = data
        return bytes(content)

    def after(self, loss: Loss, dice: random.Random) -> bytes:
        """Its bytes after a power cut."""
        if not self.since or loss is Loss.ALL:
            return self.durable
        if loss is Loss.SECTORS:
            return self._scattered(dice)
        content = self.at(len(self.since))
        number, data = self.since[-1]
        if loss is Loss.NONE or data is None or len(data) <= 512:
            return content
        # sectors are counted from the file's start: the cut is at one of their bounds inside the write
        cut = dice.randint(number // 512 + 1, (number + len(data) - 1) // 512) * 512
        return content[:cut] + self.at(len(self.since) - 1)[cut:]

    def _scattered(self, dice: random.Random) -> bytes:
        sector, moments = dice.choice((512, 4096)), len(self.since)
        likely = dice.choice((0.1, 0.5, 0.9))  # that a sector arrived as it was last written

        def moment() -> int:
            return moments if dice.random() < likely else dice.randint(0, moments)

        versions: dict[int, bytes] = {}
        size = len(self.at(moment()))
        rubbish = dice.random() < 0.5
        touched = self._touched(sector)
        content = bytearray(self._version(0, versions)[:size].ljust(size, b"\0"))
        for index in sorted(touched):
            begin, end = index * sector, min((index + 1) * sector, size)
            if begin >= size:
                break
            arrived = self._version(moment(), versions)[begin:end]
            missing = end - begin - len(arrived)
            content[begin:end] = arrived + (dice.randbytes(missing) if rubbish else bytes(missing))
        return bytes(content)

    def _version(self, moment: int, versions: dict[int, bytes]) -> bytes:
        if moment not in versions:
            versions[moment] = self.at(moment, cut=False)
        return versions[moment]

    def _touched(self, sector: int) -> set[int]:
        """The sectors that are not certainly as they were durable."""
        touched: set[int] = set()
        size = len(self.durable)
        for number, data in self.since:
            if data is None:
                touched.update(range(min(number, size) // sector, -(-max(number, size) // sector)))
                size = number
            else:
                end = number + len(data)
                touched.update(range(min(number, size) // sector, -(-end // sector)))
                size = max(size, end)
        return touched


@dataclass(slots=True)
class Folder:
    """The durable names in a folder, and the changes since."""

    durable: dict[str, File | Folder] = field(default_factory=dict)
    since: list[dict[str, File | Folder | None]] = field(default_factory=list)

    def sync(self) -> None:
        self.durable, self.since = self.names(self.since), []

    def names(self, changes: list[dict[str, File | Folder | None]]) -> dict[str, File | Folder]:
        names: dict[str, File | Folder | None] = dict(self.durable)
        for change in changes:
            names.update(change)
        return {name: node for name, node in names.items() if node is not None}

    def now(self) -> dict[str, File | Folder]:
        return self.names(self.since)

    def after(self, loss: Loss, dice: random.Random) -> dict[str, File | Folder]:
        """Its names after a power cut."""
        if loss is Loss.SECTORS:
            likely = dice.choice((0.1, 0.5, 0.9))
            return self.names([change for change in self.since if dice.random() < likely])
        return self.durable if loss is Loss.ALL else self.now()


class Disk:
    """The folder `root` on a disk, call by call. At first it holds, durably, what the folder `before` holds."""

    def __init__(self, root: Path, before: Path, lie: Lie | None) -> None:
        self._root = str(root)
        self._lie = lie
        self._folder = _loaded(before)
        self._open: dict[int, File | Folder] = {}
        said = before / SAID
        self.said = said.read_bytes().splitlines() if said.exists() else []

    def do(self, call: Call) -> None:
        """One more call has succeeded."""
        if call.what is What.BEGIN:
            self._open.clear()
        elif call.what is What.OPEN:
            self._open[call.fd] = self._opened(os.fsdecode(call.data), call.number)
        elif call.what is What.CLOSE:
            del self._open[call.fd]
        elif call.what in (What.WRITE, What.RESIZE):
            file = self._open[call.fd]
            assert isinstance(file, File)
            if file is self._said():
                self.said.append(call.data)
            if call.what is What.WRITE:
                file.write(call.number, call.data)
            else:
                file.resize(call.number)
        elif call.what is What.FAILED_SYNC:
            file = self._open[call.fd]
            if isinstance(file, File):  # the names in a folder may be lost or not, as before
                file.drop()
        elif call.what is What.SYNC:
            node = self._open[call.fd]
            if self._lie is not (Lie.FILES if isinstance(node, File) else Lie.FOLDERS):
                node.sync()
        elif call.what is What.CUT:
            folder, name = self._place(os.fsdecode(call.data))
            file = folder.now()[name]
            assert isinstance(file, File)
            file.resize(call.number)
        elif call.what is What.MKDIR:
            folder, name = self._place(os.fsdecode(call.data))
            folder.since.append({name: Folder()})
        elif call.what is What.UNLINK:
            folder, name = self._place(os.fsdecode(call.data))
            folder.since.append({name: None})
        else:
            before, after = os.fsdecode(call.data).split("\0")
            (folder, old), (same, new) = self._place(before), self._place(after)
            assert folder is same, "a rename across folders is not modelled"
            folder.since.append({old: None, new: folder.now()[old]})

    def _said(self) -> File | Folder | None:
        return self._folder.now().get(SAID.name)

    def _place(self, path: str) -> tuple[Folder, str]:
        folder = self._folder
        *folders, name = PurePath(path).relative_to(self._root).parts
        for part in folders:
            node = folder.now()[part]
            assert isinstance(node, Folder)
            folder = node
        return folder, name

    def _opened(self, path: str, flags: int) -> File | Folder:
        if path == self._root:
            return self._folder
        folder, name = self._place(path)
        node = folder.now().get(name)
        if node is None:
            node = File()
            folder.since.append({name: node})
        elif flags & os.O_TRUNC and isinstance(node, File):
            node.resize(0)
        return node

    def cut(self, loss: Loss, dice: random.Random) -> Iterator[tuple[PurePath, bytes | None]]:
        """What a power cut at this moment leaves: each folder (None) before what is in it, and each file's bytes."""
        yield from self._cut(self._folder, PurePath(), loss, dice)

    def _cut(self, folder: Folder, path: PurePath, loss: Loss, dice: random.Random) -> Iterator[tuple[PurePath, bytes | None]]:
        for name, node in folder.after(loss, dice).items():
            if isinstance(node, Folder):
                yield path / name, None
                yield from self._cut(node, path / name, loss, dice)
            elif not name.endswith(SHARED) and path / name != SAID:
                yield path / name, node.after(loss, dice)
            elif name.endswith(SHARED) and dice.random() < 0.5:
                yield path / name, dice.randbytes(32_768)


def _loaded(folder: Path) -> Folder:
    return Folder({path.name: _loaded(path) if path.is_dir() else File(path.read_bytes()) for path in folder.iterdir()})
