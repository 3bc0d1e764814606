"""From settings to an engine: what each setting becomes, and what is told of one that cannot be used."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from devices.scanners.port import Code, View
from devices.smartcards.simulator.__main__ import issue
from devices.terminals.authorizer import NotReached
from devices.terminals.port import Capabilities, Reverses
from domain.limits import Limits
from domain.payment import CardData
from domain.statement_codes import LinkProfile, MacKey
from kiosk.authorizing import NoHub
from kiosk.brand import by_day, by_night
from kiosk.settings import BrandTable, SettingsError, read_settings
from kiosk.visit.pages.page import HelpPaying, Site
from kiosk.visit.screens import SCANNED, Brand, Intent, Theme, snapshot_from_json
from kiosk.visit.stages import HubAway, Rules
from kiosk.wiring import _hands, _place, _rules, check_devices, wire
from tests.devices.simulator_process import until
from tests.kiosk.installation import LIMIT_S, Installation
from tests.kiosk.visit.world import usd
from tests.log_watch import LogWatch
from tests.offline_queue.world import World

ZVT = Capabilities("zvt", hub_authorises=False, approves_offline=True, last_result=True, reverses=Reverses.ANY, end_of_day=True)
NEO2 = replace(ZVT, protocol="neo2", hub_authorises=True)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.chdir(tmp_path)
    return Installation(tmp_path)


def test_every_setting_arrives(place: Installation) -> None:
    settings = read_settings(place.config)
    assert _rules(settings, ZVT) == Rules(
        currency="USD",
        languages=("es", "en"),
        offline_most=usd(200_00),
        idle_s=60,
        warning_s=20,
        thanks_s=15,
        motion=True,
        staff=False,
    )
    links = LinkProfile(frozenset({"PAY.EXAMPLE"}), {"A": MacKey(bytes(16))})
    told = _place(settings, links)
    desk = {"en": "the desk by the door", "es": "la mesa junto a la puerta"}
    assert told.site == Site("St. Brendan", desk, "555-0100", answer_days=3, check_host="PAY.HOSPITAL.EXAMPLE:8443")
    assert told.limits == Limits(usd(200_00), usd(1000_00), 40, dt.timedelta(hours=72))
    assert [(profile.name, profile.links) for profile in told.profiles] == [("lobbypay-link", links), ("lobbypay-number", None)]
    assert told.words.keys() == {"es", "en"}
    assert told.zone == ZoneInfo("America/New_York")
    assert "12:00" in told.words["en"].moment(dt.datetime(2026, 3, 4, 17, tzinfo=dt.UTC)).text


def test_a_hospital_s_own_look_and_words_arrive(place: Installation) -> None:
    settings = read_settings(place.config)
    greeting = {language: f"words in {language}" for language in settings.site.languages}
    own = settings.model_copy(update={"site": settings.site.model_copy(update={"greeting": greeting})})
    links = LinkProfile(frozenset(), {})
    look = BrandTable(colour="#7A1F5C", logo="")
    told = _place(own.model_copy(update={"brand": look}), links).site
    assert told.greeting == greeting
    assert told.brand == Brand("", by_day("#7A1F5C"), by_night("#7A1F5C"))
    plain = own.model_copy(update={"brand": BrandTable(colour="", logo="")})
    assert _place(plain, links).site.brand == Brand("", None, None)


def test_help_and_the_emergency_department_arrive_where_they_are_set(place: Installation) -> None:
    told = '[site.help_paying]\nphone = "555-0177"\nsummary = { en = ["We help.", "Ask."], es = ["Ayudamos."] }\n\n[hub]'
    place.amend("[hub]", told)
    place.amend("[site]\n", "emergency = true\n\n[site]\n")
    settings = read_settings(place.config)
    rules = _rules(settings, ZVT)
    assert (rules.help_paying, rules.emergency) == (True, True)
    site = _place(settings, LinkProfile(frozenset(), {})).site
    assert site.help_paying == HelpPaying("555-0177", {"en": ("We help.", "Ask."), "es": ("Ayudamos.",)})


async def test_a_wired_kiosk_shows_its_own_language_and_is_closed_while_no_terminal_is_there(
    place: Installation, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    await place.enrol()
    journal = await World().journal(place.data)
    identity = journal.identity()
    assert identity is not None
    kiosk = wire(read_settings(place.config), journal, identity)
    await kiosk.screen.open(kiosk.heard)
    running = asyncio.create_task(kiosk.engine.run())
    async with asyncio.timeout(LIMIT_S):
        reader, writer = await asyncio.open_unix_connection(place.data / "ui.sock", limit=1_000_000)
        shown = snapshot_from_json(await reader.readline())
        await log_watch_until(log_watch, "queue.failed")
    assert (shown.screen, shown.language) == ("out-of-service", "es")
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
    writer.close()
    await kiosk.engine.close()
    await kiosk.screen.close()
    await kiosk.client.close()
    await journal.close()


async def log_watch_until(watch: LogWatch, event: str) -> None:
    await until(lambda: any(seen["event"] == event for seen in watch.events))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("zvt+serial:", "morse:", "A device's address cannot be used: no driver speaks 'morse'"),
        ("camera:", "eyes:", "A device's address cannot be used: a scanner is camera:INDEX"),
        (
            "[scanner]\nuri = ",
            '[scanner]\nuri = ["wedge:", "wedge:"]  # ',
            "A device's address cannot be used: a kiosk has a scanner, and at most one",
        ),
        ("escpos+tcp:", "quill:", "A device's address cannot be used: a printer is escpos+usb:"),
        ('"password"', '"nothing"', "The terminal's password file nothing cannot be read."),
    ],
)
async def test_what_cannot_be_used_is_told(place: Installation, old: str, new: str, words: str) -> None:
    place.amend(old, new)
    await place.enrol()
    journal = await World().journal(place.data)
    identity = journal.identity()
    assert identity is not None
    with pytest.raises(SettingsError) as told:
        wire(read_settings(place.config), journal, identity)
    assert str(told.value).startswith(words)
    await journal.close()


def test_a_speaker_is_there_where_the_settings_name_its_player(place: Installation) -> None:
    assert _hands(read_settings(place.config), NoHub())[0].speaker is None
    place.amend("[staff]", '[sound]\nplayer = ["aplay", "-q"]\n[staff]')
    assert _hands(read_settings(place.config), NoHub())[0].speaker is not None


def test_a_badge_reader_is_there_where_the_settings_name_it(place: Installation) -> None:
    assert _hands(read_settings(place.config), NoHub())[0].cards is None
    place.amend("[staff]", '[smartcards]\nreader = "ACS ACR39U"\nca_file = "badges.pem"\n[staff]')
    settings = read_settings(place.config)
    assert _rules(settings, ZVT).badges
    with pytest.raises(SettingsError, match=r"A device's address cannot be used: badges.pem cannot be read: No such file"):
        _hands(settings, NoHub())
    issue(place.folder)
    (place.folder / "ca.pem").rename(place.folder / "badges.pem")
    assert _hands(settings, NoHub())[0].cards is not None


async def test_what_a_scanner_types_goes_to_its_driver_and_a_touch_to_the_visit(place: Installation) -> None:
    place.amend("[scanner]\nuri = ", '[scanner]\nuri = ["wedge:", "camera:0"]  # ')
    await place.enrol()
    journal = await World().journal(place.data)
    identity = journal.identity()
    assert identity is not None
    kiosk = wire(read_settings(place.config), journal, identity)
    views: list[View] = []
    kiosk.engine._hands.scanner.watch(views.append)
    kiosk.heard(Intent(SCANNED, "]C0LP000000000198\n"))
    assert [view.agreed for view in views] == [{Code("Code128", "LP000000000198")}]
    assert kiosk.engine._visit.rules.camera
    kiosk.heard(Intent("theme"))
    assert kiosk.engine._visit.theme is not Theme.DAY
    kiosk.engine._hands.scanner.rest()
    await replace(kiosk, wedge=None).client.close()
    replace(kiosk, wedge=None).heard(Intent(SCANNED, "]C0LP000000000198\n"))  # nobody set that scanner up
    await journal.close()


async def test_a_password_that_is_no_text_is_told(place: Installation) -> None:
    place.password.write_bytes(b"\xff\xff")
    with pytest.raises(SettingsError, match="password file password cannot be read"):
        _hands(read_settings(place.config), NoHub())


def test_a_card_is_kept_for_the_hub_only_where_the_acquirer_agrees(place: Installation) -> None:
    settings = read_settings(place.config)
    assert not settings.terminal.capture
    assert (_rules(settings, ZVT).away, _rules(settings, NEO2).away) == (HubAway.SENT_LATER, HubAway.REFUSED)
    place.amend("capture = false", "capture = true")
    settings = read_settings(place.config)
    assert (_rules(settings, ZVT).away, _rules(settings, NEO2).away) == (HubAway.SENT_LATER, HubAway.CAPTURED)


async def test_a_reader_that_the_hub_authorises_is_given_the_hub(place: Installation) -> None:
    place.amend("zvt+serial:", "neo2+serial:")
    check_devices(read_settings(place.config))
    await place.enrol()
    journal = await World().journal(place.data)
    identity = journal.identity()
    assert identity is not None
    kiosk = wire(read_settings(place.config), journal, identity)
    assert kiosk.engine._visit.rules.away is HubAway.REFUSED
    await kiosk.client.close()
    await journal.close()


async def test_a_terminal_that_is_only_looked_at_asks_nobody() -> None:
    nobody, card = NoHub(), CardData(bytes(10), b"x")
    for asked in (nobody.authorize("a", usd(1), card), nobody.inquire("a"), nobody.void("a")):
        with pytest.raises(NotReached, match="no-hub"):
            await asked
