"""The face of the kiosk: a window, the store it draws, the link that fills it."""

from __future__ import annotations

import gc
import os
from pathlib import Path

from PySide6.QtCore import QObject, QSize, QTimer, QUrl
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication
from PySide6.QtQml import QQmlComponent, QQmlEngine
from PySide6.QtQuick import QQuickWindow

import ui.parts
from ui.link import Link
from ui.store import Store

HERE = Path(__file__).parent
FONTS = HERE.parent / "assets" / "fonts"
FIRST_FONTS = ("AtkinsonHyperlegibleNext-Regular.ttf", "AtkinsonHyperlegibleNext-Bold.ttf")
OTHER_FONTS = (
    "NotoSans-Regular.ttf",
    "NotoSans-Bold.ttf",
    "NotoSansArabic-Regular.ttf",
    "NotoSansArabic-Bold.ttf",
    "DroidSansFallbackFull.ttf",
)
FAMILY = "Atkinson Hyperlegible Next"
OTHER_FAMILIES = ["Noto Sans", "Noto Sans Arabic", "Droid Sans Fallback"]

WINDOWED = QSize(540, 960)
FIRST_WORD_MS = 200


class Face:
    """The kiosk's window and what feeds it. Needs a QGuiApplication (see `application`).

    `window` is the QQuickWindow, `store` what it draws. `size` fixes the window's size; without it the window is the whole
    screen, or a half-size portrait one when `windowed`.
    """

    def __init__(self, socket_path: str, windowed: bool, size: tuple[int, int] | None = None) -> None:
        self._windowed = windowed
        self.store = Store()
        self.link = Link(socket_path)
        self.link.received.connect(self.store.show)
        self.link.lost.connect(self.store.lose)
        self.store.asked.connect(self.link.send)
        self.link.open()  # the engine's first word travels while we build the window
        _add_fonts(FIRST_FONTS)
        self.engine = QQmlEngine()
        self.engine.addImportPath(str(HERE / "qml"))
        self._component = component = QQmlComponent(self.engine, QUrl.fromLocalFile(str(HERE / "qml" / "Lobbypay" / "Face.qml")))
        window = component.createWithInitialProperties({"store": self.store})
        if not isinstance(window, QQuickWindow):
            raise RuntimeError(component.errorString())
        self.window = window
        if size is not None or windowed:
            self.window.resize(QSize(*size) if size is not None else WINDOWED)

    def show(self) -> None:
        """Opens the window. The first frame has the engine's words in it when the engine is there."""
        self.link.wait(FIRST_WORD_MS)
        self.window.frameSwapped.connect(self._first_frame)
        if self._windowed:
            self.window.show()
        else:
            self.window.showFullScreen()

    def close(self) -> None:
        """Hangs up and takes the window away."""
        self.link.close()
        self.window.close()
        self.window.deleteLater()

    def _first_frame(self) -> None:
        self.window.frameSwapped.disconnect(self._first_frame)
        QTimer.singleShot(0, self.window, lambda: _add_fonts(OTHER_FONTS))


def application(arguments: list[str]) -> QGuiApplication:
    """The Qt application, set up for a machine without a GPU. Call before anything else of Qt."""
    if "QT_QUICK_BACKEND" not in os.environ:
        QQuickWindow.setSceneGraphBackend("software")
    app = QGuiApplication(arguments)
    app.setApplicationName("lobbypay")
    QFont.insertSubstitutions(FAMILY, OTHER_FAMILIES)
    return app


def _add_fonts(names: tuple[str, ...]) -> None:
    for name in names:
        if QFontDatabase.addApplicationFont(str(FONTS / name)) < 0:
            raise RuntimeError(f"the font {name} cannot be loaded")
