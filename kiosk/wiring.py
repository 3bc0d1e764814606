"""From settings to a running engine: the one place where rooms, devices and hub are put together."""

from __future__ import annotations

import datetime as dt
import os
import time
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from devices.printers.uris import open_printer
from devices.scanners.port import Scanner
from devices.scanners.uris import open_scanners
from devices.scanners.wedge import Wedge
from devices.smartcards.driver import open_reader
from devices.smartcards.port import CardReader
from devices.smartcards.trust import Trust
from devices.speaker import Speaker
from devices.terminals.authorizer import Authorizer
from devices.terminals.port import Capabilities
from devices.terminals.uris import open_terminal
from domain.biller_profiles import SYMBOLOGIES, Profile
from domain.limits import Limits
from domain.money import Money
from domain.statement_codes import LinkProfile
from kiosk.authorizing import HubAuthorizer, NoHub
from kiosk.billers import load_profiles
from kiosk.brand import by_day, by_night
from kiosk.camera import open_camera
from kiosk.clock import now
from kiosk.day_end import DayEnd
from kiosk.engine import Engine
from kiosk.hub_link import HubLink, hub_client
from kiosk.place import Hands, Place
from kiosk.settings import BrandTable, HelpPayingTable, Settings, SettingsError, socket_path
from kiosk.staff import StaffDoor
from kiosk.ui_link import UiLink
from kiosk.ui_voice import UiVoice
from kiosk.visit.events import World
from kiosk.visit.pages.page import HelpPaying, Site
from kiosk.visit.screens import PREVIEW_SOCKET, SCANNED, VOICE, Brand, Intent
from kiosk.visit.stages import HubAway, Rules, at_rest
from kiosk.words import FluentWords
from offline_queue.client import HubClient
from offline_queue.identity import Identity
from offline_queue.journal import Journal
from offline_queue.sync import Sync


@dataclass(frozen=True, slots=True)
class Kiosk:
    """An engine and what has to be opened and closed around it."""

    engine: Engine
    screen: UiLink
    client: HubClient
    wedge: Wedge | None
    """The scanner that types, if there is one."""
    voice: UiVoice | None

    def heard(self, intent: Intent) -> None:
        """What comes from the face: what a person did, what a scanner typed there, how its voice is."""
        if intent.name == SCANNED:
            if self.wedge is not None:
                self.wedge.typed(intent.value)
        elif intent.name == VOICE:
            if self.voice is not None:
                self.voice.said(intent.value)
        else:
            self.engine.intend(intent)


def wire(settings: Settings, journal: Journal, identity: Identity) -> Kiosk:
    """Everything, not yet started. Raises SettingsError, BillerError."""
    client = hub_client(settings, identity)
    place = _place(settings, identity.links)
    printed = frozenset[str]().union(*(profile.symbologies for profile in place.profiles))
    hands, wedge = _hands(settings, HubAuthorizer(client, journal.attempt), printed)
    hub = HubLink(client, lambda: sync.attention, emergency=settings.kiosk.emergency)
    sync = Sync(journal, client, on_reachability=hub.heard, limits=place.limits)
    visit = at_rest(_rules(settings, hands.terminal.capabilities), World(terminal=False, scanner=False, printer=False, hub=False))
    screen = UiLink(socket_path(settings))
    staff = StaffDoor(settings.staff.pin_hash, Path(settings.kiosk.data), time.monotonic)
    day_end = DayEnd(settings.terminal.day_ends_at, ZoneInfo(settings.kiosk.zone), now)
    engine = Engine(visit, place, hands, journal, hub, sync, screen, staff, day_end, now, os.urandom)
    return Kiosk(engine, screen, client, wedge, hands.voice)


def check_devices(settings: Settings) -> None:
    """Raises SettingsError when a device's address or a file that it needs cannot be used, BillerError when a profile cannot.
    Touches no device."""
    _hands(settings, NoHub())
    _profiles(settings, LinkProfile(frozenset(), {}))


