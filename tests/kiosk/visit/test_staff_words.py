"""What stands at the head of the staff's screen is true with each thing that stands below it."""

from __future__ import annotations

import dataclasses

import pytest

from kiosk.visit import stages as st
from kiosk.visit.present import present
from kiosk.visit.staff_report import StaffReport
from kiosk.visit.sync_words import SYNC_SENTENCES, sync_sentence
from tests.kiosk.visit.world import LANGUAGES, REPORT, SITE, fresh

CODES = (*SYNC_SENTENCES, "a-later-releases-word", "")
ENGLISH = LANGUAGES["en"]


def head(report: StaffReport) -> str:
    (line,) = present(dataclasses.replace(fresh(), stage=st.StaffView(report)), LANGUAGES, SITE, 1).lines
    return line.text


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("stopped", [False, True])
def test_what_a_person_has_to_mend_does_not_go_out_by_itself(code: str, stopped: bool) -> None:
    report = dataclasses.replace(REPORT, trouble=code, next_at=None if stopped else REPORT.next_at)
    below = ENGLISH.say(sync_sentence(code)).text if code else ""
    waits_for_person = stopped or any(word in below for word in ("Call", "must"))
    held, goes = (ENGLISH.say(f"staff-line-{how}").text for how in ("held", "waiting"))
    assert head(report) == (held if waits_for_person else goes)
    assert not ("lost" in below and "Nothing is lost" in head(report)), "the hub has, and nothing is?"


def test_a_sentence_about_the_hub_does_not_say_when_the_next_try_is() -> None:
    """A row of its own says it, and it may be: when a person has looked."""
    for code in CODES[:-1]:
        assert "trying" not in ENGLISH.say(sync_sentence(code)).text


@pytest.mark.parametrize("code", CODES)
def test_that_nothing_waits_here_is_not_that_the_hub_has_everything(code: str) -> None:
    assert head(dataclasses.replace(REPORT, trouble=code, count=0)) == "Nothing waits at this kiosk."


def test_payments_wait_for_the_first_try_too() -> None:
    report = dataclasses.replace(REPORT, trouble="", tried_at=None, next_at=None)
    assert head(report) == ENGLISH.say("staff-line-waiting").text
