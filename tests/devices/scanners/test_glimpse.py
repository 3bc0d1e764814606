"""What a frame becomes for the person: small, as they expect it, with what was found where it is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from devices.scanners.decoding import decode
from devices.scanners.glimpse import glimpse
from devices.scanners.port import Code, Corner, Sighting
from devices.scanners.simulator.page import draw_code_sheet

CORNERS: tuple[Corner, Corner, Corner, Corner] = ((300, 30), (900, 30), (900, 330), (300, 330))


def frame(width: int, height: int) -> NDArray[np.uint8]:
    """Blue at its left, red at its right."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2, 0] = picture[:, width // 2 :, 2] = 255
    return picture


@pytest.mark.parametrize(
    ("size", "small"),
    [
        ((1920, 1080), (320, 180)),
        ((1280, 720), (320, 180)),
        ((1080, 1920), (180, 320)),
        ((320, 240), (320, 240)),
        ((99, 7), (99, 7)),
        ((1, 1), (1, 1)),
        ((20_000, 3), (320, 1)),
    ],
)
@pytest.mark.parametrize("grey", [False, True])
def test_a_frame_of_any_size_becomes_small_and_keeps_its_form(size: tuple[int, int], small: tuple[int, int], grey: bool) -> None:
    picture = frame(*size)
    seen = glimpse(picture[:, :, 0] if grey else picture, (), mirrored=False)
    assert (seen.width, seen.height) == small
    assert len(seen.pixels) == small[0] * small[1] * 3


@pytest.mark.parametrize(("mirrored", "left", "right"), [(False, 0, 2), (True, 2, 0)])
def test_a_mirror_swaps_left_and_right_of_the_picture_and_of_what_was_found(mirrored: bool, left: int, right: int) -> None:
    seen = glimpse(frame(1920, 1080), [Sighting(Code("QRCode", "x"), CORNERS)], mirrored)
    row = seen.pixels[:960]
    assert row.index(255) == left
    assert row[-3:].index(255) == right
    xs = [corner[0] for corner in seen.found[0]]
    assert xs == ([269, 169, 169, 269] if mirrored else [50, 150, 150, 50])
    assert [corner[1] for corner in seen.found[0]] == [5, 5, 55, 55]


def test_what_was_found_lies_on_the_code_in_the_small_picture() -> None:
    page = np.asarray(draw_code_sheet("QRCode", "HELLO").convert("L"), np.uint8)
    canvas = np.full((1080, 1920), 255, np.uint8)
    canvas[: min(1080, page.shape[0]), : min(1920, page.shape[1])] = page[:1080, :1920]
    sightings = decode(canvas, ())
    assert len(sightings) == 1
    for mirrored in (False, True):
        seen = glimpse(canvas, sightings, mirrored)
        picture = np.frombuffer(seen.pixels, np.uint8).reshape(seen.height, seen.width, 3)[:, :, 0]
        xs, ys = zip(*seen.found[0], strict=True)
        inside = picture[min(ys) : max(ys), min(xs) : max(xs)]
        assert 0.3 < (inside < 128).mean() < 0.7
        again = decode(np.ascontiguousarray(picture), ())
        assert len(again) == 1  # a QR code reads in a mirror, too
        centre = np.mean(again[0].corners, axis=0)
        assert np.abs(centre - np.mean(seen.found[0], axis=0)).max() < 3


def test_corners_beyond_the_edge_are_on_it() -> None:
    outside: tuple[Corner, Corner, Corner, Corner] = ((-50, -9), (70_000, 0), (70_000, 70_000), (0, 2000))
    seen = glimpse(frame(1920, 1080), [Sighting(Code("QRCode", "x"), outside)], mirrored=False)
    assert seen.found == (((0, 0), (319, 0), (319, 179), (0, 179)),)
