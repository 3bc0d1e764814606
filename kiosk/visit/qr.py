"""A QR code as modules, for the screen. What paper has is drawn by its printer."""

from __future__ import annotations


def modules(text: str) -> tuple[str, ...]:
    """Rows of "1" for dark and "0" for light, as ISO/IEC 18004 sets them, without the quiet zone of four modules that has to be
    around them. A quarter of the code may be covered by a reflection (level Q)."""
    from qrcode.constants import ERROR_CORRECT_Q  # loaded when the first code is shown
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(text)
    code.make(fit=True)
    return tuple("".join("1" if dark else "0" for dark in row) for row in code.get_matrix())
