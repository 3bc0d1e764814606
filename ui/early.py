"""The first steps of the face: Qt itself, and our controls' QML loading in a thread of its own while Python still imports.

Imported before `ui.app`, so that 20 ms here and 20 ms there become 20 ms together.
"""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtQml import QQmlComponent, QQmlEngine
from PySide6.QtQuick import QQuickWindow

QML = Path(__file__).parent / "qml"
FONTS = Path(__file__).parent.parent / "assets" / "fonts"
FAMILY = "Atkinson Hyperlegible Next"
OTHER_FAMILIES = [
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans Arabic UI",
    "Noto Sans Hebrew",
    "Noto Sans Thai",
    "Droid Sans Fallback",
    "NanumSquare",
]


def application(arguments: list[str]) -> QGuiApplication:
    """The Qt application, set up for a machine without a GPU. Call once, before anything else of Qt."""
    if "QT_QUICK_BACKEND" not in os.environ:
        QQuickWindow.setSceneGraphBackend("software")  # never an emulated GPU (reference: ui)
    os.environ.setdefault("QT_QPA_UPDATE_IDLE_TIME", "0")  # a change is drawn at once, not after Qt's 5 ms of rest
    os.environ.setdefault("FONTCONFIG_FILE", str(FONTS / "fonts.conf"))  # our fonts and no others
    app = QGuiApplication(arguments)
    app.setApplicationName("lobbypay")
    QFont.insertSubstitutions(FAMILY, OTHER_FAMILIES)
    QFont.insertSubstitutions(OTHER_FAMILIES[0], OTHER_FAMILIES[1:])  # of Vietnamese beside other scripts
    return app


class WarmEngine(QQmlEngine):
    """A QML engine that knows our controls and has begun to load them."""

    def __init__(self) -> None:
        super().__init__()
        self.addImportPath(str(QML))
        self._controls = QQmlComponent(self, qml_file("Controls"), QQmlComponent.CompilationMode.Asynchronous)


def qml_file(name: str) -> QUrl:
    return QUrl.fromLocalFile(str(QML / "Lobbypay" / f"{name}.qml"))
