"""How a visit looks and speaks: size, colours, reach and language change nothing else of it."""

from __future__ import annotations

import dataclasses

import pytest

from kiosk.visit import stages as st
from kiosk.visit.present import present
from kiosk.visit.screens import Intent, Theme
from kiosk.visit.stages import Asking
from kiosk.visit.visit import TEXT_SIZES, step
from tests.kiosk.visit.walk import walk
from tests.kiosk.visit.world import ATTEMPTS, BORN, BORN_KEYS, DUE, EARLIER, LANGUAGES, NUMBER, OWING, RULES, SITE, fresh


def test_size_and_colours_change_how_it_looks_and_nothing_else() -> None:
    for visit in walk().states:
        for name in ("text-size", "theme"):
            after, effects = step(visit, Intent(name))
            assert effects == ()
            if visit.asking is not Asking.NOTHING:
                assert after == visit
                continue
            assert after != visit
            assert dataclasses.replace(after, text_percent=visit.text_percent, theme=visit.theme) == visit


def test_the_keys_move_down_and_up_again_from_the_help_and_from_nowhere_else() -> None:
    for visit in walk().states:
        low, effects = step(visit, Intent("reach"))
        assert effects == ()
        if visit.asking is not Asking.HELP:
            assert low == visit
            continue
        assert low == dataclasses.replace(visit, reach=True, asking=Asking.NOTHING)
        again, _ = step(dataclasses.replace(low, asking=Asking.HELP), Intent("reach"))
        assert again == dataclasses.replace(low, reach=False)


def test_sizes_and_colours_go_round() -> None:
    visit = walk().states[0]
    sizes, themes = [], []
    for _ in range(3):
        sizes.append(visit.text_percent)
        themes.append(visit.theme)
        visit, _ = step(step(visit, Intent("text-size"))[0], Intent("theme"))
    assert tuple(sizes) == TEXT_SIZES
    assert themes == [Theme.DAY, Theme.NIGHT, Theme.CONTRAST]
    assert visit == walk().states[0]


CARD = st.AtTerminal(st.Payment(st.Bill(NUMBER, OWING, BORN), DUE, offline=False), ATTEMPTS[0])


@pytest.mark.parametrize("asking", [Asking.HELP, Asking.LISTEN, Asking.LANGUAGE])
@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (st.Scan(), "Go on with my payment"),
        (CARD, "Go on with my payment"),
        (st.Attract(), "Close this"),
        (EARLIER.paid, "Close this"),
        (st.ThankYou(EARLIER.paid, st.Slip.PRINTED), "Close this"),
        (st.SeeDesk("too-many-tries"), "Close this"),
    ],
)
def test_whatever_was_asked_for_closes_and_nobody_without_a_payment_is_told_to_go_on_with_it(
    asking: Asking, stage: st.Stage, said: str
) -> None:
    visit = dataclasses.replace(fresh(), stage=stage, asking=asking)
    shown = present(visit, LANGUAGES, SITE, 1).overlay
    assert shown is not None
    closes = "Close this" if asking is Asking.LANGUAGE else said
    assert [action.label.text for action in shown.actions if action.intent == "stay"] == [closes]
    assert step(visit, Intent("stay")) == (dataclasses.replace(visit, asking=Asking.NOTHING), ())


def test_another_language_is_the_same_screen_and_half_a_date_is_dropped() -> None:
    for visit in walk().states:
        if visit.asking is not Asking.NOTHING:
            continue
        other = "es" if visit.language == "en" else "en"
        asked = step(visit, Intent("languages"))[0]
        assert asked == dataclasses.replace(visit, asking=Asking.LANGUAGE)
        assert step(asked, Intent("language", visit.language)) == (visit, ())
        after, effects = step(asked, Intent("language", other))
        stage = dataclasses.replace(visit.stage, digits="", notice="") if isinstance(visit.stage, st.BirthDate) else visit.stage
        assert (after, effects) == (dataclasses.replace(visit, language=other, stage=stage), ())
    assert set(BORN_KEYS) == set(RULES.languages)
