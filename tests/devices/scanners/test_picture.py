"""Frozen and black pictures are faults; noise and darkness for a moment are not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from devices.health import Condition
from devices.scanners.picture import BLACK_S, FROZEN_S, Picture

RANDOM = np.random.default_rng(7)


def lit() -> NDArray[np.uint8]:
    return RANDOM.integers(80, 160, (72, 128, 3), np.uint8)


def dark() -> NDArray[np.uint8]:
    return RANDOM.integers(0, 9, (72, 128, 3), np.uint8)


def test_a_living_picture_is_ready_for_ever() -> None:
    picture = Picture()
    assert all(picture.judge(lit(), float(second)).usable for second in range(60))


def test_the_same_picture_for_long_is_frozen_and_a_new_one_mends_it() -> None:
    picture, frame = Picture(), lit()
    assert picture.judge(frame, 0.0).usable
    assert picture.judge(frame, FROZEN_S - 0.1).usable
    health = picture.judge(frame, FROZEN_S)
    assert (health.condition, health.fault) == (Condition.AWAY, "camera-frozen")
    assert picture.judge(lit(), FROZEN_S + 0.1).usable


def test_only_the_frame_before_is_repeated() -> None:
    picture, one, other = Picture(), lit(), lit()
    repeats = []
    for frame in (one, one, other, one, one):
        picture.judge(frame, 0.0)
        repeats.append(picture.repeats)
    assert repeats == [False, True, False, False, True]


def test_a_picture_that_was_frozen_still_is_after_opening_again() -> None:
    picture, frame = Picture(), lit()
    picture.judge(frame, 0.0)
    picture.reopened()
    assert picture.judge(frame, FROZEN_S).fault == "camera-frozen"


def test_darkness_for_long_is_black_and_light_mends_it() -> None:
    picture = Picture()
    assert picture.judge(lit(), 0.0).usable
    assert picture.judge(dark(), BLACK_S - 0.1).usable
    health = picture.judge(dark(), BLACK_S)
    assert (health.condition, health.fault) == (Condition.OUT, "camera-black")
    assert picture.judge(lit(), BLACK_S + 0.1).usable


def test_dark_first_frames_of_a_camera_that_starts_are_not_a_fault() -> None:
    picture = Picture()
    picture.judge(lit(), 0.0)
    picture.reopened()
    assert picture.judge(dark(), 10.0).usable


def test_a_dim_room_is_not_black() -> None:
    picture = Picture()
    frames = [RANDOM.integers(20, 60, (72, 128, 3), np.uint8) for _ in range(10)]
    assert all(picture.judge(frame, float(second)).usable for second, frame in enumerate(frames))
