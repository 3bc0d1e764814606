"""The one door to python-escpos: import it from here and nowhere else.

Each import of it makes a folder for temporary files, writes its capability profiles there, and leaves both behind (3.1). Here
that folder is inside another one, which goes again.
"""

from __future__ import annotations

import tempfile

with tempfile.TemporaryDirectory() as _scratch:
    _before, tempfile.tempdir = tempfile.tempdir, _scratch
    try:
        from escpos.capabilities import get_profile
        from escpos.exceptions import DeviceNotFoundError
        from escpos.magicencode import Encoder
        from escpos.printer import Dummy, Network, Serial, Usb
    finally:
        tempfile.tempdir = _before

__all__ = ["DeviceNotFoundError", "Dummy", "Encoder", "Network", "Serial", "Usb", "get_profile"]
