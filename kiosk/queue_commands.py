"""The queue's commands, mounted as `./lobbypay queue`: list, audit, export, drain. All work from the kiosk's own files."""

from __future__ import annotations

import asyncio
import datetime as dt
import getpass
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.errors import Known
from domain.money import Money, format_money
from domain.payment import receipt_code
from kiosk.clock import now
from kiosk.hub_link import hub_client
from kiosk.logs import log_nowhere
from kiosk.progress import progress
from kiosk.queue_words import in_words
from kiosk.settings import Settings, read_settings
from kiosk.staff import hash_pin
from kiosk.visit.sync_words import sync_sentence
from kiosk.words import FluentWords
from offline_queue.audit import Audit, Share
from offline_queue.errors import DatabaseInUse, QueueError
from offline_queue.journal import Journal
from offline_queue.keeping import keeper_here
from offline_queue.reader import JournalReader, Queue, RecordSeen
from offline_queue.sync import Sync
from offline_queue.sync_state import SyncState

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="What waits at this kiosk for the hub: look at it, prove that nothing is lost, send it now, or carry it there.",
)

Config = Annotated[Path, typer.Option(metavar="FILE", help="The kiosk's settings file (docs/technician.md).")]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable lines on stdout, and nothing else there.")]

NOT_ENROLLED = "This kiosk is not enrolled yet. Run it once with --enrol and a code from the hub."

MOST_SHOWN = 50
"""Records that a person is shown; --json has them all."""


@app.command("list")
def list_(config: Config, as_json: Json = False) -> None:
    """Show what waits: how many records, how much, since when, the next try, what went wrong, and what needs a person.

    Works while the kiosk runs. A record shows its time, reference, amount and card's last four, and nothing of the patient.
    """
    settings = read_settings(config)
    with known(), JournalReader(Path(settings.kiosk.data)) as reader:
        who, queue, sync, records = reader.who(), reader.queue(), reader.sync(), reader.records()
    if as_json:
        typer.echo(json.dumps(_summary(who, queue, sync)))
        for record in records:
            typer.echo(json.dumps(_line(record)))
        return
    words = FluentWords("en", dt.UTC)
    typer.echo(f"Kiosk {who[0]}, enrolment {who[1]}." if who else "This kiosk is not enrolled yet.")
    typer.echo(_waiting(queue, asked=sync is not None))
    for line in _how_sync_stands(sync, words):
        typer.echo(line)
    typer.echo(f"At the hub: {queue.parked} parked for the billing office, {queue.declined} declined by the bank later.")
    for record in records[:MOST_SHOWN]:
        typer.echo("  ".join(_columns(record)))
    if len(records) > MOST_SHOWN:
        typer.echo(f"and {len(records) - MOST_SHOWN} more; --json lists them all.")


@app.command()
def audit(config: Config, as_json: Json = False) -> None:
    """Prove from the kiosk's files alone that no payment is lost or there twice. Exit 1 with the first difference.

    Works while the kiosk runs, and with the hub away.
    """
    settings = read_settings(config)
    with known(), progress("rows looked at") as told, JournalReader(Path(settings.kiosk.data)) as reader:
        who, found = reader.who(), reader.audit(now(), told)
    if as_json:
        typer.echo(json.dumps(_audited(who, found)))
    if found.difference is not None:
        raise Known(f"The audit found a difference: {found.difference}.")
    if not as_json:
        shares = ", ".join(f"{share.count} {state}" for state, share in found.shares.items())
        typer.echo(f"All is well: {found.approvals.count} payments took {_sums(found.approvals.sums)}: {shares}.")
        typer.echo(f"{found.records} records, each following from the one before; of {found.forgotten} only the hash is left.")
        if found.unknown:
            still = "1 more payment is" if found.unknown == 1 else f"{found.unknown} more payments are"
            typer.echo(f"{still} still being asked after.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that is not there yet, on a stick.")],
    config: Config,
    as_json: Json = False,
) -> None:
    """Write what waits to a file, to be carried to the hub where the network is gone for good: `hub import` takes it there.

    Works while the kiosk runs. Nothing changes here: the records wait on, and count, until the hub itself answers. Only the hub
    can open what is in the file, and nobody can change it unseen.
    """
    settings = read_settings(config)
    with known(), progress("records written") as told, JournalReader(Path(settings.kiosk.data)) as reader:
        who = reader.who()
        if who is None:
            raise Known(NOT_ENROLLED)
        count = reader.export(file, told)
    if as_json:
        typer.echo(json.dumps({"kiosk": who[0], "epoch": who[1], "records": count, "file": str(file) if count else None}))
    elif count:
        typer.echo(f"{count} records are in {file}. At the hub: lobbypay hub import {file.name} --data DIR")
        typer.echo("They wait here as well until this kiosk reaches the hub; the hub knows them again, and posts none twice.")
    else:
        typer.echo("Nothing waits: the hub has everything. No file was written.")


@app.command()
def drain(config: Config) -> None:
    """Send what waits to the hub now, while the kiosk does not run; a running kiosk does so by itself."""
    settings = read_settings(config)
    log_nowhere()
    try:
        sent, left = asyncio.run(_drain(settings))
    except DatabaseInUse as error:
        raise Known("The kiosk is running: it sends what waits by itself. `queue list` says when it tries next.") from error
    except QueueError as error:
        raise Known(in_words(error)) from error
    typer.echo(f"{sent} records are at the hub; {left} wait.")


