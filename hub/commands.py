"""The hub's commands, mounted as `./lobbypay hub`: serve, kiosk, user, statements, audit, import, backup, restore, ..."""

from __future__ import annotations

import asyncio
import datetime as dt
import getpass
import json
import logging
import secrets
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import structlog
import typer
from sqlalchemy import select

from domain.errors import Known
from domain.log_events import catalogued
from domain.money import format_money
from hub.appointment_commands import appointment_app
from hub.bills import Bill
from hub.command_line import Data, Json, NewData, known, log_nowhere, must_hold_hub, opened, there
from hub.folder import Folder, HubError, write_private
from hub.hub import Hub
from hub.paper.language import Language
from hub.screening_commands import screening_app
from hub.second_thoughts import DeclineReason

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="The back office.")
kiosk_app = typer.Typer(no_args_is_help=True, help="Kiosks: add one, list them, revoke one.")
key_app = typer.Typer(no_args_is_help=True, help="The hub's own keys.")
user_app = typer.Typer(no_args_is_help=True, help="Staff who may sign in to the hub's pages.")
app.add_typer(kiosk_app, name="kiosk")
app.add_typer(key_app, name="key")
app.add_typer(user_app, name="user")
app.add_typer(appointment_app, name="appointments")
app.add_typer(screening_app, name="screening")

DEMO_USER = "demo"
MOST_SHOWN = 50
"""Parked records that a person is shown; --json has them all."""


