"""The catalogues of words: the same messages in every language, all that the code asks for, and nothing else."""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

import devices.terminals
from devices.health import Condition
from devices.smartcards.port import Refusal as CardRefusal
from domain.limits import Breach
from domain.money import Money
from domain.payment import Card, Outcome
from domain.statement_codes import Refusal
from kiosk.visit import stages as st
from kiosk.visit.bill_rows import bill_rows
from kiosk.visit.paying import TAKEN_BACK
from kiosk.visit.present import present
from kiosk.visit.receipts import receipt, slip
from kiosk.visit.screens import Said
from kiosk.visit.staff_report import DeviceSeen, StaffReport
from kiosk.visit.stages import Asking, Bill, Payment, Slip, Visit
from kiosk.visit.sync_words import SYNC_SENTENCES
from kiosk.words import LOCALES, WORDS, FluentWords, WordsError
from offline_queue.errors import AccountBlocked, DatabaseFault, NotEnrolled
from tests.kiosk.visit.test_present import screens, shown_actions
from tests.kiosk.visit.world import ATTEMPTS, DUE, LINK, OWING, REPORT, RULES, SITE, fresh, result

NOW = dt.datetime(2026, 3, 4, 20, 5, tzinfo=dt.UTC)
ZONE = dt.timezone(dt.timedelta(hours=-5))


@dataclasses.dataclass(frozen=True)
class Message:
    arguments: frozenset[str]
    spoken_arguments: frozenset[str]
    text: str


def catalogue(language: str) -> dict[str, Message]:
    source = (WORDS / f"{language}.ftl").read_text(encoding="utf-8")
    found = {}
    for entry in FluentParser().parse(source).body:
        assert not isinstance(entry, ftl.Junk), entry.content
        if isinstance(entry, ftl.Message):
            assert entry.id.name not in found, f"{entry.id.name} is there twice"
            assert entry.value is not None
            assert [attribute.id.name for attribute in entry.attributes] in ([], ["speech"])
            spoken = [_arguments(attribute.value) for attribute in entry.attributes]
            text = source[entry.span.start : entry.span.end] if entry.span else ""
            found[entry.id.name] = Message(_arguments(entry.value), frozenset().union(*spoken), text)
    return found


class _Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


def _arguments(pattern: ftl.BaseNode) -> frozenset[str]:
    variables = _Variables()
    variables.visit(pattern)
    return frozenset(variables.names)


ENGLISH = catalogue("en")


def test_every_language_has_a_catalogue_and_every_catalogue_is_a_language() -> None:
    assert {path.stem for path in WORDS.glob("*.ftl")} == set(LOCALES)


@pytest.mark.parametrize("language", LOCALES)
def test_every_language_says_the_same_things_of_the_same_arguments(language: str) -> None:
    other = catalogue(language)
    assert set(other) == set(ENGLISH)
    assert {name: message.arguments for name, message in other.items()} == {
        name: message.arguments for name, message in ENGLISH.items()
    }
    for name, message in other.items():
        assert message.spoken_arguments <= message.arguments, name


def test_the_languages_are_not_each_other() -> None:
    """A message that was copied and forgotten reads the same; a few really do."""
    spanish = catalogue("es")
    same = {name for name, message in spanish.items() if message.text == ENGLISH[name].text}
    assert same == {"bill-visit"}


# what the code asks for


class Asked(FluentWords):
    """Words that remember what they were asked for."""

    def __init__(self, language: str) -> None:
        super().__init__(language, ZONE)
        self.names: set[str] = set()

    def say(self, message: str, **arguments: str | int) -> Said:
        self.names.add(message)
        return super().say(message, **arguments)


def terminal_faults() -> set[str]:
    """Every fault that a terminal's driver can give, found where it is given: in NotStarted, DeviceError and Health."""
    faults = set()
    for path in Path(devices.terminals.__file__).parent.rglob("*.py"):
        if "simulator" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FAULTY:
                texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
                faults |= {text for text in texts if isinstance(text, str) and re.fullmatch(r"(terminal|hub)-[a-z0-9-]+", text)}
    return faults


_FAULTY = {"NotStarted", "DeviceError", "Health"}


def refusals_of_the_journal() -> set[str]:
    """What the engine turns into OpenRefused."""
    return {AccountBlocked.code, NotEnrolled.code, *_codes(DatabaseFault), *Breach}


def _codes(error: type[DatabaseFault]) -> Iterator[str]:
    yield error.code
    for kind in error.__subclasses__():
        yield from _codes(kind)


PAYMENT = Payment(Bill(LINK, OWING), DUE, offline=False)
OFFLINE = dataclasses.replace(PAYMENT, offline=True)


