"""What a printed statement says: everything, once, in the patient's language; and that it is a sound PDF."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pypdfium2
import pytest
from fluent.syntax import ast as ftl
from fluent.syntax import parse
from PIL import Image, ImageChops

from domain.billing import Charge, PaymentReceived, VisitLines
from domain.money import MOST_MINOR
from hub.bills import Bill
from hub.folder import Folder, HubError
from hub.paper.language import Language
from hub.paper.letterhead import DEMO, read_letterhead
from hub.paper.statement import statement_pdf
from hub.paper.words import WORDS, PaperWords
from tests.hub.paper.bills import DAY, LETTERHEAD, bill, of, pictures, symbols, texts, usd


def said(printed: Bill, language: Language = Language.EN) -> str:
    """The whole, each run of white space as one blank."""
    return " ".join(" ".join(texts(statement_pdf(printed, LETTERHEAD, language))).split())


ENGLISH = [
    "Riverside Community Hospital", "Statement 3342 1394 7462", "Responsible for payment María Álvarez", "Account number A100001",
    "Statement date Oct 30, 2026", "Amount you owe $270.00 Please pay by Nov 29, 2026.", "Pay at the kiosk",
    "Or call 555-0142, or come to the front desk beside the entrance.", "Oct 6, 2026, Riverside Clinic. Patient: María Álvarez",
    "Oct 6, 2026 Service 3 $100.00", "Your insurance's agreed discount -$10.00",
    "Insurance paid: Blue Harbor Health Plan -$20.00", "Left to pay $270.00", "Page 1 of 1",
]  # fmt: skip
SPANISH = [
    "Estado de cuenta 3342 1394 7462", "Responsable del pago María Álvarez", "Fecha del estado de cuenta 30 oct 2026",
    "Lo que usted debe $270.00 Por favor, pague a más tardar el 29 nov 2026.", "Pague en el quiosco",
    "Paciente: María Álvarez", "Pagó el seguro: Blue Harbor Health Plan -$20.00", "Queda por pagar $270.00", "Página 1 de 1",
]  # fmt: skip


@pytest.mark.parametrize(("language", "sentences"), [(Language.EN, ENGLISH), (Language.ES, SPANISH)], ids=["en", "es"])
def test_it_says_who_owes_what_why_and_until_when(language: Language, sentences: list[str]) -> None:
    text = said(bill(), language)
    assert [sentence for sentence in sentences if sentence not in text] == []


def test_what_was_charged_and_taken_off_is_summed_up() -> None:
    text = said(bill(paid=5000))
    for column in ("Charges $300.00", "Discounts -$10.00", "Insurance paid -$20.00", "You paid -$50.00", "Left to pay $220.00"):
        assert column in text
    assert "You paid: at the kiosk -$50.00" in text
    assert "Usted" not in text
    assert "Pagó usted: en el quiosco -$50.00" in said(bill(paid=5000), Language.ES)


def test_nothing_due_and_a_credit_ask_for_no_payment() -> None:
    settled, credit = said(bill(paid=27_000)), said(bill(paid=30_000))
    assert "Nothing to pay $0.00 Thank you." in settled
    assert "Credit on your account $30.00 You have paid more than you owed." in credit
    assert "Your credit $30.00" in credit
    for text in (settled, credit):
        assert "See this bill at the kiosk" in text
        assert not any(words in text for words in ("Please pay", "Pay at the kiosk", "Or call", "Amount you owe"))


def test_every_line_of_a_long_bill_is_printed_once_under_a_head_on_every_page() -> None:
    pages = texts(statement_pdf(bill(charges=90), LETTERHEAD, Language.EN))
    assert re.findall(r"Service (\d+)\b", " ".join(pages)) == [str(index) for index in range(1, 91)]
    for index, page in enumerate(pages, start=1):
        assert f"Page {index} of {len(pages)}" in page
        assert page.count("Riverside Clinic. Patient: María Álvarez") == 1
        assert "3342 1394 7462" in page
        assert "What it is for" in page


def test_a_visit_does_not_start_where_only_its_head_has_room() -> None:
    many = [dataclasses.replace(bill(charges=index % 7 + 1).statement.visits[0], place=f"Ward {index}") for index in range(24)]
    pages = texts(statement_pdf(of(*many), LETTERHEAD, Language.EN))
    assert len(pages) > 4
    for page in pages:
        for index in re.findall(r"Ward (\d+)", page):
            assert re.search(r"Service \d|-\$|Left to pay", page.partition(f"Ward {index}")[2].partition("Ward")[0])


LONG = "Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine Xenophon Y Zacharias María de los Ángeles de la Santísima Trinidad"


def test_long_names_and_descriptions_wrap_and_are_whole() -> None:
    printed = bill(name=LONG)
    (visit,) = printed.statement.visits
    long = Charge(DAY, f"{LONG}, once more: {LONG}", usd(100))
    text = said(of(dataclasses.replace(visit, charges=(long,)), name=LONG)).replace(" ", "")
    assert text.count(LONG.replace(" ", "")) >= 3  # the broken word too: who it is addressed to, the patient, the service


NAMES = [
    "王秀英",
    "Nguyễn Thị Ánh Tuyết",
    "Владимир Орлов",
    "יעל כהן",
    "김민준",
    "สมชาย ใจดี",
    "प्रिया",
    "Αλέξανδρος",
    "José Núñez-Peña",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_many_scripts_leave_ink_and_can_be_copied_out(name: str) -> None:
    pdf = statement_pdf(bill(name=name), LETTERHEAD, Language.EN)
    assert set(name) <= set("".join(texts(pdf)))
    difference = ImageChops.difference(pictures(pdf, 72)[0], nameless())
    assert difference.crop((0, 0, difference.width // 2, difference.height // 4)).getbbox() is not None


@cache
def nameless() -> Image.Image:
    """A font may have a letter and nothing in it: then the page looks like this one."""
    return pictures(statement_pdf(bill(name="\u2003"), LETTERHEAD, Language.EN), 72)[0]


JOINED = "\ufee3\ufea4\ufee4\ufeaa"
"""Meem initial, hah medial, meem medial, dal final."""


def test_arabic_is_joined_and_runs_from_right_to_left() -> None:
    """The same picture as of the joined forms themselves."""
    letters, forms = (pictures(statement_pdf(bill(name=name), LETTERHEAD, Language.EN), 150)[0] for name in ("محمد", JOINED))
    assert letters.tobytes() == forms.tobytes()


def test_a_letter_that_no_font_has_is_refused_not_left_blank() -> None:
    with pytest.raises(HubError, match=r"U\+1200, U\+1230, U\+FA2E:"):
        statement_pdf(bill(name="Ana \u200dሀሰ\ufa2e"), LETTERHEAD, Language.EN)  # the last is in Nanum, and empty there


def test_the_same_statement_gives_the_same_bytes_and_another_does_not() -> None:
    drawn = [statement_pdf(each, LETTERHEAD, Language.EN) for each in (bill(), bill(), bill(paid=1))]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_reader_is_told_title_and_language() -> None:
    pdf = statement_pdf(bill(), LETTERHEAD, Language.ES)
    with pypdfium2.PdfDocument(pdf) as document:
        title = document.get_metadata_value("Title")
    assert title == "Riverside Community Hospital: Estado de cuenta 3342 1394 7462"
    assert b"/Lang (es-US)" in pdf
    assert b"/DisplayDocTitle true" in pdf


def test_the_longest_text_that_is_printed_leaves_the_codes_whole_and_a_longer_one_is_refused() -> None:
    longest = "Ana María " * 50
    assert len(symbols(pictures(statement_pdf(bill(name=longest), LETTERHEAD, Language.ES), 150)[0])) == 2
    with pytest.raises(HubError, match="more than 500 letters"):
        statement_pdf(bill(name=longest + "L"), LETTERHEAD, Language.ES)


def test_sums_that_are_no_amount_are_refused() -> None:
    most = usd(MOST_MINOR)
    twice = (PaymentReceived(DAY, "Plan", most, True),) * 2
    visit = VisitLines("V", DAY, "Clinic", "A", (Charge(DAY, "Stay", most),), (), twice)
    with pytest.raises(HubError, match="more than can be printed"):
        statement_pdf(of(visit), LETTERHEAD, Language.EN)


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_nothing_wrong(tmp_path: Path) -> None:
    path = tmp_path / "statement.pdf"
    path.write_bytes(statement_pdf(bill(charges=60, name="王秀英"), LETTERHEAD, Language.EN))
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="poppler-utils is not installed")
def test_every_font_is_embedded_as_a_subset_with_its_letters(tmp_path: Path) -> None:
    path = tmp_path / "statement.pdf"
    path.write_bytes(statement_pdf(bill(name="王秀英 Орлов"), LETTERHEAD, Language.EN))
    _, _, *fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(fonts) >= 4
    assert all(re.search(r" yes yes yes +\d+ +0$", font) for font in fonts)


# the words


class Asked(PaperWords):
    """Remembers what it was asked for."""

    names: set[str]

    def say(self, message: str, **arguments: str) -> str:
        self.names.add(message)
        return super().say(message, **arguments)


def test_every_message_is_asked_for_and_the_languages_say_the_same_things(monkeypatch: pytest.MonkeyPatch) -> None:
    Asked.names = set()
    monkeypatch.setattr("hub.paper.statement.PaperWords", Asked)
    for paid in (0, 27_000, 30_000):
        statement_pdf(bill(paid=paid), LETTERHEAD, Language.ES)
    catalogues = {language: catalogue(language) for language in Language}
    assert set(catalogues[Language.EN]) == set(catalogues[Language.ES]) == Asked.names
    same = {name for name, text in catalogues[Language.EN].items() if text == catalogues[Language.ES][name]}
    assert same == set()


def catalogue(language: Language) -> dict[str, str]:
    """Each message's text as it stands in the file."""
    text = (WORDS / f"{language}.ftl").read_text("utf-8")
    messages = [entry for entry in parse(text).body if isinstance(entry, ftl.Message)]
    spans = {message.id.name: message.value.span for message in messages if message.value is not None}
    return {name: text[span.start : span.end] for name, span in spans.items() if span is not None}


def test_a_message_that_is_not_there_is_a_bug() -> None:
    with pytest.raises(LookupError):
        PaperWords(Language.EN).say("nowhere")
    with pytest.raises(LookupError, match="patient"):
        PaperWords(Language.EN).say("patient")


# the letterhead


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("pay_within_days = 30", "", "pay_within_days: Field required"),
        ("pay_within_days = 30", "pay_within_days = 0", "pay_within_days: "),
        ('paper = "letter"', 'paper = "napkin"', "paper: "),
        ('paper = "letter"', 'paper = "letter"\nlogo = "x"', "logo: "),
        (', es = "la recepción junto a la entrada"', "", "desk has no words in es"),
        ('name = "', 'name = ', "cannot be read"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_letterhead_is_told_by_its_key(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert DEMO.count(old) == 1
    (tmp_path / "letterhead.toml").write_text(DEMO.replace(old, new), "utf-8")
    with pytest.raises(HubError) as caught:
        read_letterhead(Folder(tmp_path))
    assert f"{tmp_path / 'letterhead.toml'}" in str(caught.value)
    assert told in str(caught.value)
