"""`visit`: how soon a listener hears what the keys are on, and how soon a key makes it silent.

`python -m benchmarks.visit_speech FIFO` runs the shipped face, reader and voice with the real espeak-ng, and prints JSON:
ms by "start" and "stop". For aplay stands a program that takes the sound and passes it on to FIFO, which is never in a hurry: a
sound card adds its own buffer to the first figure, and nothing to the second (a killed aplay closes it).
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.runner import Progress
from domain.errors import Known

LIMITS_MS = {"start": 150.0, "stop": 50.0}
ROUNDS = 40
SOUND = ("sh", "-c", 'exec cat > "$0"')
TURN_S = 0.001


def figures(progress: Progress) -> Iterator[Figure]:
    """Yields visit.speech_start_ms and visit.speech_stop_ms. Raises Known where there is no espeak-ng."""
    if shutil.which("espeak-ng") is None:
        raise Known("there is no espeak-ng, which speaks; ./lobbypay installs it")
    progress("the voice")
    with tempfile.TemporaryDirectory() as folder:
        fifo = Path(folder) / "sound"
        os.mkfifo(fifo)
        command = [sys.executable, "-m", "benchmarks.visit_speech", str(fifo)]
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
        run = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    took: dict[str, list[float]] = json.loads(run.stdout)
    words = {"start": "from the key that moves to the first sound", "stop": "from the key to the end of the sound"}
    for name, limit in LIMITS_MS.items():
        ms = sorted(took[name])
        note = f"median of {len(ms)}, {words[name]}, without a sound card; the longest {ms[-1]:.0f} ms"
        yield Figure(f"visit.speech_{name}_ms", round(statistics.median(ms), 1), limit, "lower", note)


def measure(fifo: str) -> None:
    """Walks through a bill by keys, and prints what it took."""
    from ui.early import application

    app = application(["lobbypay"])
    from PySide6.QtCore import QCoreApplication, QEvent, Qt
    from PySide6.QtGui import QKeyEvent

    from benchmarks.visit_face import WORDS
    from demo.gallery import LISTENING, SITE, gallery
    from kiosk.visit.present import present
    from ui.app import Face
    from ui.speech.reader import Plug
    from ui.speech.voice import EspeakVoice

    face = Face("", windowed=True)
    face.link.close()
    voice = EspeakVoice("headphones", player=(*SOUND, fifo))
    visit = replace(gallery("en")["statement long"], hearing=LISTENING)
    face.show()
    while not face.window.property("settled"):
        app.processEvents()
    face.listen(voice, Plug.IN)
    face.store.show(present(visit, WORDS, SITE, serial=1))
    face.window.requestActivate()
    sound = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier)

    def turn() -> None:
        app.processEvents()
        time.sleep(TURN_S)

    def heard() -> bool:
        try:
            return bool(os.read(sound, 4096))
        except BlockingIOError:
            return False

    def silent() -> bool:
        """All that was in the pipe is out, and nobody is there to put more in."""
        try:
            while os.read(sound, 1 << 16):
                continue
        except BlockingIOError:
            return False
        return True

    took: dict[str, list[float]] = {"start": [], "stop": []}
    while not heard():
        turn()
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        QCoreApplication.sendEvent(face.window, key)
        for name, so in (("stop", silent), ("start", heard)):
            while not so():
                turn()
            took[name].append((time.perf_counter() - begun) * 1000)
    voice.close()
    sys.stdout.write(json.dumps(took) + "\n")


if __name__ == "__main__":
    measure(sys.argv[1])
