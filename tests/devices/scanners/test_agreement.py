"""When a code counts."""

from __future__ import annotations

from devices.scanners.agreement import GONE_S, WITHIN_S, Agreement
from devices.scanners.port import Code

A, B = Code("QRCode", "A"), Code("Code128", "B")


def test_one_frame_is_not_enough_and_two_are() -> None:
    agreement = Agreement()
    assert agreement.see([A], 0.0) == set()
    assert agreement.see([A], 0.1) == {A}


def test_two_frames_that_say_different_things_do_not_agree() -> None:
    agreement = Agreement()
    assert agreement.see([A], 0.0) == set()
    assert agreement.see([Code("QRCode", "a")], 0.1) == set()


def test_sightings_too_far_apart_do_not_agree() -> None:
    agreement = Agreement()
    agreement.see([A], 0.0)
    assert agreement.see([A], WITHIN_S + 0.01) == set()
    assert agreement.see([A], WITHIN_S + 0.1) == {A}


def test_the_same_code_twice_in_one_frame_is_one_sighting() -> None:
    assert Agreement().see([A, A], 0.0) == set()


def test_a_code_stays_agreed_while_it_is_in_view() -> None:
    agreement = Agreement()
    assert [agreement.see([A], tick * 0.1) for tick in range(100)] == [set(), *[{A}] * 99]


def test_a_short_absence_is_forgiven_and_after_a_long_one_two_frames_are_asked_for_again() -> None:
    agreement = Agreement()
    agreement.see([A], 0.0)
    agreement.see([A], 0.1)
    back = 0.1 + GONE_S - 0.01
    assert agreement.see([], back) == {A}
    assert agreement.see([A], back) == {A}
    gone = back + GONE_S + 0.01
    assert agreement.see([], gone) == set()
    assert agreement.see([A], gone) == set()
    assert agreement.see([A], gone + 0.1) == {A}


def test_two_codes_in_view_are_told_apart() -> None:
    agreement = Agreement()
    agreement.see([A], 0.0)
    assert agreement.see([A, B], 0.1) == {A}
    assert agreement.see([A, B], 0.2) == {A, B}
    assert agreement.agreed == {A, B}
