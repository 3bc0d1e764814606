"""A sheet of paper with any one code on it, as a picture: US Letter at 200 dpi. Printed statements are the hub's to draw."""

from __future__ import annotations

from PIL import Image, ImageOps

from devices.scanners.simulator.symbols import code128_picture, qr_picture

WIDTH, HEIGHT = 1700, 2200
PAPER, INK = (252, 251, 247), (23, 33, 43)


def draw_code_sheet(symbology: str, data: str | bytes) -> Image.Image:
    """A blank sheet with one code on it, as large as fits. Raises ValueError when the symbology is not ours to draw."""
    page = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    if symbology == "QRCode":
        small = qr_picture(data, 1)
        code = qr_picture(data, max(1, min(12, 1000 // small.width)))
    elif symbology == "Code128" and isinstance(data, str):
        small = code128_picture(data, 1, 1)
        code = code128_picture(data, max(1, min(6, 1500 // small.width)), 240)
    else:
        raise ValueError("a sheet shows a QRCode of text or bytes, or a Code128 of text")
    _print_code(page, code, ((WIDTH - code.width) // 2, max(60, 600 - code.height // 2)))
    return page


def _print_code(page: Image.Image, code: Image.Image, at: tuple[int, int]) -> None:
    """Puts ink where the code is dark; where it is light the paper stays as it is."""
    page.paste(INK, at, ImageOps.invert(code))
