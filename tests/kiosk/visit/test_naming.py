"""Finding a bill without one: by name and PIN, or by today's appointment; and what becomes of whatever else is typed."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from domain.names import Proof
from domain.statement_codes import RefKind, StatementRef
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.finding import LETTERS, MOST_LETTERS
from kiosk.visit.present import present
from kiosk.visit.screens import Choices, Intent, Letters, Snapshot
from kiosk.visit.stages import Bill, Visit
from kiosk.visit.visit import step
from tests.kiosk.visit.test_laws import effects_of, entering
from tests.kiosk.visit.test_refusals import run, touches, typed
from tests.kiosk.visit.world import BORN, BORN_KEYS, EUROS, HUB_AWAY, LANGUAGES, NUMBER, OWING, SITE, fresh

PIN = "123456"
WAYS = (Intent("choose-language", "en"), *touches("other-ways"))
NAMES = {Proof.STATEMENT_PIN: "by-name", Proof.APPOINTMENT: "by-appointment"}


def at_name(proof: Proof = Proof.STATEMENT_PIN) -> Visit:
    return run(fresh(), *WAYS, Intent(NAMES[proof]))[0]


def at_proof(proof: Proof = Proof.STATEMENT_PIN, name: str = "ADA BYRNE") -> Visit:
    return run(at_name(proof), *typed(name), *touches("next"), *typed(BORN_KEYS["en"]), *touches("next"))[0]


def asked(proof: Proof = Proof.STATEMENT_PIN) -> tuple[Visit, ev.Named]:
    """One whose three things are with the hub."""
    return run(at_proof(proof), *typed(PIN), *touches("next"))[0], ev.Named(proof, "ADA BYRNE")


def screen(visit: Visit) -> Snapshot:
    return present(visit, LANGUAGES, SITE, serial=1)


@pytest.mark.parametrize("proof", Proof)
def test_all_three_go_to_the_hub_at_once_and_the_bill_is_its_own_number(proof: Proof) -> None:
    named = ev.Named(proof, "ADA BYRNE")
    visit, effects = run(at_proof(proof), *typed(PIN), *touches("next"))
    assert effects == (ev.LookUpNamed(named, BORN, PIN),)
    assert visit.stage == st.LookingUp(named, BORN, 0)
    found, _ = step(visit, ev.Found(named, OWING))
    assert found.stage == st.ShowStatement(Bill(StatementRef(RefKind.NUMBER, OWING.number), OWING, BORN))


def test_the_scanner_rests_while_a_name_is_typed() -> None:
    visit, effects = run(fresh(), *WAYS)
    assert effects == (ev.StopScanning(),)
    assert run(visit, Intent("back"))[1] == (ev.StartScanning(),)
    named = at_name()
    assert step(named, ev.CodeRead(NUMBER)) == (named, ())


@pytest.mark.parametrize("proof", Proof)
def test_until_all_is_right_no_more_than_initials_stay_on_the_screen(proof: Proof) -> None:
    birth, _ = run(at_name(proof), *typed("ADA BYRNE"), *touches("next"))
    proved = at_proof(proof)
    wrong, _ = run(asked(proof)[0], ev.NotFound(ev.Named(proof, "ADA BYRNE")))
    for visit in (birth, proved, wrong):
        words = screen(visit).to_json()
        assert "A. B." in words
        assert "ADA" not in words
        assert "BYRNE" not in words
    assert PIN not in screen(run(proved, *typed(PIN))[0]).to_json()


def test_back_leads_through_what_was_typed_and_keeps_the_tries() -> None:
    visit, named = asked()
    wrong, _ = step(visit, ev.NotFound(named))
    assert wrong.stage == st.TypeProof(named, BORN, 1, notice="no-match-statement-pin")
    birth, _ = run(wrong, Intent("back"))
    assert birth.stage == st.BirthDate(named, 1)
    name, _ = run(birth, Intent("back"))
    assert name.stage == st.TypeName(named.proof, "ADA BYRNE", 1)
    again, _ = run(name, *touches("erase", "next"), *typed(BORN_KEYS["en"]), *touches("next"))
    assert again.stage == st.TypeProof(ev.Named(named.proof, "ADA BYRN"), BORN, 1)
    assert run(name, Intent("back"))[0].stage == st.OtherWays()


def test_tries_are_limited_and_then_a_person_helps() -> None:
    visit, named = asked()
    for _ in range(2):
        visit, _ = run(visit, ev.NotFound(named), *typed(PIN), *touches("next"))
    assert step(visit, ev.NotFound(named))[0].stage == st.SeeDesk("too-many-tries")
    assert step(asked()[0], ev.TooManyTries(named))[0].stage == st.SeeDesk("too-many-tries")


def test_what_else_the_hub_may_say() -> None:
    visit, named = asked()
    assert step(visit, ev.BillBlocked(named))[0].stage == st.SeeDesk("account-blocked")
    assert step(visit, ev.BillUnread(named))[0].stage == st.SeeDesk("bill-unread")
    assert step(visit, ev.Found(named, EUROS))[0].stage == st.SeeDesk("bill-currency")
    assert step(visit, ev.LookUpFailed(named))[0].stage == st.OtherWays("names-away")
    for stranger in (ev.Named(Proof.APPOINTMENT, named.name), ev.Named(named.proof, "ADA BYRN"), NUMBER):
        for answer in (ev.Found(stranger, OWING), ev.NotFound(stranger), ev.LookUpFailed(stranger)):
            assert step(visit, answer) == (visit, ())


def test_while_the_hub_is_away_a_name_is_neither_offered_nor_asked_for() -> None:
    away, _ = run(fresh(HUB_AWAY), *WAYS)
    shown = screen(away)
    assert isinstance(shown.middle, Choices)
    assert [action.intent for action in shown.middle.items] == ["type-number"]
    assert "by its number only" in shown.lines[0].text
    for name in NAMES.values():
        assert step(away, Intent(name)) == (away, ())
    told, _ = run(asked()[0], ev.WorldChanged(HUB_AWAY), ev.LookUpFailed(asked()[1]))
    assert screen(told).notice is not None
    assert screen(told).lines == ()
    back, _ = run(away, ev.WorldChanged(fresh().world))
    assert isinstance(middle := screen(back).middle, Choices)
    assert len(middle.items) == 3


@pytest.mark.parametrize(
    "value", ["", "a", "1", "AB", "MARIA ALVAREZ", "😀", "\u202e", "Ñ", '"', "'", ";", "_", "\n", "]C1LP334213947462"]
)
def test_what_is_no_key_of_the_keyboard_is_no_letter(value: str) -> None:
    """A hand-held scanner's whole line among it."""
    visit, _ = run(at_name(), *typed("AB"))
    assert step(visit, Intent("key", value)) == (visit, ())


