"""The link to the engine: snapshots in, intents out, one line of JSON each, over a UNIX socket. It connects again by itself."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalSocket

from kiosk.visit.screens import Intent, snapshot_from_json

LONGEST_LINE = 1 << 20
"""Bytes. A bill of 1,000 rows is a tenth of it; anything longer is not a snapshot."""
ROOM = 1024
"""Bytes that Qt reads ahead. Its buffer keeps what was in it until that is overwritten: the first screen, which comes after every
visit, is longer than this, so that nothing of a bill stays (law 10)."""
FIRST_RETRY_MS, LAST_RETRY_MS = 50, 1000


class Link(QObject):
    """`received(Snapshot)` is the engine's word; `lost` says that it hung up, was never there, or did not make sense;
    `opened` that an engine is there to be told something.

    A line that is no snapshot ends the connection: the next one begins with a whole snapshot again.
    """

    received = Signal(object)
    lost = Signal()
    opened = Signal()

    def __init__(self, path: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._half = bytearray()
        self._heard = False
        self._retry_ms = FIRST_RETRY_MS
        self._socket = QLocalSocket(self)
        self._socket.setReadBufferSize(ROOM)
        self._socket.readyRead.connect(self._read)
        self._socket.stateChanged.connect(self._changed)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.open)

    def open(self) -> None:
        """Connects, now and whenever the line is down. Returns at once."""
        if self._socket.state() is QLocalSocket.LocalSocketState.UnconnectedState:
            self._half.clear()
            self._socket.connectToServer(self._path)

    def wait(self, ms: int) -> None:
        """Gives an engine that is there `ms` for its first word; returns at once when it has spoken."""
        if not self._heard and self._socket.state() is QLocalSocket.LocalSocketState.ConnectedState:
            self._socket.waitForReadyRead(ms)

    def close(self) -> None:
        """Hangs up for good."""
        self._socket.blockSignals(True)
        self._again.stop()
        self._socket.abort()

    def send(self, name: str, value: str) -> None:
        """Tells the engine what a person did. Without an engine there is nobody to tell, and the screen says so."""
        if self._socket.state() is QLocalSocket.LocalSocketState.ConnectedState:
            self._socket.write(Intent(name, value).to_json().encode() + b"\n")

    def _changed(self, state: QLocalSocket.LocalSocketState) -> None:
        if state is QLocalSocket.LocalSocketState.ConnectedState:
            self.opened.emit()
        if state is QLocalSocket.LocalSocketState.UnconnectedState:
            self.lost.emit()
            self._again.start(self._retry_ms)
            self._retry_ms = min(2 * self._retry_ms, LAST_RETRY_MS)

    def _read(self) -> None:
        self._half += self._socket.readAll().data()
        *lines, rest = self._half.split(b"\n")
        if max(len(rest), *map(len, lines)) > LONGEST_LINE if lines else len(rest) > LONGEST_LINE:
            self._refuse("line-too-long")
            return
        self._half = rest
        if not lines:
            return
        try:
            snapshot = snapshot_from_json(bytes(lines[-1]))  # the newest is the whole truth
        except ValueError:
            self._refuse("not-a-snapshot")
            return
        self._heard = True
        self._retry_ms = FIRST_RETRY_MS
        self.received.emit(snapshot)

    def _refuse(self, reason: str) -> None:
        import structlog  # costs 200 ms, which the first frame cannot spare; a sound engine never brings us here

        structlog.get_logger().warning("ui.refused", reason=reason)
        self._half.clear()
        self._socket.abort()
