"""The machine's TPM 2.0, through tpm2-tools: a key sealed to it opens on this machine alone.

The key is a sealed object under the storage root key of the owner hierarchy, which a TPM derives anew, always the same, from a
seed that never leaves it. It is bound to the TPM and to nothing else. A policy over the boot measurements (PCRs) would shut the
queue at the next firmware update, money and all; what it would gain, against a thief who takes the whole machine and starts
another system on it, the disk's own encryption gives without that. A cleared or replaced TPM ends a sealed key: therefore the key
is left with the hub too, before the last plain copy goes (keeping.py).

The key goes through pipes: never on a disk, never on a command line. The contexts that the tools hand on live in memory.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offline_queue.errors import KeyAway, KeyRefused

DEVICE = Path("/dev/tpmrm0")
"""The kernel's resource manager: several programs can use the TPM through it."""

ANSWERS_IN = 60.0
"""Seconds; a slow TPM takes one or two to derive a storage key."""

_ROOT = ["-C", "o", "-g", "sha256", "-G", "ecc256:aes128cfb"]
_ROOT_IS = "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|decrypt|noda"
_KEY_IS = "fixedtpm|fixedparent|userwithauth|noda"
"""Written out, because another template derives another root, and what was sealed under this one would not open: the tools'
defaults are theirs to change. `noda`: a kiosk that is switched off roughly must not lock its TPM."""

_CODE = re.compile(r"\(0x([0-9A-Fa-f]+)\)")


def why_not() -> str:
    """Why this process cannot use a TPM: "no-tpm", "tpm-not-allowed", "no-tpm2-tools"; empty when it can."""
    if not _tcti_is_set():
        if not DEVICE.exists():
            return "no-tpm"
        if not os.access(DEVICE, os.R_OK | os.W_OK):
            return "tpm-not-allowed"
    return "" if shutil.which("tpm2_unseal") else "no-tpm2-tools"


class _Failed(Exception):
    """One of the tools failed; `code` is the last response code it named, None when it named none."""

    def __init__(self, tool: str, code: int | None) -> None:
        super().__init__(tool if code is None else f"{tool} 0x{code:x}")
        self.code = code

    @property
    def is_judgement(self) -> bool:
        """Whether the TPM itself refused what it was given. Above 0xFFF it is a failure on the way to it, 0x9.. without bit 7 a
        warning: it is busy, or locked for a while (TPM 2.0 Library, part 2, response codes)."""
        return self.code is not None and self.code <= 0xFFF and self.code & 0x980 != 0x900


def seal(key: bytes) -> bytes:
    """`key` (at most 128 bytes) sealed to this TPM: TPM2B_PUBLIC and TPM2B_PRIVATE, one after the other.
    Raises KeyRefused, KeyAway."""
    with _memory("root", "public", "private") as files, _known():
        _run(files, ["tpm2_createprimary", *_ROOT, "-a", _ROOT_IS, "-c", "root"])
        _run(files, ["tpm2_create", "-C", "root", "-g", "sha256", "-a", _KEY_IS, "-i-", "-u", "public", "-r", "private"], key)
        return _read(files["public"]) + _read(files["private"])


def unseal(blob: bytes) -> bytes:
    """What was sealed in `blob`. Raises KeyRefused when this TPM is not the one that sealed it, or was cleared since, or the blob
    is damaged; KeyAway when the TPM cannot be used."""
    public, private = _parts(blob)
    with _memory("root", "public", "private", "key") as files, _known():
        os.write(files["public"], public)
        os.write(files["private"], private)
        _run(files, ["tpm2_createprimary", *_ROOT, "-a", _ROOT_IS, "-c", "root"])
        _run(files, ["tpm2_load", "-C", "root", "-u", "public", "-r", "private", "-c", "key"])
        return _run(files, ["tpm2_unseal", "-c", "key"])


def _parts(blob: bytes) -> tuple[bytes, bytes]:
    """The two structures in `blob`; each begins with its length in two bytes (TPM 2.0 Library, part 2, TPM2B)."""
    public = 2 + int.from_bytes(blob[:2], "big")
    private = 2 + int.from_bytes(blob[public : public + 2], "big")
    if min(public, private) <= 2 or public + private != len(blob):
        raise KeyRefused("not a sealed key")
    return blob[:public], blob[public:]


@contextmanager
def _known() -> Iterator[None]:
    try:
        yield
    except _Failed as failure:
        raise (KeyRefused if failure.is_judgement else KeyAway)(str(failure)) from failure


def _run(files: dict[str, int], command: list[str], given: bytes = b"") -> bytes:
    """Runs one of the tools, with memory files for the words that name one. Returns its output. Raises _Failed, KeyAway.

    What it left loaded is flushed: the resource manager does so by itself, a TPM without one soon has no room.
    """
    words = [f"/proc/self/fd/{files[word]}" if word in files else word for word in command]
    out = _tool(words, given, tuple(files.values()))
    _tool(["tpm2_flushcontext", "-t"], b"", ())
    return out


def _tool(words: list[str], given: bytes, files: tuple[int, ...]) -> bytes:
    environment = {"TPM2TOOLS_TCTI": f"device:{DEVICE}", **os.environ, "TSS2_LOG": "all+none", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            words, input=given, capture_output=True, check=False, timeout=ANSWERS_IN, pass_fds=files, env=environment
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KeyAway(f"{words[0]} {type(error).__name__}") from error
    if done.returncode != 0:
        codes = _CODE.findall(done.stderr.decode("utf-8", "replace"))
        raise _Failed(words[0], int(codes[-1], 16) if codes else None)
    return done.stdout


@contextmanager
def _memory(*names: str) -> Iterator[dict[str, int]]:
    """Files that are in memory alone: a full or read-only disk does not keep the key from us."""
    files = {name: os.memfd_create(name) for name in names}
    try:
        yield files
    finally:
        for file in files.values():
            os.close(file)


def _read(file: int) -> bytes:
    os.lseek(file, 0, os.SEEK_SET)
    return os.read(file, 4096)


def _tcti_is_set() -> bool:
    """TPM2TOOLS_TCTI is the tools' own variable: a technician may have a TPM behind another door."""
    return "TPM2TOOLS_TCTI" in os.environ
