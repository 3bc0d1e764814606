"""Frames to codes: our own codes, strangers' codes, photographs that nobody here took, and tilted bars."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from devices.scanners.decoding import LONGEST_SIDE, SYMBOLOGIES, Frame
from devices.scanners.decoding import decode as sight
from devices.scanners.opencv import cv2
from devices.scanners.port import Code
from devices.scanners.regions import Search
from devices.scanners.simulator.page import draw_code_sheet
from devices.scanners.simulator.symbols import qr_picture
from devices.scanners.simulator.wear import Wear, any_wear, film, print_sheet

PHOTOGRAPHS = Path(__file__).resolve().parents[4] / "shared" / "data" / "scan"
FLOOR = {"qrcode": (24, 24), "code128": (13, 14), "code39": (8, 8), "itf": (8, 8), "datamatrix": (7, 7), "pdf417": (4, 7)}
"""Read, of how many photographs, native and at 1280 x 720 alike, with zxing-cpp 3.1.1 and OpenCV 5.0. zxing-cpp alone: one QR
code less. What nobody here reads: a Code 128 slanted and blurred over a whole module, and three PDF417s whose start pattern is
cut off."""
BY_HAND = {"code39-03.png": "001EC947D49B", "code39-07.png": "001EC9476B0A"}
"""A second label on the same photograph, which the truth does not name; read off it."""
NUMBERED = "LP400012345656"
DIGITS = "40001234560000012556"
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
        wrong = [
            (entry["file"], found)
            for entry, found in zip(truth, texts, strict=True)
            if set(found) - {entry["text"], BY_HAND.get(entry["file"])}
        ]
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


@pytest.mark.parametrize("symbology", ["EAN13", "Codabar", "Aztec", "Code93", "MicroQRCode"])
def test_a_symbology_that_no_statement_carries_is_not_seen(symbology: str) -> None:
    text = {"EAN13": "4006381333931", "Codabar": "A1234567B"}.get(symbology, "1234567")
    drawn = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, symbology)).to_image(scale=6)
    frame = np.pad(np.asarray(drawn, np.uint8), 60, constant_values=255)
    assert zxingcpp.read_barcodes(frame), "the picture is a good one"
    assert decode(frame) == ()


@pytest.mark.parametrize("symbology", sorted(SYMBOLOGIES))
def test_only_what_is_asked_for_is_looked_for(symbology: str) -> None:
    frame = film(print_sheet(symbology, DIGITS), Wear(turn=20.0), np.random.default_rng(1))
    assert [sighting.code for sighting in sight(frame, symbologies=frozenset({symbology}))] == [Code(symbology, DIGITS)]
    assert sight(frame, symbologies=SYMBOLOGIES - {symbology}) == ()


@pytest.mark.parametrize("angle", range(15, 360, 30))
@pytest.mark.parametrize("symbology", ["Code39", "ITF", "PDF417"])
def test_tilted_paper_reads(symbology: str, angle: int) -> None:
    """zxing-cpp alone reads none of these: lines leave the bars, and it allows a PDF417 some 4 degrees."""
    chance = np.random.default_rng(angle)
    frame = film(print_sheet(symbology, DIGITS), Wear(turn=angle, blur=0.5, noise=3.0), chance)
    assert DIGITS not in [barcode.text for barcode in zxingcpp.read_barcodes(frame)]
    (sighting,) = sight(frame)
    assert sighting.code == Code(symbology, DIGITS)
    assert np.hypot(*(np.mean(sighting.corners, axis=0) - (960, 540))) < 60, "it lies in the middle of the frame"


def test_bars_blurred_by_most_of_a_module_read() -> None:
    frame = film(print_sheet("ITF", DIGITS), Wear(turn=3.0, blur=1.5, noise=2.0), np.random.default_rng(2))
    assert zxingcpp.read_barcodes(frame) == []
    assert decode(frame) == (Code("ITF", DIGITS),)


@pytest.mark.parametrize("seed", range(6))
def test_no_fragment_of_an_interleaved_2_of_5_is_read(seed: int) -> None:
    chance = np.random.default_rng(seed)
    wear = Wear(turn=float(chance.uniform(10, 80)), shift=(float(chance.uniform(-0.1, 0.1)), 0.0))
    frame = film(print_sheet("ITF", DIGITS), wear, chance)
    assert decode(frame) in ((), (Code("ITF", DIGITS),))


def test_whatever_wear_brings_we_read_what_zxing_reads_alone_and_more() -> None:
    chance = np.random.default_rng(4)
    alone, ours = set(), set()
    formats = zxingcpp.BarcodeFormats([getattr(zxingcpp.BarcodeFormat, name) for name in SYMBOLOGIES])
    sheets = [print_sheet(name, DIGITS) for name in sorted(SYMBOLOGIES)]
    for turn in range(36):
        frame = film(sheets[turn % len(sheets)], any_wear(chance), chance, (960, 540))
        if DIGITS in [barcode.text for barcode in zxingcpp.read_barcodes(frame, formats)]:
            alone.add(turn)
        if DIGITS in [code.text for code in decode(frame)]:
            ours.add(turn)
    assert ours > alone


def test_grey_and_colour_are_one() -> None:
    colour = sheet("Code128", NUMBERED)
    assert sight(colour) == sight(np.asarray(cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY), np.uint8))


@pytest.mark.parametrize("shape", [(LONGEST_SIDE * 2, 2000), (1200, LONGEST_SIDE * 3), (1, 20_000), (20_000, 2, 3)])
def test_a_frame_of_any_size_is_read_in_its_own_pixels(shape: tuple[int, ...]) -> None:
    frame = np.full(shape, 250, np.uint8)
    if min(shape[:2]) > 500:
        picture = 255 - 225 * np.asarray(qr_picture("HTTPS://X.EXAMPLE/1", 12).convert("1"), np.uint8)
        size = picture.shape[0]
        frame[-size - 300 : -300, -size - 200 : -200] = 255 - picture
        (sighting,) = sight(frame)
        assert sighting.code.text == "HTTPS://X.EXAMPLE/1"
        middle = np.array([shape[1] - 200 - size / 2, shape[0] - 300 - size / 2])
        assert np.hypot(*(np.mean(sighting.corners, axis=0) - middle)) < 12
    else:
        assert sight(frame) == ()


@pytest.mark.parametrize("work", [sight, lambda frame: [Search(frame).bars for _ in range(30)]])
def test_other_threads_run_meanwhile(work: Callable[[Frame], object]) -> None:
    """With so long a switch interval, another thread runs only if the work gives the interpreter away."""
    frame = film(print_sheet("Code128", NUMBERED), Wear(turn=40.0, blur=4.0, noise=9.0), np.random.default_rng(3))
    go, ran = threading.Event(), threading.Event()

    def other() -> None:
        go.wait()
        ran.set()

    thread = threading.Thread(target=other)
    thread.start()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000.0)
    try:
        go.set()
        work(frame)
        assert ran.is_set()
    finally:
        sys.setswitchinterval(before)
        thread.join()


def test_several_threads_decode_at_once() -> None:
    frames = [
        film(print_sheet(name, DIGITS), Wear(turn=25.0), np.random.default_rng(1), (960, 540)) for name in sorted(SYMBOLOGIES)
    ]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(sight, frames * 2))
    assert together == [sight(frame) for frame in frames] * 2
    assert all(len(sightings) == 1 for sightings in together)


@pytest.mark.parametrize("shape", [(0, 0), (0, 5, 3), (1, 1), (1, 1, 3), (2, 3, 3), (720, 1280, 3)])
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
