"""Makes the sounds beside it: `python assets/sounds/make_sounds.py`. Our own work, and the same bytes each time.

Found rises, done rises and comes home, attention falls, a key is one short knock: they differ in melody and length, not in
loudness. All tones lie between 300 and 900 Hz, where age takes least from hearing, and fade, so that no sound clicks or startles.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from pathlib import Path

RATE = 22_050
LOUD = 0.45
"""Of full scale: how loud it is in the lobby is the mixer's to say."""
ATTACK_S = 0.008
RELEASE_S = 0.03

Tone = tuple[float, float]
"""Hertz, and seconds."""

SOUNDS: dict[str, tuple[Tone, ...]] = {
    "key": ((392.0, 0.05),),  # G4
    "done": ((523.25, 0.1), (659.26, 0.1), (783.99, 0.24)),  # C5, E5, G5
    "found": ((587.33, 0.09), (880.0, 0.16)),  # D5, A5
    "attention": ((440.0, 0.14), (0.0, 0.05), (329.63, 0.24)),  # A4, a rest, E4
}


def samples(tones: tuple[Tone, ...]) -> list[int]:
    """16-bit samples, one channel."""
    return [sample for hertz, seconds in tones for sample in _tone(hertz, seconds)]


def as_wav(tones: tuple[Tone, ...]) -> bytes:
    """A WAV file."""
    data = samples(tones)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(data)}h", *data))
    return file.getvalue()


def _tone(hertz: float, seconds: float) -> list[int]:
    count = round(RATE * seconds)
    return [round(32767 * LOUD * _shape(index / RATE, seconds) * _wave(hertz, index / RATE)) for index in range(count)]


def _wave(hertz: float, at: float) -> float:
    """A little of the octave makes it a chime rather than a hearing test."""
    turn = 2 * math.pi * hertz * at
    return (math.sin(turn) + 0.25 * math.sin(2 * turn)) / 1.25


def _shape(at: float, seconds: float) -> float:
    return min(1.0, at / ATTACK_S, (seconds - at) / RELEASE_S)


if __name__ == "__main__":
    for name, tones in SOUNDS.items():
        (Path(__file__).parent / f"{name}.wav").write_bytes(as_wav(tones))