def rare_reports() -> Iterator[StaffReport]:
    """Every trouble that sync can have, every condition that a device can be in."""
    for code in (*SYNC_SENTENCES, "a-later-releases-word", ""):
        yield dataclasses.replace(REPORT, trouble=code)
    yield dataclasses.replace(REPORT, count=0, sums=(), oldest=None, tried_at=None, next_at=None, trouble="")
    yield dataclasses.replace(REPORT, next_at=None)
    for condition in Condition:
        yield dataclasses.replace(REPORT, devices=(DeviceSeen("terminal", condition.value, ""),))
    yield dataclasses.replace(REPORT, devices=(DeviceSeen("cards", "away", "smartcard-reader-away"),))
    yield dataclasses.replace(REPORT, devices=(DeviceSeen("speaker", "away", "speaker-away"),))


def rare_visits() -> Iterator[Visit]:
    """Screens that the walk's small world does not come by: every fault, every refusal, a nameless card."""
    stages: list[st.Stage] = [st.NotPaid(PAYMENT, fault) for fault in terminal_faults()]
    stages += [st.NotPaid(PAYMENT, TAKEN_BACK)]
    stages += [st.SeeDesk(code) for code in refusals_of_the_journal()]
    stages += [st.Scan(notice=refusal.value) for refusal in Refusal]
    stages += [st.StaffPin(notice=why) for why in ("pin-short", "pin-wrong", "pin-locked", "pin-unread")]
    stages += [st.StaffPin(notice=why.value) for why in CardRefusal]
    stages += [st.StaffChecking()]
    stages += [st.StaffView(report) for report in rare_reports()]
    stages += [st.Paid(PAYMENT, ATTEMPTS[0], result(Outcome.APPROVED, card=Card("", "4242")))]
    for language in LOCALES:
        visit = dataclasses.replace(fresh(), language=language)
        yield from (dataclasses.replace(visit, stage=stage) for stage in stages)
        yield from (dataclasses.replace(visit, asking=asking) for asking in Asking)
        yield dataclasses.replace(visit, world=dataclasses.replace(visit.world, terminal=False))
        kept = dataclasses.replace(visit.rules, away=st.HubAway.CAPTURED)
        yield dataclasses.replace(visit, rules=kept, stage=st.Consent(PAYMENT.bill, PAYMENT.amount))
        by_hand = dataclasses.replace(visit, rules=dataclasses.replace(visit.rules, camera=False))
        yield from (dataclasses.replace(by_hand, stage=stage) for stage in (st.Attract(), st.Scan()))
        yield dataclasses.replace(by_hand, stage=st.Scan(), world=dataclasses.replace(visit.world, scanner=False))
        badges = dataclasses.replace(visit.rules, badges=True)
        yield dataclasses.replace(visit, rules=badges, stage=st.StaffPin())
        paid = st.Paid(PAYMENT, ATTEMPTS[0], result(Outcome.APPROVED))
        yield dataclasses.replace(visit, stage=paid, world=dataclasses.replace(visit.world, printer=False))


def different_visits() -> Iterator[Visit]:
    """One visit for each screen of the walk that says something else: other figures and digits say the same."""
    seen = set()
    for visit, snapshot in screens():
        said = " ".join(said.text for said in (snapshot.title, *snapshot.lines, snapshot.notice or Said("", "")))
        says = (visit.language, snapshot.screen, snapshot.amount_label, re.sub(r"[0-9]", "#", said))
        if says not in seen:
            seen.add(says)
            yield visit


def print_everything(words: Asked) -> None:
    for payment in (PAYMENT, OFFLINE):
        for outcome in (Outcome.APPROVED, Outcome.CAPTURED):
            receipt(st.Paid(payment, ATTEMPTS[0], result(outcome)), words, SITE, "PAY.EXAMPLE", NOW)
    slip(st.Unclear(PAYMENT, ATTEMPTS[0], Slip.PRINTING), words, SITE, "PAY.EXAMPLE", NOW)
    two_visits = dataclasses.replace(OWING, due=OWING.due + OWING.due, visits=OWING.visits * 2)
    bill_rows(two_visits, words)


def test_every_message_is_asked_for_and_every_message_asked_for_is_there() -> None:
    """`say` raises for one that is not there, so it is enough that every screen and every paper can be made."""
    words = {language: Asked(language) for language in LOCALES}
    for visit in (*different_visits(), *rare_visits()):
        present(visit, words, SITE, 1)
    for asked in words.values():
        print_everything(asked)
    for language, asked in words.items():
        assert asked.names == set(catalogue(language)), language


def test_the_faults_of_a_terminal_were_found() -> None:
    assert {"terminal-away", "terminal-busy", "terminal-out-of-order", "terminal-not-zvt", "terminal-other"} <= terminal_faults()
    assert {"limit-payment", "limit-total", "limit-count", "limit-age"} < refusals_of_the_journal()
    assert {"account-blocked", "not-enrolled", "queue-disk-full"} < refusals_of_the_journal()


