"""One kiosk: what it is, and the devices that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from devices.printers.port import Printer
from devices.scanners.port import Scanner
from devices.smartcards.port import CardReader
from devices.speaker import Speaker
from devices.terminals.port import Serviced
from domain.biller_profiles import Profile
from domain.limits import Limits
from kiosk.ui_voice import UiVoice
from kiosk.visit.pages.page import Site
from kiosk.visit.words import Words


@dataclass(frozen=True, slots=True)
class Place:
    """What this kiosk is: its site, its words, its limits while the hub is away, whose codes it takes, and the time zone whose
    days count here."""

    site: Site
    words: Mapping[str, Words]
    limits: Limits
    profiles: tuple[Profile, ...]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Hands:
    """The devices. `cards` reads the staff's badges, `speaker` is heard, `voice` speaks in the UI;
    None where there is no such thing."""

    terminal: Serviced
    scanner: Scanner
    printer: Printer
    cards: CardReader | None = None
    speaker: Speaker | None = None
    voice: UiVoice | None = None

    def named(self) -> tuple[tuple[str, Serviced | Scanner | Printer | CardReader | Speaker | UiVoice], ...]:
        """Each that is there, by what it is."""
        always = (("terminal", self.terminal), ("scanner", self.scanner), ("printer", self.printer))
        maybe = (("cards", self.cards), ("speaker", self.speaker), ("voice", self.voice))
        return (*always, *((name, hand) for name, hand in maybe if hand is not None))
