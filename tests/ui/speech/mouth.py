"""A voice for tests: what it is told to say is written down, and said as soon as the test says so."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Mouth(QObject):
    """`said` is each sentence, with its language; `speaking` what is being said; `hushed` counts interruptions."""

    finished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[str, str]] = []
        self.settings: list[tuple[int, int]] = []
        self.speaking = ""
        self.hushed = 0

    def speak(self, text: str, language: str, rate: int, volume: int) -> None:
        self.speaking = text
        self.said.append((language, text))
        self.settings.append((rate, volume))

    def hush(self) -> None:
        self.hushed += bool(self.speaking)
        self.speaking = ""

    def end(self) -> None:
        """The sentence is over."""
        self.speaking = ""
        self.finished.emit()
