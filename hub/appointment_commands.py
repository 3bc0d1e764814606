"""`./lobbypay hub appointments`: the hospital's list of appointments comes in, and the codes for its reminders go out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from hub.command_line import Data, Json, known, there

appointment_app = typer.Typer(no_args_is_help=True, help="Appointments, by which patients without a bill find theirs.")


@appointment_app.command("import")
def appointments_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV in UTF-8; its first line is number,account,date.")], data: Data
) -> None:
    """Take a list of appointments, from today on, in the place of the one before. All of it or nothing.

    lobbypay hub appointments import appointments.csv --data DIR

    One line each: the hospital's own number of it, the account, the day (2026-11-21). Import it again whenever it has changed.
    """
    from hub.appointments import import_appointments

    with known(), there(data) as hub:
        count = import_appointments(hub, file)
    typer.echo(f"{count} appointments from today on.")


@appointment_app.command("list")
def appointments_list(data: Data, as_json: Json = False) -> None:
    """Every appointment with its code. The code belongs into the reminder that the patient gets, and nowhere else."""
    from hub.appointments import listed_appointments

    with known(), there(data) as hub:
        for each in listed_appointments(hub):
            line = {"number": each.number, "account": each.account, "date": each.date.isoformat(), "code": each.code}
            typer.echo(json.dumps(line) if as_json else f"{each.date}  {each.number}  {each.account}  {each.code}")
