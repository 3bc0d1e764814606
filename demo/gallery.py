"""Every screen that a patient or the staff can meet, in every state that it has: visits by name, for whoever looks at them.

The people and their bills are made up. tests/demo/test_gallery.py asks that no word of the catalogue is missing here.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.billing import Adjustment, Category, Charge, PaymentReceived, Statement, VisitLines
from domain.letters import MOST_ADDRESS, Channel
from domain.money import Money, total
from domain.names import Proof
from domain.payment import Card, Outcome, Result
from domain.statement_codes import RefKind, Refusal, StatementRef
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.finding import DATE_ORDER, MOST_LETTERS
from kiosk.visit.hearing import Hearing
from kiosk.visit.pages.page import HelpPaying, Site
from kiosk.visit.paying import READER_FAULTS, TAKEN_BACK
from kiosk.visit.staff_report import DeviceSeen, StaffReport
from kiosk.visit.stages import Asking, Bill, By, Call, HubAway, Payment, Rules, Slip, Stage, Visit
from kiosk.visit.sync_words import ends_by_itself
from kiosk.words import LOCALES

LANGUAGES = tuple(LOCALES)
SITE = Site(
    "Riverside Community Hospital",
    {
        "en": "the front desk beside the entrance",
        "es": "la recepción junto a la entrada",
        "zh": "入口旁的前台",
        "vi": "quầy tiếp tân cạnh lối vào",
        "ar": "مكتب الاستقبال بجانب المدخل",
    },
    "555-0142",
    answer_days=3,
    check_host="PAY.EXAMPLE",
    greeting={
        "en": "Welcome to Riverside. We are glad that you are here.",
        "es": "Bienvenido a Riverside. Nos alegra que esté aquí.",
        "zh": "欢迎来到 Riverside 医院。很高兴为您服务。",
        "vi": "Chào mừng quý vị đến Riverside. Chúng tôi rất vui được đón tiếp.",
        "ar": "أهلاً بكم في ريفرسايد. يسعدنا وجودكم هنا.",
    },
    help_paying=HelpPaying(
        "555-0177",
        {
            "en": (
                "If paying this bill is hard for you, we may be able to lower it, or to waive it. It depends on your income and"
                " on how many people live from it.",
                "Nobody who qualifies pays more than we generally bill insured patients. You can apply until 240 days after your"
                " first bill, in your language, and it costs nothing.",
            ),
            "es": (
                "Si le cuesta pagar esta factura, tal vez podamos reducirla o cancelarla. Depende de sus ingresos y de cuántas"
                " personas viven de ellos.",
                "Quien cumple los requisitos no paga más que lo que cobramos en general a pacientes con seguro. Puede solicitarlo"
                " hasta 240 días después de su primera factura, en su idioma y sin costo.",
            ),
            "zh": (
                "如果您支付这张账单有困难，我们也许可以减少或免除费用。这取决于您的收入和家庭人数。",
                "符合条件的人所付的费用不会超过我们通常向有保险的病人收取的金额。首张账单后 240 天内可用您的语言免费申请。",
            ),
            "vi": (
                "Nếu quý vị khó trả hóa đơn này, chúng tôi có thể giảm hoặc miễn. Điều đó tùy vào thu nhập và số người trong gia"
                " đình.",
                "Người đủ điều kiện không trả nhiều hơn mức chúng tôi thường tính cho bệnh nhân có bảo hiểm. Quý vị có thể nộp"
                " đơn bằng ngôn ngữ của mình trong 240 ngày sau hóa đơn đầu tiên, miễn phí.",
            ),
            "ar": (
                "إذا كان دفع هذه الفاتورة صعبًا عليك فقد نتمكن من تخفيضها أو الإعفاء منها. يعتمد ذلك على دخلك وعدد أفراد أسرتك.",
                "لا يدفع من تنطبق عليه الشروط أكثر مما نطلبه عادة من المرضى المؤمَّن عليهم. يمكنك التقديم مجانًا وبلغتك حتى 240 يومًا"
                " بعد فاتورتك الأولى.",
            ),
        },
    ),
)
RULES = Rules(
    "USD", LANGUAGES, Money(20_000, "USD"), idle_s=60, warning_s=20, thanks_s=15, motion=False, staff=True,
    help_paying=True,
)  # fmt: skip
UP = ev.World(terminal=True, scanner=True, printer=True, hub=True, voice=True, channels=frozenset(Channel))
LISTENING = Hearing(on=True)
HUB_AWAY = replace(UP, hub=False)

ATTEMPT = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
PAID_AT = dt.datetime(2026, 11, 21, 15, 2, tzinfo=dt.UTC)
NUMBER = StatementRef(RefKind.NUMBER, "4471090288")
LINK = StatementRef(RefKind.LINK, "ABCDEFGHIJKLMNOP")
VISA = Card("VISA", "4242")
NAMES = ("Nguyễn Thị Hồng Ánh", "李娜", "محمد الفاروق", "Олександра Ковальчук", "Zoë Ångström-Núñez")

_DAY = dt.date(2026, 10, 6)
_SERVICES = (
    ("Office visit, established patient", 180_00, Category.CARE), ("Blood count, complete", 42_25, Category.TESTS),
    ("X-ray of the chest, two views", 213_10, Category.TESTS), ("Supplies", 8_75, Category.SUPPLIES),
    ("Physical therapy, 30 minutes", 96_00, None), ("Vaccine and its administration", 61_40, Category.MEDICINES),
    ("Emergency department, medium urgency, and everything that was needed there on that night", 1_940_00, Category.HOSPITAL),
)  # fmt: skip

CODE_NOTICES = tuple(refusal.value for refusal in Refusal if refusal not in (Refusal.CHECK, Refusal.LENGTH))
DATE_NOTICES = ("date-not-a-date", "date-not-whole", "no-match")
NUMBER_NOTICES = {Refusal.CHECK.value: "447109028898", Refusal.LENGTH.value: "44710902"}
AMOUNT_NOTICES = {"amount-zero": "000", "amount-above-due": "99999"}
EMAIL_NOTICES = {"email-missing": "", "email-at": "m.whitfield", "email-dot": "m@example", "email-form": "m..w@example.org"}
PHONE_NOTICES = {"phone-short": "312555", "phone-form": "0125550142"}
"""Each with what was typed."""
STAFF_NOTICES = (
    "pin-short", "pin-wrong", "pin-locked", "pin-unread", "payment-card", "unknown-card", "unreadable", "taken-away",
    "badge-untrusted", "badge-expired", "badge-revoked", "badge-false", "badge-locked",
)  # fmt: skip
TERMINAL_FAULTS = (
    "away", "busy", "out-of-order", "not-zvt", "not-neo2", "other", "refused", "needs-end-of-day", "needs-service", "currency",
    "card-left",
)  # fmt: skip
DESK_REASONS = (
    "too-many-tries", "bill-currency", "bill-withdrawn", "account-blocked", "bill-unread", "limit-payment", "limit-total",
    "limit-count", "limit-age", "not-enrolled", "queue-disk-full", "queue-disk-failing", "queue-damaged", "queue-unsafe",
    "queue-error", "hub-away",
)  # fmt: skip
TROUBLES = (
    "hub-away", "database-busy", "hub-tls", "signature-clock-skew", "kiosk-revoked", "certificate-expired", "generation-behind",
    "queue-lost-at-hub", "chain-broken", "of-a-later-release",
)  # fmt: skip


def _usd(minor: int) -> Money:
    return Money(minor, "USD")


def statement(visits: int = 1, lines: int = 3, paid: int = 0, patients: Sequence[str] = ("Margaret Whitfield",)) -> Statement:
    """A bill of so many visits with so many lines each; `paid` cents more than a third of it are paid."""
    made = []
    for index in range(visits):
        day = _DAY - dt.timedelta(days=31 * index)
        services = [_SERVICES[(index + line) % len(_SERVICES)] for line in range(lines)]
        charged = sum(minor for _, minor, _ in services)
        made.append(
            VisitLines(
                f"V{index}", day, "Harbor Clinic", patients[index % len(patients)],
                tuple(Charge(day, what, _usd(minor), kind) for what, minor, kind in services),
                (Adjustment(day, "Insurance contract", _usd(charged // 5)),),
                (
                    PaymentReceived(day, "BlueCross", _usd(charged // 3), by_insurance=True),
                    PaymentReceived(day, "Copay", _usd(paid), by_insurance=False),
                ),
            )
        )  # fmt: skip
    return Statement(NUMBER.value, "A100001", patients[0], _DAY, total((v.due("USD") for v in made), "USD"), tuple(made))


OWING = Bill(NUMBER, statement(paid=25_00))
SETTLED = Bill(NUMBER, statement(lines=1, paid=84_00))
CREDIT = Bill(NUMBER, statement(lines=1, paid=100_00))
CREDIT_VISITS = Bill(NUMBER, statement(visits=2, lines=1, paid=200_00))
_ALONE = VisitLines("V9", _DAY, "Harbor Clinic", "Margaret Whitfield", (Charge(_DAY, "Operating room", _usd(1_025_00)),), (), ())
"""Without insurance: nobody else has paid anything."""
DEAR = Bill(NUMBER, Statement(NUMBER.value, "A100001", "Margaret Whitfield", _DAY, _usd(1_025_00), (_ALONE,), _usd(600_00)))
_IN_PART = replace(_ALONE, payments=(PaymentReceived(_DAY, "Copay", _usd(25_00), by_insurance=False),))
REST = Bill(NUMBER, Statement(NUMBER.value, "A100001", "Margaret Whitfield", _DAY, _usd(1_000_00), (_IN_PART,)))
UNSEEN = Bill(NUMBER, None)
UNSEEN_LINK = Bill(LINK, None)
DUE = OWING.statement.due if OWING.statement else _usd(0)
ONLINE = Payment(OWING, DUE, offline=False)
OFFLINE = Payment(UNSEEN, DUE, offline=True)
CHILDS = replace(statement(visits=2, lines=2, patients=("Zoë Whitfield",)), number="4471090304", account="A100002")
SEVERAL = Bill(NUMBER, OWING.statement, family=(statement(paid=25_00), CHILDS), by=By.BILL)
MANY = replace(SEVERAL, family=tuple(replace(CHILDS, number=f"44710903{place:02}") for place in range(8)))
VISITS = Bill(NUMBER, statement(visits=3, lines=2), by=By.VISIT, left_out=frozenset({f"{NUMBER.value}/V1"}))
SEVERAL_DUE = DUE + CHILDS.due


def gallery(language: str) -> dict[str, Visit]:
    """Every state by its name, in one of LANGUAGES. The first word of a name is not always its screen's."""
    shown = {name: Visit(RULES, UP, stage, language) for name, stage in _stages(language)}
    for name, stage in _hand_held():
        shown[f"{name} hand-held"] = Visit(replace(RULES, camera=False), UP, stage, language)
    attract, statement, consent = shown["attract"], shown["statement"], shown["consent"]
    return shown | {
        "attract no-terminal": replace(attract, world=replace(UP, terminal=False)),
        "attract hub-needed": replace(attract, world=HUB_AWAY, rules=replace(RULES, away=HubAway.REFUSED)),
        "attract emergency": replace(attract, rules=replace(RULES, emergency=True)),
        "attract emergency hub-away": replace(attract, world=HUB_AWAY, rules=replace(RULES, emergency=True)),
        "scan no-camera": replace(shown["scan"], world=replace(UP, scanner=False)),
        "scan no-scanner hand-held": replace(shown["scan hand-held"], world=replace(UP, scanner=False)),
        "other-ways hub-away": replace(shown["other-ways"], world=HUB_AWAY),
        "other-ways names-away": replace(shown["other-ways"], world=HUB_AWAY, stage=st.OtherWays("names-away")),
        "consent captured": replace(consent, rules=replace(RULES, away=HubAway.CAPTURED)),
        "paid no-printer": replace(shown["paid"], world=replace(UP, printer=False)),
        "paid-before no-printer": replace(shown["paid-before"], world=replace(UP, printer=False)),
        "receipt-ways hub-away": replace(shown["receipt-ways"], world=HUB_AWAY),
        "staff-pin badge": replace(shown["staff-pin"], rules=replace(RULES, badges=True)),
        "still-there": replace(shown["birth-date"], asking=Asking.STILL_THERE),
        "help": replace(statement, asking=Asking.HELP),
        "help hub-away": replace(statement, asking=Asking.HELP, world=HUB_AWAY),
        "help called": replace(statement, asking=Asking.HELP, call=Call.TAKEN),
        "help not-called": replace(statement, asking=Asking.HELP, call=Call.MISSED),
        "see-desk called": replace(shown["see-desk too-many-tries"], call=Call.TAKEN),
        "help in-reach": replace(statement, asking=Asking.HELP, reach=True),
        "language": replace(statement, asking=Asking.LANGUAGE),
        "language attract": replace(attract, asking=Asking.LANGUAGE),
        "listen attract": replace(attract, asking=Asking.LISTEN, hearing=LISTENING),
        "attract alone": replace(attract, rules=replace(RULES, languages=(language,))),
        "listen": replace(statement, asking=Asking.LISTEN, hearing=LISTENING),
        "thank-you listening": replace(shown["thank-you printed"], hearing=LISTENING),
        "thank-you receipt": replace(shown["thank-you printed"], asking=Asking.RECEIPT, hearing=LISTENING),
        "thank-you slip": replace(shown["thank-you unclear printed"], asking=Asking.RECEIPT, hearing=LISTENING),
        "help for-staff": replace(attract, asking=Asking.HELP),
        **{name: Visit(RULES, UP, stage, language) for name, stage in _informing()},
    }


