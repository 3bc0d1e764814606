"""What a payment, and the hub's answer to it, asks of the database does not grow with the years: no statement walks a table."""

from __future__ import annotations

from offline_queue.client import HubClient
from offline_queue.journal import Journal
from offline_queue.sqlcipher import Connection
from offline_queue.sync import Sync
from tests.log_watch import LogWatch
from tests.offline_queue.test_allowance import OWN
from tests.offline_queue.world import FakeHub, World


async def test_no_statement_of_a_payment_or_its_answers_walks_a_table(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.parked")
    asked: set[str] = set()
    await journal._transact(lambda connection: connection.set_trace_callback(asked.add))
    paid = await world.paid(journal, 2)
    await journal.open_attempt(world.attempt(offline=True), OWN)
    hub.park = {paid[0].id}
    sync = Sync(journal, client, on_reachability=lambda _: None)
    await sync.once()
    hub.news = [{"epoch": 1, "seq": 1, "pid": paid[0].id, "status": "posted", "posting": "p-9", "code": ""}]
    await sync.once()
    await journal._transact(lambda connection: connection.set_trace_callback(None))
    statements = {sql for sql in asked if sql.split()[0] in ("SELECT", "UPDATE", "WITH")}

    def plans(connection: Connection) -> list[str]:
        return [step[3] for sql in statements for step in connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()]

    steps = await journal._transact(plans)
    assert "SEARCH outbox USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in steps
    assert [step for step in steps if step.startswith(("SCAN outbox", "SCAN attempts")) or "AUTOMATIC" in step] == []
