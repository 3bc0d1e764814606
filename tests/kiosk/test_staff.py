"""The staff's door: which PIN opens it, how often one may try, and what is behind it."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from devices.health import Condition, Health
from devices.smartcards.port import Badge, Refusal, Refused, Wristband
from domain.errors import Known
from domain.money import Money
from kiosk.staff import MOST_TRIES, WINDOW_S, StaffDoor, hash_pin
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.present import present
from kiosk.visit.screens import Bill, Intent, Keypad
from kiosk.visit.staff_report import DeviceSeen
from kiosk.visit.visit import step
from offline_queue.sync import Sync
from tests.kiosk.fakes import FakeStaff
from tests.kiosk.lobby import Lobby, visit
from tests.kiosk.visit.world import LANGUAGES, SITE, fresh
from tests.log_watch import LogWatch
from tests.offline_queue.world import Chance, World, away, enrolled

PIN = "24680"
DEVICES = (DeviceSeen("printer", "out", "printer-no-paper"),)


class Time:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def door(tmp_path: Path, time: Time) -> StaffDoor:
    return StaffDoor(hash_pin(PIN, Chance()), tmp_path / "memory", time)


async def test_the_right_pin_sees_the_queue_and_no_patient(
    door: StaffDoor, tmp_path: Path, world: World, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    journal, client, hub = await enrolled(world, tmp_path / "memory")
    (paid, _) = await world.paid(journal, 2)
    before = await door.look(PIN, DEVICES)
    assert isinstance(before, ev.StaffSees)
    assert (before.report.tried_at, before.report.trouble) == (None, "")
    hub.faults = [away]
    await Sync(journal, client, on_reachability=lambda _: None).once()
    seen = await door.look(PIN, DEVICES)
    assert isinstance(seen, ev.StaffSees)
    report = seen.report
    assert (report.count, report.sums, report.parked, report.declined) == (2, (Money(25_100, "USD"),), 0, 0)
    assert (report.trouble, report.devices) == ("hub-away", DEVICES)
    assert report.oldest is not None
    assert report.tried_at is not None
    for secret in (paid.id, paid.statement, paid.ref.value, "1234"):
        assert secret not in repr(dataclasses.asdict(report))
    await client.close()
    await journal.close()


async def test_few_wrong_pins_and_then_even_the_right_one_waits(door: StaffDoor, time: Time) -> None:
    for _ in range(MOST_TRIES):
        assert await door.look("00000", ()) == ev.StaffRefused("pin-wrong")
        time.seconds += 1
    assert await door.look(PIN, ()) == ev.StaffRefused("pin-locked")
    time.seconds = 100.0 + WINDOW_S
    assert await door.look("00000", ()) == ev.StaffRefused("pin-wrong")
    assert await door.look(PIN, ()) == ev.StaffRefused("pin-locked")


async def test_leaving_while_a_pin_is_judged_takes_no_try_back(door: StaffDoor) -> None:
    for _ in range(MOST_TRIES):
        leaving = asyncio.ensure_future(door.look("00000", ()))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
    assert await door.look(PIN, ()) == ev.StaffRefused("pin-locked")


async def test_the_right_pin_forgives_the_wrong_ones_and_a_queue_that_cannot_be_read_is_told(door: StaffDoor) -> None:
    for _ in range(3):
        for _ in range(MOST_TRIES - 1):
            assert await door.look("00000", ()) == ev.StaffRefused("pin-wrong")
        assert await door.look(PIN, ()) == ev.StaffRefused("pin-unread")


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "١٢٣٤", "1234\n"])
def test_what_is_no_pin_gets_no_hash(pin: str) -> None:
    with pytest.raises(Known, match="4 to 8 digits"):
        hash_pin(pin, Chance())


def test_two_hashes_of_one_pin_differ() -> None:
    chance = Chance()
    assert hash_pin(PIN, chance) != hash_pin(PIN, chance)


# at the kiosk


def test_staff_look_and_the_screen_clears_by_itself() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.at("attract")
        lobby.printer.state = Health(Condition.OUT, "printer-no-paper")
        lobby.touch("help", "staff")
        await lobby.at("staff-pin")
        lobby.keys("1357")
        assert isinstance(lobby.shown.middle, Keypad)
        assert "1" not in lobby.shown.middle.shown.text
        lobby.touch("next")
        await lobby.until(lambda: lobby.shown.notice is not None)
        lobby.keys(FakeStaff.PIN)
        lobby.touch("next")
        shown = await lobby.at("staff")
        assert isinstance(shown.middle, Bill)
        assert any("Needs" in row.value.text or "Necesita" in row.value.text for row in shown.middle.rows)
        assert [device.device for device in lobby.staff.devices] == ["terminal", "scanner", "printer"]
        await lobby.at("attract")

    visit(story)


def test_a_badge_opens_the_staff_screen_and_another_card_is_told_why_not() -> None:
    async def story(lobby: Lobby) -> None:
        cards = lobby.cards
        assert cards is not None
        await lobby.at("attract")
        lobby.touch("help", "staff")
        await lobby.at("staff-pin")
        assert cards.seen is not None
        cards.seen(Refused(Refusal.PAYMENT_CARD))
        assert lobby.shown.notice is not None
        assert "payment terminal" in lobby.shown.notice.text
        cards.seen(Wristband("04a2b3c4", ""))  # nobody asked for it
        assert "payment terminal" in lobby.shown.notice.text
        cards.seen(Badge("Robin Tester", "2a"))
        shown = await lobby.at("staff")
        assert "Robin" not in shown.to_json()
        assert [device.device for device in lobby.staff.devices] == ["terminal", "scanner", "printer", "cards"]
        assert "cards rest" in lobby.log
        await lobby.at("attract")

    visit(story, cards=True)


def test_badges_are_asked_for_at_the_staffs_door_and_nowhere_else() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.finds_bill()
        assert "cards opened" in lobby.log
        lobby.touch("cancel", "help", "staff")
        await lobby.at("staff-pin")
        lobby.keys("12")
        lobby.touch("back")
        await lobby.at("attract")
        assert [entry for entry in lobby.log if entry.startswith("cards")] == ["cards opened", "cards watch badge", "cards rest"]

    visit(story, cards=True)


def test_the_screen_speaks_of_a_badge_where_one_can_be_shown() -> None:
    at_the_door = dataclasses.replace(fresh(), stage=st.StaffPin(), language="en")
    badges = dataclasses.replace(at_the_door, rules=dataclasses.replace(at_the_door.rules, badges=True))
    said = [" ".join(line.text for line in present(visit, LANGUAGES, SITE, 1).lines) for visit in (at_the_door, badges)]
    assert "badge" not in said[0]
    assert "hold your badge to the reader" in said[1]


async def test_wrong_pins_keep_no_badge_out(door: StaffDoor) -> None:
    for _ in range(MOST_TRIES):
        await door.look("00000", ())
    assert await door.look(PIN, ()) == ev.StaffRefused("pin-locked")
    assert await door.look_with_badge(()) == ev.StaffRefused("pin-unread")  # there is no queue here: it was asked


def test_where_there_is_no_pin_nothing_is_offered() -> None:
    alone = dataclasses.replace(fresh(), rules=dataclasses.replace(fresh().rules, staff=False))
    helped, _ = step(alone, Intent("help"))
    assert step(helped, Intent("staff")) == (helped, ())
    at_the_camera = dataclasses.replace(fresh(), stage=st.Scan(), asking=st.Asking.HELP)
    assert step(at_the_camera, Intent("staff")) == (at_the_camera, ())