def test_every_key_that_is_shown_writes_itself() -> None:
    shown = screen(at_name()).middle
    assert isinstance(shown, Letters)
    assert [key.value for key in shown.keys] == list(LETTERS)
    visit, _ = run(at_name(), *(Intent(key.intent, key.value) for key in (*shown.keys, shown.space)))
    assert isinstance(visit.stage, st.TypeName)
    assert visit.stage.letters == f"{LETTERS} "


def test_a_name_has_an_end_and_single_spaces_and_can_be_taken_back() -> None:
    visit, _ = run(at_name(), *typed("  A  B "))
    assert visit.stage == st.TypeName(Proof.STATEMENT_PIN, "A B ")
    assert run(visit, *touches("erase", "erase"))[0].stage == st.TypeName(Proof.STATEMENT_PIN, "A ")
    assert run(visit, *touches("clear"))[0].stage == st.TypeName(Proof.STATEMENT_PIN)
    whole, _ = run(visit, *typed("X" * 300))
    assert isinstance(whole.stage, st.TypeName)
    assert len(whole.stage.letters) == MOST_LETTERS
    assert len(screen(whole).middle.shown.text) == 22  # type: ignore[union-attr]  # a Letters: the end, between dots and a dash


@pytest.mark.parametrize("letters", ["", "-", "--", "- -"])
def test_what_has_no_letter_is_no_name(letters: str) -> None:
    visit, effects = run(at_name(), *typed(letters), *touches("next"))
    assert visit.stage == st.TypeName(Proof.STATEMENT_PIN, letters, notice="name-missing")
    assert effects == ()
    assert run(visit, *typed("A"))[0].stage == st.TypeName(Proof.STATEMENT_PIN, letters + "A")


