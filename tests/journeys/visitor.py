"""A visitor without eyes: reads snapshots from the engine's socket and touches by intent, as the UI process would."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from kiosk.visit.screens import Intent

PATIENCE_S = 60.0
"""For one screen to come. Most come at once; a machine that also runs other tests may take its time."""


class Visitor:
    """One connection to an engine. `snapshot` is the newest seen."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE_S)
        self._socket.connect(str(self._path))
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self.snapshot: dict[str, Any] = {}
        self.screens: list[str] = []

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lines.close()
        self._socket.close()

    def come_back(self) -> None:
        """To an engine that was started again."""
        self.__exit__(None, None, None)
        self._connect()

    def read(self) -> dict[str, Any]:
        """The next snapshot. Raises TimeoutError when the engine says nothing, ConnectionError when it is gone."""
        try:
            line = self._lines.readline()
        except TimeoutError as error:
            raise TimeoutError(f"nothing came after {self.screens}") from error
        if not line:
            raise ConnectionError("the engine hung up")
        self.snapshot = json.loads(line)
        if self.screens[-1:] != [self.snapshot["screen"]]:
            self.screens.append(self.snapshot["screen"])
        return self.snapshot

    def wait(self, *screens: str, notice: str | None = None) -> dict[str, Any]:
        """Reads on until one of these screens is there, with that notice when one is named (a part of its words)."""
        end = time.monotonic() + PATIENCE_S
        while not self.snapshot or self.snapshot["screen"] not in screens or not _has_notice(self.snapshot, notice):
            if time.monotonic() > end:
                raise TimeoutError(f"waited for {screens}, was at {self.screens}")
            self.read()
        return self.snapshot

    def touch(self, name: str, value: str = "") -> None:
        self._socket.sendall((Intent(name, value).to_json() + "\n").encode())

    def press(self, part: str) -> None:
        """Touches the snapshot's "primary", "secondary", "back" or "cancel", whatever it stands for."""
        self.touch(self.snapshot[part]["intent"], self.snapshot[part]["value"])

    def type(self, digits: str) -> None:
        for digit in digits:
            self.touch("key", digit)

    def to_scan(self, language: str = "en") -> None:
        """From the attract screen to where a bill is shown."""
        self.wait("attract")
        self.touch("choose-language", language)
        self.wait("scan")

    def leave(self) -> None:
        """From wherever the last visit stopped to the attract screen."""
        if not self.snapshot:
            self.read()
        while self.snapshot["screen"] != "attract":
            if self.snapshot["overlay"] is not None:
                self.touch("stay")
            elif self.snapshot["cancel"] is not None:
                self.press("cancel")
            elif self.snapshot["screen"] in ("approved", "accepted", "receipt-ways"):
                self.touch("no-receipt")
            elif self.snapshot["screen"] in ("receipt-email", "receipt-text"):
                self.press("back")
            elif self.snapshot["primary"] is not None:
                self.press("primary")
            self.read()


def _has_notice(snapshot: dict[str, Any], notice: str | None) -> bool:
    return notice is None or (snapshot["notice"] is not None and notice in snapshot["notice"]["text"])
