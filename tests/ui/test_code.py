"""The code on the screen: read by a decoder that has nothing to do with who drew it, at every size and in every theme."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import zxingcpp
from PySide6.QtGui import QImage

from demo.gallery import ATTEMPT, SITE
from kiosk.visit.receipts import check_text
from kiosk.visit.screens import Theme
from tests.ui.conftest import Shown
from tests.ui.samples import sample


@pytest.mark.parametrize(
    ("language", "theme", "percent", "size"),
    [("en", Theme.DAY, 100, (1080, 1920)), ("ar", Theme.CONTRAST, 200, (1080, 1920)), ("vi", Theme.NIGHT, 200, (1280, 800))],
)
def test_it_is_read_from_the_glass(
    face_of: Callable[..., Shown], language: str, theme: Theme, percent: int, size: tuple[int, int]
) -> None:
    shown = face_of(size)
    shown.show(sample("receipt-code", language, theme=theme, percent=percent))
    glass = shown.face.window.grabWindow().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(glass.constBits(), np.uint8).reshape(glass.height(), glass.bytesPerLine())[:, : glass.width()]
    (found,) = zxingcpp.read_barcodes(rows)
    assert (found.text, str(found.format)) == (check_text(ATTEMPT, SITE), "QR Code")