# how it is said (reference: look, "Words")

BANNED = {
    "en": r"\b(ok|okay|submit\w*|error\w*|invalid|transaction\w*|failed|failure|proceed|user|terminal is|abort\w*)\b",
    "es": r"\b(ok|enviar formulario|error(es)?|inválid\w*|transacci\w*|fall[óo]|usuario|procesar|abort\w*|tú|tu|tus)\b",
}


@pytest.mark.parametrize("language", LOCALES)
def test_nobody_is_told_of_errors_and_transactions(language: str) -> None:
    for name, message in catalogue(language).items():
        said = message.text.split("=", 1)[1]
        assert not re.search(BANNED[language], said, re.IGNORECASE), (name, said)
        assert "!" not in said, name
        assert "¡" not in said, name


VERBS = {
    "en": "Pay Print Type Touch Try Stop Call Go Clear Erase Find Show Scan",
    "es": "Pagar Imprimir Escribir Tocar Intentar Terminar Pedir Volver Borrar Vaciar Buscar Ver Seguir",
}
FIRST_PERSON = {"en": r"I (am|have|need|do)\b", "es": r"(Ya|No) \w+[éío]\b|Necesito\b"}
PLAIN = {
    "en": {"Back", "Text size", "Contrast", "English", "Español"},
    "es": {"Volver", "Tamaño de letra", "Contraste", "English", "Español"},
}
"""The names of things that look.md itself names so: back, text size, contrast; and the languages."""


def buttons(language: str) -> set[str]:
    rare = ((visit, present(visit, _WORDS, SITE, 1)) for visit in rare_visits())
    return {
        action.label.text
        for visit, snapshot in (*screens(), *rare)
        if visit.language == language
        for action in shown_actions(snapshot)
    }


_WORDS = {language: FluentWords(language, ZONE) for language in LOCALES}


@pytest.mark.parametrize("language", LOCALES)
def test_a_button_is_a_verb_with_its_object_or_what_a_person_would_say(language: str) -> None:
    found = buttons(language)
    assert len(found) > 20
    for label in found - PLAIN[language]:
        verb, _, rest = label.partition(" ")
        if not re.match(FIRST_PERSON[language], label):
            assert verb in VERBS[language].split(), label
            assert rest, label
        assert not label.endswith("."), label


@pytest.mark.parametrize("language", LOCALES)
def test_what_is_said_is_a_sentence_and_a_title_is_short(language: str) -> None:
    for name, message in catalogue(language).items():
        said = message.text.split("=", 1)[1].split("\n")[0].strip()
        if re.search(r"^(notice|why)-|-line(-\w+)?$", name) and name != "statement-line":
            assert said.endswith("."), name
        if name.endswith("-title"):
            assert len(said) <= 60, name
        assert "  " not in said, name


# the class itself


def test_an_unknown_message_and_a_missing_argument_are_bugs() -> None:
    words = FluentWords("en", ZONE)
    with pytest.raises(WordsError, match="no message 'nowhere'"):
        words.say("nowhere")
    with pytest.raises(WordsError, match="'pay'"):
        words.say("pay")


def test_what_is_spoken_may_differ_from_what_is_written() -> None:
    words = FluentWords("en", ZONE, source="both = ${ $n }\n    .speech = { $n } dollars\none = Hello\n")
    assert words.say("both", n="5") == Said("$5", "5 dollars")
    assert words.say("one") == Said("Hello", "Hello")


@pytest.mark.parametrize(
    ("language", "amount", "said"),
    [
        ("en", 12550, Said("$125.50", "125.50 US dollars")),
        ("es", 12550, Said("$125.50", "125.50 dólares estadounidenses")),
        ("en", -4000, Said("-$40.00", "-40.00 US dollars")),
    ],
)
def test_an_amount_is_written_and_spoken(language: str, amount: int, said: Said) -> None:
    assert FluentWords(language, ZONE).money(Money(amount, "USD")) == said


@pytest.mark.parametrize(
    ("language", "date", "moment"),
    [
        ("en", Said("Mar 4, 2026", "March 4, 2026"), "3/4/26, 3:05 PM"),
        ("es", Said("4 mar 2026", "4 de marzo de 2026"), "4/3/2026, 3:05 p.m."),
    ],
)
def test_dates_are_written_in_the_kiosks_own_zone_and_in_characters_that_a_printer_has(
    language: str, date: Said, moment: str
) -> None:
    words = FluentWords(language, ZONE)
    assert words.date(dt.date(2026, 3, 4)) == date
    assert words.moment(NOW) == Said(moment, moment)
    words.moment(NOW).text.encode("cp858")


def test_no_language_here_runs_from_right_to_left_yet() -> None:
    assert not any(words.right_to_left for words in _WORDS.values())
    assert RULES.languages == tuple(LOCALES)