def _stages(language: str) -> Iterator[tuple[str, Stage]]:
    yield "attract", st.Attract()
    yield from _finding(language)
    yield "statement", st.ShowStatement(OWING)
    yield "statement long", st.ShowStatement(Bill(NUMBER, statement(visits=4, lines=6, patients=("Margaret Whitfield", "Sam"))))
    yield "statement names", st.ShowStatement(Bill(NUMBER, statement(visits=5, lines=1, patients=NAMES)))
    yield "statement changed", st.ShowStatement(OWING, before=_usd(41_17))
    yield "statement changed lines", st.ShowStatement(OWING, before=DUE)
    yield "statement settled", st.ShowStatement(SETTLED)
    yield "statement changed settled", st.ShowStatement(SETTLED, before=DUE)
    yield "statement credit", st.ShowStatement(CREDIT)
    yield "statement credit visits", st.ShowStatement(CREDIT_VISITS)
    yield "choose-bills", st.Choose(SEVERAL)
    yield "choose-bills one-left-out", st.Choose(replace(SEVERAL, left_out=frozenset({CHILDS.number})))
    yield "choose-bills nothing-chosen", st.Choose(replace(SEVERAL, left_out=frozenset({NUMBER.value, CHILDS.number})))
    yield "choose-bills changed", st.Choose(SEVERAL, "bills-changed")
    yield "choose-bills many", st.Choose(MANY)
    yield "choose-visits", st.Choose(VISITS)
    yield "amount", st.OtherAmount(OWING, "4000")
    yield "amount bills", st.OtherAmount(SEVERAL, "4000")
    yield "amount visits", st.OtherAmount(VISITS, "4000")
    for notice, typed in AMOUNT_NOTICES.items():
        yield f"amount {notice}", st.OtherAmount(OWING, typed, notice)
    yield "amount limit-payment", st.OtherAmount(UNSEEN, "99999", "limit-payment")
    for name, bill in (("amount hub-away", UNSEEN), ("amount hub-away link", UNSEEN_LINK)):
        yield name, st.OtherAmount(bill, "", "hub-away")
    yield from _paying()
    for reason in DESK_REASONS:
        yield f"see-desk {reason}", st.SeeDesk(reason)
    yield "not-yet", st.NotYet()
    yield "staff-pin", st.StaffPin("12345")
    for notice in STAFF_NOTICES:
        yield f"staff-pin {notice}", st.StaffPin("", notice)
    yield "staff-checking", st.StaffChecking()
    yield from _staff()


