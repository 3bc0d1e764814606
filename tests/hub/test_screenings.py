"""An emergency department: the hub shows no bill to a kiosk there before somebody has said that the screening is done."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from domain.billing import Account, Guarantor
from hub.commands import app
from hub.folder import Folder, HubError
from hub.hub import Hub
from hub.lookups import ANSWER_S
from hub.pins import statement_pin
from hub.screenings import COUNTS_FOR, done_now, mark_done, mark_open
from hub.statements import add_account, add_statement
from tests.hub.conftest import ACCOUNT, NUMBER, Time, bill, put
from tests.hub.kiosk import ScriptedKiosk, payment

RIGHT, WRONG = "1984-03-17", "1984-03-18"
Run = Callable[..., Result]


@pytest.fixture
def run(hub: Hub, folder: Folder) -> Run:
    return lambda *words: CliRunner().invoke(app, ["screening", *words, "--data", str(folder.path)])


async def test_before_the_screening_whoever_proves_themselves_sees_nothing_and_a_stranger_learns_nothing(
    hub: Hub, kiosk: ScriptedKiosk, time: Time
) -> None:
    for _ in range(40):  # it uses up nobody's tries
        told = await kiosk.look_up("number", NUMBER, RIGHT, emergency=True)
        assert (told.status_code, told.json()) == (409, {"code": "not-yet"})
    assert (await kiosk.look_up("number", NUMBER, WRONG, emergency=True)).status_code == 404
    assert set(time.slept) == {ANSWER_S}
    mark_done(hub, [ACCOUNT])
    assert (await kiosk.look_up("number", NUMBER, RIGHT, emergency=True)).status_code == 200
    mark_open(hub, [ACCOUNT])
    assert (await kiosk.look_up("number", NUMBER, RIGHT, emergency=True)).status_code == 409


async def test_by_name_it_is_the_same(hub: Hub, kiosk: ScriptedKiosk) -> None:
    asked = "statement-pin", "Maria Alvarez", RIGHT, statement_pin(hub.keys.pins, NUMBER)
    assert (await kiosk.look_up_named(*asked, emergency=True)).json() == {"code": "not-yet"}
    assert (await kiosk.look_up_named(*asked)).status_code == 200


async def test_elsewhere_nothing_is_asked_of_it(kiosk: ScriptedKiosk) -> None:
    assert (await kiosk.look_up("number", NUMBER, RIGHT)).status_code == 200


async def test_a_screening_counts_for_a_day_and_for_its_own_account(hub: Hub, kiosk: ScriptedKiosk, time: Time) -> None:
    put(hub, "A2", (bill("1000000001", "A2", 500), "B" * 16))
    mark_done(hub, [ACCOUNT])
    assert (await kiosk.look_up("number", "1000000001", RIGHT, emergency=True)).status_code == 409
    time.pass_by(COUNTS_FOR - dt.timedelta(seconds=1))
    assert (await kiosk.look_up("number", NUMBER, RIGHT, emergency=True)).status_code == 200
    time.pass_by(dt.timedelta(seconds=1))
    assert (await kiosk.look_up("number", NUMBER, RIGHT, emergency=True)).status_code == 409
    assert done_now(hub) == ()


async def test_an_unknown_payment_is_not_told_of_before_the_screening(hub: Hub, kiosk: ScriptedKiosk) -> None:
    await kiosk.deliver(payment(kiosk.new_pid(), "unknown"))
    assert (await kiosk.look_up("number", NUMBER, RIGHT, emergency=True)).json() == {"code": "not-yet"}
    mark_done(hub, [ACCOUNT])
    assert (await kiosk.look_up("number", NUMBER, RIGHT, emergency=True)).json() == {"code": "payment-unknown"}


def test_marking_is_all_or_nothing_and_again_counts_from_then(hub: Hub, time: Time) -> None:
    with pytest.raises(HubError, match="There is no account A9"):
        mark_done(hub, [ACCOUNT, "A9"])
    assert done_now(hub) == ()
    mark_done(hub, [ACCOUNT])
    time.pass_by(dt.timedelta(hours=20))
    mark_done(hub, [ACCOUNT])
    time.pass_by(dt.timedelta(hours=20))
    (held,) = done_now(hub)
    assert held.account == ACCOUNT


def test_the_commands(run: Run) -> None:
    assert run("done", ACCOUNT, ACCOUNT).output == "Marked: 1.\n"
    assert run("list").output.endswith(f"  {ACCOUNT}\n")
    assert json.loads(run("list", "--json").output)["account"] == ACCOUNT
    assert run("done", "A9").exit_code == 1
    assert run("open", ACCOUNT).output == "No screening of theirs counts now.\n"
    assert run("list").output == ""


async def test_of_a_guarantors_accounts_only_those_that_are_screened_are_told(hub: Hub, kiosk: ScriptedKiosk) -> None:
    guarantor = Guarantor("Maria Alvarez", dt.date(1984, 3, 17), "G1")
    with hub.store.writing() as connection:
        for index in range(3):
            add_account(connection, Account(f"F{index}", guarantor, "USD"))
            add_statement(connection, bill(f"100000000{index}", f"F{index}", 500), f"{index + 2}" * 16, hub.world.clock())
    mark_done(hub, ["F0", "F2"])
    told = await kiosk.look_up("number", "1000000000", RIGHT, others=True, emergency=True)
    assert [other["account"] for other in told.json()["others"]] == ["F2"]
    told = await kiosk.look_up("number", "1000000000", RIGHT, others=True)
    assert {other["account"] for other in told.json()["others"]} == {"F1", "F2"}
