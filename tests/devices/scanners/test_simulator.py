"""The simulated camera: the sheets it draws, the shelf it sees, the commands it takes."""

from __future__ import annotations

import asyncio
import io
import urllib.request

import numpy as np
import pytest
from PIL import Image

from devices.scanners.decoding import decode
from devices.scanners.port import Code
from devices.scanners.simulator.page import draw_code_sheet
from devices.scanners.simulator.scene import Scene
from tests.devices.scanners.bills import LINK, NUMBERED, page, shown
from tests.devices.simulator_process import simulator


@pytest.mark.parametrize(("symbology", "data"), [("Aztec", "X"), ("Code128", b"X"), ("QRCode", "A" * 5000)])
def test_what_cannot_be_drawn_is_refused(symbology: str, data: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"sheet|too long"):
        draw_code_sheet(symbology, data)


def test_the_same_seed_moves_the_same_hand() -> None:
    sheet = np.asarray(page())
    scenes = [Scene((640, 360), seed) for seed in (5, 5, 6)]
    for scene in scenes:
        scene.show(sheet)
    first, same, other = (scene.frame(2.0) for scene in scenes)
    assert (first == same).all()
    assert (first != other).any()


@pytest.mark.parametrize(("codes", "expected"), [("qr", Code("QRCode", LINK)), ("code128", Code("Code128", NUMBERED))])
def test_the_moving_page_reads_almost_always(codes: str, expected: Code) -> None:
    scene = Scene((1280, 720), 1)
    scene.show(np.asarray(page(codes)))
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
            {"show": {"png": "no base64"}},
            {"show": {"png": "AAAA"}},
            {"fault": "fire"},
            {"dance": 1},
            {"show_code": {"symbology": "Aztec", "text": "x"}},
            {"lay": [{"symbology": "Aztec", "text": "x"}]},
            {"lay": [], "distance": "far"},
        ):
            assert "error" in await shelf.tell(command)
        assert await shelf.tell({"show": shown()}) == {"done": "show"}
        assert await shelf.tell({"lay": [shown(), {"symbology": "QRCode", "text": "x"}]}) == {"done": "lay"}
        assert await shelf.tell({"show": None}) == {"done": "show"}
        still = await asyncio.to_thread(fetch, shelf.ready["still"])
        with Image.open(io.BytesIO(still)) as picture:
            assert picture.size == (640, 360)
