"""Contact sheets: every state of the gallery, drawn by the shipped face, side by side with its name, for whoever looks."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from rich.console import Console
from rich.progress import Progress

from demo.gallery import LANGUAGES, SITE, gallery
from domain.errors import Known
from kiosk.visit.present import present
from kiosk.visit.screens import Theme
from kiosk.visit.stages import Visit
from kiosk.words import FluentWords
from ui.app import Face
from ui.early import application


@dataclass(frozen=True, slots=True)
class Look:
    """How a kiosk stands and is set: the window in pixels, the theme, the letters."""

    name: str
    size: tuple[int, int]
    theme: Theme
    text_percent: int


LOOKS = (
    Look("portrait", (1080, 1920), Theme.DAY, 100),
    Look("portrait-largest", (1080, 1920), Theme.CONTRAST, 200),
    Look("landscape", (1920, 1080), Theme.NIGHT, 150),
    Look("small", (1280, 800), Theme.DAY, 200),
)
COLUMNS, ROWS = 10, 3
THUMB_AREA = 360 * 640
NAME_HEIGHT = 32


def draw_gallery(out: Path) -> None:
    """Writes `gallery-LANGUAGE-LOOK-PAGE.png` into the folder `out`. Raises Known when it cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        application(sys.argv[:1])
        with Progress(console=Console(stderr=True), transient=True) as progress:
            each = list(product(LOOKS, LANGUAGES))
            for look, language in progress.track(each, description="Drawing every screen"):
                for page, sheet in enumerate(sheets(look, gallery(language)), 1):
                    _save(sheet, out / f"gallery-{language}-{look.name}-{page}.png")
    except OSError as error:
        raise Known(f"The gallery cannot be written to {out}: {error}. Name another folder with --out.") from error


def sheets(look: Look, states: dict[str, Visit]) -> Iterator[QImage]:
    """Pages of COLUMNS x ROWS states at most. Needs the QGuiApplication of `ui.early.application`."""
    words = {language: FluentWords(language, dt.UTC) for language in LANGUAGES}
    face = Face("", windowed=True, size=look.size)
    face.link.close()
    names = list(states)
    for first in range(0, len(names), COLUMNS * ROWS):
        page = names[first : first + COLUMNS * ROWS]
        yield sheet([(name, small(_drawn(face, look, states[name], words))) for name in page])
    face.close()


def _drawn(face: Face, look: Look, visit: Visit, words: dict[str, FluentWords]) -> QImage:
    face.store.show(present(replace(visit, theme=look.theme, text_percent=look.text_percent), words, SITE, serial=1))
    if not face.window.isVisible():
        face.show()
    for _ in range(2):  # what comes after the first frame, and what is measured while it is drawn
        face.window.grabWindow()
        QCoreApplication.processEvents()
    return face.window.grabWindow()


def small(picture: QImage) -> QImage:
    """A screen as it stands on a sheet."""
    scale = (THUMB_AREA / (picture.width() * picture.height())) ** 0.5
    thumb = QSize(round(picture.width() * scale), round(picture.height() * scale))
    return picture.scaled(thumb, mode=Qt.TransformationMode.SmoothTransformation)


def sheet(drawn: Sequence[tuple[str, QImage]]) -> QImage:
    """COLUMNS x ROWS small pictures of one size at most, each under its name."""
    width, height = drawn[0][1].width(), drawn[0][1].height() + NAME_HEIGHT
    paper = QImage(COLUMNS * width, ROWS * height, QImage.Format.Format_RGB32)
    paper.fill(Qt.GlobalColor.white)
    painter = QPainter(paper)
    for at, (name, picture) in enumerate(drawn):
        x, y = at % COLUMNS * width, at // COLUMNS * height
        painter.drawText(QRect(x, y, width, NAME_HEIGHT), Qt.AlignmentFlag.AlignCenter, name)
        painter.drawImage(x, y + NAME_HEIGHT, picture)
    painter.end()
    return paper


def _save(sheet: QImage, path: Path) -> None:
    if not sheet.save(str(path)):
        raise OSError(f"{path.name} cannot be written")
