"""The voice: espeak-ng speaks into a pipe, aplay plays that on the headphones' own sink. Each sentence is a pair of children.

A killed child is silent at once. What is said goes through stdin: a command line can be read by every user of the machine.
There is no default: where the named sink, or either program, is missing, nothing is heard and `told` says why.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from subprocess import DEVNULL, PIPE, Popen
from typing import IO

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

VOICES = {"en": "en-us", "es": "es-419", "zh": "cmn", "vi": "vi", "ar": "ar"}
READY = "ready"
LOOK_AGAIN_MS = 10_000
"""Between two looks at a sink that was not there: a headset that is a sound card itself comes with its plug."""
LONGEST_MS, LONGEST_MS_EACH = 10_000, 400
"""A sentence, and each of its characters: the slowest voice takes a third of that. Longer, and a child hangs."""
MOST_FAULTS = 2
"""Sentences in a row that failed before the voice is called away: one that was killed from outside is no missing sink."""

ESPEAK = "espeak-ng"


class Child(QObject):
    """A program that runs. `ended(bool)` says whether well; not when it was killed here."""

    ended = Signal(bool)

    def __init__(self, command: Sequence[str], reads: int | IO[bytes], writes: int | IO[bytes], parent: QObject) -> None:
        """Raises OSError when it cannot be started."""
        super().__init__(parent)
        self.process = Popen(command, stdin=reads, stdout=writes, stderr=DEVNULL)
        self._end = os.pidfd_open(self.process.pid)
        self._notifier = QSocketNotifier(self._end, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._over)

    def kill(self) -> None:
        """Now; there is nothing to tell any more."""
        self._notifier.setEnabled(False)
        self.process.kill()
        self.process.wait()
        os.close(self._end)
        self.deleteLater()

    def _over(self) -> None:
        self._notifier.setEnabled(False)
        self.ended.emit(self.process.wait() == 0)


class EspeakVoice(QObject):
    """`told(str)` says how the voice is whenever that has changed: "ready", "no-espeak", "no-player", "no-sink", "hangs"."""

    finished = Signal()
    told = Signal(str)

    def __init__(self, sink: str, parent: QObject | None = None, player: tuple[str, ...] = ("aplay",)) -> None:
        """`sink` is an ALSA device; `player` stands in for aplay where there is no sound card."""
        super().__init__(parent)
        self._player = (*player, "-q", "-D", sink)
        self._children: list[Child] = []
        self._faults = 0
        self._how = ""
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self._hangs)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(LOOK_AGAIN_MS)
        self._again.timeout.connect(self.look)

    @property
    def how(self) -> str:
        """What was last told; empty before the first look."""
        return self._how

    def look(self) -> None:
        """Finds out whether it could speak: plays nothing, on that sink. `told` has the answer, now or soon."""
        if self._children:
            return  # it speaks, and will tell
        for program, why in ((ESPEAK, "no-espeak"), (self._player[0], "no-player")):
            if shutil.which(program) is None:
                self._tell(why)
                return
        self._begin([*self._player, "-t", "raw", os.devnull], DEVNULL, self._looked)
        self._late.start(LONGEST_MS)

    def speak(self, text: str, language: str, rate: int, volume: int) -> None:
        """See ui.speech.reader.Voice."""
        self.hush()
        says = [ESPEAK, "--stdin", "--stdout", "-v", VOICES[language], "-s", str(rate), "-a", str(volume)]
        player = self._begin(self._player, PIPE, self._spoken)
        if player is None or player.stdin is None:
            return
        voice = self._begin(says, PIPE, None, player.stdin)
        player.stdin.close()
        if voice is not None and voice.stdin is not None:
            with suppress(BrokenPipeError), voice.stdin as pipe:  # one that is gone already: the player's end tells
                pipe.write(_plain(text).encode("utf-8"))
        self._late.start(LONGEST_MS + LONGEST_MS_EACH * len(text))

    def hush(self) -> None:
        """See ui.speech.reader.Voice."""
        self._late.stop()
        while self._children:
            self._children.pop(0).kill()

    def close(self) -> None:
        self.hush()
        self._again.stop()

    def _begin(
        self, command: Sequence[str], reads: int, ended: Callable[[bool], None] | None, writes: int | IO[bytes] = DEVNULL
    ) -> Popen[bytes] | None:
        try:
            child = Child(command, reads, writes, self)
        except OSError:
            self.hush()
            self._tell("no-espeak" if command[0] == ESPEAK else "no-player")
            return None
        self._children.append(child)
        if ended is not None:
            child.ended.connect(ended)
        return child.process

    def _looked(self, well: bool) -> None:
        self.hush()
        self._faults = 0
        self._tell(READY if well else "no-sink")

    def _spoken(self, well: bool) -> None:
        self.hush()
        self._faults = 0 if well else self._faults + 1
        if self._faults < MOST_FAULTS:
            self.finished.emit()
        else:
            self._tell("no-sink")

    def _hangs(self) -> None:
        self.hush()
        self._tell("hangs")

    def _tell(self, how: str) -> None:
        if how == READY:
            self._again.stop()
        else:
            self._again.start()
        if how != self._how:
            self._how = how
            self.told.emit(how)


def _plain(text: str) -> str:
    """espeak-ng takes what stands in double brackets for phonemes."""
    return text.replace("[[", "[ [")
