"""The link on which the engine shows what the camera sees: connected while the screen asks for it, and at no other time."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalSocket

from kiosk.visit.screens import NO_PREVIEW, PREVIEW_SOCKET, preview_from_bytes, preview_size

RETRY_MS = 500
ROOM = 1 << 21
"""Bytes read ahead: one picture is 1.2 MB at most."""


class PreviewLink(QObject):
    """`received(Preview)` is the newest picture; NO_PREVIEW when there is nothing to see any more, for whatever reason.

    `socket_path` is the snapshots' socket; the previews' lies beside it. What is no preview ends the connection.
    """

    received = Signal(object)

    def __init__(self, socket_path: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = str(Path(socket_path).with_name(PREVIEW_SOCKET)) if socket_path else ""
        self._wanted = False
        self._half = bytearray()
        self._socket = QLocalSocket(self)
        self._socket.setReadBufferSize(ROOM)
        self._socket.readyRead.connect(self._read)
        self._socket.stateChanged.connect(self._changed)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(RETRY_MS)
        self._again.timeout.connect(self._connect)

    def want(self, wanted: bool) -> None:
        """Connects, or hangs up and forgets."""
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if wanted:
            self._connect()
        else:
            self._again.stop()
            self._socket.abort()
            self._forget()

    def close(self) -> None:
        """Hangs up for good."""
        self._socket.blockSignals(True)
        self.want(False)

    def _connect(self) -> None:
        if self._path and self._socket.state() is QLocalSocket.LocalSocketState.UnconnectedState:
            self._socket.connectToServer(self._path)

    def _changed(self, state: QLocalSocket.LocalSocketState) -> None:
        if state is QLocalSocket.LocalSocketState.UnconnectedState and self._wanted:
            self._forget()
            self._again.start()

    def _forget(self) -> None:
        self._half = bytearray()
        self.received.emit(NO_PREVIEW)

    def _read(self) -> None:
        """Only the newest whole picture is drawn."""
        self._half += self._socket.readAll().data()
        whole = b""
        try:
            while (size := preview_size(self._half)) is not None and size <= len(self._half):
                whole = bytes(self._half[:size])
                del self._half[:size]
        except ValueError:
            self._socket.abort()
            return
        if whole:
            self.received.emit(preview_from_bytes(whole))
