"""A socket for programs of the same user on this machine: a file of mode 0600, and nobody else's program is served."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from pathlib import Path


def listen(path: Path) -> socket.socket:
    """A listening socket at `path`. Raises OSError when there can be none.

    A file left there by a dead engine is replaced: the database's lock keeps engines apart.
    """
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    os.fchmod(listening.fileno(), 0o600)  # before bind: the file never exists with another mode (Linux, unix(7))
    try:
        listening.bind(str(path))
    except OSError:
        listening.close()
        raise
    return listening


def same_user(writer: asyncio.StreamWriter) -> bool:
    """Only our own user may look at the screen and touch it (root may do anything anyway)."""
    peer: socket.socket = writer.get_extra_info("socket")
    _, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return uid in (os.getuid(), 0)
