"""The queue's commands beside a kiosk that runs: what waits while the hub is away, carried by hand, and both audits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo.world import World
from hub.bills import Bill
from tests.journeys.hall import Hall
from tests.journeys.test_enrolment import lobbypay
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.xdist_group("journeys")


def test_what_waits_is_listed_and_when_it_is_delivered_both_sides_agree(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill, tmp_path: Path
) -> None:
    config = ("--config", str(world.settings))
    kiosk.to_statement(visitor, bill)
    world.cut_hub()
    visitor.touch("pay")
    kiosk.accepts(visitor)
    visitor.leave()
    listed = lobbypay("queue", "list", *config, "--json")
    assert (listed.returncode, listed.stderr) == (0, "")
    summary, waiting = (json.loads(line) for line in listed.stdout.splitlines())
    due = bill.statement.due.minor
    assert (summary["depth"], summary["totals"]) == (1, [{"amount_cents": due, "currency": "USD"}])
    assert (waiting["state"], waiting["amount_cents"], waiting["payment_id"]) == ("queued", due, kiosk.last().id)
    for secret in (bill.statement.number, bill.statement.account, bill.statement.guarantor_name):
        assert secret not in listed.stdout
    refused = lobbypay("queue", "drain", *config)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "it sends what waits by itself" in refused.stderr

    stick = tmp_path / "stick"
    exported = lobbypay("queue", "export", str(stick), *config)
    assert (exported.returncode, exported.stderr) == (0, "")
    brought = lobbypay("hub", "import", str(stick), "--data", str(world.hub_folder), "--json")
    assert (brought.returncode, brought.stderr) == (0, "")
    taken = json.loads(brought.stdout)
    assert (taken["ok"], taken["records"], taken["posted"]) == (True, 1, 1)
    assert json.loads(lobbypay("queue", "list", *config, "--json").stdout.splitlines()[0])["depth"] == 1

    world.restore_hub()
    kiosk.delivered()
    audited = lobbypay("queue", "audit", *config, "--json")
    assert (audited.returncode, audited.stderr) == (0, "")
    found = json.loads(audited.stdout)
    assert (found["ok"], found["queued"]["count"]) == (True, 0)
    assert found["posted"]["count"] == found["approvals"]["count"] == len(kiosk.check_posted())
    told = tmp_path / "kiosk.json"
    told.write_text(audited.stdout, encoding="utf-8")
    both = lobbypay("hub", "audit", "--data", str(world.hub_folder), "--kiosk", str(told))
    assert (both.returncode, both.stderr) == (0, "")
    assert "All is well" in both.stdout
