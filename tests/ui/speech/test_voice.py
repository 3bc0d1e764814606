"""The shipped voice with the real espeak-ng; a player that keeps what it is given stands for the sound card."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ui.speech import voice as shipped
from ui.speech.voice import VOICES, EspeakVoice

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng, which ./lobbypay installs")

KEEPS = """#!/bin/sh
# -q -D SINK [-t raw FILE]
echo "$@" >> {folder}/played
[ "$3" = headphones ] || exit 1
[ "$4" = -t ] || cat > {folder}/sound
"""
HANGS = """#!/bin/sh
[ "$4" = -t ] && exit 0
exec sleep 600
"""
SINK = "headphones"


@pytest.fixture
def voice_with(qapp: QGuiApplication, tmp_path: Path) -> Iterator[Callable[..., EspeakVoice]]:
    made: list[EspeakVoice] = []

    def make(script: str = KEEPS, sink: str = SINK) -> EspeakVoice:
        player = tmp_path / "player"
        player.write_text(script.format(folder=tmp_path), encoding="utf-8")
        player.chmod(player.stat().st_mode | stat.S_IXUSR)
        made.append(EspeakVoice(sink, player=(str(player),)))
        return made[-1]

    yield make
    for voice in made:
        voice.close()


@needs_espeak
@pytest.mark.parametrize("language", VOICES)
def test_every_language_has_a_voice_and_plays_on_the_named_sink(
    voice_with: Callable[..., EspeakVoice], qtbot: QtBot, tmp_path: Path, language: str
) -> None:
    voice = voice_with()
    with qtbot.waitSignal(voice.finished, timeout=20_000):
        voice.speak("12 [[34", language, 170, 60)
    assert (tmp_path / "sound").read_bytes()[:4] == b"RIFF"
    assert (tmp_path / "sound").stat().st_size > 10_000
    assert (tmp_path / "played").read_text() == "-q -D headphones\n"


@needs_espeak
def test_what_is_said_is_on_no_command_line(voice_with: Callable[..., EspeakVoice]) -> None:
    voice = voice_with(HANGS)
    voice.speak("Margaret Whitfield", "en", 170, 60)
    for child in voice._children:
        assert b"Margaret" not in Path(f"/proc/{child.process.pid}/cmdline").read_bytes()


@needs_espeak
def test_hush_ends_the_children_and_no_end_is_told(voice_with: Callable[..., EspeakVoice]) -> None:
    voice, ended = voice_with(HANGS), []
    voice.finished.connect(lambda: ended.append(True))
    for _ in range(20):
        voice.speak("a long story", "en", 170, 60)
    gone = [child.process.pid for child in voice._children]
    assert len(gone) == 2
    voice.hush()
    assert not any(Path(f"/proc/{pid}").exists() for pid in gone)
    QCoreApplication.processEvents()
    assert ended == []


@needs_espeak
def test_a_voice_that_is_killed_goes_on_with_the_next_sentence(voice_with: Callable[..., EspeakVoice], qtbot: QtBot) -> None:
    voice = voice_with(HANGS)
    voice.speak("a long story", "en", 170, 60)
    with qtbot.waitSignal(voice.finished, timeout=20_000):
        for child in voice._children:
            child.process.kill()


@needs_espeak
def test_a_missing_sink_is_told_and_nothing_is_heard(
    voice_with: Callable[..., EspeakVoice], qtbot: QtBot, tmp_path: Path
) -> None:
    voice = voice_with(sink="gone")
    with qtbot.waitSignal(voice.told, timeout=20_000) as told:
        voice.look()
    assert told.args == ["no-sink"]
    assert not (tmp_path / "sound").exists()


@needs_espeak
def test_a_voice_that_is_there_says_so_and_one_sentence_that_failed_is_no_missing_sink(
    voice_with: Callable[..., EspeakVoice], qtbot: QtBot, tmp_path: Path
) -> None:
    voice = voice_with()
    told: list[str] = []
    voice.told.connect(told.append)
    with qtbot.waitSignal(voice.told, timeout=20_000):
        voice.look()
    (tmp_path / "player").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    with qtbot.waitSignal(voice.finished, timeout=20_000):
        voice.speak("one", "en", 170, 60)
    assert told == ["ready"]
    with qtbot.waitSignal(voice.told, timeout=20_000):
        voice.speak("two", "en", 170, 60)
    assert told == ["ready", "no-sink"]


@needs_espeak
def test_one_that_hangs_is_ended_and_told(
    voice_with: Callable[..., EspeakVoice], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "LONGEST_MS", 0)
    voice = voice_with(HANGS)
    with qtbot.waitSignal(voice.told, timeout=20_000) as told:
        voice.speak("x", "en", 170, 60)
    assert told.args == ["hangs"]


def test_without_espeak_or_a_player_the_voice_is_away(
    voice_with: Callable[..., EspeakVoice], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    voice = voice_with()
    told: list[str] = []
    voice.told.connect(told.append)
    voice.look()
    assert told == ["no-espeak"]
    espeak = tmp_path / "espeak-ng"
    espeak.write_text("#!/bin/sh\n", encoding="utf-8")
    espeak.chmod(0o755)
    (tmp_path / "player").unlink()
    voice.look()
    assert told == ["no-espeak", "no-player"]
