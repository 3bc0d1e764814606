"""Public NEO 2 frames, as the guide (80139403-002 rev. 88.1) prints them, and the sheet's own (reference: terminals, 2)."""

from __future__ import annotations

COMMANDS = {
    "ping (p42)": "18 01 00 00 B3 CD",
    "poll automatically": "01 01 00 01 00 F6 24",
    "poll on demand": "01 01 00 01 01 D7 34",
    "get transaction result": "03 00 00 00 3B FF",
    "activate, unencrypted": "02 01 00 01 0A 6E 6B",
    "display system screen (p465)": "61 17 00 00 72 8D",
    "get configuration (p42)": "03 02 00 00 5B 91",
    "module versions": "09 20 00 00 56 11",
    "cancel (the sheet's)": "05 01 00 00 92 EF",
    "firmware (the sheet's)": "29 00 00 00 DE A0",
    "serial number (p143)": "12 01 00 00 18 A5",
    "activate, three interfaces (p209)": (
        "02 40 00 22 1E 9C 01 00 9F 02 06 00 00 00 00 01 00 9F 03 06 00 00 00 00 00 00 DF EF 37 01 07 DF EF 3C 03 01 00 60 18 D1"
    ),
    "contact configuration (p197)": "60 16 00 01 03 92 ED",
    "external chip (p472)": "83 51 00 00 FD 4B",
    "light sensor (p471)": "83 50 00 00 CD 7C",
}
"""After the ten bytes of the header; the CRC's low byte first."""

RESPONSES = {
    "ping (p42)": "18 00 00 00 FA 83",
    "poll mode": "01 00 00 00 12 53",
    "no transaction result": "03 00 00 03 00 00 00 8D D0",
    "display system screen (p465)": "61 00 00 00 4B 81",
    "serial number (VP3350 manual, p19)": "12 00 00 0F 36 33 30 5A 30 30 30 30 30 31 00 00 00 00 00 94 BC",
    "contact configuration (p197)": "60 00 00 00 3D 35",
    "external chip (p472)": "83 00 00 01 03 04 72",
    "light sensor (p471)": "83 00 00 02 E1 01 0D 25",
}
"""The CRC's high byte first."""

BURST = "45 00 55 00 04 03 03 00 00 E8 DD"
"""A burst frame has no header: only its CRC is checked here. A reader that encrypts sends none (p52)."""

HEADER = "56 69 56 4F 74 65 63 68 32 00"
