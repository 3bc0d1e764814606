"""Runs a command that ends when we do: `python -m demo.leash COMMAND ...` stops it when its own standard input closes.

A simulator ends by itself then; the hub and the engine are built to outlive a terminal, and would outlive a killed demo.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

INSIST_S = 10.0
"""How long the command may take to end by itself."""


def main() -> int:
    """Returns the command's exit code."""
    child: subprocess.Popen[bytes] | None = None
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True
        if child is not None:
            child.terminate()

    signal.signal(signal.SIGTERM, stop)  # before there is anything that could outlive us
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    if stopped:
        child.terminate()
    threading.Thread(target=_hold, args=(child,), daemon=True).start()
    return child.wait()


def _hold(child: subprocess.Popen[bytes]) -> None:
    # Not by sys.stdin: a thread that waits inside it when the interpreter ends is a fatal error.
    while os.read(0, 4096):
        continue
    child.terminate()
    try:
        child.wait(INSIST_S)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main())
