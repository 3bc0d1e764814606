"""How often a thread really syncs to disk, counted by the kernel: no root, no tool, nothing replaced in what is measured.

A seccomp filter on the thread stops at each sync system call and tells a listener, which counts it and lets it continue
(man 2 seccomp_unotify; Linux 5.5). It stays on its thread for as long as the thread lives, so the work gets a thread of its own.
"""

from __future__ import annotations

import ctypes
import fcntl
import itertools
import mmap
import os
import platform
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from domain.errors import Known

ROOT = Path(__file__).parent.parent

_T = TypeVar("_T")

_SYNCS = {
    "x86_64": (26, 74, 75, 162, 277, 306),
    "aarch64": (227, 82, 83, 81, 84, 267),
}
"""The numbers of msync, fsync, fdatasync, sync, sync_file_range and syncfs."""
_SECCOMP = {"x86_64": 317, "aarch64": 277}

_NO_NEW_PRIVS = 38
_SET_FILTER, _NEW_LISTENER = 1, 8
_LOAD_NUMBER, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _TELL = 0x7FFF0000, 0x7FC00000
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_NOTICE_BYTES = 80
_CONTINUE = 1
"""From linux/seccomp.h, linux/bpf_common.h and linux/prctl.h; the same on both processors."""


class _Step(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.POINTER(_Step)))


class SyncCount:
    """What has been counted so far: read `count` between two pieces of work."""

    def __init__(self) -> None:
        self.shared = os.memfd_create("syncs")
        os.ftruncate(self.shared, 8)
        self._memory = mmap.mmap(self.shared, 8)

    @property
    def count(self) -> int:
        return int.from_bytes(self._memory[:8], sys.byteorder)


def counting(work: Callable[[SyncCount], _T]) -> _T:
    """Runs `work` on a thread of its own whose syncs are counted; gives what it returns. Raises Known where the kernel does not
    let us count."""
    counted = SyncCount()
    with ThreadPoolExecutor(max_workers=1) as thread:
        listener = thread.submit(_filter_this_thread).result()
        # A process of its own: the thread may hold the interpreter while it syncs.
        command = [sys.executable, "-m", "benchmarks.syncs", str(listener), str(counted.shared)]
        with subprocess.Popen(command, cwd=ROOT, pass_fds=(listener, counted.shared)) as process:
            os.close(listener)
            os.close(counted.shared)
            try:
                return thread.submit(work, counted).result()
            finally:
                process.kill()


def _filter_this_thread() -> int:
    """The descriptor on which the kernel tells of each sync of this thread and of those that it starts."""
    machine = platform.machine()
    if machine not in _SYNCS:
        raise Known(f"Syncs can be counted on {' and '.join(_SYNCS)}, not on {machine}.")
    numbers = _SYNCS[machine]
    steps = [_Step(_LOAD_NUMBER, 0, 0, 0)]
    steps += [_Step(_JUMP_IF_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    steps += [_Step(_RETURN, 0, 0, _ALLOW), _Step(_RETURN, 0, 0, _TELL)]
    program = _Program(len(steps), (_Step * len(steps))(*steps))
    kernel = ctypes.CDLL(None, use_errno=True)
    listener = -1
    if kernel.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        listener = kernel.syscall(_SECCOMP[machine], _SET_FILTER, _NEW_LISTENER, ctypes.byref(program))
    if listener < 0:
        raise Known(f"This kernel does not let us count syncs ({os.strerror(ctypes.get_errno())}); Linux 5.5 and later do.")
    return listener


def listen(listener: int, shared: int) -> None:
    """Counts and lets continue, for as long as this process is wanted."""
    with mmap.mmap(shared, 8) as memory:
        for count in itertools.count(1):
            notice = bytearray(_NOTICE_BYTES)
            fcntl.ioctl(listener, _RECEIVE, notice)
            memory[:8] = count.to_bytes(8, sys.byteorder)
            fcntl.ioctl(listener, _SEND, notice[:8] + struct.pack("=qiI", 0, 0, _CONTINUE))


if __name__ == "__main__":
    listen(int(sys.argv[1]), int(sys.argv[2]))
