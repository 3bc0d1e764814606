"""A snapshot of every screen that there is, for tests and pictures: the gallery's visits in the shipped words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools

from demo.gallery import LANGUAGES, SITE, gallery
from kiosk.visit.present import present
from kiosk.visit.screens import Snapshot, Theme
from kiosk.visit.stages import Visit
from kiosk.words import FluentWords

WORDS = {language: FluentWords(language, dt.UTC) for language in LANGUAGES}


@functools.cache
def _states(language: str) -> dict[str, Visit]:
    return gallery(language)


SCREENS = tuple(_states("en"))
KINDS = tuple({name.split()[0]: name for name in reversed(SCREENS)}.values())[::-1]
"""The first state of each kind; what its others say differs in words alone."""


def sample(name: str, language: str = "en", *, theme: Theme = Theme.DAY, percent: int = 100, motion: bool = False) -> Snapshot:
    """The screen called `name`; see `SCREENS`. Still, unless `motion`."""
    visit = dataclasses.replace(_states(language)[name], theme=theme, text_percent=percent)
    return dataclasses.replace(present(visit, WORDS, SITE, serial=1), motion=motion)
