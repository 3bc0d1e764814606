"""What the camera sees, on the screen: where it stands, that it is the newest, and that nothing of it stays."""

from __future__ import annotations

import gc
import socket
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtQuick import QQuickItem
from pytestqt.qtbot import QtBot

from kiosk.visit.screens import NO_PREVIEW, PREVIEW_SOCKET, Preview, Theme
from tests.ui.conftest import Shown
from tests.ui.samples import sample
from ui import hands, preview
from ui.preview_link import PreviewLink

SIZE = (1080, 1920)
MAGENTA = QColor(255, 0, 255)


def picture(colour: QColor = MAGENTA, width: int = 640, height: int = 360, found: tuple[tuple[int, ...], ...] = ()) -> Preview:
    return Preview(width, height, bytes((colour.blue(), colour.green(), colour.red())) * (width * height), found)


def place(image: QImage, colour: QColor) -> tuple[int, int, int, int] | None:
    """The box around what has this colour, to 4 pixels; None when nothing has."""
    points = [(x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4) if image.pixelColor(x, y) == colour]
    if not points:
        return None
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def shown_with(face_of: Callable[..., Shown], seen: Preview, screen: str = "scan", **look: object) -> tuple[Shown, QImage]:
    shown = face_of(SIZE)
    shown.show(sample(screen, **look))  # type: ignore[arg-type]
    shown.face.store.show_preview(seen)
    return shown, grab(shown)


def grab(shown: Shown) -> QImage:
    QCoreApplication.processEvents()
    return shown.face.window.grabWindow()


@pytest.mark.parametrize("form", [(640, 360), (640, 480), (360, 640)])
def test_the_picture_stands_between_the_words_and_the_buttons_in_its_own_form(
    face_of: Callable[..., Shown], form: tuple[int, int]
) -> None:
    shown, image = shown_with(face_of, picture(width=form[0], height=form[1]))
    box = place(image, MAGENTA)
    assert box is not None
    left, top, right, bottom = box
    assert (right - left + 4) / (bottom - top + 4) == pytest.approx(form[0] / form[1], rel=0.03)
    assert abs(left + right - SIZE[0]) < 8
    button = next(item for item in hands.touchables(shown.face.window) if item.objectName() == "secondary")
    assert 400 < right - left <= 800
    assert bottom < button.mapToScene(button.position()).y()


@pytest.mark.parametrize("theme", list(Theme))
def test_a_line_goes_around_what_was_found(face_of: Callable[..., Shown], theme: Theme) -> None:
    around = (100, 100, 300, 100, 300, 200, 100, 200)
    _, image = shown_with(face_of, picture(found=(around,)), theme=theme)
    whole = place(image, MAGENTA)
    assert whole is not None
    left, top, right, bottom = whole
    line = place(image.copy(left, top, right - left, bottom - top), QColor("#FFE100" if theme is Theme.CONTRAST else "#7FDCA0"))
    assert line is not None
    scale = (right - left) / 640
    assert [at / scale for at in line] == pytest.approx([100, 100, 300, 200], abs=8)


def test_only_the_newest_is_drawn_and_nothing_is_left_of_it_on_the_next_screen(face_of: Callable[..., Shown]) -> None:
    shown, _ = shown_with(face_of, picture(QColor(255, 0, 0)))
    shown.face.store.show_preview(picture())
    image = grab(shown)
    assert place(image, QColor(255, 0, 0)) is None
    assert place(image, MAGENTA) is not None
    shown.show(sample("birth-date"))
    shown.show(sample("scan"))
    assert place(grab(shown), MAGENTA) is None


@pytest.mark.parametrize("screen", ["attract", "birth-date", "statement", "card insert-card"])
def test_no_other_screen_shows_what_a_camera_sees(face_of: Callable[..., Shown], screen: str) -> None:
    shown, image = shown_with(face_of, picture(), screen)
    assert place(image, MAGENTA) is None
    assert shown.face.store.seen is NO_PREVIEW


def test_it_ends_with_scanning_with_the_engine_and_with_silence(
    face_of: Callable[..., Shown], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "STALE_MS", 50)
    shown, _ = shown_with(face_of, picture())
    store = shown.face.store
    store.show_preview(picture())
    assert store.seen is not NO_PREVIEW
    qtbot.waitUntil(lambda: place(grab(shown), MAGENTA) is None)  # the camera hangs: the drawing is there again
    ends: tuple[Callable[[], None], ...] = (lambda: store.show_preview(NO_PREVIEW), store.lose)
    for end in ends:
        store.show(sample("scan"))
        store.show_preview(picture())
        end()
        assert shown.face.store.seen is NO_PREVIEW
        assert place(grab(shown), MAGENTA) is None


