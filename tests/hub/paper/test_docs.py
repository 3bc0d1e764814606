"""docs/statements.md: its picture is the page that is drawn now, its letterhead is one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageStat

from hub.demo_data import SEED, demo_patients
from hub.paper.language import Language
from hub.paper.letterhead import Letterhead
from hub.paper.statement import statement_pdf
from tests.hub.paper.bills import LETTERHEAD, bill_of

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_picture_is_the_page_that_is_drawn_now(tmp_path: Path) -> None:
    first = demo_patients(SEED)[0].statements[0][0]
    with pypdfium2.PdfDocument(statement_pdf(bill_of(first), LETTERHEAD, Language.EN)) as document:
        drawn = document[0].render(scale=100 / 72).to_pil().convert("RGB")
    drawn.save(tmp_path / "statement.png", optimize=True)
    shown = DOCS / "pictures" / "statement.png"
    with Image.open(shown) as picture:
        assert picture.size == drawn.size
        difference = ImageStat.Stat(ImageChops.difference(picture.convert("L"), drawn.convert("L"))).mean[0]
    assert difference < 0.2, f"copy {tmp_path / 'statement.png'} to {shown}"


def test_the_letterhead_that_is_shown_is_one() -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", (DOCS / "statements.md").read_text("utf-8"), re.DOTALL)
    assert Letterhead.model_validate(tomllib.loads(shown)) == LETTERHEAD
