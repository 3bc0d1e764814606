"""Paper to take home besides a receipt: who helps with paying, and how a bill is disputed. Pure; no name, no service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from domain.receipt import Receipt, Rule, Style, Text
from kiosk.visit import stages as st
from kiosk.visit.pages.informing import help_lines, over, over_lines
from kiosk.visit.pages.page import Site
from kiosk.visit.screens import Said
from kiosk.visit.words import Words


def leaflet(stage: st.HelpPaying | st.OverEstimate, language: str, words: Words, site: Site, at: dt.datetime) -> Receipt:
    """What the screen of `stage` says, on paper; `at` is now (aware)."""
    if isinstance(stage, st.HelpPaying):
        return _paper("help-paying", words.say("help-paying-title"), help_lines(words, site, language), words, site, at)
    bill, found = over(stage)
    title, lines = words.say("over-estimate-title", more=words.money(found.more)), over_lines(bill, found, words, site, language)
    return _paper("over-estimate", title, lines, words, site, at)


def _paper(name: str, title: Said, lines: Sequence[Said], words: Words, site: Site, at: dt.datetime) -> Receipt:
    head = (Text(site.name, Style.STRONG), Text(title.text, Style.LARGE), Text(words.moment(at).text), Rule())
    return Receipt(name, (*head, *(Text(line.text) for line in lines)), words.right_to_left)
