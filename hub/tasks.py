"""What a person has to do: one open task for each payment that is parked, for each that the bank declined after all, and for
each that the bank and a kiosk do not agree on.

A parked one closes by itself when its records were taken after all, or a person says what was done about them elsewhere: they
stay parked, visible and counted (law 6), and are not tried again unless a person opens the task again. The others close when a
person says that it is done, the last by itself too, when both agree. None is ever deleted.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, insert, select, update

from hub.folder import HubError
from hub.schema import tasks

MOST_NOTE = 500
"""Characters."""


class TaskKind(StrEnum):
    PARKED = "parked"
    DECLINED = "declined"
    AUTHORIZATION = "authorization"
    """The bank and a kiosk have not said the same for a day: closes by itself when they do (hub/gateway/deferred.py)."""


class NoTask(HubError):
    """The task is another, or somebody else was quicker."""

    def __init__(self) -> None:
        super().__init__("no-task", "There is no such task any more.")


def open_task(
    connection: Connection, kind: TaskKind, kiosk: str, pid: str, code: str, now: dt.datetime, by: str | None = None
) -> None:
    """Opens a task; where one is open for this payment already, it only learns the newest `code`. `by` is who made it one."""
    if connection.execute(update(tasks).where(tasks.c.pid == pid, *_open(kind)).values(code=code)).rowcount == 0:
        connection.execute(insert(tasks).values(kind=kind, kiosk=kiosk, pid=pid, code=code, opened_at=now, opened_by=by))


def close_task(connection: Connection, kind: TaskKind, pid: str, now: dt.datetime, by: str | None) -> None:
    """Closes the open task of this payment, if there is one. `by` is None where nobody signed in did it."""
    connection.execute(update(tasks).where(tasks.c.pid == pid, *_open(kind)).values(closed_at=now, closed_by=by))


def close_by_hand(connection: Connection, number: int, note: str, by: str, now: dt.datetime) -> None:
    """A parked record cannot be posted here, and `note` is what `by` has done about it elsewhere. Nothing but the task changes.
    Raises HubError without a note or with one that is too long, NoTask for any other task, or one that is closed."""
    said = " ".join(note.split())
    if not said:
        raise HubError("no-note", "Please write what was done about it.")
    if len(said) > MOST_NOTE:
        raise HubError("long-note", f"Please say it in {MOST_NOTE} characters.")
    this = tasks.c.number == number, *_open(TaskKind.PARKED)
    closed = update(tasks).where(*this).values(closed_at=now, closed_by=by, note=said)
    if connection.execute(closed).rowcount == 0:
        raise NoTask


def open_again(connection: Connection, number: int, by: str, now: dt.datetime) -> None:
    """What was closed by hand was closed too early: a new task, which shows what had been said. Raises NoTask where that was
    not closed by hand, or the payment has a newer task."""
    task = connection.execute(select(tasks).where(tasks.c.number == number, tasks.c.note.is_not(None))).first()
    newer = select(tasks.c.number).where(tasks.c.kind == TaskKind.PARKED, tasks.c.number > number)
    if task is None or connection.execute(newer.where(tasks.c.pid == task.pid)).first() is not None:
        raise NoTask
    open_task(connection, TaskKind.PARKED, task.kiosk, task.pid, task.code, now, by)


def parked_payment(connection: Connection, number: int) -> str:
    """The payment id that an open task about parked records is of. Raises NoTask for any other task, or one that is closed."""
    this = tasks.c.number == number, *_open(TaskKind.PARKED)
    pid: str | None = connection.scalar(select(tasks.c.pid).where(*this))
    if pid is None:
        raise NoTask
    return pid


def is_seen_to(connection: Connection, pid: str) -> bool:
    """Whether somebody has this payment's parked records on the list, or has said what was done about them."""
    known = tasks.c.closed_at.is_(None) | tasks.c.note.is_not(None)
    this = select(tasks.c.number).where(tasks.c.kind == TaskKind.PARKED, tasks.c.pid == pid, known)
    return connection.execute(this).first() is not None


def finish_task(connection: Connection, number: int, by: str, now: dt.datetime) -> None:
    """A person has done what a declined payment, or one that the bank and a kiosk do not agree on, asked for. Raises NoTask for
    any other task, or one that is closed."""
    this = tasks.c.number == number, tasks.c.kind != TaskKind.PARKED, tasks.c.closed_at.is_(None)
    if connection.execute(update(tasks).where(*this).values(closed_at=now, closed_by=by)).rowcount == 0:
        raise NoTask


def _open(kind: TaskKind) -> tuple[ColumnElement[bool], ...]:
    return tasks.c.kind == kind, tasks.c.closed_at.is_(None)
