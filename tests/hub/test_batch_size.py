"""However records are cut into batches, their kiosk gets the same answers and the hub keeps the same books."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from hub import ledger
from hub.hub import Hub
from hub.intake import keep
from hub.posting import Place
from hub.schema import journal_entries, journal_lines, outcomes, payments, records, tasks
from hub.second_thoughts import DeclineReason, decline
from hub.statements import add_statement
from offline_queue.wire.messages import RecordAnswer, SealedRecord
from tests.hub.conftest import ACCOUNT, OPAQUE, bill
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.log_watch import LogWatch

New = list[tuple[SealedRecord, bytes]]

KEPT = (payments, journal_entries, journal_lines, records, outcomes, tasks)
SISTER = "1000000001"
"""Another statement of the same account."""

CHANGES: tuple[dict[str, Any], ...] = (
    {"ref": {"kind": "link", "value": OPAQUE}},
    {"ref": {"kind": "number", "value": SISTER}},
    {"ref": {"kind": "number", "value": "9999999999"}},
    {"account": "A999999"},
    {"currency": "EUR"},
    {"surprise": 1},
)
TOLD = st.tuples(
    st.integers(0, 5),
    st.sampled_from(("approved", "captured", "unknown", "declined", "cancelled")),
    st.sampled_from((2550, 2550, 2550, 9_000, 999_999_999_999)),
    st.one_of(st.just({}), st.sampled_from(CHANGES)),
    st.booleans(),
    st.booleans(),
)
"""Which payment (of a few, so that many records tell of the same one), how it ended, how much it was, what else is odd; whether
the record is carried from an earlier enrolment; whether a batch ends here."""


@pytest.fixture
async def pids(hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch) -> list[str]:
    """A payment that is posted, one that the bank declined since, one parked, one unknown, two that the hub has not heard of."""
    log_watch.expect("hub.parked")
    log_watch.expect("hub.declined")
    with hub.store.writing() as connection:
        add_statement(connection, bill(SISTER, ACCOUNT, 7_000), "B" * 16, hub.world.clock())
    pids = [kiosk.new_pid() for _ in range(6)]
    lost = payment(pids[2], ref={"kind": "number", "value": "9999999999"})
    await kiosk.deliver(payment(pids[0]), payment(pids[1], "captured"), lost, payment(pids[3], "unknown"))
    decline(hub, pids[1], DeclineReason.OTHER)
    return pids


def books(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that taking records can change, and that the ledger itself finds nothing wrong."""
    assert ledger.first_fault(connection) is None
    return {str(table): [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))] for table in KEPT}


def taken(hub: Hub, kiosk: ScriptedKiosk, batches: list[New]) -> tuple[list[RecordAnswer], dict[str, list[tuple[Any, ...]]]]:
    """The answers and the books once `batches` were taken one after another; then all is as it was."""
    place, answers = Place(kiosk.id, kiosk.epoch, hub.world.clock()), list[RecordAnswer]()
    with hub.store.writing() as connection:
        for batch in batches:
            answers += keep(connection, hub, place, batch)
        result = books(connection)
        connection.rollback()
    return answers, result


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TOLD, min_size=1, max_size=14))
def test_records_come_to_the_same_in_one_batch_in_several_and_one_by_one(
    hub: Hub, kiosk: ScriptedKiosk, pids: list[str], told: list[tuple[int, str, int, dict[str, Any], bool, bool]]
) -> None:
    held = len(kiosk.records)
    batches: list[New] = [[]]
    for which, outcome, minor, changes, carried, ends in told:
        record = kiosk.queue({**payment(pids[which], outcome, minor=minor), **changes})
        if carried:
            record["origin"] = {"epoch": kiosk.epoch, "seq": record["seq"]}
        batches[-1].append((SealedRecord.model_validate(record), base64.b64decode(record["sealed"])))
        if ends:
            batches.append([])
    del kiosk.records[held:]
    whole = list(itertools.chain.from_iterable(batches))
    one_by_one = taken(hub, kiosk, [[record] for record in whole])
    assert taken(hub, kiosk, [whole]) == one_by_one
    assert taken(hub, kiosk, [batch for batch in batches if batch]) == one_by_one
