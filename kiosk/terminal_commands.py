"""The technician's commands, mounted as `./lobbypay terminal`: status, pay, cancel, decode ... of one card terminal."""

from __future__ import annotations

import asyncio
import os
import re
import select
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from devices.health import Health
from devices.terminals.captures.decoding import MOST_BYTES, Protocol
from devices.terminals.captures.decoding import decode as decode_capture
from devices.terminals.captures.row import UNREADABLE, CaptureError, Row
from devices.terminals.port import CANNOT_TELL, Capabilities, Serviced
from devices.terminals.uris import open_terminal
from devices.terminals.zvt.tcp import DEFAULT_PORT
from domain.errors import Known
from domain.money import Money, MoneyError, from_digits
from domain.payment import IN_DOUBT, Outcome, Result, new_attempt_id
from kiosk.clock import now
from kiosk.logs import log_nowhere
from kiosk.terminal_journal import JournalHeld, JournalRefused, TerminalJournal
from kiosk.terminal_payment import CANCELLED, NEWER_ATTEMPT, Ended, Order, Patience, Payment, known_end, reached, refuse_older
from kiosk.terminal_place import Place, at_rest, kept_of_day, place_of, receipts_of_patients
from kiosk.terminal_service import NoHub, close_day, take_back, tell_diagnosis, tell_last
from kiosk.terminal_voice import NOT_STARTED, Voice, line_of, line_of_payment, money_words, result_words
from kiosk.terminal_words import capture_sentence, fault_sentence

T = TypeVar("T")

PATIENCE = Patience()

NOTHING_MORE = CANNOT_TELL | {IN_DOUBT, NEWER_ATTEMPT}
"""Reasons of an UNKNOWN of which it is no use to ask again."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="""Talk to one card terminal, as the kiosk would: see how it is, make a test payment, take it back, read a capture.

    The terminal is named by its URI, zvt+serial:///dev/ttyACM0?baud=115200, with the driver's options behind the question mark
    (tid=52523535 refuses any other terminal, t4=20 is how many seconds of silence are borne). Or by a kiosk's settings
    (--config), which name its password, currency and journal too; the kiosk has to stand still meanwhile.

    A real terminal charges real cards: use the supplier's test card, and take the payment back.""",
    epilog="An example: lobbypay terminal --uri zvt+serial:///dev/ttyACM0 pay 1.00",
)

Json = Annotated[bool, typer.Option("--json", help="Machine-readable lines on stdout, and nothing else there.")]
JournalFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="The journal of test payments, made when it is not there. Left out: terminal.db in the user's state folder "
        "(~/.local/state/lobbypay), and with --config technician.db in the kiosk's data folder.",
    ),
]


@dataclass(frozen=True, slots=True)
class _Given:
    """The options before the verb."""

    uri: str | None
    config: Path | None
    password_file: Path | None
    currency: str | None
    as_json: bool


