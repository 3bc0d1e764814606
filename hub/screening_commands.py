"""`./lobbypay hub screening`: the emergency department says whose screening is done, before a kiosk there may ask for money."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from hub.command_line import Data, Json, known, there

screening_app = typer.Typer(
    no_args_is_help=True, help="Screenings in the emergency department, before which nobody is asked to pay."
)

Accounts = Annotated[list[str], typer.Argument(metavar="ACCOUNT...", help="The hospital's numbers of their accounts.")]


@screening_app.command("done")
def screening_done(accounts: Accounts, data: Data) -> None:
    """The screening of these patients is done, now: for 24 hours, kiosks in the emergency department show them their bills.

    lobbypay hub screening done A100001 --data DIR
    """
    from hub.screenings import mark_done

    with known(), there(data) as hub:
        mark_done(hub, accounts)
    typer.echo(f"Marked: {len(set(accounts))}.")


@screening_app.command("open")
def screening_open(accounts: Accounts, data: Data) -> None:
    """These patients have come in again, or were marked by mistake: nothing is asked of them until they are marked as done."""
    from hub.screenings import mark_open

    with known(), there(data) as hub:
        mark_open(hub, accounts)
    typer.echo("No screening of theirs counts now.")


@screening_app.command("list")
def screening_list(data: Data, as_json: Json = False) -> None:
    """Every screening that counts now, the newest first."""
    from hub.screenings import done_now

    with known(), there(data) as hub:
        for each in done_now(hub):
            at = each.done_at.isoformat(timespec="seconds")
            typer.echo(json.dumps({"account": each.account, "done_at": at}) if as_json else f"{at}  {each.account}")
