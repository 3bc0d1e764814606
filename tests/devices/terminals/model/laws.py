"""What no path may break. Each is looked at when it could be broken first, and all of them when the path has ended."""

from __future__ import annotations

from domain.payment import Outcome
from tests.devices.terminals.model.books import HANDED_BACK, POWER, STILL_SHOWN, Books, Charge
from tests.devices.terminals.model.memory import NOT_STARTED, OPEN, Disk, Row

NOTHING_TAKEN = (Outcome.DECLINED, Outcome.CANCELLED, NOT_STARTED)


class LawBroken(Exception):
    """`law` names it."""

    def __init__(self, law: str, what: object = "") -> None:
        super().__init__(f"{law}: {what}")
        self.law = law


def at_a_sale(disk: Disk, sent: list[str], attempt: str) -> None:
    """The driver is about to send `attempt`'s sale; `sent` were before."""
    if attempt in sent:
        raise LawBroken("sent-once", attempt)
    row = disk.rows.get(attempt)
    if row is None or row.state != OPEN:
        raise LawBroken("attempt-first", row)
    for other in disk.rows.values():
        if other is not row and (other.state == OPEN or (other.state == Outcome.UNKNOWN and not other.asked)):
            raise LawBroken("asked-first", other)


def at_an_acceptance(disk: Disk, charge: Charge) -> None:
    """The kiosk accepts `charge`: 80 00 00 to a terminal."""
    row = disk.rows.get(charge.attempt)
    if row is None or row.state != Outcome.APPROVED:
        raise LawBroken("committed-before-accepted", row)


def at_a_void(disk: Disk, attempt: str) -> None:
    """The hub is about to be told that an approval is taken back."""
    row = disk.rows[attempt]
    if row.state not in (OPEN, Outcome.UNKNOWN):
        raise LawBroken("taken-back-before-committed", row)


def at_the_end(disk: Disk, books: Books, *, tells: bool) -> None:
    """Everything that can be asked has been asked. `tells`: whoever has the books always knows an attempt by its id."""
    for row in disk.rows.values():
        standing = books.standing(row.attempt.id)
        if len(standing) > 1:
            raise LawBroken("charged-once", standing)
        if row.state == OPEN:
            raise LawBroken("left-open", row)
        if row.state == Outcome.UNKNOWN and tells:
            raise LawBroken("told-in-the-end", row)
        if row.state in NOTHING_TAKEN and standing:
            raise LawBroken("none-forgotten", (row, standing))
        if row.state == Outcome.APPROVED:
            _approved(row, books)
        if row.state == Outcome.CAPTURED:
            _captured(row, books)
    for charge in books.charges:
        if charge.attempt not in disk.rows:
            raise LawBroken("attempt-first", charge)


def _approved(row: Row, books: Books) -> None:
    """The charge that it names is its own, of its amount, and stands, or was taken back by the terminal itself."""
    assert row.result is not None
    numbers = None if row.result.receipt is None else {row.result.receipt}  # a reader numbers nothing
    own = [charge for charge in books.of(row.attempt.id) if numbers is None or charge.receipt in numbers]
    if not own:
        raise LawBroken("own-receipt", (row, books.charges))
    if own[0].minor != row.attempt.amount.minor or row.result.amount != row.attempt.amount:
        raise LawBroken("own-amount", (row, own))
    if own[0].gone and not row.doubted and not excused(row, own[0], books):
        raise LawBroken("approved-stands", (row, own))


def _captured(row: Row, books: Books) -> None:
    """Nothing was taken yet, the patient was told so before, and there is what to take it with."""
    if not row.attempt.offline or books.of(row.attempt.id) or row.result is None or row.result.card_data is None:
        raise LawBroken("captured-only", row)


def excused(row: Row, charge: Charge, books: Books) -> bool:
    """Whether a charge may be gone although it is committed as approved, and not as in doubt. No till can prevent either, and
    only a reconciliation finds it; the fact sheet calls both device dependent.

    One: the terminal said "approved" to the sale, our acceptance, which follows the commit, did not come through or not in time,
    and the terminal took the charge back by itself; and the driver did not come to commit its doubt, because its process died or
    its disk failed, or the terminal lost it with its power after it had called the sale complete. Two: the terminal took it back
    and still shows it as its last receipt, and nobody who knew better was left to ask: the process to which it said "approved",
    and that handed it back, has died.
    """
    if charge.accepted:
        return False
    by_itself = charge.gone != HANDED_BACK
    unnoticed = by_itself and (not row.ended or charge.gone == POWER)
    return (charge.told and unnoticed) or (books.shows_gone == STILL_SHOWN and (by_itself or row.by != charge.to))
