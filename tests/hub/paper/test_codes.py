"""The codes on a printed statement, judged by decoders and renderers that we did not write, and by a ruler."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from domain.biller_profiles import read_code
from domain.statement_codes import LinkProfile, MacKey, RefKind, StatementRef
from hub.folder import HubError
from hub.paper.codes import BarSymbol
from hub.paper.language import Language
from hub.paper.letterhead import Letterhead
from hub.paper.statement import statement_pdf
from tests.billers import ours
from tests.hub.paper.bills import DAY, KEY, LETTERHEAD, LINK, NUMBER, bill, pictures, symbols, with_link

A4 = LETTERHEAD.model_copy(update={"paper": "a4"})
RULER_DPI = 600
"""A pixel is 0.042 mm, half a dot of the raster that the codes are on: every edge is sharp."""


@pytest.mark.parametrize(("letterhead", "language"), [(LETTERHEAD, Language.EN), (A4, Language.ES)], ids=["letter", "a4"])
@pytest.mark.parametrize("dpi", [150, 300])
def test_both_codes_are_read_back_and_name_the_statement(letterhead: Letterhead, language: Language, dpi: int) -> None:
    found = symbols(pictures(statement_pdf(bill(), letterhead, language), dpi)[0])
    profiles = ours(LinkProfile(frozenset({"PAY.LOBBYPAY.EXAMPLE"}), {"A": MacKey(KEY)}))
    assert read_code("QRCode", found["QR Code"].text, profiles, DAY) == StatementRef(RefKind.LINK, "V2CQRHVS2JJKFBSJ")
    assert read_code("Code128", found["Code 128"].text, profiles, DAY) == StatementRef(RefKind.NUMBER, NUMBER)
    assert len(found) == 2


def test_they_hold_no_name_no_date_and_no_amount() -> None:
    found = symbols(pictures(statement_pdf(bill(), LETTERHEAD, Language.EN), 300)[0])
    assert re.fullmatch(r"HTTPS://PAY\.LOBBYPAY\.EXAMPLE/S1/[A-Z2-7]{29}", found["QR Code"].text)
    assert re.fullmatch(r"LP[0-9]{12}", found["Code 128"].text)


@pytest.fixture(scope="module")
def measured() -> tuple[Image.Image, dict[str, zxingcpp.Barcode]]:
    (page,) = pictures(statement_pdf(bill(), LETTERHEAD, Language.EN), RULER_DPI)
    upper = page.crop((0, 0, page.width, page.height // 2))
    return upper, symbols(upper)


def mm(pixels: float) -> float:
    return pixels / RULER_DPI * 25.4


def extent(page: Image.Image, symbol: zxingcpp.Barcode) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the symbol's ink in pixels, within a millimetre of where the decoder saw it."""
    first, last = symbol.position.top_left, symbol.position.bottom_right
    left, top, right, bottom = first.x - 24, first.y - 24, last.x + 24, last.y + 24
    dark = np.asarray(page)[top:bottom, left:right] < 128
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1


def margin(page: Image.Image, box: tuple[int, int, int, int], across: int, down: int) -> bool:
    """Whether nothing at all is printed within `across` and `down` pixels around the box."""
    left, top, right, bottom = box
    around = np.asarray(page)[top - down : bottom + down, left - across : right + across].copy()
    around[down - 1 : 1 - down, across - 1 : 1 - across] = 255  # the edge of the ink itself is a little soft
    return bool((around == 255).all())


def test_the_qr_code_has_its_size_its_level_and_its_quiet_zone(measured: tuple[Image.Image, dict[str, zxingcpp.Barcode]]) -> None:
    page, found = measured
    symbol = found["QR Code"]
    assert symbol.ec_level == "M"
    left, top, right, bottom = extent(page, symbol)
    module = (right - left) / 29  # version 3
    assert mm(module) == pytest.approx(0.847, abs=0.002)
    assert bottom - top == pytest.approx(right - left, abs=1)
    assert margin(page, (left, top, right, bottom), int(4 * module), int(4 * module))


def test_the_bars_have_their_width_their_height_and_their_quiet_zones(
    measured: tuple[Image.Image, dict[str, zxingcpp.Barcode]],
) -> None:
    page, found = measured
    left, top, right, bottom = extent(page, found["Code 128"])
    module = (right - left) / 134  # start, L, P, code C, six pairs, check, stop: 11 modules each, the stop 13
    assert mm(module) == pytest.approx(0.508, abs=0.002)
    assert mm(bottom - top) >= max(10, 0.15 * mm(right - left))
    assert margin(page, (left, top, right, bottom), int(10 * module), 8)
    widths = {round(run / module, 1) for run in runs(np.asarray(page)[(top + bottom) // 2, left:right] < 128)}
    assert widths <= {1.0, 2.0, 3.0, 4.0}, "every bar and gap is a whole number of modules"


def runs(row: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[int]:
    edges = np.flatnonzero(np.diff(row.astype(np.int8))) + 1
    return [int(width) for width in np.diff([0, *edges, len(row)])]


@pytest.mark.parametrize("host", ["A.EXAMPLE", "BILLING.OF-THE-RIVERSIDE-COMMUNITY-HOSPITAL.EXAMPLE"])
def test_a_host_of_any_length_fits_and_is_read(host: str) -> None:
    printed = with_link(bill(), host)
    found = symbols(pictures(statement_pdf(printed, A4, Language.ES), 150)[0])
    assert found["QR Code"].text == printed.link_text
    assert len(found) == 2


def test_they_are_on_the_upper_half_of_the_first_page_only() -> None:
    first, *others = pictures(statement_pdf(bill(charges=90), LETTERHEAD, Language.EN), 150)
    assert all(symbol.position.bottom_left.y < first.height / 2 for symbol in symbols(first).values())
    assert len(others) >= 2
    assert not any(symbols(page) for page in others)


@pytest.mark.parametrize("numbered", ["LP33421394746", "LP3342139474621", "XX334213947462", "LP33421394746A"])
def test_a_number_of_another_length_is_no_bar_code(numbered: str) -> None:
    with pytest.raises(HubError, match="ten digits"):
        BarSymbol(numbered)


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils is not installed")
@pytest.mark.parametrize("dpi", [150, 300])
def test_another_renderer_shows_the_same_codes(tmp_path: Path, dpi: int) -> None:
    path = tmp_path / "statement.pdf"
    path.write_bytes(statement_pdf(bill(), LETTERHEAD, Language.EN))
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", "-singlefile", path, tmp_path / "page"], check=True)
    with Image.open(tmp_path / "page.png") as page:
        found = symbols(page.convert("L"))
    assert (found["QR Code"].text, found["Code 128"].text) == (LINK, bill().numbered_text)
