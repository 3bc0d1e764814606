"""Listening, as the visit has it: what the listener asks for, what is wiped, and what nobody else hears."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from demo.gallery import LANGUAGES, SITE, UP, gallery
from kiosk.visit import events as ev
from kiosk.visit.hearing import RATES, SILENT, VOLUMES, Hearing, heard
from kiosk.visit.present import present
from kiosk.visit.screens import Intent
from kiosk.visit.stages import Asking, Visit
from kiosk.visit.visit import home, step
from kiosk.words import FluentWords

WORDS = {language: FluentWords(language, dt.UTC) for language in LANGUAGES}
ON = Hearing(on=True)


def after(visit: Visit, *intents: Intent) -> Visit:
    for intent in intents:
        visit, effects = step(visit, intent)
        assert effects == ()
    return visit


def test_the_plug_begins_and_ends_it_and_lifts_the_curtain() -> None:
    statement = gallery("en")["statement"]
    listening = after(statement, Intent("headphones", "in"), Intent("curtain", "down"), Intent("faster"))
    assert listening.hearing == Hearing(on=True, rate=3, curtain=True)
    out = after(listening, Intent("headphones", "out"))
    assert out.hearing == Hearing(on=False, rate=3)
    assert (out.stage, out.asking) == (statement.stage, Asking.NOTHING)
    assert after(out, Intent("headphones", "in")).hearing == Hearing(on=True, rate=3)


def test_the_button_tells_how_and_the_curtain_comes_only_to_who_listens() -> None:
    asked = after(gallery("en")["statement"], Intent("listen"))
    assert (asked.asking, asked.hearing.on) == (Asking.LISTEN, True)
    assert after(asked, Intent("curtain", "down")).asking is Asking.NOTHING
    assert after(asked, Intent("listen-off")) == dataclasses.replace(gallery("en")["statement"], hearing=SILENT)
    assert not after(gallery("en")["statement"], Intent("curtain", "down")).hearing.curtain


def test_the_warning_stays_over_the_screen_whatever_the_listener_asks() -> None:
    warned = gallery("en")["still-there"]
    for name in ("listen", "faster", "louder", "curtain"):
        assert after(warned, Intent(name)).asking is Asking.STILL_THERE


@pytest.mark.parametrize(("name", "part", "end"), [("slower", "rate", 0), ("faster", "rate", len(RATES) - 1),
                                                   ("quieter", "volume", 0), ("louder", "volume", len(VOLUMES) - 1)])  # fmt: skip
def test_rate_and_volume_end_somewhere(name: str, part: str, end: int) -> None:
    hearing = ON
    for _ in range(20):
        changed = heard(hearing, Intent(name))
        assert changed is not None
        hearing = changed
    assert getattr(hearing, part) == end


def test_all_of_it_is_wiped_with_the_visit() -> None:
    listening = dataclasses.replace(gallery("en")["statement"], hearing=Hearing(on=True, rate=5, volume=0, curtain=True))
    assert home(listening)[0].hearing == SILENT


def test_without_a_voice_nobody_listens() -> None:
    mute = dataclasses.replace(gallery("en")["statement"], world=dataclasses.replace(UP, voice=False))
    for intent in (Intent("listen"), Intent("curtain", "down"), Intent("faster")):
        assert after(mute, intent) == mute
    plugged = after(mute, Intent("headphones", "in"))
    assert present(plugged, WORDS, SITE, 1).voice is None
    assert present(dataclasses.replace(plugged, world=UP), WORDS, SITE, 1).voice is not None


def test_listening_changes_nothing_that_is_paid() -> None:
    for name, visit in gallery("en").items():
        for intent in ("listen", "headphones", "slower", "louder", "curtain", "listen-off", "heard"):
            changed, effects = step(visit, Intent(intent, "in"))
            assert (changed.stage, changed.language, effects) == (visit.stage, visit.language, ()), name


def test_the_receipt_is_read_at_the_end_only() -> None:
    thanks = gallery("en")["thank-you listening"]
    assert after(thanks, Intent("hear-receipt")).asking is Asking.RECEIPT
    assert step(gallery("en")["statement"], Intent("hear-receipt")) == (gallery("en")["statement"], ())
    assert isinstance(step(thanks, ev.WorldChanged(UP))[0], Visit)
