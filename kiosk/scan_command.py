"""`./lobbypay scan`: what codes are in a picture, which biller profile takes them, and why the others do not."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from devices.scanners.decoding import Frame, decode
from devices.scanners.images import ImageError, read_image
from devices.scanners.port import Code, Sighting
from domain.biller_profiles import Profile, Reading, read_by_each, read_code
from domain.errors import Known
from domain.statement_codes import LinkProfile, Refusal, StatementRef
from kiosk.billers import load_profiles, shipped
from kiosk.clock import now
from kiosk.image_sources import SourceError, expanded, read_source
from kiosk.progress import progress
from kiosk.queue_words import in_words
from kiosk.scanning import bills_named
from kiosk.settings import read_settings
from offline_queue.errors import QueueError
from offline_queue.reader import JournalReader

_NOT_ENROLLED = LinkProfile(frozenset(), {})

_SENTENCES = {
    "file-unreadable": "it cannot be read",
    "url-away": "nobody answers at that address",
    "url-tls": "its certificate is not one that this machine trusts",
    "url-refused": "the server does not give a picture",
    "url-too-slow": "the server is too slow",
    "image-unknown": "it is no PNG, JPEG, BMP or WebP",
    "image-broken": "it is damaged",
    "image-truncated": "its end is missing",
    "image-too-small": "it is too small to hold a code",
    "image-too-large": "it is too large",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one image: its `codes` in reading order, what each of them means, what each profile made of each of them by
    the code's index, and the reading that a kiosk would take. `fault` is why the image could not be looked at, empty when it was;
    `ms` is what decoding and judging took."""

    file: str
    codes: tuple[Sighting, ...] = ()
    meanings: tuple[StatementRef | Refusal, ...] = ()
    answers: tuple[tuple[int, Profile, Reading | Refusal], ...] = ()
    taken: Reading | None = None
    ms: float = 0.0
    fault: str = ""
    detail: str = ""


def run(sources: Sequence[str], *, as_json: bool, names: Sequence[str], config: Path | None) -> None:
    """Looks at every image and tells of each, one line for a program. Raises Known when one could not be looked at, or when a
    profile or the settings cannot be used."""
    profiles, zone = _profiles(names, config)
    files = expanded(sources)
    failed = list[Finding]()
    with progress("images") as told:
        for done, file in enumerate(files, start=1):
            finding = look(file, profiles, now().astimezone(zone).date())
            sys.stdout.write(_line(finding) if as_json else _text(finding))
            sys.stdout.flush()
            if finding.fault:
                failed.append(finding)
            told(done, len(files))
    if failed:
        more = f", nor {len(failed) - 1} more" if len(failed) > 1 else ""
        raise Known(f"{_printable(failed[0].file)} could not be looked at{more}: {_SENTENCES[failed[0].fault]}.")


def look(file: str, profiles: Sequence[Profile], today: dt.date) -> Finding:
    """What is in one image. `today` is the site's date."""
    try:
        frame = read_image(read_source(file))
    except SourceError as error:
        return Finding(file, fault=error.code, detail=error.detail)
    except ImageError as error:
        return Finding(file, fault=error.code)
    begun = time.perf_counter()
    codes = _all_codes(frame)
    meanings = tuple(read_code(each.code.symbology, each.code.text, profiles, today) for each in codes)
    answers = tuple(
        (index, profile, answer)
        for index, sighting in enumerate(codes)
        for profile, answer in read_by_each(sighting.code.symbology, sighting.code.text, profiles, today)
    )
    meant = [answer for index, _, answer in answers if isinstance(answer, Reading) and answer.ref == meanings[index]]
    taken = _taken(meant)
    return Finding(file, codes, meanings, answers, taken, (time.perf_counter() - begun) * 1000)


def _all_codes(frame: Frame) -> tuple[Sighting, ...]:
    """Everything that is there, from the top left on: decoding ends with the first pass that finds something new, as at a
    kiosk."""
    found = dict[Code, Sighting]()
    while new := {each.code: each for each in decode(frame, found.keys()) if each.code not in found}:
        found |= new
    return tuple(sorted(found.values(), key=lambda each: (each.corners[0][1], each.corners[0][0])))