@app.command()
def serve(
    data: NewData,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8443,
    public_host: Annotated[
        str | None, typer.Option(metavar="NAME", help="The name printed on statements and put into the certificate.")
    ] = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="Fill an empty hub with synthetic patients and a demo user; authorise test cards only."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Serve kiosks and the billing office over TLS until Ctrl-C or SIGTERM.

    The first start makes the data folder's keys and database. Kiosks trust the hub by ca.pem in that folder.
    """
    from hub.receipts.opening import open_posts
    from hub.server import serve as serve_until_told

    _log_to_stderr()
    folder = Folder(data)
    with known(), opened(data, public_host, sandbox=demo) as hub:
        if demo:
            _fill_demo(hub, folder)
        sending = replace(hub, posts=open_posts(folder))

        def ready(url: str) -> None:
            ca_file = str(folder.ca_certificate.resolve())
            if as_json:
                print(json.dumps({"ready": {"url": url, "ca_file": ca_file}}), flush=True)
            else:
                print(f"The hub listens at {url}; its CA certificate is {ca_file}.", flush=True)
                if folder.demo_password.exists():
                    print(f"Sign in as {DEMO_USER}; the password is in {folder.demo_password}.", flush=True)

        asyncio.run(serve_until_told(sending, folder, host, port, ready))


@app.command()
def migrate(data: NewData) -> None:
    """Bring the database to this release's form. `serve` does so by itself at every start."""
    with known(), opened(data):
        print("The database is up to date.")


@kiosk_app.command("add")
def kiosk_add(
    name: Annotated[str, typer.Argument(help="What staff call it: 'Lobby east'.")], data: Data, as_json: Json = False
) -> None:
    """Add a kiosk and print its one-time code, good for 15 minutes. With a known name: prepare it for another enrolment."""
    from hub.enrolment import add_kiosk

    with known(), there(data) as hub:
        kiosk, code = add_kiosk(hub, name)
    if as_json:
        print(json.dumps({"kiosk": kiosk, "code": code}))
    else:
        print(f"Kiosk {kiosk}. Type this code at the kiosk within 15 minutes: {code}")


@kiosk_app.command("list")
def kiosk_list(data: Data, as_json: Json = False) -> None:
    """Every kiosk: id, name, enrolments, records received, when it was last heard, whether it is revoked."""
    from hub.schema import kiosks

    with known(), there(data) as hub, hub.store.reading() as connection:
        for row in connection.execute(select(kiosks).order_by(kiosks.c.id)):
            heard = "" if row.last_heard_at is None else row.last_heard_at.isoformat(timespec="seconds")
            revoked = row.revoked_at is not None
            line = {"kiosk": row.id, "name": row.name, "epoch": row.epoch, "records": row.head_seq, "last_heard": heard}
            said = f"{row.id}  {row.name}  {row.head_seq} records  {heard or 'never heard'}{'  revoked' if revoked else ''}"
            print(json.dumps({**line, "revoked": revoked}) if as_json else said)


@kiosk_app.command("recover-key")
def kiosk_recover_key(
    left: Annotated[Path, typer.Argument(metavar="FILE", help="journal.key.hub from the kiosk's data folder.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the key goes; a file that is not there yet.")],
    data: Data,
) -> None:
    """Recover the database key of a kiosk whose TPM was cleared or is broken, from the file that the kiosk left for its hub.

    Put the result into the kiosk's data folder as journal.key, owned by its user: the next start reads it and seals it anew.
    """
    from hub.recovery import recover_key

    with known(), there(data) as hub:
        kiosk = recover_key(hub.keys, left, out)
    print(f"The key of {kiosk} is in {out}. Whoever has it can read that kiosk's queue: carry it there, then delete it here.")


@kiosk_app.command("revoke")
def kiosk_revoke(
    kiosk: Annotated[str, typer.Argument(metavar="ID", help="Its id, as `hub kiosk list` has it.")], data: Data
) -> None:
    """Take nothing more from a kiosk, at once: it was stolen, or cannot be trusted. What it still has queued comes when it is
    enrolled again, with a new code from `hub kiosk add`."""
    from hub.enrolment import revoke

    with known(), there(data) as hub:
        revoke(hub, kiosk)
    print(f"Kiosk {kiosk} is revoked. To take it back: lobbypay hub kiosk add, with the name that it had.")


@key_app.command("rotate")
def key_rotate(data: Data) -> None:
    """Make a new key for kiosks to seal to. The old ones are kept: what was sealed to them is still opened."""
    from hub.keys import rotate_sealing_key

    must_hold_hub(data)
    with known():
        kid = rotate_sealing_key(Folder(data))
    print(f"The new key is {kid}. Restart the hub: each kiosk seals to it from its next heartbeat, within five minutes.")


@key_app.command("rotate-links")
def key_rotate_links(
    until: Annotated[
        dt.datetime, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The last day of the old key's statements.")
    ],
    data: Data,
) -> None:
    """Make a new key for the links on statements. What the old ones signed is believed up to a day; enrol every kiosk again
    before the first statement with the new one reaches a patient."""
    from hub.keys import rotate_link_key

    must_hold_hub(data)
    with known():
        kid = rotate_link_key(Folder(data), until.date())
    print(f"The new key is {kid}. Restart the hub, and enrol each kiosk again: it knows keys of links from its enrolment only.")


@user_app.command("add")
def user_add(name: Annotated[str, typer.Argument(help="The name to sign in with.")], data: Data) -> None:
    """Add a user, or change a user's password: asked for on a terminal, otherwise the first line of stdin."""
    from hub.signing_in import add_user

    must_hold_hub(data)  # before anybody types a password for nothing
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    with known(), there(data) as hub:
        add_user(hub, name, password)
    print(f"{name.strip()} can sign in.")


@app.command()
def statements(data: Data, as_json: Json = False) -> None:
    """Every statement: number, what is due, the texts of its two codes; as JSON its bank reference too."""
    from hub.bills import bills

    with known(), there(data) as hub:
        for bill in bills(hub):
            print(_line(bill, as_json))


@app.command()
def statement(
    number: Annotated[str, typer.Argument(metavar="ID", help="Its number: as `hub statements` lists it, or as it is printed.")],
    data: Data,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Where the PDF goes; statement-ID.pdf when left out.", show_default=False),
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Draw it as a PDF, ready to print.")] = False,
    lang: Annotated[Language, typer.Option(help="The language it is printed in.")] = Language.EN,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """One statement, as it stands now: what is due and its codes; with --pdf [FILE] the page that goes to the patient.

    lobbypay hub statement 3342139474 --pdf bill.pdf --lang es --data DIR

    The PDF names a patient: only its owner may read it (mode 0600). Its head comes from letterhead.toml in the data folder. Print
    it at 100 %, never "fit to page": the codes have the sizes that the kiosk's camera needs (docs/statements.md).
    """
    from hub.bills import find_bill, number_of

    if file is not None and not pdf:
        raise typer.BadParameter("FILE goes with --pdf.")
    with known(), there(data) as hub:
        bill = find_bill(hub, number_of(number))
        if bill is None:
            raise Known(f"There is no statement {number}. `hub statements` lists them.")
        if not pdf:
            print(_line(bill, as_json))
            return
        from hub.paper.letterhead import read_letterhead
        from hub.paper.statement import statement_pdf

        target = file or Path(f"statement-{bill.statement.number}.pdf")
        if target.exists() and not force:
            raise Known(f"{target} is there already. Name another file, or write over it with --force.")
        drawn = statement_pdf(bill, read_letterhead(hub.folder), lang)
    try:
        write_private(target, drawn)
    except OSError as error:
        raise Known(f"{target} cannot be written: {error.strerror}.") from error
    print(
        json.dumps({"pdf": str(target)}) if as_json else f"Statement {bill.statement.number} is in {target}. Print it at 100 %."
    )


@app.command()
def reference(
    number: Annotated[str, typer.Argument(metavar="ID", help="Its number: as `hub statements` lists it, or as it is printed.")],
    data: Data,
    references: Annotated[list[str] | None, typer.Argument(metavar="SCHEME/REFERENCE", show_default=False)] = None,
) -> None:
    """Give a statement the references under which another biller's system knows it, and list all that it has.

    lobbypay hub reference 3342139474 RF/RF18539007547034 --data DIR

    Kiosks find it by them in that biller's codes (docs/biller-profiles.md). One that names another account's bill is refused.
    """
    from hub.bills import number_of
    from hub.references import give

    with known(), there(data) as hub:
        held = give(hub, number_of(number), references or [])
    print("\n".join(held) or f"No other biller's reference names statement {number_of(number)}.")


def _line(bill: Bill, as_json: bool) -> str:
    """What a statement is, what is due, what its codes say."""
    statement = bill.statement
    if not as_json:
        due = format_money(statement.due, "en_US")
        return f"{statement.number}  {due:>14}  {bill.numbered_text}  {bill.link_text}"
    line = {
        "number": statement.number,
        "account": statement.account,
        "due_cents": statement.due.minor,
        "currency": statement.due.currency,
        "link": bill.link_text,
        "numbered": bill.numbered_text,
        "pin": bill.pin,
    }
    return json.dumps(line)


@app.command()
def audit(
    data: Data,
    kiosk: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="What `queue audit --json` printed at a kiosk: compared too. May be given again."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that books balance and that every kiosk's records are whole and answered. Exit 1 with the first difference."""
    from hub.audit import counts, first_difference
    from hub.kiosk_audits import by_kiosk, difference_from, read_kiosk_audit
    from hub.progress import progress

    told = [read_kiosk_audit(path) for path in kiosk or ()]
    with known(), there(data) as hub, hub.store.reading() as connection, progress("records looked at") as how_far:
        difference = first_difference(connection, how_far)
        for one in told:
            difference = difference or difference_from(connection, one)
        found, kiosks = counts(connection), by_kiosk(connection)
    if as_json:
        print(json.dumps({"ok": difference is None, "difference": difference, **found, "kiosks": kiosks}))
    if difference is not None:
        raise Known(f"The audit found a difference: {difference}.")
    if not as_json:
        for name, statuses in kiosks.items():
            print(f"{name}: {_standing(statuses)}.")
        print(f"All is well: {sum(found.values())} records, {_standing(found)}.")


def _standing(statuses: dict[str, int]) -> str:
    """How many records stand how, now."""
    return ", ".join(f"{count} {status}" for status, count in statuses.items())


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `queue export` wrote at a kiosk.")],
    data: Data,
    as_json: Json = False,
) -> None:
    """Take what a kiosk without a network had waiting, from the file that was carried here. The hub may be serving.

    The file is proved to be its kiosk's before any of it is taken. Taking it twice changes nothing.
    """
    from hub.imports import import_export
    from hub.progress import progress

    with known(), there(data) as hub, progress("batches proved and taken") as told:
        try:
            found = import_export(hub, file, told)
        except HubError as error:
            if as_json:
                print(json.dumps({"ok": False, "reason": error.code}))
            raise
    if as_json:
        who = {"kiosk": found.kiosk, "epoch": found.epoch, "records": found.count, "before": found.before}
        waiting = [{"payment_id": pid, "code": code} for pid, code in found.waiting]
        print(json.dumps({"ok": True, "reason": None, **who, **found.new, "waiting": waiting}))
        return
    print(f"{found.count} records of {found.kiosk}, enrolment {found.epoch}: {found.before} were here before.")
    print(f"New: {_standing(found.new)}.")
    if found.before == found.count:
        print("Nothing has changed.")
    for pid, code in found.waiting[:MOST_SHOWN]:
        print(f"Parked for a person, under Tasks: payment {pid} ({code}).")
    if len(found.waiting) > MOST_SHOWN:
        print(f"And {len(found.waiting) - MOST_SHOWN} more; --json names them all.")


@app.command()
def backup(target: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet.")], data: Data) -> None:
    """Copy the hub, which may be serving, with its keys; the copy is encrypted, and opened and audited before it counts.

    Keep it as safe as the hub: its keys are in it. What it holds, kiosks may forget a week after they delivered it.
    """
    from hub.backups import back_up

    with known(), there(data) as hub:
        count = back_up(hub, target)
    print(f"Backed up to {target}: {count} records, audited.")


@app.command()
def restore(source: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `backup` made.")], data: NewData) -> None:
    """Put a backup into a data folder where no hub is running, and keep what was there aside.

    Kiosks then send again what the backup does not have.
    """
    from hub.backups import restore as put_back

    log_nowhere()
    with known():
        restored = put_back(source, Folder(data))
    aside = f" What was there before is in {restored.aside}." if restored.aside else ""
    print(f"Restored, as generation {restored.generation}.{aside} Start the hub: the kiosks send again what it lost.")


@app.command()
def openapi() -> None:
    """Print the OpenAPI document of what kiosks may ask a hub of this release. docs/hub-openapi.json is this."""
    from hub.openapi import document

    print(document(), end="")


@app.command()
def limits(
    kiosk: Annotated[str, typer.Option(help="The kiosk's id.")],
    data: Data,
    payment: Annotated[int | None, typer.Option(min=0, help="The largest payment, in minor units (cents).")] = None,
    total: Annotated[int | None, typer.Option(min=0, help="All payments that are not delivered, in minor units (cents).")] = None,
    count: Annotated[int | None, typer.Option(min=0, help="How many of them.")] = None,
    age_hours: Annotated[int | None, typer.Option(min=0, help="How old the oldest of them may be.")] = None,
    currency: Annotated[str, typer.Option(help="The currency of both amounts.")] = "USD",
    none: Annotated[bool, typer.Option("--none", help="Leave it to the kiosk's own settings again.")] = False,
) -> None:
    """What a kiosk may take while it cannot reach this hub: show it, set it (all four), or leave it to the kiosk.

    Its own settings can only make it less.
    """
    from hub.limits import limits_of, set_limits, told

    given = [payment, total, count, age_hours]
    if none and any(value is not None for value in given):
        raise typer.BadParameter("--none goes with no limit.")
    if not none and any(value is not None for value in given) and None in given:
        raise typer.BadParameter("Limits are set all four together: --payment, --total, --count and --age-hours.")
    with known(), there(data) as hub:
        if none:
            set_limits(hub, kiosk, None)
        elif payment is not None and total is not None and count is not None and age_hours is not None:
            set_limits(hub, kiosk, told(currency, payment, total, count, age_hours))
        held = limits_of(hub, kiosk)
    print("The kiosk's own settings alone." if held is None else held.model_dump_json())


@app.command()
def decline(
    payment: Annotated[str, typer.Argument(help="The payment's id.")],
    reason: Annotated[DeclineReason, typer.Option(help="What the bank said.")],
    data: Data,
) -> None:
    """The bank declined a payment that was taken without asking it, or one in doubt did not stand: its balance is open again."""
    from hub.second_thoughts import decline as decline_payment

    with known(), there(data) as hub:
        reversal = decline_payment(hub, payment, reason)
    print(f"Declined. Reversed as {reversal}; there is a task for it." if reversal else "Declined. It was never posted.")


def _fill_demo(hub: Hub, folder: Folder) -> None:
    """The demo's patients, and a user whose password lies in the data folder. Refuses a hub that was not made so: whoever knows
    that password would see its patients, and its gateway takes test cards."""
    from hub.demo_data import fill, holds_accounts
    from hub.paper.letterhead import DEMO
    from hub.signing_in import add_user

    if not folder.demo_password.exists() and holds_accounts(hub):
        raise HubError("not-a-demo", f"The hub in {folder.path} has accounts of its own: it is no demo. Take another folder.")
    fill(hub)
    if not folder.letterhead.exists():
        write_private(folder.letterhead, DEMO.encode("utf-8"))
    if not folder.demo_password.exists():
        password = secrets.token_urlsafe(9)
        add_user(hub, DEMO_USER, password)
        write_private(folder.demo_password, f"{password}\n".encode("ascii"))


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            catalogued,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
