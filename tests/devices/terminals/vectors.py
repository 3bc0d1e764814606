"""Public ZVT frames, as their sources give them (reference: terminals, section 1; Portalum.Zvt's unit tests @0693337)."""

from __future__ import annotations

SERIAL = {
    "registration (ecrterm)": "10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3",
    "initialisation (ecrterm)": "10 02 06 93 03 12 34 56 10 03 CA A4",
    "authorisation 110.00, a doubled 10 (ecrterm)": "10 02 06 01 0A 04 00 00 00 01 10 10 00 49 09 78 10 03 F2 FF",
    "diagnosis (ecrterm)": "10 02 06 70 00 10 03 D9 F9",
    "accepted (ecrterm)": "10 02 80 00 00 10 03 F5 1F",
    "busy (ecrterm)": "10 02 84 9C 00 10 03 C3 41",
    "reset (ecrterm)": "10 02 06 18 00 10 03 56 3A",
    "status enquiry (ecrterm)": "10 02 05 01 03 12 34 56 10 03 E0 43",
    "status answer (ecrterm)": "10 02 06 0F 0B F0 F0 F7 32 2E 31 34 2E 31 35 00 10 03 B1 11",
    "Ingenico i5310 (ecrterm#2)": ("10 02 06 0F 15 F0 F1 F7 30 36 31 30 32 32 61 20 4D 20 49 43 5F 20 53 74 64 00 10 03 E4 51"),
    "PAYONE P400+ (Portalum#56)": "10 02 06 01 07 04 00 00 00 00 01 90 10 03 76 57",
}

APDUS = {
    "registration (EVerest)": "06 00 06 123456 DE 0978",
    "registration answer (EVerest)": "06 0F 0A 19 10 29 52523535 49 0978",
    "pre-authorisation 25.00 (EVerest)": ("06 22 1E 19 40 49 0978 04 000000002500 06 10 E9 0E 1F62 02 4143 1F63 06 333834484832"),
    "please wait (EVerest)": "04 FF 01 17",
    "completion (EVerest)": "06 0F 00",
    "pre-authorisation reversal (EVerest)": "06 25 08 19 40 87 0231 49 0978",
    "no open pre-authorisation (EVerest)": "06 1E 04 B8 87 FFFF",
    "end of day (EVerest)": "06 50 03 123456",
    "abort by key (Portalum)": ("04 0F 1E 27 6C 29 28004869 3C F0F1F9 41626272756368206475726368204B756E6465"),
    "system error (Portalum)": "04 0F 18 27 FF 29 28004869 3C F0F1F3 4265747261672066616C736368",
    "blocked terminal (parts from ecrterm#7, lengths ours)": (
        "04 0F 27 27 DF 29 00000000 06 1E 1F16 02 173A 1F17 16 5465726D696E616C20697374 20626C6F636B69657274"
    ),
    "administration receipt (Portalum)": (
        "06-D3-AC-06-81-A9-1F-07-01-03-25-81-A2-07-1B-30-32-2E-31-31-2E-32-30-32-31-20-20-20-20-20-20-20-20-20-31-37-3A-30-"
        "35-3A-30-32-07-0C-54-49-44-3A-41-48-30-30-30-30-30-36-07-14-41-62-73-63-68-6C-75-73-73-20-2D-20-6B-65-69-6E-65-20-"
        "54-58-07-19-20-41-56-3A-20-2B-30-34-2E-30-37-20-28-4A-75-6E-20-31-31-20-32-30-32-31-29-07-1B-54-49-3A-20-45-20-44-"
        "54-3A-20-30-2F-30-2F-20-4F-46-3A-20-30-2F-30-2F-20-43-47-3A-07-0F-20-20-20-20-20-20-20-20-20-20-20-31-2F-30-2F-07-"
        "01-20-07-01-20-07-01-20-07-01-20-07-01-20-07-01-20-07-01-20-09-01-81"
    ),
}
"""Bare APDUs without card data: what is decoded encodes to the same bytes."""

EVEREST_APPROVAL = (
    "04 0F 5A 27 00 04 000000002500 49 0978 0C 225558 0D 0405 22 F0F8 559883EEEEEE8074 87 0231 3B 3735303037310000"
    " 0B 000975 19 60 29 52523535 0E 2405 8A 06 8C 01 8B F1F1 4D61737465724361726400"
    " 2A 383034303131393236202020202020"
)
"""The Feig cVEND's approval of 25.00. Its card number and expiry do not survive decoding."""

PORTALUM_APPROVAL = (
    "04-0F-77-27-00-04-00-00-00-00-20-40-0B-00-04-70-0C-22-39-53-0D-10-06-0E-25-12-17-00-01-19-70-22-F0-F8-EE-EE-EE-EE-EE-"
    "EE-47-71-29-28-00-48-69-2A-31-30-30-34-36-31-37-36-33-20-20-20-20-20-20-3B-36-31-31-38-30-34-00-00-3C-F0-F1-F4-47-45-"
    "4E-2E-4E-52-2E-3A-36-31-31-38-30-34-49-09-78-87-04-70-88-00-04-70-8A-2E-8B-F1-F7-44-65-62-69-74-20-4D-61-73-74-65-72-"
    "63-61-72-64-00"
)
"""A Hobex terminal's approval of 20.40."""

APPROVAL_WITHOUT_AMOUNT = (
    "04-0F-65-27-00-0C-23-13-55-0D-10-29-0E-99-99-22-F0-F8-EE-EE-EE-EE-EE-EE-47-71-A0-01-29-00-00-00-06-87-00-08-0B-00-00-"
    "00-8A-06-8B-F1-F1-4D-41-53-54-45-52-43-41-52-44-00-06-2E-2F-08-1F-12-01-02-1F-10-01-00-60-1B-43-07-A0-00-00-00-04-10-"
    "10-44-10-44-65-62-69-74-20-4D-61-73-74-65-72-63-61-72-64-1F-2B-04-10-01-50-08"
)
"""A terminal that approves without naming the amount (Portalum's Parse_TlvInfos1)."""


def octets(text: str) -> bytes:
    return bytes.fromhex(text.replace("-", "").replace(" ", ""))
