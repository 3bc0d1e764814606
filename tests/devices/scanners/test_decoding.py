"""Frames to codes: our own codes, strangers' codes, photographs that nobody here took, and tilted bars."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from devices.scanners.decoding import Frame
from devices.scanners.decoding import decode as sight
from devices.scanners.opencv import cv2
from devices.scanners.port import Code
from devices.scanners.simulator.page import draw_code_sheet

PHOTOGRAPHS = Path(__file__).resolve().parents[4] / "shared" / "data" / "scan"
FLOOR = {"qrcode": (23, 24), "code128": (13, 14)}
"""Measured on 2026-11-21 with zxing-cpp 3.1.1 and OpenCV 5.0: read, of how many photographs; native and at 1280 x 720 alike."""
NUMBERED = "LP400012345656"
LINK = "HTTPS://BILLS.RIVERSIDE.EXAMPLE/S1/AABCDEFGHIJKLMNOPNYFBIT7Y2LL7"


def decode(frame: Frame, known: Collection[Code] = ()) -> tuple[Code, ...]:
    return tuple(sighting.code for sighting in sight(frame, known))


def sheet(symbology: str, data: str | bytes) -> Frame:
    return np.asarray(draw_code_sheet(symbology, data).convert("RGB"), np.uint8)[:1300]


def letterboxed(frame: Frame) -> Frame:
    scale = min(1280 / frame.shape[1], 720 / frame.shape[0])
    return np.asarray(cv2.resize(frame, None, fx=scale, fy=scale), np.uint8)


@pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason="the photographs are not part of the project")
@pytest.mark.parametrize("symbology", FLOOR)
def test_photographs(symbology: str) -> None:
    truth = [entry for entry in json.loads((PHOTOGRAPHS / "truth.json").read_text()) if entry["symbology"] == symbology]
    read, of = FLOOR[symbology]
    assert len(truth) == of
    frames = [cv2.imdecode(np.fromfile(PHOTOGRAPHS / entry["file"], np.uint8), cv2.IMREAD_COLOR) for entry in truth]
    for resized in (lambda frame: frame, letterboxed):
        texts = [[code.text for code in decode(resized(np.asarray(frame, np.uint8)))] for frame in frames]
        right = sum(entry["text"] in found for entry, found in zip(truth, texts, strict=True))
        wrong = [found for entry, found in zip(truth, texts, strict=True) if found and entry["text"] not in found]
        assert right >= read
        assert wrong == []


def test_our_two_codes() -> None:
    assert decode(sheet("QRCode", LINK)) == (Code("QRCode", LINK),)
    assert decode(sheet("Code128", NUMBERED)) == (Code("Code128", NUMBERED),)


def turned(page: Frame, angle: float, scale: float) -> Frame:
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, 600), angle, scale)
    return np.asarray(cv2.warpAffine(page, turn, (width, height), borderValue=(200, 200, 200)), np.uint8)


@pytest.mark.parametrize("angle", range(0, 360, 15))
def test_bars_read_at_any_angle(angle: int) -> None:
    assert decode(turned(sheet("Code128", NUMBERED), angle, 0.5)) == (Code("Code128", NUMBERED),)


def test_two_readings_of_one_symbol_that_disagree_are_none() -> None:
    # at this angle zxing-cpp 3.1.1 reads the same bars as "L!400312345656" too, with a checksum that is right
    page = turned(sheet("Code128", NUMBERED), 30, 0.7)
    assert set(decode(page)) <= {Code("Code128", NUMBERED)}


def test_a_strangers_qr_code_does_not_hide_the_bars_beside_it_for_ever() -> None:
    page = np.concatenate([sheet("QRCode", "HTTPS://APPS.EXAMPLE/X"), sheet("Code128", NUMBERED)])
    stranger = Code("QRCode", "HTTPS://APPS.EXAMPLE/X")
    assert decode(page) == (stranger,)
    assert set(decode(page, known=[stranger])) == {stranger, Code("Code128", NUMBERED)}


def test_four_thousand_characters_come_through_whole_for_the_domain_to_refuse() -> None:
    text = "A1" * 2000
    assert decode(sheet("QRCode", text)) == (Code("QRCode", text),)


def test_bytes_that_are_no_text_have_no_text() -> None:
    assert decode(sheet("QRCode", bytes(range(256)))) == (Code("QRCode", ""),)


def test_a_symbology_that_no_statement_carries_is_not_seen() -> None:
    drawn = zxingcpp.create_barcode(NUMBERED, zxingcpp.BarcodeFormat.DataMatrix).to_image(scale=12)
    frame = np.pad(np.asarray(drawn, np.uint8), 60, constant_values=255)
    assert zxingcpp.read_barcodes(frame)[0].text == NUMBERED, "the picture is a good one"
    assert decode(frame) == ()


@pytest.mark.parametrize("shape", [(1, 1), (2, 3, 3), (720, 1280, 3)])
def test_noise_says_nothing(shape: tuple[int, ...]) -> None:
    assert decode(np.random.default_rng(3).integers(0, 256, shape, np.uint8)) == ()


@pytest.mark.parametrize(("symbology", "data"), [("QRCode", LINK), ("Code128", NUMBERED)])
@pytest.mark.parametrize("angle", [0, 20, 45, 200])
def test_a_sighting_says_where_its_symbol_is(symbology: str, data: str, angle: int) -> None:
    level = sheet(symbology, data)
    dark = np.argwhere(level[:, :, 0] < 128)
    (top, left), (bottom, right) = dark.min(axis=0), dark.max(axis=0)
    turn = cv2.getRotationMatrix2D((level.shape[1] / 2, 600), angle, 0.5)
    wanted = [turn @ (x, y, 1) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]
    (sighting,) = sight(turned(level, angle, 0.5))
    slack = 0.1 * (right - left) * 0.5
    if symbology == "Code128":  # which rows a reader of lines has read says nothing of how high the bars are
        ends = [(np.add(a, b) / 2) for a, b in ((wanted[0], wanted[3]), (wanted[1], wanted[2]))]
        (a, b, c, d) = sighting.corners
        assert np.hypot(*(np.add(a, d) / 2 - ends[0])) < slack + (bottom - top) / 2
        assert np.hypot(*(np.add(b, c) / 2 - ends[1])) < slack + (bottom - top) / 2
    else:
        for corner, want in zip(sighting.corners, wanted, strict=True):
            assert np.hypot(*np.subtract(corner, want)) < slack
