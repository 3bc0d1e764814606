"""The demo's patients: enough of them, of every shape, always the same, and their codes mean what they should."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from domain.biller_profiles import read_code
from domain.billing import Statement
from domain.statement_codes import LinkProfile, MacKey, RefKind, StatementRef
from hub.audit import first_difference
from hub.demo_data import SEED, DemoPatient, demo_bills, demo_patients, fill, rf_reference
from hub.folder import Folder
from hub.hub import Hub, open_hub
from hub.schema import accounts
from hub.statements import find
from kiosk.billers import load_profiles, shipped
from tests.billers import TODAY

PATIENTS = demo_patients(SEED)
BILLS = [statement for patient in PATIENTS for statement, _ in patient.statements]


def test_the_same_seed_gives_the_same_patients() -> None:
    assert demo_patients(SEED) == PATIENTS
    assert demo_patients(SEED + 1) != PATIENTS


def test_there_are_enough_and_none_is_mistaken_for_another() -> None:
    assert len(PATIENTS) >= 40
    assert len({patient.account.number for patient in PATIENTS}) == len(PATIENTS)
    assert len({bill.number for bill in BILLS}) == len(BILLS)
    assert len({opaque for patient in PATIENTS for _, opaque in patient.statements}) == len(BILLS)


SHAPES: list[tuple[str, Callable[[Statement], bool]]] = [
    ("several visits", lambda bill: len({visit.date for visit in bill.visits}) >= 3),
    ("family", lambda bill: len({visit.patient for visit in bill.visits} - {bill.guarantor_name}) >= 2),
    ("credit", lambda bill: bill.due.minor < 0),
    ("zero", lambda bill: bill.due.minor == 0),
    ("long", lambda bill: max(len(visit.charges) for visit in bill.visits) >= 40),
    ("one line", lambda bill: sum(len(visit.charges) + len(visit.adjustments) for visit in bill.visits) == 1),
    ("large", lambda bill: bill.due.minor >= 10_000_000),
    ("insurance in part", lambda bill: any(p.by_insurance for v in bill.visits for p in v.payments) and bill.due.minor > 0),
    ("self-pay", lambda bill: not any(v.payments for v in bill.visits) and any(v.adjustments for v in bill.visits)),
    ("paid in part", lambda bill: any(not p.by_insurance for v in bill.visits for p in v.payments) and bill.due.minor > 0),
]


@pytest.mark.parametrize(("shape", "holds"), SHAPES, ids=[shape for shape, _ in SHAPES])
def test_every_shape_is_there(shape: str, holds: Callable[[Statement], bool]) -> None:
    assert any(holds(bill) for bill in BILLS), shape


@pytest.mark.parametrize("script", ["CJK", "ARABIC", "CYRILLIC", "HEBREW", "HANGUL", "DEVANAGARI", "GREEK", "THAI"])
def test_names_of_many_scripts(script: str) -> None:
    letters = {unicodedata.name(letter, "") for bill in BILLS for letter in bill.guarantor_name}
    assert any(letter.startswith(script) for letter in letters)


def test_one_account_has_two_statements_and_two_people_share_a_name() -> None:
    assert any(len(patient.statements) == 2 for patient in PATIENTS)
    names = [patient.account.guarantor.name for patient in PATIENTS]
    assert len(set(names)) < len(names)


def test_a_parents_own_bill_and_their_childs_are_one_guarantors() -> None:
    together = [patient for patient in PATIENTS if patient.account.guarantor.number]
    (parent, parents), (child, childs) = [(patient.account.guarantor, patient.statements[0][0]) for patient in together]
    assert parent == child
    assert {visit.patient for visit in parents.visits} == {parent.name}
    assert {visit.patient for visit in childs.visits}.isdisjoint({parent.name})
    assert min(parents.due.minor, childs.due.minor) > 0


def test_in_the_hub_they_balance_and_filling_again_adds_nothing(hub: Hub, folder: Folder) -> None:
    with hub.store.writing() as connection:  # the fixture's own patient is there: fill leaves such a hub alone
        before = connection.execute(accounts.select()).all()
    fill(hub)
    with hub.store.reading() as connection:
        assert connection.execute(accounts.select()).all() == before


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = Folder(tmp_path_factory.mktemp("demo") / "data")
    hub = open_hub(folder)
    fill(hub)
    hub.store.close()
    return folder


def test_every_printed_code_leads_to_its_statement(demo_folder: Folder) -> None:
    bills = demo_bills(demo_folder.path)
    assert bills[0].statement.due.minor == 12550
    assert {bill.statement.number for bill in bills} == {bill.number for bill in BILLS}
    hub = open_hub(demo_folder)
    keys = {kid: MacKey(secret) for kid, secret in hub.keys.links.items()}
    profiles = load_profiles(shipped(), LinkProfile(frozenset(host.upper() for host in hub.keys.hosts), keys), None)
    with hub.store.reading() as connection:
        assert first_difference(connection) is None
        for bill in bills:
            link = read_code("QRCode", bill.link_text, profiles, TODAY)
            number = read_code("Code128", bill.numbered_text, profiles, TODAY)
            assert isinstance(link, StatementRef)
            assert isinstance(number, StatementRef)
            assert (link.kind, number.kind) == (RefKind.LINK, RefKind.NUMBER)
            bank = read_code("Code128", rf_reference(bill.statement), profiles, TODAY)
            assert bank == StatementRef(RefKind.BILLER, f"RF/{rf_reference(bill.statement)}")
            found = find(connection, [link, number, bank])
            rows = [found.get(ref) for ref in (link, number, bank)]
            assert [row.number for row in rows if row] == [bill.statement.number] * 3
            assert all(row and row.birth_date == bill.birth_date for row in rows)
    hub.store.close()


def test_a_patient_is_what_the_bills_say(demo_folder: Folder) -> None:
    by_account: dict[str, DemoPatient] = {patient.account.number: patient for patient in PATIENTS}
    for bill in demo_bills(demo_folder.path):
        patient = by_account[bill.statement.account]
        assert bill.birth_date == patient.account.guarantor.birth_date
        assert bill.statement in [statement for statement, _ in patient.statements]
