"""What explains a bill before it is paid: its lines, who helps with paying it, and what to do about one above its estimate."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from domain.receipt import Text
from domain.statement_codes import ending
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.leaflets import leaflet
from kiosk.visit.receipts import document
from kiosk.visit.screens import Bill as Rows
from kiosk.visit.screens import Intent
from kiosk.visit.stages import Bill, By, Visit
from kiosk.visit.visit import step
from kiosk.words import heard
from tests.kiosk.visit.test_refusals import AMOUNT, BILL, BIRTH_DATE, run, screen, typed
from tests.kiosk.visit.world import BORN, BORN_KEYS, FAMILY, LANGUAGES, LINK, OVER, OWING, SIBLING, SITE, TWO_VISITS, UP, usd

NOON = dt.datetime(2026, 3, 4, 17, 0, tzinfo=dt.UTC)
DEAR = run(run(BIRTH_DATE, *typed(BORN_KEYS["en"]), Intent("next"))[0], ev.Found(LINK, OVER))[0]
TOLD = run(DEAR, Intent("pay"))[0]
HELPED = run(BILL, Intent("help-paying"))[0]


def printed(visit: Visit) -> list[str]:
    assert isinstance(visit.stage, st.HelpPaying | st.OverEstimate)
    told = leaflet(visit.stage, "en", LANGUAGES["en"], SITE, NOON)
    assert document(visit, LANGUAGES["en"], SITE, NOON) == told
    return [block.text for block in told.blocks if isinstance(block, Text)]


# the lines


def test_the_details_come_when_they_are_asked_for_and_go_again() -> None:
    for visit in (BILL, run(BILL, Intent("details"), Intent("details"))[0]):
        assert "Blood test" not in str(screen(visit))
        assert screen(visit).more[0].label.text == "Show the details"
    shown = screen(run(BILL, Intent("details"))[0])
    assert isinstance(shown.middle, Rows)
    assert "Blood test" in [row.label.text for row in shown.middle.rows]
    assert shown.more[0].label.text == "Show the short bill"


def test_they_are_hidden_again_on_the_way_back_from_another_screen() -> None:
    again, _ = run(BILL, Intent("details"), Intent("other-amount"), Intent("back"))
    assert again == BILL


# who helps with paying


CHOICES = [dataclasses.replace(BILL, stage=st.Choose(bill)) for bill in (FAMILY, Bill(LINK, TWO_VISITS, BORN, by=By.VISIT))]


@pytest.mark.parametrize("visit", [BILL, run(AMOUNT, *typed("100"))[0], DEAR, *CHOICES])
def test_it_is_on_every_balance_screen_and_leads_back_to_it(visit: Visit) -> None:
    """26 CFR 1.501(r)-4(b)(5)."""
    assert "help-paying" in [action.intent for action in screen(visit).more]
    helped, effects = run(visit, Intent("help-paying"))
    assert effects == ()
    shown = screen(helped)
    assert [heard(line.text) for line in shown.lines] == ["Questions, or to apply: call 555-0177.", "Help in en.", "2"]
    assert shown.primary is not None
    assert step(helped, Intent(shown.primary.intent)) == (visit, ())


def test_where_the_hospital_says_nothing_nothing_is_offered() -> None:
    silent = dataclasses.replace(BILL, rules=dataclasses.replace(BILL.rules, help_paying=False))
    assert [action.intent for action in screen(silent).more] == ["details"]
    assert step(silent, Intent("help-paying")) == (silent, ())


def test_it_is_in_the_language_of_the_screen() -> None:
    assert screen(dataclasses.replace(HELPED, language="es")).lines[1].text == "Help in es."


@pytest.mark.parametrize(("visit", "paper"), [(HELPED, ev.Paper.HELP), (TOLD, ev.Paper.RIGHTS)])
def test_it_is_printed_once_and_again_where_it_did_not_come_out(visit: Visit, paper: ev.Paper) -> None:
    asked, effects = run(visit, Intent("print"))
    assert effects == (ev.Print(paper),)
    assert screen(asked).secondary is None
    assert step(asked, Intent("print")) == (asked, ())
    failed, _ = run(asked, ev.PrintFailed(paper, "printer-no-paper"))
    assert "could not be printed" in str(screen(failed).notice)
    done, effects = run(failed, Intent("print"), ev.Printed(paper))
    assert "below the screen" in screen(done).lines[0].text
    assert screen(done).notice is None, "nothing went wrong"
    assert step(done, Intent("print")) == (done, ())
    for other in (ev.Printed(ev.Paper.RECEIPT), ev.PrintFailed(ev.Paper.SLIP, "printer-no-paper")):
        assert step(asked, other) == (asked, ())
    assert step(done, ev.Printed(paper)) == (done, ())


@pytest.mark.parametrize("visit", [HELPED, TOLD])
def test_without_a_printer_nothing_is_offered_to_print(visit: Visit) -> None:
    without = dataclasses.replace(visit, world=dataclasses.replace(UP, printer=False))
    assert screen(without).secondary is None
    assert step(without, Intent("print")) == (without, ())


def test_the_paper_says_what_the_screen_says_and_names_nobody() -> None:
    for visit in (HELPED, TOLD):
        shown = screen(visit)
        assert printed(visit) == [SITE.name, shown.title.text, "3/4/26, 12:00 PM", *(heard(line.text) for line in shown.lines)]
        assert not any(word in " ".join(printed(visit)) for word in ("Byrne", "Blood", "ACC-77", OWING.number))


# above the estimate


@pytest.mark.parametrize("paying", [(Intent("pay"),), (Intent("other-amount"), *typed("100"), Intent("pay"))])
def test_a_bill_400_dollars_above_its_estimate_says_so_before_the_hub_is_asked(paying: tuple[Intent, ...]) -> None:
    told, effects = run(DEAR, *paying)
    assert isinstance(told.stage, st.OverEstimate)
    assert effects == ()
    lines = [heard(line.text) for line in screen(told).lines]
    assert "The last day to begin is Jul 2, 2026." in lines[0]
    assert lines[1] == "Bill ending in 6751, visit of Mar 4, 2026"
    assert lines[2] == "Your estimate was $0.00. You are billed $400.00, which is $400.00 more."
    assert all(word in lines[3] for word in ("the desk by the door", "555-0100", "1-800-985-3059"))


def test_it_may_be_paid_all_the_same_and_is_said_once() -> None:
    asked, effects = run(TOLD, Intent("go-on"))
    assert asked.stage == st.Probing(Bill(LINK, OVER, BORN), OVER.due)
    assert effects == (ev.ProbeHub(OVER.number, BORN, (OVER,)),)
    failed, _ = run(asked, ev.HubProbed(True), ev.TerminalRefused("", "terminal-busy"))
    assert isinstance(run(failed, Intent("again"))[0].stage, st.Probing)
    assert run(TOLD, Intent("back"))[0] == DEAR


def test_of_several_bills_it_is_said_of_each_that_is_paid_before_any_is() -> None:
    dear = tuple(dataclasses.replace(OVER, number=f"000123457{place}", account=f"ACC-8{place}") for place in range(3))
    family = (dear[0], SIBLING, *dear[1:])
    chosen = dataclasses.replace(FAMILY, statement=dear[0], family=family, left_out=frozenset({dear[1].number}))
    first, _ = run(dataclasses.replace(BILL, stage=st.Choose(chosen)), Intent("pay"))
    second, effects = run(run(first, Intent("print"))[0], Intent("go-on"))
    assert effects == ()
    for visit, of in ((first, dear[0]), (second, dear[2])):
        assert isinstance(visit.stage, st.OverEstimate)
        assert (visit.stage.bill.statement, visit.stage.slip) == (of, None)
        which = f"Bill ending in {ending(of.number)}, visit of Mar 4, 2026"
        assert heard(screen(visit).lines[1].text) == which
        assert [line for line in printed(visit) if line.startswith("Bill")] == [which]
    asked, effects = run(second, Intent("go-on"))
    assert isinstance(asked.stage, st.Probing)
    assert effects == (ev.ProbeHub(dear[0].number, BORN, (dear[0], SIBLING, dear[2])),)
    assert "over-estimate" in screen(run(second, Intent("back"), Intent("pay"))[0]).screen, (
        "and again, of all, after another choice"
    )


def test_one_of_several_visits_is_named_by_its_number() -> None:
    dear = dataclasses.replace(OVER, visits=OVER.visits * 2, due=usd(800_00))
    shown = dataclasses.replace(DEAR, stage=st.OverEstimate(Bill(LINK, dear, BORN), dear.due))
    assert screen(shown).lines[1].text == printed(shown)[4] == f"Bill ending in {ending(dear.number)}"


def test_it_is_said_of_the_bill_as_it_is_now() -> None:
    """One that has changed meanwhile is shown again, and then it is said."""
    again, _ = run(BILL, Intent("pay"), ev.BillChanged(OVER))
    assert isinstance(again.stage, st.ShowStatement)
    assert isinstance(run(again, Intent("pay"))[0].stage, st.OverEstimate)


def test_a_cent_less_says_nothing() -> None:
    near = dataclasses.replace(OVER, estimate=usd(1))
    shown = dataclasses.replace(DEAR, stage=st.ShowStatement(Bill(LINK, near, BORN)))
    assert isinstance(run(shown, Intent("pay"))[0].stage, st.Probing)


def test_its_second_touch_pays_nothing() -> None:
    assert step(TOLD, Intent("pay")) == (TOLD, ())
    assert TOLD.stage == st.OverEstimate(Bill(LINK, OVER, BORN), OVER.due)