def _informing() -> Iterator[tuple[str, Stage]]:
    """What explains a bill."""
    yield "statement details", st.ShowStatement(OWING, details=True)
    yield "statement without-insurance", st.ShowStatement(DEAR)
    yield "statement paid-in-part", st.ShowStatement(REST)
    for slip in (None, Slip.PRINTING, Slip.PRINTED, Slip.FAILED):
        yield f"help-paying {slip or ''}".strip(), st.HelpPaying(st.ShowStatement(OWING), slip)
    yield "over-estimate", st.OverEstimate(DEAR, _usd(1_025_00))


def _finding(language: str) -> Iterator[tuple[str, Stage]]:
    yield "scan", st.Scan()
    for notice in (*CODE_NOTICES, "same-bill", "two-bills", *ev.Guidance):
        yield f"scan {notice}", st.Scan(notice)
    yield "which-bill", st.WhichBill()
    yield "other-ways", st.OtherWays()
    yield "number", st.TypeNumber("44710902")
    for notice, typed in NUMBER_NOTICES.items():
        yield f"number {notice}", st.TypeNumber(typed, notice)
    yield "birth-date", st.BirthDate(NUMBER, digits=_date_typed(language)[:4])
    yield "birth-date link", st.BirthDate(LINK)
    for notice, typed in zip(DATE_NOTICES, (_date_typed(language, d="31", m="02"), _date_typed(language)[:5], ""), strict=True):
        yield f"birth-date {notice}", st.BirthDate(NUMBER, digits=typed, notice=notice)
    yield from _named(language)
    yield "looking-up", st.LookingUp(NUMBER, dt.date(1962, 3, 14), 0)


