"""QR codes and Code 128 as pictures of whole modules, as a hospital's print shop would set them."""

from __future__ import annotations

import qrcode
from barcode.codex import Code128
from PIL import Image
from qrcode.exceptions import DataOverflowError

QUIET_QR = 4
QUIET_BARS = 10
"""Modules of white that ISO/IEC 18004 and ISO/IEC 15417 ask for around a symbol."""


def qr_picture(data: str | bytes, module: int) -> Image.Image:
    """A QR code, quiet zone included, `module` pixels to a module. Level M, or L where M has no room (over 3,391 letters).

    Capitals and digits take alphanumeric mode by themselves. Raises ValueError for more than a QR code can hold.
    """
    for level in (qrcode.ERROR_CORRECT_M, qrcode.ERROR_CORRECT_L):
        code = qrcode.QRCode(error_correction=level, border=QUIET_QR)
        code.add_data(data)
        try:
            code.make(fit=True)
        except (DataOverflowError, ValueError):
            continue
        return _picture(code.get_matrix(), module, module)
    raise ValueError("too long for a QR code")


def code128_picture(text: str, module: int, height: int) -> Image.Image:
    """A Code 128, quiet zones left and right included, `module` pixels to the narrowest bar, `height` pixels high."""
    (modules,) = Code128(text).build()
    quiet = "0" * QUIET_BARS
    return _picture([[bit == "1" for bit in quiet + modules + quiet]], module, height)


def _picture(rows: list[list[bool]], width: int, height: int) -> Image.Image:
    """`rows` of modules, dark where true, each `width` x `height` pixels."""
    small = Image.new("L", (len(rows[0]), len(rows)))
    small.putdata([0 if dark else 255 for row in rows for dark in row])
    return small.resize((small.width * width, small.height * height), Image.Resampling.NEAREST)
