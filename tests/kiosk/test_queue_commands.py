"""The queue's commands as staff, a technician or a script use them: at a kiosk that stands still, and beside one that runs."""

from __future__ import annotations

import ast
import datetime as dt
import json
import re
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import hub
import offline_queue
from domain.errors import Known
from domain.payment import Outcome
from hub.store import _NOT_NOW
from kiosk import queue_commands
from kiosk.queue_commands import app
from kiosk.queue_words import in_words
from kiosk.settings import read_settings
from kiosk.visit.sync_words import SYNC_SENTENCES, sync_sentence
from kiosk.words import LOCALES, FluentWords
from offline_queue import errors
from offline_queue.client import HubClient
from offline_queue.journal import Journal
from offline_queue.keeping import IN_FILE
from offline_queue.sync import Sync
from tests.kiosk.installation import Installation
from tests.log_watch import LogWatch
from tests.offline_queue.test_audit import tamper
from tests.offline_queue.world import FakeHub, World, away, ended, enrolled


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.chdir(tmp_path)
    return Installation(tmp_path)


@pytest.fixture
async def kiosk(place: Installation, world: World) -> AsyncIterator[tuple[Journal, HubClient, FakeHub]]:
    journal, client, hub = await enrolled(world, place.data)
    yield journal, client, hub
    await client.close()
    await journal.close()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Its clock is the commands' too, and the tests' own log watch goes on listening."""
    world = World()
    monkeypatch.setattr(queue_commands, "now", world.clock)
    monkeypatch.setattr(queue_commands, "log_nowhere", lambda: None)
    monkeypatch.setattr(queue_commands, "keeper_here", lambda: IN_FILE)
    return world


def run(place: Installation, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--config", str(place.config)])


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def why(result: Result) -> str:
    """The sentence of a known failure."""
    assert isinstance(result.exception, Known), result.output
    return str(result.exception)


# list


async def test_what_waits_is_listed_with_what_went_wrong(
    place: Installation, kiosk: tuple[Journal, HubClient, FakeHub], world: World, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    log_watch.expect("queue.parked")
    journal, client, hub = kiosk
    sync = Sync(journal, client, on_reachability=lambda _: None, random=lambda: 1.0)
    (parked,) = await world.paid(journal)
    hub.park = {parked.id}
    await sync.once()
    await world.paid(journal, 2)
    await world.paid(journal, result=ended(Outcome.UNKNOWN))
    hub.faults = [away, away]
    await sync.once()
    await sync.once()
    world.clock.now += dt.timedelta(hours=3, minutes=5)
    summary, *records = lines(run(place, "list", "--json"))
    assert (summary["kiosk"], summary["epoch"], summary["depth"], summary["parked"]) == ("lobby-1", 1, 3, 1)
    assert summary["totals"] == [{"amount_cents": 37_650, "currency": "USD"}]
    assert (summary["sync"]["error"], summary["sync"]["failures"]) == ("hub-away", 2)
    assert [(record["state"], record["outcome"], record["last4"]) for record in records] == [
        ("parked", "approved", "1234"),
        ("queued", "approved", "1234"),
        ("queued", "approved", "1234"),
        ("queued", "unknown", ""),
    ]
    assert records[0]["code"] == "no-account"
    shown = run(place, "list").stdout
    assert "3 records wait for the hub, $376.50; the oldest for 3 h 5 min" in shown
    assert "The hub cannot be reached." in shown
    assert "(hub-away, 2 times in a row)" in shown
    assert "1 parked for the billing office" in shown
    assert "card 1234" in shown
    for secret in (parked.statement, parked.ref.value):
        assert secret not in shown


async def test_when_all_is_delivered_it_says_so(
    place: Installation, kiosk: tuple[Journal, HubClient, FakeHub], world: World
) -> None:
    journal, client, _ = kiosk
    fresh = run(place, "list").stdout
    assert "Nothing waits.\n" in fresh
    assert "The hub has not been asked yet." in fresh
    await world.paid(journal)
    assert "1 record waits for the hub, $125.50;" in run(place, "list").stdout
    await Sync(journal, client, on_reachability=lambda _: None).once()
    shown = run(place, "list").stdout
    assert "Nothing waits: the hub has everything." in shown
    assert "The hub takes our payments." in shown
    assert "Next try 2026-11-21" in shown


async def test_after_a_fork_it_waits_for_a_person(
    place: Installation, kiosk: tuple[Journal, HubClient, FakeHub], world: World, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.fork")
    journal, client, hub = kiosk
    await world.paid(journal, queue_commands.MOST_SHOWN + 2)
    hub.stored = [("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "ab" * 32, None)]
    await Sync(journal, client, on_reachability=lambda _: None).once()
    world.clock.now += dt.timedelta(days=3)
    shown = run(place, "list").stdout
    assert "needs a new enrolment. (queue-fork)" in shown
    assert "Next try when a person has looked." in shown
    assert "the oldest for 3 days" in shown
    assert shown.endswith("and 2 more; --json lists them all.\n")


async def test_a_kiosk_before_its_enrolment(place: Installation, world: World) -> None:
    assert "no kiosk's database in the data folder" in why(run(place, "list"))
    await (await world.journal(place.data)).close()
    assert "not enrolled yet" in run(place, "list").stdout
    assert lines(run(place, "list", "--json"))[0]["kiosk"] is None
    assert lines(run(place, "audit", "--json"))[0]["kiosk"] is None
    assert "not enrolled yet" in why(drain(place))


# audit


async def test_the_audit_proves_and_counts(place: Installation, kiosk: tuple[Journal, HubClient, FakeHub], world: World) -> None:
    journal = kiosk[0]
    await world.paid(journal, 2)
    await world.paid(journal, result=ended(Outcome.UNKNOWN))
    shown = run(place, "audit").stdout
    assert "All is well: 2 payments took $251.00: 2 queued, 0 accepted, 0 posted, 0 parked, 0 declined." in shown
    assert "1 more payment is still being asked after." in shown
    (found,) = lines(run(place, "audit", "--json"))
    assert (found["ok"], found["difference"], found["records"]) == (True, None, 3)
    assert found["queued"] == {"count": 2, "totals": [{"amount_cents": 25_100, "currency": "USD"}]}


async def test_the_audit_names_the_first_difference(
    place: Installation, kiosk: tuple[Journal, HubClient, FakeHub], world: World
) -> None:
    await world.paid(kiosk[0], 2)
    tamper(place.data, "DELETE FROM outbox WHERE seq = 2")
    assert "is approved and has no record." in why(run(place, "audit"))
    told = run(place, "audit", "--json")
    assert json.loads(told.stdout)["ok"] is False
    assert why(told).startswith("The audit found a difference: payment ")


# export


async def test_what_waits_is_exported_beside_a_kiosk_that_runs(
    place: Installation, kiosk: tuple[Journal, HubClient, FakeHub], world: World, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    assert run(place, "export", str(stick)).stdout == "Nothing waits: the hub has everything. No file was written.\n"
    (told,) = lines(run(place, "export", str(stick), "--json"))
    assert told == {"kiosk": "lobby-1", "epoch": 1, "records": 0, "file": None}
    await world.paid(kiosk[0], 2)
    assert "2 records are in" in run(place, "export", str(stick)).stdout
    (told,) = lines(run(place, "export", str(tmp_path / "other"), "--json"))
    assert told == {"kiosk": "lobby-1", "epoch": 1, "records": 2, "file": str(tmp_path / "other")}
    assert stick.read_bytes() == (tmp_path / "other").read_bytes()
    assert (stick.stat().st_mode & 0o777, lines(run(place, "list", "--json"))[0]["depth"]) == (0o600, 2)
    assert "give another" in why(run(place, "export", str(stick)))
    assert "is the stick there" in why(run(place, "export", str(tmp_path / "none" / "stick")))


async def test_a_kiosk_before_its_enrolment_exports_nothing(place: Installation, world: World, tmp_path: Path) -> None:
    await (await world.journal(place.data)).close()
    assert "not enrolled yet" in why(run(place, "export", str(tmp_path / "stick")))


# drain


@pytest.fixture
def at_fake_hub(kiosk: tuple[Journal, HubClient, FakeHub], monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    """The command's client talks to the kiosk's hub, which is in this process."""
    hub = kiosk[2]

    def there(_settings: object, identity: Any) -> HubClient:
        return HubClient("https://hub.example:8443", None, identity, clock=hub.clock, transport=hub)

    monkeypatch.setattr(queue_commands, "hub_client", there)
    return hub


def drain(place: Installation) -> Result:
    """The command has a loop of its own, so it gets a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run, place, "drain").result()