def _date_typed(language: str, d: str = "14", m: str = "03", y: str = "1962") -> str:
    """The eight digits as whoever reads `language` types them."""
    return "".join({"d": d, "m": m, "y": y}[part] for part in DATE_ORDER[language])


def _named(language: str) -> Iterator[tuple[str, Stage]]:
    """The ways for who has no bill to show."""
    born = dt.date(1962, 3, 14)
    yield "name", st.TypeName(Proof.STATEMENT_PIN, "MARGARET WHITFIELD")
    yield "name long", st.TypeName(Proof.STATEMENT_PIN, "W" * MOST_LETTERS)
    yield "name name-missing", st.TypeName(Proof.APPOINTMENT, "", notice="name-missing")
    for proof in Proof:
        named = ev.Named(proof, "MARGARET WHITFIELD")
        yield f"birth-date {proof}", st.BirthDate(named, digits=_date_typed(language)[:4])
        yield f"{proof}", st.TypeProof(named, born, digits="123")
        for notice in ("digits-missing", f"no-match-{proof}"):
            yield f"{proof} {notice}", st.TypeProof(named, born, digits="1234", notice=notice)


def _hand_held() -> Iterator[tuple[str, Stage]]:
    """What says something else at a kiosk without a camera."""
    yield "attract", st.Attract()
    yield "scan", st.Scan()
    yield "which-bill", st.WhichBill()


