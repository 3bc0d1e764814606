"""The gallery has every screen and says every word; its sheets show what the kiosk shows."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from demo.contact_sheet import COLUMNS, LOOKS, NAME_HEIGHT, draw_gallery, sheets
from demo.gallery import LANGUAGES, SITE, gallery
from domain.errors import Known
from kiosk.visit.present import present
from kiosk.visit.screens import Said
from kiosk.words import WORDS, FluentWords
from tests.kiosk.visit.walk import walk

PAPER = "receipt-"
"""How the words begin that are printed only."""


class HeardWords(FluentWords):
    def __init__(self, language: str, heard: set[str]) -> None:
        super().__init__(language, dt.UTC)
        self._heard = heard

    def say(self, message: str, **arguments: str | int | Said) -> Said:
        self._heard.add(message)
        return super().say(message, **arguments)


def test_no_word_of_the_catalogue_is_missing_in_the_gallery() -> None:
    heard = set[str]()
    words = {language: HeardWords(language, heard) for language in LANGUAGES}
    for visit in gallery("en").values():
        present(visit, words, SITE, serial=1)
    known = re.findall(r"^([a-z][a-z0-9-]*) =", (WORDS / "en.ftl").read_text(encoding="utf-8"), re.MULTILINE)
    assert {word for word in known if not word.startswith(PAPER)} - heard == set()


def test_every_stage_that_a_visit_can_reach_is_in_the_gallery() -> None:
    assert {type(visit.stage) for visit in walk().states} <= {type(visit.stage) for visit in gallery("en").values()}


def test_a_sheet_has_the_states_side_by_side(qapp: QGuiApplication) -> None:
    states = gallery("es")
    some = {name: states[name] for name in ("attract", "statement long")}
    (sheet,) = sheets(LOOKS[0], some)
    thumb = sheet.width() // COLUMNS
    pictures = [sheet.copy(at * thumb, NAME_HEIGHT, thumb, sheet.height() // 3 - NAME_HEIGHT) for at in range(3)]
    colours = [{picture.pixel(x, y) for x in range(0, thumb, 7) for y in range(0, picture.height(), 7)} for picture in pictures]
    assert [len(found) > 5 for found in colours] == [True, True, False]
    assert pictures[0] != pictures[1]


def test_a_folder_that_cannot_be_made_is_told(qapp: QGuiApplication, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Known, match="Name another folder with --out"):
        draw_gallery(tmp_path / "file" / "folder")