async def test_what_waits_is_sent_at_once(
    place: Installation, kiosk: tuple[Journal, HubClient, FakeHub], at_fake_hub: FakeHub, world: World
) -> None:
    await world.paid(kiosk[0], 3)
    await kiosk[0].close()
    result = drain(place)
    assert result.stdout == "3 records are at the hub; 0 wait.\n"
    assert len(at_fake_hub.stored) == 3


async def test_a_hub_that_is_away_leaves_everything(
    place: Installation,
    kiosk: tuple[Journal, HubClient, FakeHub],
    at_fake_hub: FakeHub,
    world: World,
    log_watch: LogWatch,
) -> None:
    log_watch.expect("queue.failed")
    await world.paid(kiosk[0], 3)
    at_fake_hub.faults = [away]
    await kiosk[0].close()
    told = why(drain(place))
    assert told.startswith("3 records wait. The hub cannot be reached.")
    assert told.endswith("(hub-away)")


async def test_a_kiosk_that_runs_sends_by_itself(place: Installation, kiosk: tuple[Journal, HubClient, FakeHub]) -> None:
    assert "it sends what waits by itself" in why(drain(place))


# the staff's PIN


def test_a_pin_becomes_a_line_for_the_settings(place: Installation) -> None:
    made = CliRunner().invoke(app, ["pin"], input="24680\n")
    place.amend('pin_hash = ""', made.stdout.strip())
    assert read_settings(place.config).staff.pin_hash.startswith("scrypt:")
    assert "24680" not in made.stdout
    assert "4 to 8 digits" in why(CliRunner().invoke(app, ["pin"], input="12\n"))