def _taken(readings: Sequence[Reading]) -> Reading | None:
    """As kiosk.scanning chooses: the first family of names that names a statement, unless it names two."""
    named = bills_named(reading.ref for reading in readings)
    return next((reading for reading in readings if reading.ref in named), None) if len(named) == 1 else None


def _profiles(names: Sequence[str], config: Path | None) -> tuple[tuple[Profile, ...], ZoneInfo | None]:
    """All that are shipped, or `names`; of a kiosk's settings those that it takes, with its payees, its hub's links, and its time
    zone: None for this machine's."""
    if config is None:
        return load_profiles(names or shipped(), _NOT_ENROLLED, None), None
    settings = read_settings(config)
    try:
        with JournalReader(Path(settings.kiosk.data)) as reader:
            links = reader.links() or _NOT_ENROLLED
    except QueueError as error:
        raise Known(f"The kiosk's memory in {settings.kiosk.data}, which has the keys of its links: {in_words(error)}") from error
    profiles = load_profiles(names or settings.billers.profiles, links, frozenset(settings.billers.payees))
    return profiles, ZoneInfo(settings.kiosk.zone)


def _line(finding: Finding) -> str:
    """One line for a program (DESIGN, "the commands")."""
    said: dict[str, Any] = {
        "file": finding.file,
        "codes": [
            {
                "symbology": each.code.symbology,
                "text": each.code.text,
                "corners": each.corners,
                "reason": meaning.value if isinstance(meaning, Refusal) else None,
            }
            for each, meaning in zip(finding.codes, finding.meanings, strict=True)
        ],
        "statement": None,
        "refusals": [
            {"profile": profile.name, "reason": answer.value, "code": index}
            for index, profile, answer in finding.answers
            if isinstance(answer, Refusal)
        ],
        "ms": round(finding.ms, 1),
        "fault": finding.fault or None,
    }
    if finding.taken is not None:
        said["statement"] = {
            "profile": finding.taken.profile,
            "kind": finding.taken.ref.kind.value,
            "account": finding.taken.reference,
            "ref": finding.taken.ref.value,
            "payee": finding.taken.payee or None,
            "printed_amount": finding.taken.printed_amount or None,
        }
    return json.dumps(said) + "\n"


def _text(finding: Finding) -> str:
    """The same for a person: what a kiosk would make of it, then each code with what the profiles say more than "not mine", and
    the kiosk's own word for one that means nothing where that is none of theirs."""
    name = _printable(finding.file)
    if finding.fault:
        return f"{name}: {_SENTENCES[finding.fault]}{f' ({_printable(finding.detail)})' if finding.detail else ''}\n"
    lines = [f"{name}: {_meaning(finding)} ({finding.ms:.0f} ms)"]
    for index, (sighting, meaning) in enumerate(zip(finding.codes, finding.meanings, strict=True)):
        lines.append(f"    {sighting.code.symbology} {_printable(sighting.code.text)}")
        here = [(profile, answer) for at, profile, answer in finding.answers if at == index and _tells(answer)]
        if isinstance(meaning, Refusal) and meaning not in [answer for _, answer in here]:
            lines.append(f"        {meaning.value}")
        lines += [f"        {profile.name}: {_why(answer)}" for profile, answer in here]
    return "".join(f"{line}\n" for line in lines)


def _meaning(finding: Finding) -> str:
    if finding.taken is not None:
        return f"{finding.taken.profile}, {finding.taken.ref.kind.value} {finding.taken.reference}"
    if not finding.codes:
        return "no code"
    taken = any(isinstance(answer, Reading) for _, _, answer in finding.answers)
    return "two statements, and which is meant cannot be told" if taken else "no statement"


def _tells(answer: Reading | Refusal) -> bool:
    return answer not in (Refusal.TOO_LONG, Refusal.NOT_TEXT, Refusal.SYMBOLOGY, Refusal.UNKNOWN)


def _why(answer: Reading | Refusal) -> str:
    if isinstance(answer, Refusal):
        return answer.value
    more = [f"pays {answer.payee}"] * bool(answer.payee) + [f"says {answer.printed_amount}"] * bool(answer.printed_amount)
    return ", ".join([f"takes it, {answer.reference}", *more])


def _printable(text: str) -> str:
    """What comes from a picture or a file's name must not move a cursor."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
