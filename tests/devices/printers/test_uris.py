"""What a printer's URI may say, and what is refused."""

from __future__ import annotations

import pytest

from devices.printers.uris import open_printer


@pytest.mark.parametrize(
    "uri",
    [
        "escpos+tcp://127.0.0.1:9100",
        "escpos+tcp://printer.local?columns=42",
        "escpos+serial:///dev/ttyUSB0?baud=38400",
        "escpos+usb://04b8:0e15?profile=TM-T88V",
    ],
)
async def test_names_a_printer(uri: str) -> None:
    printer = open_printer(uri)
    assert printer.health().fault == "printer-away"
    await printer.close()


@pytest.mark.parametrize(
    "uri",
    [
        "", "escpos+tcp://", "escpos+serial://", "escpos+usb://04b8", "escpos+usb://xx:yy", "lpr://h", "escpos+tcp://h?colums=42",
        "escpos+tcp://h?columns=7", "escpos+tcp://h?profile=none-such", "escpos+tcp://h?profile=TM-T88V&columns=48",
        "escpos+serial:///dev/ttyS0?baud=fast",
    ],
)  # fmt: skip
def test_names_nothing(uri: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        open_printer(uri)