# words


def codes() -> Iterator[str]:
    """Every code that can come back from an exchange with a hub, found where it is raised."""
    raised = {"HubAway", "HubConfused", "RequestRefused", "SignatureRefused"}
    for room in (offline_queue, hub):
        for path in Path(str(room.__file__)).parent.rglob("*.py"):
            if path.parent.name in ("simulation", "gateway"):
                continue  # no kiosk says what a simulated day notes; what a gateway says is for the reader's driver
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in raised:
                    yield from _texts(node)
                if (
                    room is offline_queue
                    and isinstance(node, ast.Constant)
                    and re.fullmatch(r"(hub|certificate)-[a-z]+(-[a-z]+)*", str(node.value))
                ):
                    yield str(node.value)  # made before it is raised


def _texts(call: ast.Call) -> Iterator[str]:
    for argument in call.args:
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and re.fullmatch(r"[a-z]+(-[a-z]+)*", str(node.value)):
                yield str(node.value)


def test_no_code_is_without_words() -> None:
    attention = {kind.code for kind in (errors.Forked, errors.LostAtHub, errors.KioskRefused, errors.RecordRefused)}
    not_now = {code for code, *_ in _NOT_NOW.values()}
    found = {*codes(), *attention, *not_now, errors.NotEnrolled.code}
    assert {"hub-away", "epoch-stale", "signature-clock-skew", "queue-fork"} < found
    assert found - SYNC_SENTENCES.keys() == set()
    for language in LOCALES:
        words = FluentWords(language, dt.UTC)
        for message in {*SYNC_SENTENCES.values(), sync_sentence("a-later-releases-word")}:
            assert words.say(message).text


def test_no_failure_of_the_memory_is_without_words() -> None:
    """Those that stop a command; the rest belong to a payment and have words on its screen (tests/kiosk/test_words.py)."""
    stopping: set[type[errors.QueueError]] = {
        errors.DatabaseInUse,
        errors.DatabaseForeign,
        errors.DatabaseNewer,
        errors.DatabaseOlder,
        errors.DatabaseMissing,
        errors.ExportExists,
        errors.ExportUnwritable,
    }
    for kind in {*stopping, errors.KeyExposed, *errors.DatabaseFault.__subclasses__()}:
        assert "cannot be used (" not in in_words(kind()), kind
    assert "cannot be used (not-enrolled)" in in_words(errors.NotEnrolled())
