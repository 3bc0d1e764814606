"""The catalogues of words: the same messages in every language, all that the code asks for, and nothing else."""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

import devices.terminals
from devices.health import Condition
from devices.smartcards.port import Refusal as CardRefusal
from domain.billing import Category, Charge, PaymentReceived
from domain.letters import Channel
from domain.limits import Breach
from domain.money import Money
from domain.payment import Card, Outcome
from domain.statement_codes import Refusal
from kiosk.visit import stages as st
from kiosk.visit.bill_rows import bill_rows
from kiosk.visit.hearing import Hearing
from kiosk.visit.leaflets import leaflet
from kiosk.visit.paying import TAKEN_BACK
from kiosk.visit.present import present
from kiosk.visit.receipts import receipt, slip
from kiosk.visit.screens import Said, Snapshot
from kiosk.visit.staff_report import DeviceSeen, StaffReport
from kiosk.visit.stages import Asking, Bill, By, Payment, Slip, Visit
from kiosk.visit.sync_words import SYNC_SENTENCES
from kiosk.words import LOCALES, WORDS, FluentWords, WordsError
from offline_queue.errors import AccountBlocked, DatabaseFault, NotEnrolled
from tests.kiosk.visit.test_present import screens, shown_actions
from tests.kiosk.visit.world import (
    ATTEMPTS,
    BORN,
    DUE,
    FAMILY,
    LINK,
    NUMBER,
    OVER,
    OWING,
    REPORT,
    RULES,
    SIBLING,
    SITE,
    TWO_VISITS,
    fresh,
    result,
    usd,
)  # fmt: skip

NOW = dt.datetime(2026, 3, 4, 20, 5, tzinfo=dt.UTC)
ZONE = dt.timezone(dt.timedelta(hours=-5))


@dataclasses.dataclass(frozen=True)
class Message:
    arguments: frozenset[str]
    spoken_arguments: frozenset[str]
    spoken: bool
    text: str
    said: tuple[str, ...]
    """As it is written, once for each plural that it has."""


def catalogue(language: str) -> dict[str, Message]:
    source = (WORDS / f"{language}.ftl").read_text(encoding="utf-8")
    found = {}
    for entry in FluentParser().parse(source).body:
        assert not isinstance(entry, ftl.Junk), entry.content
        if isinstance(entry, ftl.Message):
            assert entry.id.name not in found, f"{entry.id.name} is there twice"
            assert entry.value is not None
            assert [attribute.id.name for attribute in entry.attributes] in ([], ["speech"], ["privacy"])
            spoken = [_arguments(attribute.value) for attribute in entry.attributes if attribute.id.name == "speech"]
            text = source[entry.span.start : entry.span.end] if entry.span else ""
            said = tuple(_variants(entry.value, source))
            found[entry.id.name] = Message(_arguments(entry.value), frozenset().union(*spoken), bool(spoken), text, said)
    return found


def _variants(pattern: ftl.Pattern, source: str) -> Iterator[str]:
    """A plural stands around whole sentences: nobody can translate half of one."""
    match pattern.elements:
        case [ftl.Placeable(expression=ftl.SelectExpression(variants=variants))]:
            for variant in variants:
                yield from _variants(variant.value, source)
        case _:
            assert pattern.span
            yield source[pattern.span.start : pattern.span.end]


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


def test_every_language_has_spoken_forms_for_the_same_messages() -> None:
    spoken = {language: {name for name, message in catalogue(language).items() if message.spoken} for language in LOCALES}
    assert all(names == spoken["en"] for names in spoken.values())


_HEADS = {"bill-visit", "bill-visit-place", "choose-visit"}
LIKE_ENGLISH = {"es": _HEADS, "zh": set(), "vi": _HEADS, "ar": {"bill-visit"}}
"""What really is written alike: a date, a place and a name with the commas of English between them."""


