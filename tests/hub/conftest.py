"""A hub for each test: made once a session, copied for every test, with its own clock, chance and cheap passwords."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx2
import pytest

from domain.billing import Account, Charge, Guarantor, Statement, VisitLines
from domain.money import Money
from domain.statement_codes import RefKind, StatementRef
from hub.app import make_app
from hub.folder import Folder
from hub.hub import Hub, World, open_hub
from hub.passwords import Cost
from hub.second_thoughts import judge_parked
from hub.statements import add_account, add_statement, find
from tests.hub.kiosk import ScriptedKiosk
from tests.tls import Tls

BIRTH_DATE = dt.date(1984, 3, 17)
NUMBER = "3342139474"
OPAQUE = "V2CQRHVS2JJKFBSJ"
ACCOUNT = "A100001"


@dataclass
class Time:
    """Wall clock and monotonic clock in one; sleeping moves both."""

    now: dt.datetime = dt.datetime(2026, 11, 21, 15, 0, tzinfo=dt.UTC)
    seconds: float = 100.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> dt.datetime:
        return self.now

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def pass_by(self, span: dt.timedelta) -> None:
        self.now += span
        self.seconds += span.total_seconds()


def bill(number: str, account: str, minor: int, currency: str = "USD") -> Statement:
    """A statement of one visit with one charge of `minor` (>= 0)."""
    date = dt.date(2026, 10, 6)
    charge = Charge(date, "Visit with a doctor", Money(minor, currency))
    visit = VisitLines("V1", date, "Riverside Clinic", "Maria Alvarez", (charge,), (), ())
    return Statement(number, account, "Maria Alvarez", date, Money(minor, currency), (visit,))


def tried_again(hub: Hub, pid: str, by: str | None = None) -> bool:
    """Judges the parked records of a payment once more, whether or not a task is open."""
    with hub.store.writing() as connection:
        return judge_parked(connection, hub, pid, by)


def named(hub: Hub, reference: str) -> str | None:
    """The number of the statement that another biller's reference names."""
    ref = StatementRef(RefKind.BILLER, reference)
    with hub.store.reading() as connection:
        row = find(connection, [ref]).get(ref)
    return row.number if row else None


def put(hub: Hub, account: str, *statements: tuple[Statement, str], name: str = "Maria Alvarez", guarantor: str = "") -> None:
    with hub.store.writing() as connection:
        add_account(connection, Account(account, Guarantor(name, BIRTH_DATE, guarantor), statements[0][0].due.currency))
        for statement, opaque in statements:
            add_statement(connection, statement, opaque, hub.world.clock())


@pytest.fixture(scope="session")
def fresh_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hub") / "data"
    open_hub(Folder(path), World(cost=Cost(2**4, 1, 1))).store.close()
    return path


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def folder(fresh_folder: Path, tmp_path: Path) -> Folder:
    return Folder(Path(shutil.copytree(fresh_folder, tmp_path / "data")))


@pytest.fixture
def hub(folder: Folder, time: Time) -> Iterator[Hub]:
    """Holds one account with one statement of $125.50."""
    chance = Random(7)
    world = World(time.clock, time.monotonic, time.sleep, chance.randbytes, Cost(2**4, 1, 1))
    hub = open_hub(folder, world)
    put(hub, ACCOUNT, (bill(NUMBER, ACCOUNT, 12550), OPAQUE))
    yield hub
    hub.store.close()


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[httpx2.AsyncClient]:
    transport = Tls(make_app(hub))
    async with httpx2.AsyncClient(transport=transport, base_url="https://hub.example") as client:
        yield client


@pytest.fixture
async def kiosk(hub: Hub, client: httpx2.AsyncClient, time: Time) -> ScriptedKiosk:
    """A kiosk, enrolled as "lobby"."""
    return await ScriptedKiosk.enrolled(hub, client, time.clock, "Lobby")
