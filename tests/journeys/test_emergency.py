"""A kiosk in an emergency department, with the real hub: nothing is asked before the screening, nor while the hub cannot say."""

from __future__ import annotations

import pytest

from demo.world import World
from hub.bills import Bill
from hub.folder import Folder
from hub.hub import open_hub
from hub.screenings import mark_done
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.xdist_group("journeys")


def test_who_is_screened_sees_the_bill_and_nobody_is_asked_while_the_hub_is_away(kiosk: Hall, world: World, bill: Bill) -> None:
    before = len(kiosk.attempts())
    with kiosk.amended("[site]", "emergency = true\n\n[site]"), Visitor(world.socket) as visitor:
        kiosk.to_birth_date(visitor, bill)
        visitor.type(f"{bill.birth_date:%m%d%Y}")
        visitor.touch("next")
        shown = visitor.wait("not-yet")
        assert (shown["amount"], shown["notice"]) == (None, None)
        assert bill.statement.guarantor_name not in str(shown)
        visitor.press("primary")
        hub = open_hub(Folder(world.hub_folder))
        mark_done(hub, [bill.statement.account])
        hub.store.close()
        kiosk.to_statement(visitor, bill)
        world.cut_hub()
        visitor.touch("pay")
        visitor.wait("not-yet")
        visitor.press("primary")
        world.restore_hub()
    assert len(kiosk.attempts()) == before
