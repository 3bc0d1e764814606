"""The audit finds what was changed behind the hub's back, and names it."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from domain import progress
from hub.audit import counts, first_difference
from hub.hub import Hub
from hub.second_thoughts import DeclineReason, decline
from tests.hub.conftest import tried_again
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.log_watch import LogWatch

DAMAGE = [
    ("DELETE FROM records WHERE seq = 2", "record 2 of lobby, enrolment 1, is missing"),
    ("UPDATE records SET sealed = x'00' WHERE seq = 2", "record 2 of lobby, enrolment 1, is not the one that came"),
    ("DELETE FROM records WHERE seq = 4", "the last record of lobby is not at its head"),
    ("UPDATE kiosks SET head_seq = 9", "the last record of lobby is not at its head"),
    ("UPDATE records SET posting = 'P00000009' WHERE seq = 1", "is not posted as P00000009"),
    ("UPDATE payments SET state = 'approved' WHERE state = 'unknown'", "is neither posted nor parked"),
    ("UPDATE payments SET state = 'declined' WHERE state = 'approved' AND account IS NOT NULL", "is posted and was not approved"),
    ("UPDATE lines SET minor = minor + 1", "does not agree with the ledger"),
]


def without_triggers(connection: Connection) -> None:
    for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def damaged(connection: Connection, damage: str) -> str:
    """What the audit says after `damage`, which is taken back."""
    without_triggers(connection)
    connection.exec_driver_sql(damage)
    found = first_difference(connection)
    connection.rollback()
    assert found is not None
    return found


@pytest.mark.parametrize(("damage", "difference"), DAMAGE, ids=[damage for damage, _ in DAMAGE])
async def test_the_first_difference_is_named(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, damage: str, difference: str
) -> None:
    log_watch.expect("hub.parked")
    await kiosk.deliver(
        payment(kiosk.new_pid()),
        payment(kiosk.new_pid(), "unknown"),
        payment(kiosk.new_pid(), currency="EUR"),
        payment(kiosk.new_pid(), minor=1),
    )
    with hub.store.writing() as connection:
        assert first_difference(connection) is None
        assert counts(connection) == {"posted": 2, "accepted": 1, "parked": 1, "declined": 0}
        assert difference in damaged(connection, damage)


LATER = [
    ("DELETE FROM outcomes WHERE number = 1", "outcome 1 of lobby is missing"),
    ("DELETE FROM outcomes WHERE number = 2", "the last outcome of lobby is not the one that it is told of"),
    ("UPDATE kiosks SET news = 9", "the last outcome of lobby is not the one that it is told of"),
    ("UPDATE outcomes SET seq = 9 WHERE number = 1", "outcome 1 of lobby is of a record that never came"),
    ("UPDATE outcomes SET posting = 'P00000009' WHERE number = 1", "was declined, and not reversed as it was told"),
    ("UPDATE outcomes SET posting = 'P00000009' WHERE number = 2", "does not stand posted as P00000009"),
    ("UPDATE outcomes SET status = 'posted', posting = 'P00000002' WHERE number = 1", "does not stand posted as P00000002"),
    ("UPDATE outcomes SET status = 'accepted' WHERE number = 1", "is reversed, and its kiosk was never told"),
    ("DELETE FROM tasks WHERE kind = 'declined'", "is reversed, and nobody was asked to see to it"),
    ("DELETE FROM tasks WHERE kind = 'parked'", "is parked, and no task says so"),
    ("UPDATE tasks SET closed_at = '2026-11-21' WHERE kind = 'parked'", "is parked, and no task says so"),
]


@pytest.mark.parametrize(("damage", "difference"), LATER, ids=[damage for damage, _ in LATER])
async def test_what_became_of_records_later_is_audited_too(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, damage: str, difference: str
) -> None:
    log_watch.expect("hub.parked")
    log_watch.expect("hub.declined")
    declined, closed = kiosk.new_pid(), kiosk.new_pid()
    await kiosk.deliver(payment(declined, "captured"), payment(kiosk.new_pid(), currency="EUR"))
    with hub.store.writing() as connection:
        connection.exec_driver_sql("UPDATE accounts SET closed_at = '2026-11-21'")
    await kiosk.deliver(payment(closed))
    with hub.store.writing() as connection:
        connection.exec_driver_sql("UPDATE accounts SET closed_at = NULL")
    decline(hub, declined, DeclineReason.OTHER)
    tried_again(hub, closed)
    with hub.store.writing() as connection:
        assert first_difference(connection) is None
        assert counts(connection) == {"posted": 1, "accepted": 0, "parked": 1, "declined": 1}
        assert difference in damaged(connection, damage)


@pytest.mark.parametrize("change", ["UPDATE outcomes SET code = ''", "DELETE FROM outcomes", "DELETE FROM tasks"])
async def test_outcomes_and_tasks_stay(hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, change: str) -> None:
    log_watch.expect("hub.declined")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "captured"))
    decline(hub, pid, DeclineReason.OTHER)
    with pytest.raises(IntegrityError), hub.store.writing() as connection:
        connection.exec_driver_sql(change)


@pytest.mark.parametrize("change", ["UPDATE records SET status = 'posted'", "DELETE FROM records"])
async def test_records_stay_as_they_came(hub: Hub, kiosk: ScriptedKiosk, change: str) -> None:
    await kiosk.deliver(payment(kiosk.new_pid(), "unknown"))
    with pytest.raises(IntegrityError), hub.store.writing() as connection:
        connection.exec_driver_sql(change)


async def test_whoever_waits_hears_how_far_it_is(hub: Hub, kiosk: ScriptedKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each record in its chain, then in the ledger."""
    monkeypatch.setattr(progress, "EVERY", 1)
    await kiosk.deliver(payment(kiosk.new_pid()), payment(kiosk.new_pid(), "unknown"))
    told = list[tuple[int, int]]()
    with hub.store.reading() as connection:
        assert first_difference(connection, lambda done, of: told.append((done, of))) is None
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
