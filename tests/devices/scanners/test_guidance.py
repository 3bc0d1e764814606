"""What hinders, frame by frame, and when it is said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from devices.scanners.decoding import decode
from devices.scanners.focus import BLURRED_LOOKS, Focus
from devices.scanners.guidance import FIRST_S, HOLD_S, KEEP_S, LOOK_S, Guide, Look, look
from devices.scanners.opencv import cv2
from devices.scanners.port import Hint
from devices.scanners.simulator.scene import Scene
from tests.devices.scanners.bills import page

Frame = NDArray[np.uint8]
SIZE = (1280, 720)
PAGE = np.asarray(page())
DARK, SHINY = np.full((90, 160), 20, np.uint8), np.full((90, 160), 255, np.uint8)
PLAIN = np.random.default_rng(3).integers(90, 110, (90, 160), np.uint8)
"""Nothing in view, in good light."""


def film(size: tuple[int, int], *sheets: Frame, distance: float = 1.0) -> Scene:
    scene = Scene(size, 1)
    scene.show(*sheets, distance=distance)
    return scene


@pytest.mark.parametrize(
    ("hint", "picture"),
    [(Hint.TOO_DARK, Scene.dark), (Hint.GLARE, Scene.glaring), (Hint.BLURRED, Scene.blurred), (None, Scene.frame)],
)
def test_what_hinders_is_seen_in_every_frame(hint: Hint | None, picture: Callable[[Scene, float], Frame]) -> None:
    scene = film(SIZE, PAGE)
    assert {look(picture(scene, 2.0 + 2 * tick)).hint for tick in range(3)} == {hint}


@pytest.mark.parametrize(("size", "distance"), [(SIZE, 3.5), (SIZE, 4.5), ((1920, 1080), 5.3)])
def test_a_page_too_far_away_to_be_read_is_called_that(size: tuple[int, int], distance: float) -> None:
    scene = film(size, PAGE, distance=distance)
    frames = [scene.frame(2.0 + tick) for tick in range(3)]
    assert not any(decode(frame) for frame in frames)
    assert {look(frame) for frame in frames} == {Look(Hint.TOO_FAR, sharp=True)}


def test_narrow_bars_alone_are_too_far_away() -> None:
    """The paper fills the view, as a folded one would: only the bars say how far it is."""
    scene = film(SIZE, np.asarray(page("code128")))
    near = cv2.resize(scene.frame(3.0), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    paper = np.full((720, 1280, 3), 225, np.uint8)
    paper[200 : 200 + near.shape[0], 300 : 300 + near.shape[1]] = near
    assert not decode(paper)
    assert look(paper).hint is Hint.TOO_FAR


def test_an_empty_shelf_needs_no_advice() -> None:
    assert look(film(SIZE).frame(0.0)).hint is None


@pytest.mark.parametrize("level", [100, 200, 252])
def test_an_even_picture_has_nothing_to_judge_by(level: int) -> None:
    assert look(np.full((720, 1280, 3), level, np.uint8)) == Look(None, None)


def test_colour_and_grey_are_judged_alike() -> None:
    frame = film(SIZE, PAGE).blurred(3.0)
    assert look(frame) == look(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8))


def test_a_frame_of_one_pixel_is_judged() -> None:
    assert look(np.full((1, 1, 3), 128, np.uint8)) == Look(None, None)


# when it is said

TICK = 0.1


def said(guide: Guide, frame: Frame, seconds: float, start: float = 0.0, read: bool = False) -> list[Hint | None]:
    """What the guide says with each of ten frames a second."""
    return [guide.see(frame, read, start + tick * TICK) for tick in range(round(seconds / TICK))]


def test_nothing_is_said_at_first_and_then_what_hinders() -> None:
    hints = said(Guide(Focus()), DARK, 5.0)
    first = hints.index(Hint.TOO_DARK) * TICK
    assert FIRST_S <= first <= FIRST_S + LOOK_S
    assert set(hints[: round(first / TICK)]) == {None}
    assert set(hints[round(first / TICK) :]) == {Hint.TOO_DARK}


def test_what_hinders_for_a_moment_only_is_not_said() -> None:
    guide, at = Guide(Focus()), 0.0
    for frame in (DARK, PLAIN) * 20:
        assert set(said(guide, frame, HOLD_S - 0.2, at)) == {None}
        at += HOLD_S - 0.2


def test_what_was_said_stays_to_be_read_and_then_gives_way() -> None:
    guide = Guide(Focus())
    before = said(guide, DARK, FIRST_S + LOOK_S + TICK)
    assert before[-1] is Hint.TOO_DARK
    said_at = before.index(Hint.TOO_DARK) * TICK
    after = said(guide, SHINY, 10.0, len(before) * TICK)
    turned = (len(before) + after.index(Hint.GLARE)) * TICK
    assert KEEP_S <= turned - said_at <= KEEP_S + LOOK_S + TICK
    assert set(after) == {Hint.TOO_DARK, Hint.GLARE}
    assert said(guide, PLAIN, 10.0, 50.0)[-1] is None


def test_a_code_ends_it_at_once_and_gives_time_anew() -> None:
    guide = Guide(Focus())
    assert said(guide, DARK, 5.0)[-1] is Hint.TOO_DARK
    assert guide.see(DARK, True, 5.0) is None
    again = said(guide, DARK, 5.0, 5.1)
    assert FIRST_S <= again.index(Hint.TOO_DARK) * TICK <= FIRST_S + LOOK_S


def test_a_code_that_is_there_needs_no_advice() -> None:
    assert set(said(Guide(Focus()), DARK, 10.0, read=True)) == {None}


# focus


def test_blurred_for_long_is_a_lens_out_of_focus_until_something_is_sharp() -> None:
    focus, lost = Focus(), []
    for sharp in (*[False] * BLURRED_LOOKS, True, False):
        focus.looked(sharp)
        lost.append(focus.lost)
    assert lost == [*[False] * (BLURRED_LOOKS - 1), True, False, False]


def test_the_guide_tells_the_focus_what_it_saw() -> None:
    focus, scene = Focus(), film(SIZE, PAGE)
    guide, frame = Guide(focus), scene.blurred(3.0)
    for tick in range(BLURRED_LOOKS):
        assert not focus.lost
        guide.see(frame, False, tick * LOOK_S)
    assert focus.lost
    guide.see(PLAIN, False, 1000.0)
    assert focus.lost, "an empty view says nothing of the lens"


def test_what_reads_is_in_focus() -> None:
    focus = Focus()
    for _ in range(BLURRED_LOOKS):
        focus.looked(sharp=False)
    Guide(focus).see(PLAIN, True, 0.0)
    assert not focus.lost
