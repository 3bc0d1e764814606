"""The catalogue of log events (law 10): every event's name and the fields it may carry. Anything else is a bug.

Fields are ids, codes, counts and durations; never a name, a birth date, an account, a statement, a card or an amount.
"""

from __future__ import annotations

from collections.abc import MutableMapping

EVENTS: dict[str, frozenset[str]] = {
    "engine.started": frozenset({"kiosk"}),
    "engine.stopped": frozenset({"reason"}),
    "engine.bug": frozenset({"where", "kind"}),
    "ui.connected": frozenset(),
    "ui.lost": frozenset(),
    "ui.refused": frozenset({"reason"}),
    "visit.screen": frozenset({"screen"}),
    "visit.wiped": frozenset(),
    "visit.bill_unread": frozenset({"reason", "status"}),
    "staff.called": frozenset({"reason"}),
    "staff.not_called": frozenset({"reason", "detail"}),
    "attempt.opened": frozenset({"attempt", "offline"}),
    "attempt.settled": frozenset({"attempt", "outcome", "reason"}),
    "attempt.refused": frozenset({"reason"}),
    "terminal.health": frozenset({"condition", "fault", "detail"}),
    "terminal.unconfirmed": frozenset({"attempt", "reason"}),
    "terminal.day_ended": frozenset({"count"}),
    "terminal.day_differs": frozenset({"count", "kept"}),
    "terminal.day_not_compared": frozenset({"reason"}),
    "terminal.day_not_ended": frozenset({"reason", "detail"}),
    "terminal.frame": frozenset({"direction", "name", "reason"}),
    "scanner.health": frozenset({"condition", "fault", "detail"}),
    "scanner.refused": frozenset({"reason"}),
    "voice.health": frozenset({"condition", "fault", "detail"}),
    "speaker.health": frozenset({"condition", "fault", "detail"}),
    "printer.health": frozenset({"condition", "fault", "detail"}),
    "printer.printed": frozenset({"receipt"}),
    "smartcard.health": frozenset({"condition", "fault", "detail"}),
    "smartcard.restarted": frozenset({"reason"}),
    "smartcard.seen": frozenset({"kind", "reason"}),
    "queue.delivered": frozenset({"count", "head"}),
    "queue.failed": frozenset({"reason", "status", "retry_s"}),
    "queue.unnoted": frozenset({"reason"}),
    "queue.parked": frozenset({"pid", "code"}),
    "queue.ballast": frozenset({"state"}),
    "queue.disk": frozenset({"reason", "detail"}),
    "queue.declined": frozenset({"pid", "code"}),
    "queue.rewound": frozenset({"gen", "head", "count"}),
    "queue.stopped": frozenset({"reason", "detail"}),
    "queue.record_refused": frozenset({"seq", "reason", "status"}),
    "queue.key_on_disk": frozenset({"reason"}),
    "queue.key_waits": frozenset({"reason"}),
    "queue.key_sealed": frozenset(),
    "queue.fork": frozenset({"head"}),
    "queue.uncertified": frozenset({"reason"}),
    "hub.started": frozenset({"version"}),
    "hub.enrolled": frozenset({"kiosk"}),
    "hub.certified": frozenset({"kiosk"}),
    "hub.batch": frozenset({"kiosk", "first", "count"}),
    "hub.refused": frozenset({"kiosk", "reason"}),
    "hub.lookup": frozenset({"kiosk", "found"}),
    "hub.parked": frozenset({"kiosk", "pid", "code"}),
    "hub.tried_again": frozenset({"kiosk", "pid", "status", "code"}),
    "hub.referred": frozenset({"count"}),
    "hub.declined": frozenset({"kiosk", "pid", "code"}),
    "hub.authorized": frozenset({"kiosk", "pid", "state", "code"}),
    "hub.gateway": frozenset({"pid", "reason"}),
    "hub.overdue": frozenset({"kiosk", "pid", "code"}),
    "hub.receipt": frozenset({"kiosk", "pid", "channel", "state", "code"}),
    "hub.called": frozenset({"kiosk", "reason"}),
    "hub.signed_in": frozenset({"known"}),
    "hub.bug": frozenset({"where", "kind"}),
    "hub.stopped": frozenset(),
    "hub.not_now": frozenset({"reason"}),
    "hub.behind": frozenset({"kiosk", "gen"}),
    "hub.backed_up": frozenset({"count"}),
    "hub.restored": frozenset({"gen"}),
}


class NotCatalogued(Exception):
    """A log line that the catalogue does not know: a bug, and maybe a leak."""


def catalogued(_logger: object, _method: str, line: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """A structlog processor that lets only catalogued events with their own fields through. Raises NotCatalogued."""
    name = line.get("event")
    fields = EVENTS.get(name) if isinstance(name, str) else None
    if fields is None or not fields >= line.keys() - {"event"}:
        raise NotCatalogued(f"{name!r} with {sorted(line.keys() - {'event'})}")
    return line
