"""A German health card (elektronische Gesundheitskarte): whose it is, from the two files that every reader may read.

gemSpec_eGK_Fach_VSDM 2.4: EF.PD is a length of two bytes and gzip; EF.VD begins with where its parts start and end (inclusive).
Both hold XML in ISO 8859-15. A card is a stranger's: what it unpacks to is bounded, and XML with a DOCTYPE is refused, entities
and all.
"""

from __future__ import annotations

import re
import zlib
from xml.parsers import expat

from devices.smartcards.apdu import Answer, Command, Line, ask, wipe
from devices.smartcards.port import CardError, Insured, Refusal

APPLICATION = bytes.fromhex("D27600000102")
"""DF.HCA. It is selected with P2 = 0C, no answer wanted, as the card's guide has it."""

PERSON_FILE, INSURANCE_FILE = 0x01, 0x02
"""Short identifiers of EF.PD and EF.VD."""

MOST_PACKED = 4_096
MOST_UNPACKED = 32_768
"""Bytes: EF.PD is 850 and EF.VD 1,250 on the card; their schema has room for some 5 KB of XML."""
MOST_DEPTH = 12
LONGEST_NAME = 100
_STEP = 0xE0
"""Bytes of one reading: under what every reader passes on."""

_PERSON = "UC_PersoenlicheVersichertendatenXML/Versicherter"
_INSURER = "UC_AllgemeineVersicherungsdatenXML/Versicherter/Versicherungsschutz/Kostentraeger"


def select_egk(line: Line) -> Answer:
    """Whether the card is one."""
    return ask(line, Command(0x00, 0xA4, 0x04, 0x0C, APPLICATION, expects=0))


def read_egk(line: Line) -> Insured:
    """Its holder, with the application selected. Raises CardError."""
    person = read_texts(_gzip_of_person(line))
    try:
        insurer = read_texts(_gzip_of_insurance(line)).get(f"{_INSURER}/Kostentraegerkennung", "")
    except _NothingThere:
        insurer = ""
    number = person.get(f"{_PERSON}/Versicherten_ID", "")
    born = person.get(f"{_PERSON}/Person/Geburtsdatum", "")
    names = [person.get(f"{_PERSON}/Person/{which}", "").strip() for which in ("Vorname", "Nachname")]
    if not is_insurant(number) or not re.fullmatch("[0-9]{8}", born) or not re.fullmatch("([0-9]{9})?", insurer):
        raise CardError(Refusal.UNREADABLE, "a health card's fields")
    if not all(name.isprintable() and len(name) <= LONGEST_NAME for name in names) or not names[1]:
        raise CardError(Refusal.UNREADABLE, "a health card's names")
    return Insured(number, names[0], names[1], born, insurer)


def is_insurant(number: str) -> bool:
    """Whether it is an insurant's number (§ 290 SGB V). Check digit: the letter as two digits, weights 1 and 2, digit sums."""
    if not re.fullmatch("[A-Z][0-9]{9}", number):
        return False
    digits = f"{ord(number[0]) - ord('A') + 1:02}{number[1:9]}"
    weighed = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
    return sum(product // 10 + product % 10 for product in weighed) % 10 == int(number[9])


class _NothingThere(Exception):
    """A part that this card does not have."""


def _gzip_of_person(line: Line) -> bytearray:
    head = _read(line, PERSON_FILE, 0, 2)
    size = int.from_bytes(head, "big")
    return _read(line, PERSON_FILE, 2, size)


def _gzip_of_insurance(line: Line) -> bytearray:
    head = _read(line, INSURANCE_FILE, 0, 4)
    start, end = int.from_bytes(head[:2], "big"), int.from_bytes(head[2:], "big")
    if start == 0xFFFF or end < start:
        raise _NothingThere
    return _read(line, INSURANCE_FILE, start, end - start + 1)


def _read(line: Line, file: int, at: int, size: int) -> bytearray:
    """So many bytes of a file (READ BINARY). The first reading names the file, and from then on it is the current one."""
    if size > MOST_PACKED or at + size > 0x7FFF:
        raise CardError(Refusal.UNREADABLE, "a health card's file is too long")
    found = bytearray()
    while len(found) < size:
        want, here = min(_STEP, size - len(found)), at + len(found)
        named = here < 0x100
        place = (0x80 | file, here) if named else (here >> 8, here & 0xFF)
        said = ask(line, Command(0x00, 0xB0, *place, expects=want))
        if not said.ok or not 0 < len(said.data) <= want:
            wipe(found)
            raise CardError(Refusal.UNREADABLE, "a health card's file")
        found += said.data
        wipe(said.data)
    return found


def unpack(packed: bytearray) -> bytearray:
    """What was packed with gzip, once and whole. Raises CardError; never holds more than MOST_UNPACKED bytes."""
    inflating = zlib.decompressobj(wbits=31)  # gzip and nothing else
    try:
        plain = bytearray(inflating.decompress(packed, MOST_UNPACKED))
    except zlib.error as error:
        raise CardError(Refusal.UNREADABLE, "gzip") from error
    finally:
        wipe(packed)
    if not inflating.eof:
        wipe(plain)
        raise CardError(Refusal.UNREADABLE, "gzip that is cut off or too much")
    return plain


def read_texts(packed: bytearray) -> dict[str, str]:
    """Every text in the XML by its path of local names, the first of each. Raises CardError."""
    plain = unpack(packed)
    path: list[str] = []
    first: list[bool] = []
    texts: dict[str, str] = {}
    parser = expat.ParserCreate("iso-8859-15")  # over whatever the XML says of itself
    parser.buffer_text = True

    def begin(name: str, _attributes: dict[str, str]) -> None:
        path.append(name.rpartition(":")[2])
        if len(path) > MOST_DEPTH:
            raise CardError(Refusal.UNREADABLE, "XML that is too deep")
        here = "/".join(path)
        first.append(here not in texts)
        texts.setdefault(here, "")

    def text(words: str) -> None:
        if first[-1]:
            texts["/".join(path)] += words

    def end(_name: str) -> None:
        path.pop()
        first.pop()

    def refuse(*_declared: object) -> None:
        raise CardError(Refusal.UNREADABLE, "XML with a DOCTYPE")

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(plain, True)
    except expat.ExpatError as error:
        raise CardError(Refusal.UNREADABLE, "XML") from error
    finally:
        wipe(plain)
    return texts