@pytest.mark.parametrize("language", LIKE_ENGLISH)
def test_the_languages_are_not_each_other(language: str) -> None:
    """A message that was copied and forgotten reads the same."""
    other = catalogue(language)
    assert {name for name, message in other.items() if message.text == ENGLISH[name].text} == LIKE_ENGLISH[language]


SCRIPTS = {"zh": "CJK UNIFIED", "ar": "ARABIC"}


@pytest.mark.parametrize(("language", "script"), SCRIPTS.items())
def test_what_has_a_script_of_its_own_is_written_in_it(language: str, script: str) -> None:
    for name, message in catalogue(language).items():
        said = re.sub(r"\{[^{}]*\}", "", " ".join(message.said))
        assert all(unicodedata.name(letter).startswith(script) for letter in said if letter.isalpha()), (name, said)


# what the code asks for


class Asked(FluentWords):
    """Words that remember what they were asked for."""

    def __init__(self, language: str) -> None:
        super().__init__(language, ZONE)
        self.names: set[str] = set()

    def say(self, message: str, **arguments: str | int | Said) -> Said:
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
BOTH = Payment(FAMILY, DUE + usd(3_00), offline=False)
ONE_VISIT = Payment(
    Bill(NUMBER, TWO_VISITS, BORN, by=By.VISIT, left_out=frozenset({f"{TWO_VISITS.number}/V1"})), usd(1_00), False
)


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
    yield dataclasses.replace(REPORT, devices=(DeviceSeen("voice", "away", "voice-away"),))


def rare_visits() -> Iterator[Visit]:
    """Screens that the walk's small world does not come by: every fault, every refusal, a nameless card."""
    stages: list[st.Stage] = [st.NotPaid(PAYMENT, fault) for fault in terminal_faults()]
    stages += [st.NotPaid(PAYMENT, TAKEN_BACK)]
    stages += [st.SeeDesk(code) for code in refusals_of_the_journal()]
    stages += [st.Scan(notice=refusal.value) for refusal in Refusal]
    stages += [st.StaffPin(notice=why) for why in ("pin-short", "pin-wrong", "pin-locked", "pin-unread")]
    stages += [st.StaffPin(notice=why.value) for why in CardRefusal]
    stages += [st.StaffChecking()]
    captured = st.Earlier(st.Paid(OFFLINE, ATTEMPTS[0], result(Outcome.CAPTURED)), NOW, usd(1_00))
    stages += [st.PaidBefore(PAYMENT.bill, captured), st.TypeAddress(captured.paid, Channel.TEXT, "0125550142", "phone-form")]
    stages += [st.StaffView(report) for report in rare_reports()]
    stages += [st.Paid(PAYMENT, ATTEMPTS[0], result(Outcome.APPROVED, card=Card("", "4242")))]
    stages += [st.Choose(BOTH.bill, "bills-changed"), st.Choose(ONE_VISIT.bill), st.OtherAmount(BOTH.bill)]
    stages += [st.Choose(dataclasses.replace(BOTH.bill, left_out=frozenset((OWING.number, SIBLING.number))))]
    stages += [
        st.OtherAmount(ONE_VISIT.bill),
        st.Consent(BOTH.bill, BOTH.amount),
        st.ShowStatement(Bill(NUMBER, TWO_VISITS, BORN)),
    ]
    stages += [st.Paid(BOTH, ATTEMPTS[0], result(Outcome.APPROVED))]
    stages += [st.ShowStatement(PAYMENT.bill, before, details=True) for before in (DUE, DUE + DUE)]
    stages += [st.TypeAddress(captured.paid, Channel.EMAIL, signs=True)]
    for language in LOCALES:
        visit = dataclasses.replace(fresh(), language=language)
        yield from (dataclasses.replace(visit, stage=stage) for stage in stages)
        yield from (dataclasses.replace(visit, asking=asking) for asking in Asking)
        yield dataclasses.replace(visit, asking=Asking.HELP, reach=True)
        yield from (dataclasses.replace(visit, stage=st.Scan(), asking=Asking.HELP, call=call) for call in st.Call)
        yield dataclasses.replace(visit, world=dataclasses.replace(visit.world, terminal=False))
        yield dataclasses.replace(visit, rules=dataclasses.replace(visit.rules, emergency=True))
        kept = dataclasses.replace(visit.rules, away=st.HubAway.CAPTURED)
        yield dataclasses.replace(visit, rules=kept, stage=st.Consent(PAYMENT.bill, PAYMENT.amount))
        yield dataclasses.replace(visit, rules=dataclasses.replace(visit.rules, languages=(language,)))
        by_hand = dataclasses.replace(visit, rules=dataclasses.replace(visit.rules, camera=False))
        yield from (dataclasses.replace(by_hand, stage=stage) for stage in (st.Attract(), st.Scan()))
        yield dataclasses.replace(by_hand, stage=st.Scan(), world=dataclasses.replace(visit.world, scanner=False))
        badges = dataclasses.replace(visit.rules, badges=True)
        yield dataclasses.replace(visit, rules=badges, stage=st.StaffPin())
        paid = st.Paid(PAYMENT, ATTEMPTS[0], result(Outcome.APPROVED))
        yield dataclasses.replace(visit, stage=paid, world=dataclasses.replace(visit.world, printer=False))
        loud = dataclasses.replace(visit, world=dataclasses.replace(visit.world, voice=True), hearing=Hearing(on=True))
        thanks = [st.ThankYou(of, Slip.PRINTED) for of in (paid, st.Unclear(PAYMENT, ATTEMPTS[0], Slip.PRINTED))]
        yield from (dataclasses.replace(loud, stage=stage, asking=asking) for stage in thanks for asking in Asking)


