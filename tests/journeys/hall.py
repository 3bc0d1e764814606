"""A hall with one kiosk in it, for whole visits: the world of real processes, bills to pay, and books to compare."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from demo.bills import Codes, Paper, birth_digits
from demo.world import World
from hub.audit import counts, first_difference
from hub.bills import Bill
from hub.demo_data import SEED, demo_bills, demo_patients, rf_reference
from hub.folder import Folder
from hub.hub import open_hub
from hub.readers import posting_of
from hub.statements import add_account, add_statement
from kiosk.visit.choosing import by_visit
from offline_queue.reader import AttemptSeen, JournalReader
from tests.journeys.visitor import Visitor
from tests.waiting import until

FAMILIES = {patient.account.number for patient in demo_patients(SEED) if patient.account.guarantor.number}
"""Accounts whose guarantor has others: `family` alone gives their bills."""


class Hall:
    """`world` is up. `terminals_before` is what terminals that are gone had charged when they went."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.terminals_before: list[int] = []
        self._touched: set[str] = set()  # accounts
        self._untouched = self._payable()
        self.paper = self.bill()
        """A bill to hold up and not to pay."""

    def bill(self) -> Bill:
        """One with something due, which may be paid while the hub is away too, on an account that nobody has touched yet."""
        if not self._untouched:  # chance gave this process most of the journeys
            self._more_patients()
            self._untouched = self._payable()
        bill = self._untouched.pop()
        self._touched.add(bill.statement.account)
        return bill

    def family(self) -> list[Bill]:
        """The bills of one guarantor's accounts, which nobody else is given."""
        return [bill for bill in demo_bills(self.world.hub_folder) if bill.statement.account in FAMILIES]

    def _payable(self) -> list[Bill]:
        payable = [bill for bill in demo_bills(self.world.hub_folder) if 0 < bill.statement.due.minor <= 50_000]
        simple = [bill for bill in payable if bill.statement.account not in FAMILIES and not by_visit(bill.statement)]
        one_each = {bill.statement.account: bill for bill in simple}
        return [bill for account, bill in one_each.items() if account not in self._touched]

    def _more_patients(self) -> None:
        """As many again come to the hub while it runs, each on an account of its own."""
        again = len(self._touched)
        hub = open_hub(Folder(self.world.hub_folder))
        try:
            with hub.store.writing() as connection:
                for patient in demo_patients(SEED + again):
                    alone = replace(patient.account.guarantor, number="")
                    account = replace(patient.account, number=f"{patient.account.number}{again}", guarantor=alone)
                    add_account(connection, account)
                    for statement, opaque in patient.statements:
                        theirs, reference = replace(statement, account=account.number), f"RF/{rf_reference(statement)}"
                        add_statement(connection, theirs, opaque, hub.world.clock(), [reference])
        finally:
            hub.store.close()

    def tidy(self) -> None:
        """After whatever the last visit did: everything is up, and does what it should."""
        world = self.world
        if not world.hub.alive:
            world.restore_hub()
        if not world.terminal.alive:
            world.restore_terminal()
        world.terminal.tell(power="on")
        world.terminal.tell(cable="in")
        world.terminal.tell(behave="approve")
        world.terminal.tell(fault="clear")
        for child in (world.terminal, world.printer, world.camera):
            while not child.reports.empty():  # what it said of somebody else's visit
                child.reports.get_nowait()
        world.printer.tell(paper="ok")
        world.camera.tell(show=None)
        if not world.engine.alive:
            world.start_engine()
        until(self._knows_of_paper)

    def _knows_of_paper(self) -> bool:
        """Its driver looks every few seconds, and a visit may be shorter: until then no print is offered."""
        lines = (self.world.folder / "engine.log").read_text(encoding="utf-8").splitlines()
        told = [json.loads(line)["condition"] for line in lines if '"printer.health"' in line]
        return told[-1:] == ["ready"]

    def restart_engine(self) -> None:
        """Without a last word, as a power cut would."""
        self.world.engine.kill()
        self.world.start_engine()

    @contextmanager
    def amended(self, old: str, new: str) -> Iterator[None]:
        """Another setting, for as long as the block lasts."""
        settings, engine = self.world.settings, self.world
        before = settings.read_text(encoding="utf-8")
        assert before.count(old) == 1
        settings.write_text(before.replace(old, new), encoding="utf-8")
        engine.engine.stop()
        engine.start_engine()
        try:
            yield
        finally:
            settings.write_text(before, encoding="utf-8")
            engine.engine.stop()
            engine.start_engine()

    # what a visitor does

    def to_statement(self, visitor: Visitor, bill: Bill, codes: Codes = "qr", language: str = "en") -> None:
        self.to_birth_date(visitor, bill, codes, language)
        visitor.type(birth_digits(bill.birth_date, language))
        visitor.touch("next")
        visitor.wait("statement")

    def to_birth_date(self, visitor: Visitor, bill: Bill, codes: Codes = "qr", language: str = "en") -> None:
        """A kiosk that has not noticed yet that the hub is back asks for no birth date: then once more from the start."""
        while True:
            visitor.to_scan(language)
            self.world.camera.tell(show=Paper(bill).shown(codes))
            found = visitor.wait("birth-date", "amount")["screen"] == "birth-date"
            self.world.camera.tell(show=None)
            if found:
                return
            visitor.leave()

    def pays(self, visitor: Visitor, bill: Bill) -> AttemptSeen:
        """A whole visit that nothing happens to; the attempt that it made."""
        self.to_statement(visitor, bill)
        visitor.touch("pay")
        self.taps()
        visitor.wait("approved")
        visitor.leave()
        return self.last()

    def taps(self) -> None:
        """A card at the terminal, as soon as it asks for one."""
        self.sale_reaches("waiting-card")
        self.world.terminal.tell(card="tap")

    def accepts(self, visitor: Visitor) -> dict[str, Any]:
        """Pays although the hub is away; what the screen then says."""
        visitor.wait("consent")
        visitor.press("primary")
        visitor.wait("card")
        self.taps()
        return visitor.wait("accepted")

    def sale_reaches(self, state: str) -> None:
        """Waits until the terminal says that of its newest sale."""
        while self.world.terminal.wait_report("sale", 60)["state"] != state:
            continue

    # what is written where

    def attempts(self) -> tuple[AttemptSeen, ...]:
        with JournalReader(self.world.kiosk_folder) as reader:
            return reader.attempts()

    def last(self) -> AttemptSeen:
        return self.attempts()[-1]

    def depth(self) -> int:
        with JournalReader(self.world.kiosk_folder) as reader:
            return reader.queue().depth

    def delivered(self) -> None:
        """Waits until the hub has everything."""
        until(lambda: self.depth() == 0, 90)

    def posting(self, attempt: AttemptSeen) -> str | None:
        return posting_of(self.world.hub_folder, attempt.id)

    def charged(self) -> list[int]:
        """What the terminal says it has charged and not reversed, in cents."""
        self.world.terminal.tell(do="totals")
        totals: dict[str, Any] = self.world.terminal.wait_report("totals", 30)
        amounts = [charge["amount"] for charge in totals["charges"]]
        assert (len(amounts), sum(amounts)) == (totals["count"], totals["amount"])
        return amounts

    def check_books(self) -> int:
        """Money is conserved: what was charged is what the journal calls approved is what the hub has posted, once. Returns how
        many payments that were."""
        self.delivered()
        approved = self.check_posted()
        assert sorted([*self.terminals_before, *self.charged()]) == sorted(attempt.amount.minor for attempt in approved)
        return len(approved)

    def check_posted(self) -> list[AttemptSeen]:
        """What the journal calls approved is what the hub has posted, once each, in books that balance. Returns those."""
        approved = [attempt for attempt in self.attempts() if attempt.state.value == "approved"]
        assert all(attempt.posting == self.posting(attempt) != "" for attempt in approved)
        assert len({attempt.posting for attempt in approved}) == len(approved)
        hub = open_hub(Folder(self.world.hub_folder))
        try:
            with hub.store.reading() as connection:
                assert first_difference(connection) is None
                assert counts(connection)["posted"] == len(approved)
        finally:
            hub.store.close()
        return approved


@contextmanager
def hall(folder: Path, seed: int) -> Iterator[Hall]:
    """One that has seen a first payment: a terminal whose numbers nobody knows cannot tell what became of a sale. At the end its
    books are compared, whatever the tests did."""
    with World(folder, seed, card_delay_ms=None) as world:
        hall = Hall(world)
        with Visitor(world.socket) as visitor:
            hall.pays(visitor, hall.bill())
        yield hall
        hall.tidy()
        with Visitor(world.socket) as visitor:
            visitor.leave()
        hall.check_books()


@contextmanager
def bounded(seconds: int) -> Iterator[None]:
    """Nothing in the block may wait for longer, in whatever it waits."""

    def over(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"this has taken {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