def test_nothing_of_it_stays_in_memory(face_of: Callable[..., Shown]) -> None:
    class Watched(Preview):
        __slots__ = ("__weakref__",)

    seen = Watched(640, 360, picture().pixels, ())
    gone = weakref.ref(seen)
    shown, _ = shown_with(face_of, seen)
    del seen
    assert gone() is not None
    shown.show(sample("birth-date"))
    grab(shown)
    gc.collect()
    assert gone() is None


def test_the_last_picture_leaves_the_scene_graph_though_it_is_not_drawn_any_more(face_of: Callable[..., Shown]) -> None:
    shown, _ = shown_with(face_of, picture())
    shown.show(sample("birth-date"))
    grab(shown)
    (view,) = [item for item in shown.face.window.findChildren(QQuickItem) if isinstance(item, preview.PreviewView)]
    assert view._drawn in (None, NO_PREVIEW)


# over the socket


class Engine:
    """The other end of the previews' socket: it accepts and sends, and blocks on nothing."""

    def __init__(self, folder: Path) -> None:
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(folder / PREVIEW_SOCKET))
        self._listening.listen()
        self._listening.settimeout(10)
        self._lines: list[socket.socket] = []

    def accept(self) -> socket.socket:
        line, _ = self._listening.accept()
        line.setblocking(False)
        self._lines.append(line)
        return line

    def close(self) -> None:
        for line in (*self._lines, self._listening):
            line.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(tmp_path)
    yield made
    made.close()


@pytest.fixture
def link(qapp: QGuiApplication, tmp_path: Path) -> Iterator[PreviewLink]:
    made = PreviewLink(str(tmp_path / "ui.sock"))
    yield made
    made.close()


def seen_by(link: PreviewLink) -> list[Preview]:
    seen: list[Preview] = []
    link.received.connect(seen.append)
    return seen


def test_pictures_in_pieces_and_in_heaps_arrive_and_the_newest_counts(engine: Engine, link: PreviewLink, qtbot: QtBot) -> None:
    seen = seen_by(link)
    link.want(True)
    line = engine.accept()
    first = picture(width=4, height=2, found=((0, 0, 3, 0, 3, 1, 0, 1),))
    for byte in first.to_bytes():
        line.send(bytes((byte,)))
        QCoreApplication.processEvents()
    qtbot.waitUntil(lambda: seen == [first])
    small = [picture(QColor(shade, 0, 0), 4, 2) for shade in range(9)]
    line.send(b"".join(one.to_bytes() for one in small))
    qtbot.waitUntil(lambda: seen[-1] == small[-1])
    assert seen == [first, small[-1]]


def test_it_is_connected_only_while_the_screen_wants_it(engine: Engine, link: PreviewLink, qtbot: QtBot) -> None:
    seen = seen_by(link)
    link.want(True)
    line = engine.accept()
    line.send(picture(width=4, height=2).to_bytes() + b"LPV1")
    qtbot.waitUntil(lambda: len(seen) == 1)
    link.want(False)
    assert seen[-1] == NO_PREVIEW
    assert link._half == b""
    line.setblocking(True)
    line.settimeout(10)
    assert line.recv(1) == b""


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 4096])
def test_garbage_ends_the_connection_and_it_comes_again(engine: Engine, link: PreviewLink, qtbot: QtBot, garbage: bytes) -> None:
    seen = seen_by(link)
    link.want(True)
    engine.accept().send(garbage)
    qtbot.waitUntil(lambda: seen == [NO_PREVIEW])
    again = engine.accept
    qtbot.waitUntil(lambda: link._socket.state() is link._socket.LocalSocketState.ConnectedState)
    again().send(picture(width=4, height=2).to_bytes())
    qtbot.waitUntil(lambda: seen[-1] == picture(width=4, height=2))


def test_an_engine_that_is_not_there_yet_is_found_later(link: PreviewLink, tmp_path: Path, qtbot: QtBot) -> None:
    link.want(True)
    QCoreApplication.processEvents()
    late = Engine(tmp_path)
    qtbot.waitUntil(lambda: link._socket.state() is link._socket.LocalSocketState.ConnectedState)
    late.close()


def test_a_face_asks_for_pictures_where_its_screen_has_a_place(face_of: Callable[..., Shown]) -> None:
    shown = face_of()
    shown.show(sample("scan"))
    assert shown.face.preview_link._wanted
    shown.show(sample("birth-date"))
    assert not shown.face.preview_link._wanted