@app.callback()
def terminal(
    context: typer.Context,
    uri: Annotated[str | None, typer.Option(metavar="URI", help="Where the terminal is, and what it speaks.")] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A kiosk's settings: its terminal, password, currency and journal.")
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Holds the six digits that the terminal registers with. Left out: 123456."),
    ] = None,
    currency: Annotated[str | None, typer.Option(metavar="EUR|USD|...", help="Left out: EUR; with a neo2 reader USD.")] = None,
    as_json: Json = False,
) -> None:
    context.obj = _Given(uri, config, password_file, currency, as_json)


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Connect, and say how the terminal is. Exit 1 when it could not take a payment now."""
    _status(_place(context, None), _voice(context, as_json))


@app.command()
def pay(
    context: typer.Context,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="As 12.34, or 12.")],
    attempt: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The payment's own name. The same one again asks or reports, and never charges again."),
    ] = None,
    journal: JournalFile = None,
    as_json: Json = False,
) -> None:
    """Charge a card. Ctrl-C asks the terminal to cancel, and waits for its last word.

    The payment is written to the journal before the terminal hears of it, and its outcome before the terminal is answered. If
    this command is killed, or ends with "unknown", run it again with the same --attempt: it asks the terminal what became of it,
    and charges nothing. Until the terminal has answered, no other payment begins on the same journal.

    Exit 0 only when the payment was made.
    """
    place, voice = _place(context, journal), _voice(context, as_json)
    order = Order(_attempt(attempt), _amount(amount, place.currency), place.name)
    _report(_paid(place, order, voice), voice)


@app.command()
def cancel(context: typer.Context, journal: JournalFile = None, as_json: Json = False) -> None:
    """Stop the `pay` that runs on the same journal, in another window, and say how that ended: exit 1 if it could not be stopped.

    When none runs but one was cut off, the terminal is asked what became of that. Otherwise this looks whether the terminal is
    free. A kiosk's own payment is cancelled at the kiosk.
    """
    place, voice = _place(context, journal), _voice(context, as_json)
    try:
        with closing(TerminalJournal.open(place.journal, now)) as held:
            cut_off = held.to_inquire()
    except JournalHeld as running:
        _tell_cancelled(_stopped(place, running, voice), running.attempt, voice)
        return
    if cut_off is None:
        voice.progress("idle", "No payment runs on this journal, and none was cut off.")
        _status(place, voice)
    else:
        _tell_cancelled(_paid(place, Order(cut_off.id, cut_off.amount, place.name), voice), cut_off.id, voice)


@app.command()
def last(context: typer.Context, as_json: Json = False) -> None:
    """Show what the terminal did last, whosever payment that was: it prints its receipt again."""
    place, voice = _place(context, None), _voice(context, as_json)
    with at_rest(place.kiosk, moves_money=False):
        _run(place, lambda driver: _served(driver, tell_last(driver, voice)))


@app.command()
def reverse(
    context: typer.Context,
    receipt: Annotated[int, typer.Argument(metavar="RECEIPT", min=0, max=9999, help="The terminal's number of the payment.")],
    amount: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="What must come back, where neither journal nor terminal know it.")
    ] = None,
    journal: JournalFile = None,
    as_json: Json = False,
) -> None:
    """Take a payment back, all of it, and compare what the terminal took back with what was asked.

    Many terminals take back their last payment only, whatever receipt they are asked for: exit 1 says when it was another one.
    A patient's payment in the journal of a kiosk (--config) is not taken back here: the hub has it, and would not hear.
    """
    place, voice = _place(context, journal), _voice(context, as_json)
    given = None if amount is None else _amount(amount, place.currency)

    async def work(driver: Serviced, held: TerminalJournal) -> None:
        patients = receipts_of_patients(place.kiosk)
        await _served(driver, take_back(driver, receipt, given, place.name, patients, held, voice), voice)

    _between_payments(place, work, voice)


@app.command("end-of-day")
def end_of_day(context: typer.Context, journal: JournalFile = None, as_json: Json = False) -> None:
    """Close the terminal's day: it settles with its bank. A kiosk does so by itself at night.

    With --config what the terminal closed is compared with the kiosk's own payments."""
    place, voice = _place(context, journal), _voice(context, as_json)

    async def work(driver: Serviced, _: TerminalJournal) -> None:
        await _served(driver, close_day(driver, partial(kept_of_day, place.kiosk), voice), voice)

    _between_payments(place, work, voice)


@app.command()
def diagnose(context: typer.Context, as_json: Json = False) -> None:
    """Have the terminal test itself and its line to the bank, and say who it is."""
    place, voice = _place(context, None), _voice(context, as_json)
    with at_rest(place.kiosk, moves_money=False):
        _run(place, lambda driver: _served(driver, tell_diagnosis(driver, voice)))


