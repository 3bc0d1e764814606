"""What the hub's answers mean to a visit, and who says whether the hub is there."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from domain.billing import Statement
from domain.calls import CallReason
from kiosk.hub_link import HubLink, hub_client
from kiosk.settings import SettingsError, read_settings
from kiosk.visit import events as ev
from offline_queue.client import Blocked, HubAway, HubConfused, HubRefused, Locked, NoMatch, NotYet
from offline_queue.wire.messages import LookupAnswer
from tests.kiosk.fakes import FakeHub, Found
from tests.kiosk.installation import Installation
from tests.kiosk.visit.world import BORN, CREDIT, NAMED, NUMBER, OWING, SIBLING
from tests.log_watch import LogWatch


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (OWING, ev.Found(NUMBER, OWING)),
        (NoMatch(), ev.NotFound(NUMBER)),
        (Locked(900), ev.TooManyTries(NUMBER)),
        (Blocked(), ev.BillBlocked(NUMBER)),
        (NotYet(), ev.NotYet(NUMBER)),
        (HubAway("hub-timeout"), ev.LookUpFailed(NUMBER)),
        (HubConfused("hub-not-http"), ev.LookUpFailed(NUMBER)),
        (HubConfused("hub-status", 502), ev.LookUpFailed(NUMBER)),
        (HubRefused("database-busy", 503), ev.LookUpFailed(NUMBER)),
        (HubConfused("hub-status", 504), ev.LookUpFailed(NUMBER)),
    ],
)
async def test_each_answer_is_one_event(answer: Found | Exception, event: ev.Found | ev.NotFound) -> None:
    hub = FakeHub()
    hub.answers.put_nowait(answer)
    assert await HubLink(hub, lambda: None).look_up(NUMBER, BORN) == event
    assert hub.asked == [(NUMBER, BORN)]
    hub.answers.put_nowait(answer)
    of_named = dataclasses.replace(event, ref=NAMED)
    assert await HubLink(hub, lambda: None).look_up_named(NAMED, BORN, "123456") == of_named
    assert hub.asked_named == [(NAMED.proof, NAMED.name, BORN, "123456")]


@pytest.mark.parametrize(
    "failure",
    [
        HubConfused("hub-status", 500),
        HubRefused("malformed", 400),
        HubRefused("certificate-wrong", 403),
        HubConfused("hub-not-understood", 200),
        HubConfused("hub-too-long", 200),
    ],
)
async def test_a_hub_that_is_there_and_fails_at_one_bill_is_not_away(failure: HubConfused, log_watch: LogWatch) -> None:
    """What is due it knows and the kiosk does not: as an absence, it would have the patient type an amount."""
    log_watch.expect("visit.bill_unread")
    hub = FakeHub()
    link = HubLink(hub, lambda: None)
    for _ in range(3):
        hub.answers.put_nowait(failure)
    assert await link.look_up(NUMBER, BORN) == ev.BillUnread(NUMBER)
    assert await link.look_up_named(NAMED, BORN, "123456") == ev.BillUnread(NAMED)
    assert await link.probe(ev.ProbeHub(OWING.number, BORN, (OWING,))) == ev.BillUnread(NUMBER)
    assert [(said["reason"], said["status"]) for said in log_watch.events] == [(failure.code, failure.status)] * 3


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (OWING, ev.HubProbed(True)),
        (CREDIT, ev.BillChanged(CREDIT)),
        (HubAway("hub-away"), ev.HubProbed(False)),
        (HubConfused("hub-status", 503), ev.HubProbed(False)),
        (NoMatch(), ev.NotFound(NUMBER)),
        (Locked(900), ev.TooManyTries(NUMBER)),
        (Blocked(), ev.BillBlocked(NUMBER)),
    ],
)
async def test_just_before_paying_the_hub_is_asked_for_the_very_bill_that_was_shown(
    answer: Found | Exception, event: ev.Event
) -> None:
    hub = FakeHub()
    hub.answers.put_nowait(answer)
    assert await HubLink(hub, lambda: None).probe(ev.ProbeHub(OWING.number, BORN, (OWING,))) == event
    assert hub.asked == [(NUMBER, BORN)]


@pytest.mark.parametrize(
    ("others", "event"),
    [
        ((SIBLING,), ev.HubProbed(True)),
        ((), ev.BillChanged(OWING)),
        ((dataclasses.replace(SIBLING, issued=OWING.issued),), None),
    ],
)
async def test_of_several_bills_each_is_as_it_was_shown(others: tuple[Statement, ...], event: ev.Event | None) -> None:
    hub = FakeHub()
    hub.answers.put_nowait(LookupAnswer(statement=OWING, others=others))
    probe = ev.ProbeHub(OWING.number, BORN, (SIBLING, OWING))
    assert await HubLink(hub, lambda: None).probe(probe) == (event or ev.BillChanged(OWING, others))


async def test_only_sync_says_whether_the_hub_is_there() -> None:
    hub = FakeHub()
    link = HubLink(hub, lambda: None)
    seen = [link.online]
    link.heard(True)
    hub.answers.put_nowait(HubAway("hub-away"))
    hub.answers.put_nowait(HubAway("hub-away"))
    await link.look_up(NUMBER, BORN)
    await link.probe(ev.ProbeHub(OWING.number, BORN, (OWING,)))
    seen.append(link.online)
    link.heard(False)
    seen.append(link.online)
    assert seen == [False, True, False]


async def test_a_bug_is_no_answer() -> None:
    hub = FakeHub()
    hub.answers.put_nowait(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await HubLink(hub, lambda: None).look_up(NUMBER, BORN)


@pytest.mark.parametrize("emergency", [True, False])
async def test_the_hub_is_told_where_the_kiosk_stands(emergency: bool) -> None:
    hub = FakeHub()
    link = HubLink(hub, lambda: None, emergency=emergency)
    for _ in range(3):
        hub.answers.put_nowait(NotYet())
    await link.look_up(NUMBER, BORN)
    await link.look_up_named(NAMED, BORN, "123456")
    assert await link.probe(ev.ProbeHub(OWING.number, BORN, (OWING,))) == ev.NotYet(NUMBER)
    assert hub.in_emergency == {emergency}


@pytest.mark.parametrize("why", CallReason)
async def test_a_call_is_made_once_and_what_became_of_it_is_told_and_journalled(log_watch: LogWatch, why: CallReason) -> None:
    log_watch.expect("staff.not_called")
    hub = FakeHub()
    link = HubLink(hub, lambda: None)
    for answer in (None, HubAway("hub-timeout"), HubRefused("too-many-calls", 429)):
        hub.taken.put_nowait(answer)
    assert [await link.call_staff(why) for _ in range(3)] == [ev.StaffCalled(), ev.StaffNotCalled(), ev.StaffNotCalled()]
    assert hub.calls == [why] * 3
    assert [(said["event"], said["reason"], said.get("detail")) for said in log_watch.events] == [
        ("staff.called", why, None),
        ("staff.not_called", why, "hub-timeout"),
        ("staff.not_called", why, "too-many-calls"),
    ]


@pytest.mark.parametrize("text", [None, "", "no certificate"])
def test_a_certificate_file_that_holds_none_is_told(tmp_path: Path, text: str | None) -> None:
    place = Installation(tmp_path)
    place.amend('ca_file = ""', f'ca_file = "{tmp_path}/ca.pem"')
    if text is not None:
        (tmp_path / "ca.pem").write_text(text)
    with pytest.raises(SettingsError, match=r"The hub's certificate file .*ca\.pem cannot be (read|used)"):
        hub_client(read_settings(place.config), None)


async def test_a_hub_that_we_may_not_send_to_is_away_and_is_not_even_asked() -> None:
    """After a fork: what is paid then stays here, so the patient is told and the limits hold."""
    hub = FakeHub()
    link = HubLink(hub, lambda: "fork")
    assert await link.probe(ev.ProbeHub(OWING.number, BORN, (OWING,))) == ev.HubProbed(False)
    assert hub.asked == []
