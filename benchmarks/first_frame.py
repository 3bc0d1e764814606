"""A process that says when its first frame was on the screen, and ends: `python -m benchmarks.first_frame face SOCKET | bare`.

Prints one line: the moment (CLOCK_MONOTONIC, seconds), the window's width and height, and the screen that was shown.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtQuick import QQuickWindow

    from ui.app import Face


def face(socket: Path) -> None:
    """The kiosk's face as it really starts."""
    from ui.__main__ import main

    def opened(face: Face) -> None:
        face.window.frameSwapped.connect(lambda: report(face.window, face.store.snapshot.screen))

    main(["--socket", str(socket)], opened)


def bare() -> None:
    """The least that Qt Quick needs to show anything."""
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtQuick import QQuickView

    app = QGuiApplication([])
    view = QQuickView()
    view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
    view.setSource(QUrl.fromLocalFile(str(Path(__file__).with_name("Bare.qml"))))
    view.frameSwapped.connect(lambda: report(view, "bare"))
    view.showFullScreen()
    app.exec()


def report(window: QQuickWindow, screen: str) -> None:
    print(time.monotonic(), window.width(), window.height(), screen, flush=True)
    window.close()


if __name__ == "__main__":
    if sys.argv[1] == "face":
        face(Path(sys.argv[2]))
    else:
        bare()
