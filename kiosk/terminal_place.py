"""Where `./lobbypay terminal` works: URI, password, currency and journal, from its options or from a kiosk's settings."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from devices.terminals.port import CANNOT_TELL, DayTotals
from domain.errors import Known
from domain.money import Money
from kiosk.queue_words import in_words
from kiosk.settings import read_settings
from offline_queue.attempts import State
from offline_queue.errors import DatabaseInUse, QueueError
from offline_queue.folder import has_database, lock
from offline_queue.reader import AttemptSeen, JournalReader

USUAL_PASSWORD = "123456"
"""What the simulator takes, and the examples of the protocol's makers use. A real terminal's is its supplier's to say."""

USUAL_CURRENCY = {"zvt": "EUR", "neo2": "USD"}
"""Of the countries in which a protocol is at home."""


@dataclass(frozen=True, slots=True)
class Place:
    """`name` is the terminal's own in the journal; `kiosk` the data folder of the kiosk whose terminal it is, None for none."""

    uri: str
    name: str
    password: str
    currency: str
    journal: Path
    kiosk: Path | None


def place_of(
    *, uri: str | None, config: Path | None, password_file: Path | None, currency: str | None, journal: Path | None
) -> Place | None:
    """What the options say, and the kiosk's settings where they are silent; None when neither names a terminal.

    Raises SettingsError, or Known for a password file that cannot be read.
    """
    settings = read_settings(config) if config else None
    uri = uri or (settings.terminal.uri if settings else None)
    if uri is None:
        return None
    kiosk = Path(settings.kiosk.data) if settings else None
    if password_file is None and settings:
        password_file = Path(settings.terminal.password_file)
    if currency is None:
        currency = settings.site.currency if settings else _usual_currency(uri)
    if journal is None:
        journal = kiosk / "technician.db" if kiosk else default_journal()
    return Place(uri, name_of(uri), _password(password_file), currency, journal, kiosk)


def _usual_currency(uri: str) -> str:
    parts = urlsplit(uri)
    protocol = parts.path if parts.scheme == "sim" else parts.scheme.partition("+")[0]
    return USUAL_CURRENCY.get(protocol, "EUR")


def default_journal() -> Path:
    """Under the user's state folder (XDG): it must outlive a restart, and is no document."""
    state = os.environ.get("XDG_STATE_HOME") or ""
    base = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    return base / "lobbypay" / "terminal.db"


def name_of(uri: str) -> str:
    """The terminal's name in the journal: its id or serial number, where the URI makes the driver check it, whatever port it is
    at; otherwise where it is reached. Other options are no part of it."""
    parts = urlsplit(uri)
    options = dict(parse_qsl(parts.query))
    own = options.get("tid") or options.get("serial")
    return f"{parts.scheme.partition('+')[0]} {own}" if own else uri.partition("?")[0]


@contextmanager
def at_rest(kiosk: Path | None, *, moves_money: bool) -> Iterator[None]:
    """Keeps the kiosk whose terminal it is from starting meanwhile. Before money moves its own newest payment must have an end,
    or one that the terminal cannot tell: it remembers one sale, and a test would push that out of its memory. Raises Known."""
    if kiosk is None or not has_database(kiosk):
        yield
        return
    try:
        held = lock(kiosk)
    except DatabaseInUse as error:
        raise Known("The kiosk is running, and the terminal is its own meanwhile. Stop it first.") from error
    except QueueError as error:
        raise Known(in_words(error)) from error
    try:
        if moves_money:
            _refuse_unresolved(kiosk)
        yield
    finally:
        os.close(held)


def receipts_of_patients(kiosk: Path | None) -> dict[int, dt.datetime] | None:
    """The terminal's numbers of the approved payments in the journal of the kiosk, and when each was opened; of those with the
    same number, the newest (they have four digits and start again). None where there is no kiosk. Raises Known."""
    if kiosk is None or not has_database(kiosk):
        return None
    return {
        seen.receipt: seen.opened_at for seen in _attempts(kiosk) if seen.receipt is not None and seen.state is State.APPROVED
    }


def kept_of_day(kiosk: Path | None, closed: DayTotals) -> tuple[int, Money] | None:
    """What the journal of the kiosk has of the day that its terminal closed: how many approvals, and their sum. None where there
    is no kiosk, or the terminal does not say enough. Raises Known."""
    if kiosk is None or not has_database(kiosk) or closed.under is None:
        return None
    try:
        with JournalReader(kiosk) as reader:
            return reader.taken_under(*closed.under)
    except QueueError as error:
        raise Known(in_words(error)) from error


def _attempts(kiosk: Path) -> tuple[AttemptSeen, ...]:
    try:
        with JournalReader(kiosk) as reader:
            return reader.attempts()
    except QueueError as error:
        raise Known(in_words(error)) from error


def _refuse_unresolved(kiosk: Path) -> None:
    attempts = _attempts(kiosk)
    last = attempts[-1] if attempts else None
    if last is not None and (last.state is State.OPEN or (last.state is State.UNKNOWN and last.reason not in CANNOT_TELL)):
        raise Known(
            f"The kiosk's last payment ({last.id}) has no known end, and only the terminal can say what became of it. "
            "Start the kiosk: it asks by itself. Nothing was charged."
        )


def _password(file: Path | None) -> str:
    if file is None:
        return USUAL_PASSWORD
    try:
        text = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Known(f"The terminal's password file {file} cannot be read.") from error
    if not re.fullmatch(r"[0-9]{6}", text):
        raise Known(f"The terminal's password file {file} does not hold six digits.")
    return text