def different_visits() -> Iterator[Visit]:
    """One visit for each screen of the walk that says something else: other figures and digits say the same."""
    seen = set()
    for visit, snapshot in screens():
        said = " ".join(said.text for said in (snapshot.title, *snapshot.lines, snapshot.notice or Said("", "")))
        says = (visit.language, snapshot.screen, snapshot.amount_label, re.sub(r"[0-9]", "#", said))
        if says not in seen:
            seen.add(says)
            yield visit


def print_everything(language: str, words: Asked) -> None:
    for payment in (PAYMENT, OFFLINE, BOTH, ONE_VISIT):
        for outcome in (Outcome.APPROVED, Outcome.CAPTURED):
            receipt(st.Paid(payment, ATTEMPTS[0], result(outcome)), words, SITE, NOW)
    slip(st.Unclear(PAYMENT, ATTEMPTS[0], Slip.PRINTING), words, SITE, NOW)
    for one in (OWING.visits[0], dataclasses.replace(OWING.visits[0], payments=OWING.visits[0].payments * 9)):
        two_visits = dataclasses.replace(OWING, due=one.due("USD") + one.due("USD"), visits=(one, one))
        bill_rows(two_visits, words, details=one is OWING.visits[0])
    (visit,) = OVER.visits
    every_kind = tuple(Charge(visit.date, "x", DUE, kind) for kind in (*Category, None))
    in_part = (PaymentReceived(visit.date, "x", DUE, by_insurance=False),)
    told = dataclasses.replace(visit, charges=every_kind, adjustments=(), payments=in_part)
    bill_rows(dataclasses.replace(OVER, visits=(told,), due=told.due("USD")), words, details=False)
    for stage in (st.HelpPaying(st.ShowStatement(PAYMENT.bill)), st.OverEstimate(Bill(LINK, OVER), OVER.due)):
        leaflet(stage, language, words, SITE, NOW)


def test_every_message_is_asked_for_and_every_message_asked_for_is_there() -> None:
    """`say` raises for one that is not there, so it is enough that every screen and every paper can be made."""
    words = {language: Asked(language) for language in LOCALES}
    for visit in (*different_visits(), *rare_visits()):
        present(visit, words, SITE, 1)
        for language in LOCALES.keys() - RULES.languages:  # the walk goes through the languages of its world only
            present(dataclasses.replace(visit, language=language), words, SITE, 1)
            present(_in(language, visit), words, SITE, 1)
    for language, asked in words.items():
        print_everything(language, asked)
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
    "zh": r"错误|无效|交易|失败|用户|提交|你",
    "vi": r"\b(ok|lỗi|không hợp lệ|giao dịch|thất bại|người dùng|bạn|mày)\b",
    "ar": r"خطأ|غير صالح|معاملة|فشل|المستخدم",
}