def _rules(settings: Settings, terminal: Capabilities) -> Rules:
    away = HubAway.SENT_LATER
    if terminal.hub_authorises:
        away = HubAway.CAPTURED if settings.terminal.capture else HubAway.REFUSED
    return Rules(
        currency=settings.site.currency,
        languages=tuple(settings.site.languages),
        offline_most=Money(settings.offline.payment, settings.site.currency),
        idle_s=settings.pace.idle_s,
        warning_s=settings.pace.warning_s,
        thanks_s=settings.pace.thanks_s,
        motion=settings.screen.motion,
        staff=settings.staff.pin_hash != "",
        badges=settings.smartcards is not None,
        away=away,
        camera=any(uri.startswith("camera:") for uri in settings.scanner.uri),
        emergency=settings.kiosk.emergency,
        help_paying=settings.site.help_paying is not None,
    )


def _help_paying(table: HelpPayingTable | None) -> HelpPaying | None:
    if table is None:
        return None
    return HelpPaying(table.phone, {str(language): tuple(told) for language, told in table.summary.items()})


def _brand(table: BrandTable) -> Brand:
    if not table.colour:
        return Brand(table.logo, None, None)
    return Brand(table.logo, by_day(table.colour), by_night(table.colour))


def _place(settings: Settings, links: LinkProfile) -> Place:
    site, offline = settings.site, settings.offline
    zone = ZoneInfo(settings.kiosk.zone)
    return Place(
        site=Site(
            site.name,
            {str(language): where for language, where in site.desk.items()},
            site.phone,
            site.answer_days,
            site.check_host,
            greeting={str(language): own for language, own in site.greeting.items()},
            help_paying=_help_paying(site.help_paying),
            brand=None if settings.brand is None else _brand(settings.brand),
        ),
        words={language: FluentWords(language, zone) for language in site.languages},
        limits=Limits(
            payment=Money(offline.payment, site.currency),
            total=Money(offline.total, site.currency),
            count=offline.count,
            age=dt.timedelta(hours=offline.age_hours),
        ),
        profiles=_profiles(settings, links),
        zone=zone,
    )


def _profiles(settings: Settings, links: LinkProfile) -> tuple[Profile, ...]:
    return load_profiles(settings.billers.profiles, links, frozenset(settings.billers.payees))


def _hands(settings: Settings, authorizer: Authorizer, printed: frozenset[str] = SYMBOLOGIES) -> tuple[Hands, Wedge | None]:
    """The devices that the settings name, and the one that types; none of them is touched before `open`. A camera looks for
    symbologies that are `printed` on bills and for no others."""
    table = settings.terminal

    def camera(source: str, shown: bool) -> Scanner:
        preview = socket_path(settings).with_name(PREVIEW_SOCKET) if shown else None
        return open_camera(source, preview, settings.scanner.mirror, printed)

    try:
        scanner, wedge = open_scanners(settings.scanner.uri, camera)
        hands = Hands(
            terminal=open_terminal(
                table.uri,
                password=_password(settings),
                currency=settings.site.currency,
                mends=True,
                clock=lambda: now().astimezone(ZoneInfo(settings.kiosk.zone)),
                authorizer=authorizer,
                captures=table.capture,
            ),
            scanner=scanner,
            printer=open_printer(settings.printer.uri),
            cards=_cards(settings),
            speaker=None if settings.sound is None else Speaker(settings.sound.player),
            voice=None if settings.speech is None else UiVoice(),
        )
    except ValueError as error:
        raise SettingsError(f"A device's address cannot be used: {error}.") from error
    return hands, wedge


def _cards(settings: Settings) -> CardReader | None:
    """Raises ValueError when there is to be one and its authority cannot be read."""
    if settings.smartcards is None:
        return None
    Trust.read(Path(settings.smartcards.ca_file), now)  # told here, in words; the reader's own process reads it again
    return open_reader(settings.smartcards.reader, settings.smartcards.ca_file)


def _password(settings: Settings) -> str:
    path = Path(settings.terminal.password_file)
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The terminal's password file {path} cannot be read.") from error