@app.command()
def decode(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A hex dump, raw bytes, pcap or pcapng; - for standard input.")],
    protocol: Annotated[Protocol, typer.Option(help="What the terminal speaks.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="The terminal's, in a network capture.")] = DEFAULT_PORT,
    as_json: Json = False,
) -> None:
    """Show what a capture of a terminal's line says, packet by packet. Touches no terminal.

    A hex dump may have offsets (xxd, hexdump -C), arrows (-> to the terminal, <- from it), times and remarks behind #. Of cards
    only the last four digits are shown; what may not be shown, or could be a card's, is EE in the hex. The password that the till
    sends is shown: take it out before you send this to anybody.
    """
    voice = _voice(context, as_json)
    rows = 0
    for row in _decoded(file, protocol, port):
        rows += row.name != UNREADABLE
        voice.row(row)
    if not rows:
        raise Known(f"Nothing in {file} is a packet of {protocol}. Is it the other protocol, or the wrong file?")


def _decoded(file: Path, protocol: Protocol, port: int) -> Iterator[Row]:
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as source:
            data = source.read(MOST_BYTES + 1)
    except OSError as error:
        raise Known(f"{file} cannot be read: {error.strerror}.") from error
    try:
        return decode_capture(data, protocol, port)
    except CaptureError as error:
        raise Known(capture_sentence(str(file), error.reason)) from error


def _status(place: Place, voice: Voice) -> None:
    async def look(driver: Serviced) -> tuple[Health, Capabilities]:
        return await reached(driver, PATIENCE, asyncio.Event()), driver.capabilities

    with at_rest(place.kiosk, moves_money=False):
        health, able = _run(place, look)
    line = line_of(NOT_STARTED, attempt=None, amount=None, reason=health.fault)
    more = {"condition": health.condition.value, "detail": health.detail, "protocol": able.protocol}
    voice.end(line | more, f"The terminal is {health.condition.value}; it speaks {able.protocol}.")
    if not health.usable:
        raise Known(fault_sentence(health.fault, health.detail))


def _paid(place: Place, order: Order, voice: Voice) -> Ended:
    """Carries the order out, or says how it ended before. Raises JournalRefused where the terminal heard of no money."""
    try:
        with closing(TerminalJournal.open(place.journal, now, order.attempt)) as journal:
            if (ended := known_end(order, journal)) is not None:
                return ended
            voice.progress("attempt", f"Attempt {order.attempt}, {money_words(order.amount)}.", attempt=order.attempt)
            with at_rest(place.kiosk, moves_money=True):
                return _run(place, lambda driver: _cancellable(Payment(order, driver, journal, now, voice.step, PATIENCE), voice))
    except JournalRefused as refusal:
        voice.end(line_of(NOT_STARTED, attempt=order.attempt, amount=order.amount, reason=refusal.reason))
        raise


def _between_payments(place: Place, work: Callable[[Serviced, TerminalJournal], Awaitable[None]], voice: Voice) -> None:
    """What changes the terminal's memory: with the journal held, so that no payment runs, and none that was cut off is lost."""
    try:
        with closing(TerminalJournal.open(place.journal, now)) as journal, at_rest(place.kiosk, moves_money=True):
            refuse_older(journal)
            _run(place, lambda driver: work(driver, journal))
    except JournalRefused as refusal:
        voice.end(line_of(NOT_STARTED, attempt=None, amount=None, reason=refusal.reason))
        raise


async def _served(driver: Serviced, work: Coroutine[None, None, None], waits: Voice | None = None) -> None:
    """`work` once the terminal is there. With `waits`, what was begun is seen to its end: Ctrl-C does not stop it."""
    if waits is not None:
        told = partial(waits.progress, "cancelling", "This cannot be stopped; waiting for the terminal's last word.")
        _when_told_to_end(told)
    await reached(driver, PATIENCE, asyncio.Event())
    await work


def _when_told_to_end(stop: Callable[[], None]) -> None:
    """Ctrl-C, being told to end, and a window that is closed."""
    for told_to_end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(told_to_end, stop)


async def _cancellable(payment: Payment, voice: Voice) -> Ended:
    """The payment, with Ctrl-C asking for its cancellation."""
    loop = asyncio.get_running_loop()
    asking: list[asyncio.Task[None]] = []

    def stop() -> None:
        if asking:
            told = "Still waiting: only the terminal knows whether money moved, and it gives up by itself after a while."
        else:
            told = "Asked the terminal to cancel; waiting for its last word."
        voice.progress("cancelling", told)
        asking.append(loop.create_task(payment.cancel()))

    _when_told_to_end(stop)
    return await payment.run()


def _stopped(place: Place, running: JournalHeld, voice: Voice) -> Ended | None:
    """Asks the process that pays to cancel, and waits for its end; None where its attempt was never opened. Raises JournalHeld
    when it is not paying."""
    if not running.attempt:
        raise running
    try:
        process = os.pidfd_open(running.pid)
    except ProcessLookupError:
        process = None
    if process is not None:
        # The journal is still that process's, so the number is no other process's by now.
        if _holder(place) == running.pid:
            signal.pidfd_send_signal(process, signal.SIGINT)
            voice.progress("cancelling", f"Asked attempt {running.attempt} to cancel; waiting for its end.")
        select.select([process], [], [])
        os.close(process)
    with closing(TerminalJournal.open(place.journal, now)) as journal:
        found = journal.find(running.attempt)
    return None if found is None else Ended(Order(found.id, found.amount, found.terminal), found.result, found.fault)


def _holder(place: Place) -> int | None:
    try:
        TerminalJournal.open(place.journal, now).close()
    except JournalHeld as held:
        return held.pid
    return None


def _run(place: Place, work: Callable[[Serviced], Awaitable[T]]) -> T:
    """`work` with the terminal's driver, opened before and closed after it."""

    async def run() -> T:
        try:
            driver = open_terminal(place.uri, password=place.password, currency=place.currency, authorizer=NoHub())
        except ValueError as wrong:
            raise typer.BadParameter(f"{wrong}.", param_hint="--uri") from wrong
        await driver.open()
        try:
            return await work(driver)
        finally:
            await driver.close()

    log_nowhere()
    return asyncio.run(run())


def _report(ended: Ended, voice: Voice) -> None:
    """The last line, and Known for all but a payment that was made."""
    result, order = ended.result, ended.order
    if result is None:
        voice.end(line_of_payment(ended))
        raise Known(f"Nothing was charged. {fault_sentence(ended.fault, ended.detail)}")
    words = result_words(result, order.amount)
    if result.outcome.money_moved:
        back = () if result.receipt is None else (f"To take it back: reverse {result.receipt}",)
        voice.end(line_of_payment(ended), words, *back)
        return
    voice.end(line_of_payment(ended))
    parts = words, ended.detail, _next_step(result, order.attempt) if result.outcome is Outcome.UNKNOWN else ""
    raise Known(" ".join(part for part in parts if part))


def _next_step(result: Result, attempt: str) -> str:
    if result.reason in NOTHING_MORE:
        return "The terminal knows no more of it: look among its own receipts, and in its account at the bank."
    return f"To ask the terminal again, which charges nothing: the same line with --attempt {attempt}."


def _tell_cancelled(ended: Ended | None, attempt: str, voice: Voice) -> None:
    """The last line, and Known where money has moved or may have."""
    if ended is None or ended.result is None:
        line = line_of(NOT_STARTED, attempt=attempt, amount=None, reason=CANCELLED) if ended is None else line_of_payment(ended)
        voice.end(line, "Nothing was charged.")
        return
    outcome, words = ended.result.outcome, result_words(ended.result, ended.order.amount)
    if outcome in (Outcome.CANCELLED, Outcome.DECLINED):
        voice.end(line_of_payment(ended), words)
        return
    voice.end(line_of_payment(ended))
    raise Known(f"It could not be stopped. {words}")


def _voice(context: typer.Context, as_json: bool) -> Voice:
    return Voice(as_json=as_json or _given(context).as_json)


def _given(context: typer.Context) -> _Given:
    given = context.obj
    assert isinstance(given, _Given), "the callback has run"
    return given


def _place(context: typer.Context, journal: Path | None) -> Place:
    given = _given(context)
    place = place_of(
        uri=given.uri, config=given.config, password_file=given.password_file, currency=given.currency, journal=journal
    )
    if place is None:
        raise typer.BadParameter("Which terminal? Give --uri URI or --config FILE before the verb.")
    return place


def _attempt(given: str | None) -> str:
    if given is None:
        return new_attempt_id(now(), os.urandom(10))
    if not re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", given):
        raise typer.BadParameter("An attempt's id has 1 to 64 letters, digits, and . _ : -", param_hint="--attempt")
    return given


def _amount(given: str, currency: str) -> Money:
    """Exactly: no float, and nothing that could be read in two ways (1,000)."""
    if not re.fullmatch(r"[0-9]{1,10}(\.[0-9]{2})?", given):
        raise typer.BadParameter("An amount is written as 12.34, or 12.", param_hint="AMOUNT")
    whole, _, part = given.partition(".")
    try:
        amount = from_digits(whole + (part or "00"), currency)
    except MoneyError as wrong:
        raise typer.BadParameter(f"{wrong}.", param_hint="AMOUNT") from wrong
    if amount.minor == 0:
        raise typer.BadParameter("A payment takes something.", param_hint="AMOUNT")
    return amount