def _paying() -> Iterator[tuple[str, Stage]]:
    yield "probing", st.Probing(OWING, DUE)
    yield "consent", st.Consent(UNSEEN, DUE)
    yield "consent bills", st.Consent(SEVERAL, SEVERAL_DUE)
    yield "consent link", st.Consent(UNSEEN_LINK, DUE)
    yield "opening", st.Opening(ONLINE)
    yield "opening cancelling", st.Opening(ONLINE, cancelling=True)
    for step in ev.CardStep:
        yield f"card {step}", st.AtTerminal(ONLINE, ATTEMPT, step)
    yield "card cancelling", st.AtTerminal(ONLINE, ATTEMPT, cancelling=True)
    paid = st.Paid(ONLINE, ATTEMPT, _result(Outcome.APPROVED))
    yield "paid", paid
    yield "paid bills", st.Paid(Payment(SEVERAL, SEVERAL_DUE, offline=False), ATTEMPT, replace(paid.result, amount=SEVERAL_DUE))
    yield "paid unbranded", replace(paid, result=_result(Outcome.APPROVED, Card("", "4242")))
    yield "paid offline", replace(paid, payment=OFFLINE)
    yield "paid captured", st.Paid(OFFLINE, ATTEMPT, _result(Outcome.CAPTURED))
    for why in ("declined", "cancelled", TAKEN_BACK, *sorted(READER_FAULTS), *(f"terminal-{fault}" for fault in TERMINAL_FAULTS)):
        yield f"not-paid {why}", st.NotPaid(ONLINE, why)
    yield "not-paid noted", st.NotPaid(ONLINE, "declined", noted=True)
    yield "paid noted", replace(paid, noted=True)
    unclear = st.Unclear(ONLINE, ATTEMPT, Slip.PRINTED)
    yield "unclear", unclear
    yield "unclear no-slip", replace(unclear, slip=Slip.FAILED)
    yield from _receiving(paid)
    for slip in (Slip.PRINTED, Slip.EMAILED, Slip.TEXTED, Slip.SHOWN, Slip.NOT_WANTED):
        yield f"thank-you {slip}", st.ThankYou(paid, slip)
    yield "thank-you offline printed", st.ThankYou(st.Paid(OFFLINE, ATTEMPT, paid.result), Slip.PRINTED)
    for slip in (Slip.PRINTED, Slip.FAILED):
        yield f"thank-you unclear {slip}", st.ThankYou(unclear, slip)


