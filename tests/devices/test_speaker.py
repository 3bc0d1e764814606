"""The speaker, over real child processes: programs that play, fail, hang, or are not there. And the sounds themselves."""

from __future__ import annotations

import asyncio
import io
import sys
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from assets.sounds.make_sounds import LOUD, RATE, SOUNDS, as_wav, samples
from devices import speaker
from devices.health import Condition, Health
from devices.speaker import Speaker
from kiosk.visit.events import Sound
from tests.devices.simulator_process import until
from tests.log_watch import LogWatch

READY = Health(Condition.READY)


def away(why: str) -> Health:
    return Health(Condition.AWAY, "speaker-away", why)


Made = Callable[[str], Speaker]


@pytest.fixture
async def with_player() -> AsyncIterator[Made]:
    """Speakers whose player is this Python running a program; it gets the file's path in sys.argv[1]."""
    made: list[Speaker] = []

    def make(program: str) -> Speaker:
        made.append(Speaker([sys.executable, "-c", program]))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def test_the_player_gets_the_sound_s_file(with_player: Made, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    one = with_player(f"import sys, shutil; shutil.copy(sys.argv[1], {str(heard)!r})")
    await one.open()
    assert one.health() == READY
    one.play("found")
    await until(lambda: one._playing is not None and one._playing.done())
    assert heard.read_bytes() == as_wav(SOUNDS["found"])
    assert one.health() == READY


async def test_a_machine_without_a_sound_card_says_so_once(with_player: Made, log_watch: LogWatch) -> None:
    one = with_player("import sys; sys.exit(1)")  # as aplay does: "no soundcards found"
    await one.open()
    for _ in range(3):
        one.play("attention")
        await until(lambda: one._playing is not None and one._playing.done())
    assert one.health() == away("exit-1")
    assert [line["detail"] for line in log_watch.events if line["event"] == "speaker.health"] == ["exit-1"]


async def test_a_player_that_is_not_there_is_said_and_fails_nothing(tmp_path: Path, log_watch: LogWatch) -> None:
    one = Speaker([str(tmp_path / "aplay")])
    await one.open()
    assert one.health() == away("no-player")
    one.play("found")
    await until(lambda: one._playing is not None and one._playing.done())
    assert [line["event"] for line in log_watch.events] == ["speaker.health"]
    await one.close()


async def test_a_player_that_hangs_is_ended(with_player: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaker, "LONGEST_S", 0.2)
    one = with_player("import signal; signal.pause()")
    one.play("found")
    await until(lambda: one.health() == away("hangs"))


async def test_one_sound_at_a_time_and_none_after_closing(with_player: Made, tmp_path: Path) -> None:
    one = with_player(f"import os, signal; open({str(tmp_path)!r} + f'/{{os.getpid()}}', 'w'); signal.pause()")
    one.play("found")
    await until(lambda: len(list(tmp_path.iterdir())) == 1)
    one.play("attention")
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await one.close()
    (player,) = tmp_path.iterdir()
    assert not (Path("/proc") / player.name).exists()


@pytest.mark.parametrize("name", SOUNDS)
def test_the_files_are_what_their_script_makes(name: str) -> None:
    assert (speaker.SOUNDS / f"{name}.wav").read_bytes() == as_wav(SOUNDS[name])


def test_there_is_a_file_for_every_sound_of_a_visit() -> None:
    assert {sound.value for sound in Sound} == set(SOUNDS)


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_is_short_begins_and_ends_in_silence_and_does_not_clip(name: str) -> None:
    heard = samples(SOUNDS[name])
    with wave.open(io.BytesIO(as_wav(SOUNDS[name]))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()) == (1, 2, RATE, len(heard))
    assert len(heard) / RATE < 0.5
    assert heard[0] == 0
    assert abs(heard[-1]) < 500
    assert 0.3 * 32767 < max(map(abs, heard)) <= LOUD * 32767 + 1