@pytest.mark.parametrize("language", LOCALES)
def test_nobody_is_told_of_errors_and_transactions(language: str) -> None:
    for name, message in catalogue(language).items():
        said = message.text.split("=", 1)[1]
        assert not re.search(BANNED[language], said, re.IGNORECASE), (name, said)
        assert not set("!¡！") & set(said), name


_WORDS = {language: FluentWords(language, ZONE) for language in LOCALES}

VERBS = {
    "en": "Pay Print Type Touch Try Stop Call Go Clear Erase Find Show Scan Move Use Darken Hear Choose See Send Close",
    "es": "Pagar Imprimir Escribir Tocar Intentar Terminar Pedir Volver Borrar Vaciar Buscar Ver Seguir Bajar Usar Oscurecer "
    "Dejar Escuchar Elegir Enviar Enviarlo Cerrar Llamar Entrar",
    "vi": "Trả In Nhập Chạm Thử Dừng Gọi Quay Xóa Tìm Xem Tiếp Mở Đưa Dùng Làm Ngừng Nghe Chọn Gửi Đóng",
    "ar": "دفع طباعة كتابة لمس محاولة إيقاف طلب رجوع حذف محو البحث عرض "
    "متابعة فتح إنزال إعادة استخدام إظلام الاستماع اختيار إرسال إغلاق استدعاء",
}
FIRST_PERSON = {
    "en": r"I (am|have|need|do)\b",
    "es": r"(Ya|No) \w+[éío]\b|Necesito\b",
    "vi": "Tôi ",
    "ar": "لا أحتاج|أحتاج|انتهيت|قرأت|دوّنت",
}
NAMES = {words.say(name).text for words in _WORDS.values() for name in ("language-name", "language-choose")}
PLAIN = {
    "en": {"Back", "Text size", "Contrast", "Listen", *NAMES},
    "es": {"Volver", "Borrar", "Tamaño de letra", "Contraste", "Escuchar", *NAMES},
    "vi": {"Xóa", "Cỡ chữ", "Độ tương phản", "Nghe", *NAMES},
    "ar": {"رجوع", "حذف", "حجم الخط", "التباين", "الاستماع", *NAMES},
}
"""The names of things that look.md itself names so: back, text size, contrast; and the languages."""


def buttons(language: str) -> set[str]:
    rare = ((visit, present(visit, _WORDS, SITE, 1)) for visit in rare_visits())
    walked = screens() if language in RULES.languages else _spoken(different_visits(), language)
    return {
        action.label.text
        for visit, snapshot in (*walked, *rare)
        if visit.language == language
        for action in shown_actions(snapshot)
        if not action.mark  # what is chosen is no button's word: it is whose bill it is
    }


def _in(language: str, visit: Visit) -> Visit:
    return dataclasses.replace(visit, language=language, rules=dataclasses.replace(visit.rules, languages=tuple(LOCALES)))


def _spoken(visits: Iterable[Visit], language: str) -> Iterator[tuple[Visit, Snapshot]]:
    for there in (_in(language, visit) for visit in visits):
        yield there, present(there, _WORDS, SITE, 1)


@pytest.mark.parametrize("language", VERBS)
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
        for said in message.said:
            if re.search(r"^(notice|why)-|-line(-\w+)?$", name) and name != "statement-line":
                assert said.endswith(("。", "？") if language == "zh" else "."), name
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
        ("zh", 12550, Said("$125.50", "125.50美元")),
        ("vi", 125050, Said("$1,250.50", "1.250,50 đô la Mỹ")),
        ("ar", 12550, Said("\u2066$125.50\u2069", "125.50 دولار أمريكي")),
        ("en", -4000, Said("-$40.00", "-40.00 US dollars")),
        ("ar", -4000, Said("\u2066-$40.00\u2069", "-40.00 دولار أمريكي")),
    ],
)
def test_an_amount_is_written_as_on_the_bill_and_spoken_as_the_language_does(language: str, amount: int, said: Said) -> None:
    assert FluentWords(language, ZONE).money(Money(amount, "USD")) == said


