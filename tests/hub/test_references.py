"""`hub reference`: staff give a statement the references under which another biller's system knows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from typer.testing import CliRunner, Result

from hub import ledger
from hub.commands import app
from hub.folder import Folder, HubError
from hub.hub import Hub
from hub.references import give
from hub.statements import add_statement
from offline_queue.wire.messages import BatchAnswer
from tests.hub.conftest import ACCOUNT, NUMBER, bill, named, put, tried_again
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.log_watch import LogWatch

RF = "RF/RF18539007547034"
OTHER = "RF/RF712348231"
LOCKBOX = "LOCKBOX/00345678901"

Run = Callable[..., Result]


@pytest.fixture
def run(hub: Hub, folder: Folder) -> Run:
    return lambda *words: CliRunner().invoke(app, ["reference", *words, "--data", str(folder.path)])


def why(result: Result) -> str:
    assert result.exit_code == 1
    return str(result.exception)


def test_a_statement_is_found_by_what_it_was_given(run: Run, hub: Hub) -> None:
    assert run(NUMBER).stdout == f"No other biller's reference names statement {NUMBER}.\n"
    assert run(NUMBER, RF, LOCKBOX).stdout == f"{LOCKBOX}\n{RF}\n"
    assert (named(hub, RF), named(hub, LOCKBOX)) == (NUMBER, NUMBER)
    assert run("LP" + NUMBER + "62", RF).stdout == f"{LOCKBOX}\n{RF}\n"  # as it is printed; and what it has is given again


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("RF18539007547034", "'RF18539007547034' is no reference: {how}."),
        ("rf/RF18539007547034", "'rf/RF18539007547034' is no reference: {how}."),
        ("\x1b[2J", "'\\x1b[2J' is no reference: {how}."),
        ("RF/RF18539007547043", "The check digits of RF/RF18539007547043 do not fit: it is mistyped."),
    ],
)
def test_what_cannot_be_a_reference_is_refused_and_nothing_is_given(reference: str, told: str, run: Run, hub: Hub) -> None:
    how = f"write SCHEME/REFERENCE, in capitals and digits, as {RF}"
    assert why(run(NUMBER, OTHER, reference)) == told.format(how=how)
    assert named(hub, OTHER) is None


def test_a_statement_that_is_not_there(run: Run) -> None:
    for more in ((), (RF,)):
        assert why(run("1234567890", *more)) == "There is no statement 1234567890. `hub statements` lists them."


def test_a_reference_of_another_account_is_not_taken_from_it(run: Run, hub: Hub) -> None:
    put(hub, "A200002", (bill("7000000002", "A200002", 100), "D" * 16))
    run("7000000002", RF)
    assert why(run(NUMBER, OTHER, RF)) == f"{RF} names statement 7000000002, of another account."
    assert (named(hub, RF), named(hub, OTHER)) == ("7000000002", None)


def test_a_reference_of_an_account_goes_to_its_newest_statement_and_stays_there(run: Run, hub: Hub) -> None:
    newer = replace(bill("7000000001", ACCOUNT, 500), issued=dt.date(2026, 11, 6))
    with hub.store.writing() as connection:
        add_statement(connection, newer, "C" * 16, hub.world.clock())
    run(NUMBER, LOCKBOX)
    assert run("7000000001", LOCKBOX).stdout == f"{LOCKBOX}\n"
    assert why(run(NUMBER, LOCKBOX)) == f"{LOCKBOX} names statement 7000000001, a newer one of the same account."
    assert named(hub, LOCKBOX) == "7000000001"


def test_what_was_given_is_logged_without_saying_whose(hub: Hub, log_watch: LogWatch) -> None:
    assert give(hub, NUMBER, [RF, OTHER]) == (RF, OTHER)
    with pytest.raises(HubError):
        give(hub, NUMBER, ["RF/1"])
    assert log_watch.events == [{"event": "hub.referred", "count": 2, "level": "info"}]


async def test_a_payment_that_came_before_its_reference_is_posted_when_tried_again(
    run: Run, hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    kiosk.queue(payment(pid, ref={"kind": "biller", "value": RF}, account="", offline=True))
    (said,) = BatchAnswer.model_validate_json((await kiosk.send(kiosk.batch())).content).results
    assert said.code == "unknown-statement"
    run(NUMBER, RF)
    assert tried_again(hub, pid)
    with hub.store.reading() as connection:
        assert ledger.due(connection, NUMBER, "USD").minor < 12550
