"""What staff see of this kiosk's queue and devices, and how it is written: rows under headings. Nothing of any patient. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from domain.money import Money
from kiosk.visit.screens import Row, Said
from kiosk.visit.sync_words import sync_sentence
from kiosk.visit.words import Words

NOTHING = Said("", "")


@dataclass(frozen=True, slots=True)
class DeviceSeen:
    """`device` is "terminal", "scanner", "printer", "cards", "speaker" or "voice"; `condition` as devices.health has it;
    `fault` a code or empty."""

    device: str
    condition: str
    fault: str


@dataclass(frozen=True, slots=True)
class StaffReport:
    """`count` records wait for the hub, the `oldest` since then; `sums` is their money by currency. `tried_at` is None before the
    first try, `next_at` while a person must act first; `trouble` is the code of what keeps them here, empty when nothing does."""

    count: int
    sums: tuple[Money, ...]
    oldest: dt.datetime | None
    parked: int
    declined: int
    tried_at: dt.datetime | None
    next_at: dt.datetime | None
    trouble: str
    devices: tuple[DeviceSeen, ...]


def report_rows(report: StaffReport, words: Words) -> tuple[Row, ...]:
    """The queue, the hub, what waits for the billing office, the devices."""
    return (*_queue(report, words), *_hub(report, words), *_people(report, words), *_devices(report, words))


def _queue(report: StaffReport, words: Words) -> Iterator[Row]:
    yield _heading("staff-queue", words)
    yield Row(words.say("staff-count"), _number(report.count), "line")
    for money in report.sums:
        yield Row(words.say("staff-sum"), words.money(money), "line")
    if report.oldest is not None:
        yield Row(words.say("staff-oldest"), words.moment(report.oldest), "line")


def _hub(report: StaffReport, words: Words) -> Iterator[Row]:
    yield _heading("staff-hub", words)
    if report.tried_at is None:
        yield Row(words.say("staff-sync-none"), NOTHING, "line")
        return
    if report.trouble:
        why = words.say(sync_sentence(report.trouble))
        yield Row(Said(f"{why.text} ({report.trouble})", why.speech), NOTHING, "line")
    else:
        yield Row(words.say("staff-sync-well"), NOTHING, "line")
    yield Row(words.say("staff-tried"), words.moment(report.tried_at), "line")
    after = words.moment(report.next_at) if report.next_at else words.say("staff-next-person")
    yield Row(words.say("staff-next"), after, "line")


def _people(report: StaffReport, words: Words) -> Iterator[Row]:
    yield _heading("staff-people", words)
    yield Row(words.say("staff-parked"), _number(report.parked), "line")
    yield Row(words.say("staff-declined"), _number(report.declined), "line")


def _devices(report: StaffReport, words: Words) -> Iterator[Row]:
    yield _heading("staff-devices", words)
    for seen in report.devices:
        how = words.say(f"staff-condition-{seen.condition}")
        text = f"{how.text} ({seen.fault})" if seen.fault else how.text
        yield Row(words.say(f"staff-device-{seen.device}"), Said(text, how.speech), "line")


def _heading(message: str, words: Words) -> Row:
    return Row(words.say(message), NOTHING, "heading")


def _number(count: int) -> Said:
    return Said(str(count), str(count))