def _receiving(paid: st.Paid) -> Iterator[tuple[str, Stage]]:
    """The ways to a receipt, and who comes back for it."""
    yield "printing", st.Printing(paid)
    yield "printing offline", st.Printing(st.Paid(OFFLINE, ATTEMPT, paid.result))
    yield "receipt-ways", st.ReceiptWays(paid)
    for notice in ("receipt-failed", "receipt-not-sent"):
        yield f"receipt-ways {notice}", st.ReceiptWays(paid, notice)
    yield "receipt-email", st.TypeAddress(paid, Channel.EMAIL, "m.whitfield@example")
    yield "receipt-email signs", st.TypeAddress(paid, Channel.EMAIL, "m.whitfield", signs=True)
    yield "receipt-email long", st.TypeAddress(paid, Channel.EMAIL, "m" * MOST_ADDRESS)
    for notice, typed in EMAIL_NOTICES.items():
        yield f"receipt-email {notice}", st.TypeAddress(paid, Channel.EMAIL, typed, notice)
    yield "receipt-text", st.TypeAddress(paid, Channel.TEXT, "312555")
    for notice, typed in PHONE_NOTICES.items():
        yield f"receipt-text {notice}", st.TypeAddress(paid, Channel.TEXT, typed, notice)
    yield "sending", st.SendingReceipt(paid, Channel.EMAIL)
    yield "receipt-code", st.ShowCode(paid)
    yield "paid-before", st.PaidBefore(OWING, st.Earlier(paid, PAID_AT, DUE))
    yield "paid-before settled", st.PaidBefore(SETTLED, st.Earlier(paid, PAID_AT, DUE))
    several = replace(paid, payment=Payment(SEVERAL, SEVERAL_DUE, offline=False), result=replace(paid.result, amount=SEVERAL_DUE))
    yield "paid-before bills", st.PaidBefore(SETTLED, st.Earlier(several, PAID_AT, DUE))
    for name, outcome in (("offline", Outcome.APPROVED), ("captured", Outcome.CAPTURED)):
        yield f"paid-before {name}", st.PaidBefore(OWING, st.Earlier(st.Paid(OFFLINE, ATTEMPT, _result(outcome)), PAID_AT, DUE))


def _result(outcome: Outcome, card: Card = VISA) -> Result:
    return Result(outcome, DUE, card, 17, 4711, "52523535", "123456", False, slip=())


def _staff() -> Iterator[tuple[str, Stage]]:
    at = dt.datetime(2026, 11, 21, 15, 2, tzinfo=dt.UTC)
    devices = [DeviceSeen(device, "ready", "") for device in ("terminal", "scanner", "printer", "cards", "speaker", "voice")]
    well = StaffReport(0, (), None, 0, 0, at, at + dt.timedelta(minutes=5), "", tuple(devices))
    yield "staff", st.StaffView(well)
    yield "staff not-asked", st.StaffView(replace(well, tried_at=None))
    bad = replace(well, count=12, sums=(_usd(1_250_40),), oldest=at - dt.timedelta(hours=6), parked=1, declined=2)
    conditions = itertools.cycle(("low", "busy", "away", "out", "latched", "unknown"))
    for trouble in TROUBLES:
        seen = tuple(replace(device, condition=next(conditions), fault="printer-no-paper") for device in devices)
        next_at = bad.next_at if ends_by_itself(trouble) else None
        yield f"staff {trouble}", st.StaffView(replace(bad, trouble=trouble, devices=seen, next_at=next_at))
