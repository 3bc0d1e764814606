"""The face of the kiosk: a window, the store it draws, the link that fills it."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEventLoop, QSize, QTimer
from PySide6.QtGui import QFontDatabase
from PySide6.QtQml import QQmlComponent
from PySide6.QtQuick import QQuickWindow

from kiosk.visit.screens import SCANNED, UNATTENDED, VOICE
from ui.early import FONTS, WarmEngine, qml_file
from ui.link import Link
from ui.preview_link import PreviewLink
from ui.store import Store

if TYPE_CHECKING:
    from ui.focus import Focus
    from ui.keys import Keys
    from ui.speech.reader import Plug, Reader, Voice
    from ui.wedge_filter import WedgeFilter

FIRST_FONTS = ("AtkinsonHyperlegibleNext-Regular.ttf", "AtkinsonHyperlegibleNext-Bold.ttf")
OWN_FONTS = {
    "zh": ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    "vi": ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    "ar": ("NotoSansArabicUI-Regular.ttf", "NotoSansArabicUI-Bold.ttf"),
}
"""What a kiosk's own language needs from its first frame on, where Atkinson has not all its letters."""

OTHER_FONTS = (
    "NotoSans-Regular.ttf",
    "NotoSans-Bold.ttf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Bold.otf",
    "NotoSansArabicUI-Regular.ttf",
    "NotoSansArabicUI-Bold.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansHebrew-Bold.ttf",
    "NotoSansThai-Regular.ttf",
    "NotoSansThai-Bold.ttf",
    "DroidSansFallbackFull.ttf",
    "NanumSquareR.ttf",
)
WINDOWED = QSize(540, 960)
FIRST_WORD_MS = 200
FORGET_MS = 1000
"""After a visit: by then what moved on the screen has come to rest, and nobody has typed anything yet."""


class Face:
    """The kiosk's window and what feeds it. Needs the QGuiApplication of `ui.early.application`.

    `window` is the QQuickWindow, `store` what it draws, `link` where that comes from; from the first frame on there are `focus`,
    where the keys are, `keys`, what they do, and `wedge`, which keeps scanners' keys off it.
    `sink` is where a voice is heard and what tells of the headphones' plug (ui.speech); None for no voice.
    Without a `size` the window is the whole screen, or a half-size portrait one when `windowed`.
    """

    def __init__(
        self,
        socket_path: str,
        windowed: bool,
        size: tuple[int, int] | None = None,
        engine: WarmEngine | None = None,
        sink: tuple[str, str] | None = None,
    ) -> None:
        self._windowed = windowed
        self._sink = sink
        self.focus: Focus
        self.keys: Keys
        self.wedge: WedgeFilter
        self.engine = engine or WarmEngine()
        self._component = QQmlComponent(self.engine, qml_file("Face"), QQmlComponent.CompilationMode.Asynchronous)
        self.store = Store()
        self.link = Link(socket_path)
        self.link.received.connect(self.store.show)
        self.link.lost.connect(self.store.lose)
        self.store.asked.connect(self.link.send)
        self.preview_link = PreviewLink(socket_path)
        self.preview_link.received.connect(self.store.show_preview)
        self.store.changed.connect(lambda: self.preview_link.want(self.store.wants_preview()))
        self.link.open()  # the engine's first word travels while we build the window
        _add_fonts(FIRST_FONTS)
        while self._component.isLoading():
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self.link.wait(FIRST_WORD_MS)  # so that the first frame has words, if the engine is there to say them
        self._own_fonts = OWN_FONTS.get(self.store.snapshot.language, ())
        _add_fonts(self._own_fonts)
        window = self._component.createWithInitialProperties({"store": self.store})
        if not isinstance(window, QQuickWindow):
            raise RuntimeError(self._component.errorString())
        self.window = window
        self.store.turned.connect(self._forget)
        self.store.setParent(window)
        self.link.setParent(window)
        self.preview_link.setParent(window)
        if size is not None or windowed:
            self.window.resize(QSize(*size) if size is not None else WINDOWED)

    def listen(self, voice: Voice, plug: Plug) -> Reader:
        """From now on the screen can be listened to with `voice`."""
        from ui.speech.reader import Reader

        self.reader = Reader(self.store, self.focus, self.keys, voice, plug)
        self.reader.asked.connect(self.link.send)
        return self.reader

    def show(self) -> None:
        """Opens the window."""
        self.window.frameSwapped.connect(self._first_frame)
        if self._windowed:
            self.window.show()
        else:
            self.window.showFullScreen()

    def close(self) -> None:
        """Hangs up and takes the window away."""
        self.link.close()
        self.preview_link.close()
        self.window.close()

    def _take_keys(self) -> None:
        from ui.focus import Focus  # to name a key loads Qt's hundred enumerations
        from ui.keys import Keys
        from ui.wedge_filter import WedgeFilter

        self.focus = Focus(self.window, self.store)
        self.keys = Keys(self.window, self.store, self.focus)
        self.wedge = WedgeFilter(self.window)  # the last to be asked to filter is the first to hear
        self.wedge.scanned.connect(lambda scan: self.link.send(SCANNED, scan))

    def _find_voice(self, sink: str, path: str) -> None:
        from ui.speech.jack import Jack
        from ui.speech.reader import Plug
        from ui.speech.voice import EspeakVoice

        voice, jack = EspeakVoice(sink, self.window), Jack(path, self.window)
        jack.open()
        reader = self.listen(voice, jack.plug)
        jack.changed.connect(lambda plug: reader.plugged(Plug(plug)))
        jack.changed.connect(voice.look)
        voice.told.connect(lambda how: self.link.send(VOICE, how))
        self.link.opened.connect(lambda: self.link.send(VOICE, voice.how) if voice.how else None)
        voice.look()

    def _forget(self) -> None:
        """QML holds what its scripts have read until it looks for what nobody needs any more: it looks when a person has gone."""
        if self.store.snapshot.screen in UNATTENDED:
            QTimer.singleShot(FORGET_MS, self.window, self.engine.collectGarbage)

    def _first_frame(self) -> None:
        self.window.frameSwapped.disconnect(self._first_frame)
        QTimer.singleShot(0, self.window, self._settle)

    def _settle(self) -> None:
        """What the first frame did not need: fonts for names in other scripts, keys, the other screens, a collector with less to
        do."""
        _add_fonts(tuple(name for name in OTHER_FONTS if name not in self._own_fonts))
        self._take_keys()
        if self._sink:
            self._find_voice(*self._sink)
        self.window.setProperty("settled", True)
        gc.collect()
        gc.freeze()


def _add_fonts(names: tuple[str, ...]) -> None:
    for name in names:
        if QFontDatabase.addApplicationFont(str(FONTS / name)) < 0:
            raise RuntimeError(f"the font {name} cannot be loaded")
