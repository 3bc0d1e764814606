"""A child process of the demo: the hub, a simulated device, the engine. Speaks JSON lines on its pipes and ends with us."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from domain.errors import Known

ROOT = Path(__file__).resolve().parent.parent
READY_S = 60.0
"""A cold start on a slow disk; more means that it will not come."""

STOP_S = 10.0


class ChildFailed(Known):
    """A part of the demo did not start, or ended by itself; the text says which, and its last words."""


class Child:
    """Started at once; `wait_ready` says when it is up. `reports` yields what it prints after that."""

    def __init__(self, name: str, arguments: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        """`arguments` follow the interpreter's name; standard error goes to `log`."""
        self.name = name
        self._log = log
        self._words = log.open("ab")
        # Its own process group: Ctrl-C at the demo's terminal must reach the demo alone, which then stops its children
        # in their order; and a child that has children of its own ends whole.
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            text=True,
        )
        self.reports: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._ready: dict[str, Any] = {}
        self._up = threading.Event()
        self._listener = threading.Thread(target=self._listen, name=f"{name} reports", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                report = json.loads(line)
                if "ready" in report:
                    self._ready = report["ready"]
                    self._up.set()
                else:
                    self.reports.put(report)
        self._up.set()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_ready(self) -> dict[str, Any]:
        """What it said of itself. Raises ChildFailed when it ended first or takes too long."""
        if not self._up.wait(READY_S) or not self._ready:
            self.kill()
            raise ChildFailed(f"The {self.name} did not start. {self._last_words()}")
        return self._ready

    def tell(self, **command: Any) -> None:
        """Sends one command. Raises ChildFailed when nobody listens any more."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise ChildFailed(f"The {self.name} has ended. {self._last_words()}") from error

    def wait_report(self, key: str, seconds: float) -> Any:
        """The value of the next report that has `key`; others are passed over. Raises ChildFailed when none comes."""
        try:
            while key not in (report := self.reports.get(timeout=seconds)):
                pass
        except queue.Empty as error:
            raise ChildFailed(f"The {self.name} did not say {key!r} within {seconds:.0f} s.") from error
        return report[key]

    def _last_words(self) -> str:
        """The end of its log: the file itself may be gone when somebody reads this."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        return f"Its last words: {last.strip()[:300]}" if last else "It said nothing."

    def stop(self) -> None:
        """Asks it to end, and insists after STOP_S."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it as a power cut would: no last words."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.alive:
            os.killpg(self.pid, how)
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self._process.wait()
        self._listener.join(STOP_S)
        for pipe in (self._process.stdin, self._words):
            if pipe is not None and not pipe.closed:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
