"""What a process still holds of somebody: a search through all of its own writable memory, as the kernel shows it."""

from __future__ import annotations

import io
from pathlib import Path

CHUNK = 1 << 22
ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-32-le")
"""On the wire and in Python's own strings, of every width; Qt's are UTF-16."""

OVERWRITING = {"PYTHONMALLOC": "malloc", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0:glibc.malloc.perturb=85"}
"""The environment of a process that overwrites at once whatever it frees: what is found then is held."""


def found_in_memory(pid: int, words: tuple[str, ...]) -> set[str]:
    """Those of `words` that are in the writable memory of the process."""
    needles = {(word, _encoded(word, encoding)) for word in words for encoding in ENCODINGS} - {(word, b"") for word in words}
    longest = max(len(needle) for _, needle in needles)
    found = set()
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            places, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            begin, end = (int(place, 16) for place in places.split("-"))
            for at in range(begin, end, CHUNK):
                held = _read(memory, at, min(end - at, CHUNK + longest))
                found |= {word for word, needle in needles if needle in held}
    return found


def _read(memory: io.RawIOBase, at: int, size: int) -> bytes:
    """Nothing where it was unmapped meanwhile."""
    try:
        memory.seek(at)
        return memory.read(size) or b""
    except OSError:
        return b""


def _encoded(word: str, encoding: str) -> bytes:
    """Nothing where it cannot be."""
    written = word.encode(encoding, errors="ignore")
    return written if written.decode(encoding) == word else b""