@pytest.mark.parametrize("digits", ["", "1", "12345"])
def test_fewer_than_six_digits_are_told_and_never_asked_about(digits: str) -> None:
    visit, effects = run(at_proof(), *typed(digits), *touches("next"))
    assert visit.stage == st.TypeProof(ev.Named(Proof.STATEMENT_PIN, "ADA BYRNE"), BORN, 0, digits, "digits-missing")
    assert effects == ()


def test_a_seventh_digit_or_a_letter_is_not_taken() -> None:
    _, effects = run(at_proof(), *typed(PIN + "7"), *touches("next"))
    assert effects == (ev.LookUpNamed(ev.Named(Proof.STATEMENT_PIN, "ADA BYRNE"), BORN, PIN),)
    assert step(at_proof(), Intent("key", "A")) == (at_proof(), ())


def test_a_date_that_is_none_is_told_to_who_was_named_too() -> None:
    visit, effects = run(at_name(), *typed("ADA BYRNE"), *touches("next"), *typed("02301962"), *touches("next"))
    assert isinstance(visit.stage, st.BirthDate)
    assert (visit.stage.notice, effects) == ("date-not-a-date", ())


def test_nothing_that_was_typed_outlives_the_visit() -> None:
    for visit in (run(at_name(), *typed("ADA"))[0], at_proof(), asked()[0]):
        left, effects = run(visit, Intent("cancel"))
        assert left == fresh()
        assert effects == (ev.Wipe(),)


def test_another_language_keeps_the_name_and_asks_on() -> None:
    visit, _ = run(at_name(), *typed("ADA"), Intent("languages"), Intent("language", "es"))
    assert visit == dataclasses.replace(run(at_name(), *typed("ADA"))[0], language="es")
    assert run(asked()[0], Intent("languages"), Intent("language", "es"))[0].stage == st.LookingUp(
        asked()[1], dt.date(1962, 3, 4), 0
    )


def test_the_hub_is_asked_about_a_name_by_who_has_typed_all_three_and_by_nothing_else() -> None:
    found = 0
    for before, edge, after, effect in effects_of(ev.LookUpNamed):
        assert isinstance(before.stage, st.TypeProof)
        assert isinstance(after.stage, st.LookingUp)
        assert edge.event == Intent("next")
        assert effect == ev.LookUpNamed(before.stage.named, before.stage.birth_date, before.stage.digits)
        assert after.stage.ref == before.stage.named
        found += 1
    assert found > 10


def test_a_bill_is_shown_only_to_who_named_its_birth_date_just_now() -> None:
    for before, edge, after in entering(st.ShowStatement):
        assert isinstance(after.stage, st.ShowStatement)
        if isinstance(before.stage, st.LookingUp):
            assert edge.event == ev.Found(before.stage.ref, after.stage.bill.statement)  # type: ignore[arg-type]
            assert after.stage.bill.ref == before.stage.ref or isinstance(before.stage.ref, ev.Named)
            assert before.stage.beside in ("", after.stage.bill.number)
        elif isinstance(before.stage, st.Probing):
            assert isinstance(edge.event, ev.BillChanged)
            assert edge.event.statement == after.stage.bill.statement
            assert dataclasses.replace(before.stage.bill, statement=after.stage.bill.statement) == after.stage.bill
        elif isinstance(before.stage, st.Choose):
            assert after.stage.bill.statement in (before.stage.bill.family or (before.stage.bill.statement,))
            assert after.stage.bill.birth_date == before.stage.bill.birth_date
        else:
            assert _bill(before) == after.stage.bill
    for before, edge, after, effect in effects_of(ev.LookUp):
        assert isinstance(before.stage, st.BirthDate)
        assert isinstance(after.stage, st.LookingUp)
        assert edge.event == Intent("next")
        assert effect == ev.LookUp(before.stage.ref, after.stage.birth_date)  # type: ignore[arg-type]  # of a bill


def _bill(visit: Visit) -> st.Bill:
    match visit.stage:
        case st.OtherAmount(bill) | st.Consent(bill) | st.NotPaid(st.Payment(bill)) | st.PaidBefore(bill):
            return bill
        case st.HelpPaying(st.ShowStatement(bill)) | st.OverEstimate(bill):
            return bill
        case other:
            raise AssertionError(f"no way from {other} to a statement")
