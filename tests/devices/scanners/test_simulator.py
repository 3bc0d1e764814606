"""The simulated camera: the page it prints, the shelf it sees, the commands it takes."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import urllib.request

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from devices.scanners.decoding import decode
from devices.scanners.port import Code
from devices.scanners.simulator.page import DPI, draw_bill, draw_code_sheet
from devices.scanners.simulator.scene import Scene
from domain.billing import Statement
from tests.devices.scanners.bills import LINK, NUMBERED, as_json, bill, dollars
from tests.devices.simulator_process import simulator


def side_mm(symbol: zxingcpp.Barcode) -> float:
    corners = symbol.position
    return (corners.top_right.x - corners.top_left.x) / DPI * 25.4


def test_the_page_carries_both_codes_at_least_at_the_sizes_asked_for() -> None:
    symbols = {str(symbol.format): symbol for symbol in zxingcpp.read_barcodes(draw_bill(bill()))}
    qr, bars = symbols["QR Code"], symbols["Code 128"]
    assert (qr.text, bars.text) == (LINK, NUMBERED)
    assert side_mm(qr) / 33 >= 0.5, "millimetres a module of a version 4 QR code"
    assert side_mm(bars) / 134 >= 0.38, "15 mil at least"


@pytest.mark.parametrize(("codes", "texts"), [("qr", {LINK}), ("code128", {NUMBERED}), ("both", {LINK, NUMBERED})])
def test_codes_are_printed_as_told(codes: str, texts: set[str]) -> None:
    assert {symbol.text for symbol in zxingcpp.read_barcodes(draw_bill(bill(codes=codes)))} == texts


def test_a_bill_of_any_length_and_of_no_debt_can_be_drawn() -> None:
    one = bill().statement
    long = dataclasses.replace(one, due=dollars(31670 * 20), visits=one.visits * 20)
    credit = Statement(one.number, one.account, "王小明", one.issued, dollars(0), ())
    assert draw_bill(bill(statement=long)).size == draw_bill(bill(statement=credit)).size


@pytest.mark.parametrize(("symbology", "data"), [("Aztec", "X"), ("Code128", b"X"), ("QRCode", "A" * 5000)])
def test_what_cannot_be_drawn_is_refused(symbology: str, data: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"sheet|too long"):
        draw_code_sheet(symbology, data)


def test_the_same_seed_moves_the_same_hand() -> None:
    sheet = np.asarray(draw_bill(bill()))
    scenes = [Scene((640, 360), seed) for seed in (5, 5, 6)]
    for scene in scenes:
        scene.show(sheet)
    first, same, other = (scene.frame(2.0) for scene in scenes)
    assert (first == same).all()
    assert (first != other).any()


@pytest.mark.parametrize(("codes", "expected"), [("qr", Code("QRCode", LINK)), ("code128", Code("Code128", NUMBERED))])
def test_the_moving_page_reads_almost_always(codes: str, expected: Code) -> None:
    scene = Scene((1280, 720), 1)
    scene.show(np.asarray(draw_bill(bill(codes=codes))))
    read = [tuple(sighting.code for sighting in decode(scene.frame(1.0 + 0.7 * tick))) for tick in range(40)]
    assert set(read) <= {(expected,), ()}
    assert read.count((expected,)) >= 38


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=20) as answer:
        content: bytes = answer.read()
        return content


async def test_commands_good_and_bad_and_the_still_picture() -> None:
    async with simulator("devices.scanners.simulator", "--size", "640x360", "--seed", "3") as shelf:
        for command in (
            {"show": {"link": "x"}},
            {"fault": "fire"},
            {"dance": 1},
            {"show_code": {"symbology": "Aztec", "text": "x"}},
            {"lay": [{"symbology": "Aztec", "text": "x"}]},
            {"lay": [], "distance": "far"},
        ):
            assert "error" in await shelf.tell(command)
        assert await shelf.tell({"show": as_json(bill())}) == {"done": "show"}
        assert await shelf.tell({"lay": [as_json(bill()), {"symbology": "QRCode", "text": "x"}]}) == {"done": "lay"}
        assert await shelf.tell({"show": None}) == {"done": "show"}
        still = await asyncio.to_thread(fetch, shelf.ready["still"])
        with Image.open(io.BytesIO(still)) as picture:
            assert picture.size == (640, 360)
