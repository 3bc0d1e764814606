"""Bad input at a visit, each by name: what the person is told, what is kept, and what happens next."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from domain.calls import CallReason
from domain.payment import Outcome
from domain.statement_codes import Refusal
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.finding import MOST_TRIES, birth_date
from kiosk.visit.present import present
from kiosk.visit.screens import Intent, Snapshot
from kiosk.visit.stages import Bill, Payment, Visit
from kiosk.visit.visit import patience, step
from tests.kiosk.visit.world import (
    ATTEMPTS,
    BORN,
    BORN_KEYS,
    CREDIT,
    EUROS,
    HUB_AWAY,
    LANGUAGES,
    LINK,
    NAMED,
    NOT_BORN,
    NUMBER,
    OWING,
    SITE,
    TYPED_NUMBER,
    UP,
    ZERO,
    fresh,
    result,
    usd,
)

ATTEMPT = ATTEMPTS[0]
TODAY = dt.date(2026, 3, 4)


def touches(*names: str) -> tuple[Intent, ...]:
    return tuple(Intent(name) for name in names)


def typed(digits: str) -> tuple[Intent, ...]:
    return tuple(Intent("key", digit) for digit in digits)


def run(visit: Visit, *events: ev.Event) -> tuple[Visit, tuple[ev.Effect, ...]]:
    """The visit after all of them, and what the last one asked for."""
    effects: tuple[ev.Effect, ...] = ()
    for event in events:
        visit, effects = step(visit, event)
    return visit, effects


def screen(visit: Visit) -> Snapshot:
    return present(visit, LANGUAGES, SITE, serial=1)


def at(*events: ev.Event, world: ev.World | None = None) -> Visit:
    start = fresh() if world is None else fresh(world)
    return run(start, Intent("choose-language", "en"), *events)[0]


BIRTH_DATE = at(ev.CodeRead(LINK))
BILL = run(BIRTH_DATE, *typed(BORN_KEYS["en"]), Intent("next"), ev.Found(LINK, OWING))[0]
AMOUNT = run(BILL, Intent("other-amount"))[0]


def notice(visit: Visit) -> str:
    shown = screen(visit).notice
    assert shown is not None
    return shown.text


# codes and numbers


@pytest.mark.parametrize("refusal", Refusal)
def test_a_code_that_means_nothing_is_told_and_the_camera_goes_on_looking(refusal: Refusal) -> None:
    visit, effects = run(at(), ev.CodeRead(refusal))
    assert visit.stage == st.Scan(notice=refusal.value)
    assert effects == (ev.Play(ev.Sound.ATTENTION),)
    assert notice(visit)
    assert run(visit, ev.CodeRead(LINK))[0].stage == st.BirthDate(LINK)


def test_a_number_with_a_wrong_check_digit_stays_to_be_compared() -> None:
    visit, effects = run(at(Intent("other-ways"), Intent("type-number")), *typed("000123456700"), Intent("next"))
    assert visit.stage == st.TypeNumber("000123456700", notice="code-check-digits")
    assert effects == ()
    assert notice(visit) == "One of the digits does not fit. Please compare the number with your bill."
    assert run(visit, Intent("erase"))[0].stage == st.TypeNumber("00012345670")
    assert run(visit, Intent("key", "7"))[0].stage == st.TypeNumber("7"), "who types it again need not erase it first"


@pytest.mark.parametrize("digits", ["", "1", "00012345670"])
def test_a_number_that_is_too_short_says_how_long_it_is(digits: str) -> None:
    visit, _ = run(at(Intent("other-ways"), Intent("type-number")), *typed(digits), Intent("next"))
    assert visit.stage == st.TypeNumber(digits, notice="code-length")
    assert "twelve digits" in notice(visit)


def test_a_thirteenth_digit_is_not_taken() -> None:
    visit, _ = run(at(Intent("other-ways"), Intent("type-number")), *typed(TYPED_NUMBER + "9"), Intent("next"))
    assert visit.stage == st.BirthDate(NUMBER)


# the second factor


@pytest.mark.parametrize(
    "digits", ["", "0304", "0304196", "13011962", "02301962", "02291900", "00001962", "12311899", "03040000"]
)
def test_a_date_that_is_none_is_told_and_never_asked_about(digits: str) -> None:
    visit, effects = run(BIRTH_DATE, *typed(digits), Intent("next"))
    whole = len(digits) == 8
    assert visit.stage == st.BirthDate(LINK, digits=digits, notice="date-not-a-date" if whole else "date-not-whole")
    assert effects == ()
    assert ("cannot be a date of birth" if whole else "month with two digits") in notice(visit)
    assert run(visit, Intent("key", "1"))[0].stage == st.BirthDate(LINK, digits="1" if whole else digits + "1")
    assert run(visit, Intent("erase"))[0].stage == st.BirthDate(LINK, digits=digits[:-1])


@pytest.mark.parametrize(
    ("language", "digits", "date"),
    [
        ("en", "03041962", BORN),
        ("es", "03041962", NOT_BORN),
        ("es", "04031962", BORN),
        ("en", "02292000", dt.date(2000, 2, 29)),
        ("en", "01011900", dt.date(1900, 1, 1)),
        ("en", "12311899", None),
        ("en", "03042026", TODAY),
        ("en", "03052026", None),
        ("es", "05032026", None),
        ("zh", "99991231", None),
        ("es", "02292000", None),
        ("vi", "04031962", BORN),
        ("ar", "04031962", BORN),
        ("zh", "19620304", BORN),
        ("zh", "20000229", dt.date(2000, 2, 29)),
        ("zh", "19010229", None),
        ("zh", "03041962", None),
        ("en", "030419622", None),
    ],
)
def test_digits_mean_a_date_in_the_order_of_the_language(language: str, digits: str, date: dt.date | None) -> None:
    assert birth_date(digits, language, TODAY) == date


@pytest.mark.parametrize("start", [BIRTH_DATE, dataclasses.replace(BIRTH_DATE, stage=st.BirthDate(NAMED))])
def test_a_day_to_come_is_nobodys_birth_date_and_costs_no_try(start: Visit) -> None:
    """The hub would count it as a wrong one."""
    known = dataclasses.replace(UP, today=TODAY)
    visit, effects = run(start, ev.WorldChanged(known), *typed("03052026"), Intent("next"))
    assert isinstance(visit.stage, st.BirthDate)
    assert (visit.stage.notice, effects) == ("date-not-a-date", ())
    again, _ = run(start, ev.WorldChanged(known), *typed("03042026"), Intent("next"))
    assert not isinstance(again.stage, st.BirthDate)


def test_a_birth_date_that_does_not_match_is_told_in_the_words_for_a_bill_that_is_not_there() -> None:
    """Nobody can tell which: the hub says NotFound for both, and the screen has one sentence for it."""
    asked, effects = run(BIRTH_DATE, *typed("04031962"), Intent("next"))
    assert effects == (ev.LookUp(LINK, NOT_BORN),)
    visit, _ = run(asked, ev.NotFound(LINK))
    assert visit.stage == st.BirthDate(LINK, tries=1, notice="no-match")
    assert notice(visit) == "That number and date of birth do not match a bill. Please check both and try again."


def test_tries_are_limited_and_then_a_person_helps() -> None:
    visit = BIRTH_DATE
    for tries in range(1, MOST_TRIES):
        visit, _ = run(visit, *typed("04031962"), Intent("next"), ev.NotFound(LINK))
        assert visit.stage == st.BirthDate(LINK, tries, notice="no-match")
    visit, effects = run(visit, *typed("04031962"), Intent("next"), ev.NotFound(LINK))
    assert visit.stage == st.SeeDesk("too-many-tries")
    assert effects == (ev.CallStaff(CallReason.TOO_MANY_TRIES),)


def test_the_hubs_own_count_sends_to_the_desk_in_the_same_words() -> None:
    asked = run(BIRTH_DATE, *typed("04031962"), Intent("next"))[0]
    wrong: tuple[ev.Event, ...] = (*typed("04031962"), Intent("next"), ev.NotFound(LINK))
    ours = run(BIRTH_DATE, *wrong, *wrong, *wrong)[0]
    assert screen(run(asked, ev.TooManyTries(LINK))[0]) == screen(ours)


def test_half_a_date_is_forgotten_when_the_language_turns_its_order_round() -> None:
    visit, _ = run(BIRTH_DATE, *typed("0304"), Intent("languages"), Intent("language", "es"))
    assert visit.stage == st.BirthDate(LINK)
    assert screen(visit).language == "es"


# amounts


@pytest.mark.parametrize(
    ("digits", "code"),
    [
        ("", "amount-zero"),
        ("0", "amount-zero"),
        ("000", "amount-zero"),
        ("251", "amount-above-due"),
        ("99999999999", "amount-above-due"),
    ],
)
def test_an_amount_of_nothing_or_of_more_than_is_due_is_told_and_not_paid(digits: str, code: str) -> None:
    visit, effects = run(AMOUNT, *typed(digits), Intent("pay"))
    assert visit.stage == st.OtherAmount(Bill(LINK, OWING, BORN), digits, notice=code)
    assert effects == ()
    assert notice(visit)
    assert run(visit, *typed("250"))[0].stage == st.OtherAmount(Bill(LINK, OWING, BORN), "250")
    assert run(visit, Intent("erase"))[0].stage == st.OtherAmount(Bill(LINK, OWING, BORN), digits[:-1])


@pytest.mark.parametrize(("digits", "cents"), [("1", 1), ("250", 250), ("0250", 250)])
def test_an_amount_up_to_what_is_due_is_paid(digits: str, cents: int) -> None:
    visit, effects = run(AMOUNT, *typed(digits), Intent("pay"))
    assert visit.stage == st.Probing(Bill(LINK, OWING, BORN), usd(cents))
    assert effects == (ev.ProbeHub(OWING.number, BORN, (OWING,)),)


def test_a_twelfth_digit_of_an_amount_is_not_taken() -> None:
    visit, _ = run(AMOUNT, *typed("9" * 15))
    assert visit.stage == st.OtherAmount(Bill(LINK, OWING, BORN), "9" * 11)
    assert screen(visit).middle is not None


@pytest.mark.parametrize("digits", ["201", "99999999999"])
def test_with_the_hub_away_an_amount_above_the_offline_limit_is_told_before_anything_is_asked(digits: str) -> None:
    unseen = at(ev.CodeRead(LINK), world=HUB_AWAY)
    assert unseen.stage == st.OtherAmount(Bill(LINK, None), notice="hub-away")
    visit, effects = run(unseen, *typed(digits), Intent("pay"))
    assert visit.stage == st.OtherAmount(Bill(LINK, None), digits, notice="limit-payment")
    assert effects == ()


def test_when_the_hub_goes_just_before_paying_too_much_the_amount_is_asked_again() -> None:
    visit, effects = run(BILL, Intent("pay"), ev.HubProbed(False))
    assert visit.stage == st.OtherAmount(Bill(LINK, OWING, BORN), notice="limit-payment")
    assert effects == ()


def test_nothing_due_cannot_be_paid() -> None:
    asked = run(BIRTH_DATE, *typed(BORN_KEYS["en"]), Intent("next"))[0]
    for statement in (ZERO, CREDIT):
        shown = run(asked, ev.Found(LINK, statement))[0]
        for name in ("pay", "other-amount", "pay-offline"):
            assert step(shown, Intent(name)) == (shown, ())


def test_a_bill_in_another_currency_goes_to_the_desk() -> None:
    asked = run(BIRTH_DATE, *typed(BORN_KEYS["en"]), Intent("next"))[0]
    assert run(asked, ev.Found(LINK, EUROS))[0].stage == st.SeeDesk("bill-currency")


# the hub


def test_a_hub_that_fails_at_the_look_up_leaves_a_way_to_pay() -> None:
    asked = run(BIRTH_DATE, *typed(BORN_KEYS["en"]), Intent("next"))[0]
    visit, effects = run(asked, ev.LookUpFailed(LINK))
    assert visit.stage == st.OtherAmount(Bill(LINK, None), notice="hub-away")
    assert effects == ()
    assert notice(visit).startswith("We could not reach the hospital's computer. You can still pay")


def test_of_a_bill_that_the_hub_fails_at_nobody_types_an_amount() -> None:
    asked = run(BIRTH_DATE, *typed(BORN_KEYS["en"]), Intent("next"))[0]
    visit, effects = run(asked, ev.BillUnread(LINK))
    assert (visit.stage, effects) == (st.SeeDesk("bill-unread"), ())
    assert "You can pay at the front desk" in screen(visit).lines[0].text


def test_a_bill_with_a_payment_in_the_balance_is_not_paid_again() -> None:
    asked = run(BIRTH_DATE, *typed(BORN_KEYS["en"]), Intent("next"))[0]
    visit, _ = run(asked, ev.BillBlocked(LINK))
    assert visit.stage == st.SeeDesk("account-blocked")
    assert any("do not pay again" in line.text for line in screen(visit).lines)


def test_the_second_touch_of_a_double_pay_is_no_consent() -> None:
    """Law 4: the screen changes between the two, and the second one says yes to something that nobody has read."""
    typed_amount = run(AMOUNT, *typed("100"))[0]
    visit, _ = run(typed_amount, Intent("pay"), ev.HubProbed(False))
    assert isinstance(visit.stage, st.Consent)
    assert step(visit, Intent("pay")) == (visit, ())
    _, effects = run(visit, Intent("pay-offline"))
    assert effects == (ev.OpenAttempt(LINK, OWING.number, OWING.account, usd(100), offline=True),)


def test_the_answer_to_who_left_is_not_for_who_comes_next() -> None:
    asked = run(BIRTH_DATE, *typed(BORN_KEYS["en"]), Intent("next"))[0]
    gone, effects = run(asked, Intent("cancel"))
    assert effects == (ev.Wipe(),)
    assert step(gone, ev.Found(LINK, OWING)) == (gone, ())
    for stage in (st.Scan(), st.BirthDate(LINK), st.BirthDate(NUMBER)):
        other = run(gone, Intent("choose-language", "en"))[0]
        other = other if stage == st.Scan() else run(other, ev.CodeRead(stage.ref))[0]  # type: ignore[union-attr, arg-type]
        assert other.stage == stage
        assert step(other, ev.Found(LINK, OWING)) == (other, ())


# the journal and the terminal

OPENING = run(BILL, Intent("pay"), ev.HubProbed(True))[0]
SELLING = run(OPENING, ev.Opened(ATTEMPT))[0]
PAYMENT = Payment(Bill(LINK, OWING, BORN), usd(250), offline=False)


@pytest.mark.parametrize("reason", ["limit-total", "account-blocked", "not-enrolled", "queue-disk-full"])
def test_an_attempt_that_the_journal_refuses_never_reaches_the_terminal(reason: str) -> None:
    visit, effects = run(OPENING, ev.OpenRefused(reason))
    assert visit.stage == st.SeeDesk(reason)
    assert effects == ()


def test_a_sale_that_never_began_says_that_nothing_was_charged() -> None:
    visit, effects = run(SELLING, ev.TerminalRefused(ATTEMPT, "terminal-busy"))
    assert visit.stage == st.NotPaid(PAYMENT, "terminal-busy")
    assert effects == ()
    assert [line.text for line in screen(visit).lines] == [
        "Your card was not charged.",
        "The card reader is busy with something else. Please try again in a minute.",
    ]


def test_who_stops_while_the_reader_is_made_ready_sees_that_it_was_heard() -> None:
    visit = run(BILL, Intent("pay"), ev.HubProbed(True), Intent("cancel"))[0]
    shown = screen(visit)
    assert (shown.title.text, shown.cancel) == ("Stopping the payment", None)
    assert shown.amount_label is not None
    assert shown.amount_label.text == "Not paid"
    assert run(visit, ev.TerminalRefused("", "terminal-away"))[0].stage == st.NotPaid(PAYMENT, "cancelled")


@pytest.mark.parametrize("outcome", [Outcome.APPROVED, Outcome.DECLINED, Outcome.CANCELLED])
@pytest.mark.parametrize("printed", [True, False])
def test_a_note_not_to_pay_again_is_taken_back_when_the_end_is_known(outcome: Outcome, printed: bool) -> None:
    """They hold it in their hand."""
    slip = ev.Printed(ev.Paper.SLIP) if printed else ev.PrintFailed(ev.Paper.SLIP, "printer-no-paper")
    visit = run(SELLING, ev.Settled(ATTEMPT, result(Outcome.UNKNOWN)), slip, ev.Settled(ATTEMPT, result(outcome)))[0]
    assert isinstance(visit.stage, st.Paid | st.NotPaid)
    told = [line.text for line in screen(visit).lines]
    assert ("The note that we printed no longer counts." in told) == printed


def test_without_its_terminal_the_kiosk_says_where_to_go_and_starts_no_visit() -> None:
    closed, _ = step(fresh(), ev.WorldChanged(ev.World(terminal=False, scanner=True, printer=True, hub=True)))
    assert step(closed, Intent("choose-language", "en")) == (closed, ())
    shown = screen(closed)
    assert (shown.screen, shown.primary) == ("out-of-service", None)
    assert "front desk" in shown.lines[0].text


def test_without_its_camera_the_number_is_typed() -> None:
    blind = step(at(), ev.WorldChanged(ev.World(terminal=True, scanner=False, printer=True, hub=True)))[0]
    shown = screen(blind)
    assert shown.primary is not None
    assert shown.primary.intent == "other-ways"
    assert run(blind, Intent("other-ways"), Intent("type-number"))[0].stage == st.TypeNumber()


# one language: nothing to choose


def test_a_site_of_one_language_begins_at_the_camera_and_goes_back_to_rest() -> None:
    alone = dataclasses.replace(fresh(), rules=dataclasses.replace(fresh().rules, languages=("en",)))
    visit, effects = run(alone, Intent("start"))
    assert (visit.stage, effects) == (st.Scan(), (ev.StartScanning(),))
    assert run(visit, Intent("back")) == (alone, (ev.StopScanning(), ev.Wipe()))


def test_a_printer_that_cannot_print_is_not_offered_and_the_reference_is_shown() -> None:
    paid = st.Paid(st.Payment(st.Bill(LINK, OWING, BORN), OWING.due, offline=False), ATTEMPTS[0], result(Outcome.APPROVED))
    visit = dataclasses.replace(fresh(ev.World(terminal=True, scanner=True, printer=False, hub=True)), stage=paid)
    shown = present(visit, LANGUAGES, SITE, 1)
    assert shown.primary is not None
    assert shown.primary.intent == "other-receipt"
    assert shown.secondary is not None
    assert shown.secondary.intent == "no-receipt"
    assert step(visit, Intent("print")) == (visit, ())
    assert shown.notice is not None
    assert any("Reference" in line.text for line in shown.lines)


@pytest.mark.parametrize("reason", ["zvt-other-amount", "zvt-no-result", "commit-failed"])
def test_what_the_terminal_took_back_is_not_called_a_payment_that_never_began(reason: str) -> None:
    """The bank had said yes: its customer may see a pending line, and must know why."""
    asked = run(BILL, Intent("pay"), ev.HubProbed(True), ev.Opened(ATTEMPT))[0]
    reversed_ = dataclasses.replace(result(Outcome.CANCELLED), reason=reason)
    visit, _ = run(asked, ev.Settled(ATTEMPT, reversed_))
    assert isinstance(visit.stage, st.NotPaid)
    assert any("took the payment back" in line.text for line in screen(visit).lines)


@pytest.mark.parametrize("reason", ["terminal-tampered", "terminal-unencrypted"])
def test_whose_reader_is_out_of_order_for_good_is_asked_to_tell_the_staff(reason: str) -> None:
    asked = run(BILL, Intent("pay"), ev.HubProbed(True), ev.Opened(ATTEMPT))[0]
    stopped = dataclasses.replace(result(Outcome.CANCELLED), reason=reason)
    visit, _ = run(asked, ev.Settled(ATTEMPT, stopped))
    said = [line.text for line in screen(visit).lines]
    assert said == [
        "Your card was not charged.", "Go to the desk by the door.", "The card reader is out of order. Please tell the staff."
    ]  # fmt: skip
    assert screen(visit).secondary is None
    assert run(visit, Intent("again")) == (visit, ())


@pytest.mark.parametrize("fault", ["terminal-refused", "terminal-not-zvt", "terminal-currency"])
def test_a_reader_that_needs_a_person_sends_to_the_desk_first(fault: str) -> None:
    visit, _ = run(SELLING, ev.TerminalRefused(ATTEMPT, fault))
    shown = screen(visit)
    assert shown.lines[1].text == "Go to the desk by the door."
    assert [action.intent for action in (shown.primary, shown.secondary) if action] == ["done", "again"]
    assert run(visit, Intent("done"))[0].stage == st.Attract()
    assert isinstance(run(visit, Intent("again"))[0].stage, st.Probing)


def test_whose_receipt_failed_keeps_the_reference_until_they_say_so() -> None:
    paid = st.Paid(st.Payment(st.Bill(LINK, OWING, BORN), OWING.due, offline=False), ATTEMPT, result(Outcome.APPROVED))
    visit = dataclasses.replace(fresh(), stage=st.ReceiptWays(paid, "receipt-failed"))
    assert patience(visit) == visit.rules.idle_s
    assert step(visit, ev.Idle())[0].asking is st.Asking.STILL_THERE
