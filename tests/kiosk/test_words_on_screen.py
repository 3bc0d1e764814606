"""What the screen's words have that paper's have not, and what is said to a person about how to type."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pytest

from demo.gallery import SITE as DEMO
from demo.gallery import gallery
from domain.letters import Channel
from domain.money import Money
from domain.names import same_name
from domain.payment import Outcome
from domain.receipt_text import as_text
from kiosk.visit import stages as st
from kiosk.visit.finding import LETTERS, birth_date
from kiosk.visit.leaflets import leaflet
from kiosk.visit.present import present
from kiosk.visit.receipts import document, letter, slip
from kiosk.visit.screens import Keypad
from kiosk.visit.stages import Bill, Payment, Slip
from kiosk.words import LOCALES, FluentWords
from tests.kiosk.visit.world import ATTEMPTS, LANGUAGES, LINK, OVER, OWING, SITE, fresh, result, usd

NOW = dt.datetime(2026, 3, 4, 20, 5, tzinfo=dt.UTC)
ZONE = dt.timezone(dt.timedelta(hours=-5))
HOLDING = "[\u00a0\u2007\u202f\u2011\u2060\ufeff]"
"""Every character that is there to keep a line from breaking (UAX #14: GL and WJ)."""
PAID = st.Paid(Payment(Bill(LINK, OWING), OWING.due, offline=True), ATTEMPTS[0], result(Outcome.APPROVED))


@pytest.mark.parametrize("language", LOCALES)
def test_a_date_a_number_and_a_reference_hold_together_on_the_screen_alone(language: str) -> None:
    plain = FluentWords(language, ZONE)
    held = plain.on_screen
    for ours, others in (
        (held.date(NOW.date()), plain.date(NOW.date())),
        (held.say("reference", code="GAYB-ZZR4"), plain.say("reference", code="GAYB-ZZR4")),
        (held.say("help-phone", phone="555-0142"), plain.say("help-phone", phone="555-0142")),
        (held.say("notice-date-not-a-date"), plain.say("notice-date-not-a-date")),
    ):
        assert re.search(HOLDING, ours.text), ours
        assert not re.search(HOLDING, others.text + others.speech + ours.speech), others
        assert ours.speech == others.speech
    assert held.moment(NOW).speech == plain.moment(NOW).speech


@pytest.mark.parametrize("language", LOCALES)
def test_what_holds_together_stays_so_in_a_sentence(language: str) -> None:
    held = FluentWords(language, ZONE).on_screen
    when = held.moment(NOW)
    said = held.say("paid-before-line", amount=held.money(usd(1_00)), when=when)
    assert when.text in said.text
    last = held.date(NOW.date())
    assert last.text in held.say("over-estimate-dispute", last=last).text
    assert not re.search(HOLDING, said.speech)


def test_the_screen_asks_for_words_that_hold_together() -> None:
    for code in LANGUAGES:
        visit = dataclasses.replace(fresh(), language=code, stage=st.ThankYou(PAID, Slip.PRINTED))
        shown = present(visit, LANGUAGES, SITE, 1)
        assert any(re.search(HOLDING, line.text) for line in shown.lines), shown.lines
        assert not re.search(HOLDING, "".join(line.speech for line in shown.lines))


@pytest.mark.parametrize("language", LOCALES)
def test_paper_letters_and_messages_have_plain_characters(language: str) -> None:
    words = LANGUAGES[language]
    visit = dataclasses.replace(fresh(), language=language)
    papers = [
        document(dataclasses.replace(visit, stage=st.Printing(PAID)), words, SITE, NOW),
        slip(st.Unclear(PAID.payment, ATTEMPTS[0], Slip.PRINTING), words, SITE, NOW),
        leaflet(st.OverEstimate(Bill(LINK, OVER), OVER.due), language, words, SITE, NOW),
    ]
    told = [as_text(paper) for paper in papers]
    for channel in Channel:
        sending = dataclasses.replace(visit, stage=st.SendingReceipt(PAID, channel))
        _, sent = letter(sending, channel, "a@example.org", words, SITE, NOW)
        told += [sent.subject, sent.body]
    assert not [text for text in told if re.search(HOLDING, text)]


def test_right_to_left_the_groups_of_a_date_stay_in_the_order_of_its_hint() -> None:
    """A space that does not break joins two numbers into one (UAX #9, W4), and the year would stand where the day belongs."""
    said = FluentWords("ar", ZONE).on_screen.say("notice-date-not-a-date").text
    assert "\u206614\u2069\u00a0\u206603\u2069\u00a0\u20661962\u2069" in said


# a full stop after an abbreviation


@pytest.mark.parametrize("language", LOCALES)
def test_no_sentence_ends_twice(language: str) -> None:
    for words in (FluentWords(language, ZONE), FluentWords(language, ZONE).on_screen):
        for message in ("paid-before-line", "paid-before-accepted-line"):
            said = words.say(message, amount=words.money(Money(100, "USD")), when=words.moment(NOW))
            assert ".." not in re.sub("[\u2066-\u2069]", "", said.text), said
            assert ".." not in said.speech, said


def test_a_place_that_ends_in_an_abbreviation_ends_the_sentence_once() -> None:
    assert FluentWords("en", ZONE).say("help-desk", desk="the desk on Elm St.").text == "Go to the desk on Elm St."
    assert FluentWords("en", ZONE).say("help-desk", desk="the desk...").text == "Go to the desk...."
    assert FluentWords("ar", ZONE).say("help-desk", desk="Elm St.").text.endswith("Elm St.\u2069")


# how to type


@pytest.mark.parametrize("language", LOCALES)
def test_a_dates_examples_are_in_the_order_in_which_it_is_typed(language: str) -> None:
    for message in ("notice-date-not-a-date", "notice-date-not-whole"):
        (example,) = re.findall("[0-9]+ [0-9]+ [0-9]+", LANGUAGES[language].say(message).text)
        assert birth_date(example.replace(" ", ""), language, dt.date.max) == dt.date(1962, 3, 14), message


@pytest.mark.parametrize("language", LOCALES)
def test_the_gallery_types_a_date_as_its_language_does(language: str) -> None:
    shown = present(gallery(language)["birth-date"], LANGUAGES, DEMO, 1).middle
    assert isinstance(shown, Keypad)
    digits = shown.shown.speech.replace(" ", "")
    assert {"en": "0314", "zh": "1962"}.get(language, "1403") == digits
    whole = gallery(language)["birth-date date-not-a-date"].stage
    assert isinstance(whole, st.BirthDate)
    assert len(whole.digits) == 8
    assert birth_date(whole.digits, language, dt.date.max) is None


def test_who_looks_for_the_spanish_letter_is_told_which_key_does() -> None:
    """An N finds a name with an Ñ: names are compared without accents."""
    assert "Ñ" not in LETTERS
    assert "En lugar de Ñ, use N." in LANGUAGES["es"].say("name-line").text
    assert same_name("MARIA NUNEZ", "María Núñez")


# one thing, one name

DESKS = {"en": "front desk", "es": "la recepción", "zh": "前台", "vi": "quầy tiếp tân", "ar": "مكتب الاستقبال"}


@pytest.mark.parametrize("language", LOCALES)
def test_a_desk_has_one_name(language: str) -> None:
    words = LANGUAGES[language]
    assert DESKS[language] in DEMO.desk[language]
    assert all(DESKS[language] in words.say(message).text.casefold() for message in ("desk-title", "closed-line", "why-declined"))
