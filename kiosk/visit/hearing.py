"""Listening: what a visit knows of it, what each of its intents does, and what a voice is told beside the screen's own words.

The voice itself is the UI's (ui/speech). Pure; wiped with the visit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.visit.screens import Intent, Voice
from kiosk.visit.words import Words

RATES = (110, 140, 170, 210, 260, 330)
"""Words a minute. Who listens every day listens fast."""
VOLUMES = (25, 40, 60, 80, 100)
"""Percent of the loudest."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """`rate` and `volume` are places in RATES and VOLUMES. `curtain`: the screen is dark, because the listener asked for it."""

    on: bool = False
    rate: int = 2
    volume: int = 2
    curtain: bool = False


SILENT = Hearing()
"""As every visit begins."""

PHRASES = ("intro", "keypad", "current", "typed", "nothing", "hidden", "erased", "paused")


def voice(hearing: Hearing, words: Words) -> Voice:
    """What the voice is to do. In its patterns {n}, {count}, {what} stand for what only the UI knows."""
    phrases = {name: words.say(f"voice-{name}").speech for name in PHRASES}
    phrases["button"] = words.say("voice-button", what="{what}").speech
    phrases["place"] = words.say("voice-place", what="{what}", n="{n}", count="{count}").speech
    phrases["seconds"] = words.say("voice-seconds", n="{n}").speech
    phrases["rate"] = words.say("voice-rate", n=hearing.rate + 1, count=len(RATES)).speech
    phrases["volume"] = words.say("voice-volume", n=hearing.volume + 1, count=len(VOLUMES)).speech
    return Voice(RATES[hearing.rate], VOLUMES[hearing.volume], hearing.curtain, phrases)


def heard(hearing: Hearing, intent: Intent) -> Hearing | None:
    """What becomes of it; None for an intent that is not about listening. Headphones that are pulled out end it, and lift the
    curtain: nobody is left alone with a dark screen that is silent."""
    match intent:
        case Intent("headphones", "in") | Intent("listen"):
            return replace(hearing, on=True)
        case Intent("headphones") | Intent("listen-off"):
            return replace(hearing, on=False, curtain=False)
        case Intent("slower"):
            return replace(hearing, rate=max(0, hearing.rate - 1))
        case Intent("faster"):
            return replace(hearing, rate=min(len(RATES) - 1, hearing.rate + 1))
        case Intent("quieter"):
            return replace(hearing, volume=max(0, hearing.volume - 1))
        case Intent("louder"):
            return replace(hearing, volume=min(len(VOLUMES) - 1, hearing.volume + 1))
        case Intent("curtain", value):
            return replace(hearing, curtain=hearing.on and value == "down")
        case _:
            return None