@pytest.mark.parametrize(
    ("language", "date", "moment", "spoken"),
    [
        ("en", Said("Mar 4, 2026", "March 4, 2026"), "3/4/26, 3:05 PM", "3/4/26, 3:05 PM"),
        ("es", Said("4 mar 2026", "4 de marzo de 2026"), "4 mar 2026, 3:05 p.m.", "4 marzo 2026, 3:05 p.m."),
        ("zh", Said("2026年3月4日", "2026年3月4日"), "2026/3/4 15:05", "2026/3/4 15:05"),
        ("vi", Said("4 thg 3, 2026", "4 tháng 3, 2026"), "15:05, 4 thg 3 2026", "15:05, 4 tháng 3 2026"),
        ("ar", Said("4 مارس 2026", "4 مارس 2026"), "4 مارس 2026، 3:05 م", "4 مارس 2026، 3:05 م"),
    ],
)
def test_dates_are_written_in_the_kiosks_own_zone(language: str, date: Said, moment: str, spoken: str) -> None:
    words = FluentWords(language, ZONE)
    assert words.date(dt.date(2026, 3, 4)) == date
    assert words.moment(NOW) == Said(moment, spoken)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_moment_is_in_characters_that_a_printer_has(language: str) -> None:
    FluentWords(language, ZONE).moment(NOW).text.encode("cp858")


@pytest.mark.parametrize(
    ("days", "says"), [(1, "خلال يوم عمل واحد"), (2, "خلال يومي عمل"), (3, "خلال 3 أيام عمل"), (11, "خلال 11 يوم عمل")]
)
def test_arabic_counts_days_as_arabic_does(days: int, says: str) -> None:
    assert says in FluentWords("ar", ZONE).say("unknown-next", days=days).text


# a name that was typed elsewhere

OVERRIDE = "\u202eAnn \U0001f600 $0.00\u202c\u2067"
"""Would turn round what is written after it, the amount included."""


@pytest.mark.parametrize("language", LOCALES)
def test_a_name_cannot_turn_the_sentence_around_it(language: str) -> None:
    said = FluentWords(language, ZONE).say("statement-line", name=OVERRIDE, ending="4471")
    assert "Ann \U0001f600 $0.00" in said.text
    assert not re.search("[\u202a-\u202e\u2067]", said.text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]", said.speech)
    assert said.text.count("\u2068") == said.text.count("\u2069") == (2 if language == "ar" else 0)


@pytest.mark.parametrize("language", LOCALES)
def test_a_name_that_runs_the_other_way_stands_by_itself(language: str) -> None:
    said = FluentWords(language, ZONE).say("statement-line", name="مريم حداد", ending="4471")
    assert "\u2068مريم حداد\u2069" in said.text
    assert "مريم حداد" in said.speech
    assert "\u2068" not in said.speech


def test_a_line_of_values_alone_still_runs_as_its_language() -> None:
    """Harbor Clinic first, or the date? Without a letter of its own a line would take the direction of nobody."""
    said = FluentWords("ar", ZONE).say("bill-visit-place", date="4 مارس 2026", place="Harbor Clinic", patient="Ada")
    assert said.text.startswith("\u200f\u2068")
    assert not said.speech.startswith("\u200f")
    assert not FluentWords("ar", ZONE).say("pay", amount="$1").text.startswith("\u200f")


def test_one_language_here_runs_from_right_to_left() -> None:
    assert [language for language, words in _WORDS.items() if words.right_to_left] == ["ar"]
    assert set(RULES.languages) < set(LOCALES)