@app.command()
def pin() -> None:
    """Turn the staff's PIN into the line for the settings file; the PIN is asked for, or the first line of stdin."""
    typed = getpass.getpass("Staff PIN, 4 to 8 digits: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    typer.echo(f'pin_hash = "{hash_pin(typed, os.urandom)}"')


async def _drain(settings: Settings) -> tuple[int, int]:
    """How many records went, and how many are left: none, but for what a hub that was never there could not take."""
    journal = await Journal.open(Path(settings.kiosk.data), clock=now, random=os.urandom, keeper=keeper_here())
    try:
        identity = journal.identity()
        if identity is None:
            raise Known(NOT_ENROLLED)
        client = hub_client(settings, identity)
        sync = Sync(journal, client, on_reachability=lambda _: None)
        try:
            return await _send_all(sync, Path(settings.kiosk.data))
        finally:
            await client.close()
    finally:
        await journal.close()


async def _send_all(sync: Sync, folder: Path) -> tuple[int, int]:
    before = _depth(folder)
    words = FluentWords("en", dt.UTC)
    sending = asyncio.ensure_future(sync.once())
    with progress("records sent") as told:
        while not sending.done():
            await asyncio.wait({sending}, timeout=0.5)
            told(before - _depth(folder), before)
    await sending
    with JournalReader(folder) as reader:
        state = reader.sync()
    assert state is not None, "sync notes each try"
    if state.attention or state.error:
        code = state.attention or state.error
        raise Known(f"{_depth(folder)} records wait. {words.say(sync_sentence(code)).text} ({code})")
    return before - _depth(folder), _depth(folder)


def _depth(folder: Path) -> int:
    with JournalReader(folder) as reader:
        return reader.queue().depth


@contextmanager
def known() -> Iterator[None]:
    """What the memory refuses, as one sentence for the technician."""
    try:
        yield
    except QueueError as error:
        raise Known(in_words(error)) from error


def _waiting(queue: Queue, *, asked: bool) -> str:
    """`asked`: whether the hub has ever been."""
    if queue.depth == 0 or queue.oldest is None:
        return "Nothing waits: the hub has everything." if asked else "Nothing waits."
    age = _span(now() - queue.oldest)
    waiting = "1 record waits" if queue.depth == 1 else f"{queue.depth} records wait"
    return f"{waiting} for the hub, {_sums(queue.totals)}; the oldest for {age}, since {_time(queue.oldest)}."


def _how_sync_stands(sync: SyncState | None, words: FluentWords) -> Iterator[str]:
    if sync is None:
        yield words.say("staff-sync-none").text
        return
    code = sync.attention or sync.error
    if code:
        times = f", {sync.failures} times in a row" if sync.failures > 1 else ""
        yield f"Last try {_time(sync.tried_at)}: {words.say(sync_sentence(code)).text} ({code}{times})"
    else:
        yield f"Last try {_time(sync.tried_at)}: {words.say('staff-sync-well').text}"
    yield f"Next try {_time(sync.next_at)}, if the kiosk runs." if sync.next_at else "Next try when a person has looked."


def _columns(record: RecordSeen) -> tuple[str, ...]:
    card = f"card {record.last4}" if record.last4 else ""
    amount = format_money(record.amount, "en_US")
    why = record.code or record.posting
    return (
        _time(record.queued_at),
        _reference(record.pid),
        f"{amount:>12}",
        f"{record.outcome:9}",
        f"{record.state:8}",
        f"{card:9}",
        why,
    )


def _reference(pid: str) -> str:
    code = receipt_code(pid)
    return f"{code[-8:-4]}-{code[-4:]}"


def _sums(sums: tuple[Money, ...]) -> str:
    return " and ".join(format_money(money, "en_US") for money in sums) or "no money"


def _time(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def _span(age: dt.timedelta) -> str:
    minutes = max(0, age // dt.timedelta(minutes=1))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // (24 * 60)} days"


def _summary(who: tuple[str, int] | None, queue: Queue, sync: SyncState | None) -> dict[str, Any]:
    kiosk, epoch = who or (None, None)
    return {
        "kiosk": kiosk,
        "epoch": epoch,
        "depth": queue.depth,
        "totals": _cents(queue.totals),
        "oldest": queue.oldest.isoformat() if queue.oldest else None,
        "parked": queue.parked,
        "declined": queue.declined,
        "sync": None
        if sync is None
        else {
            "tried_at": sync.tried_at.isoformat(),
            "next_at": sync.next_at.isoformat() if sync.next_at else None,
            "failures": sync.failures,
            "error": sync.error,
            "attention": sync.attention,
        },
    }


def _line(record: RecordSeen) -> dict[str, Any]:
    return {
        "epoch": record.epoch,
        "seq": record.seq,
        "queued_at": record.queued_at.isoformat(),
        "payment_id": record.pid,
        "reference": _reference(record.pid),
        "amount_cents": record.amount.minor,
        "currency": record.amount.currency,
        "last4": record.last4,
        "outcome": record.outcome,
        "state": record.state,
        "posting": record.posting,
        "code": record.code,
    }


def _audited(who: tuple[str, int] | None, found: Audit) -> dict[str, Any]:
    return {
        "ok": found.difference is None,
        "difference": found.difference,
        "kiosk": who[0] if who else None,
        "approvals": _counted(found.approvals),
        **{state: _counted(share) for state, share in found.shares.items()},
        "records": found.records,
        "forgotten": found.forgotten,
        "unknown": found.unknown,
        "heads": [{"epoch": epoch, "seq": seq, "hash": hash_} for epoch, seq, hash_ in found.heads],
    }


def _counted(share: Share) -> dict[str, Any]:
    return {"count": share.count, "totals": _cents(share.sums)}


def _cents(sums: tuple[Money, ...]) -> list[dict[str, Any]]:
    return [{"amount_cents": money.minor, "currency": money.currency} for money in sums]
