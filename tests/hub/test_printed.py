"""Statements to print, as a person at the hub gets them: by the command, and from the console's page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner, Result

from domain.errors import Known
from hub.commands import app
from hub.folder import Folder
from hub.hub import Hub
from hub.paper.letterhead import DEMO
from hub.signing_in import add_user
from tests.hub.conftest import NUMBER
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.hub.paper.bills import pictures, symbols, texts
from tests.hub.test_pages import PASSWORD, sign_in

Run = Callable[..., Result]


@pytest.fixture
def run(hub: Hub, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """In a folder of its own, with a letterhead."""
    folder.letterhead.write_text(DEMO, "utf-8")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["statement", *arguments, "--data", str(folder.path)])

    return run


def test_the_pdf_is_private_and_carries_the_codes_that_the_hub_lists(run: Run, folder: Folder) -> None:
    assert run(NUMBER, "--pdf", "bill.pdf").stdout == f"Statement {NUMBER} is in bill.pdf. Print it at 100 %.\n"
    path = Path("bill.pdf")
    assert path.stat().st_mode & 0o777 == 0o600
    listed = json.loads(CliRunner().invoke(app, ["statements", "--json", "--data", str(folder.path)]).stdout)
    assert json.loads(run(NUMBER, "--json").stdout) == listed
    found = symbols(pictures(path.read_bytes(), 150)[0])
    assert {symbol.text for symbol in found.values()} == {listed["link"], listed["numbered"]}


@pytest.mark.parametrize("given", [NUMBER, "3342 1394 7462", "LP334213947462", "lp3342-1394-7462"])
def test_a_statement_is_named_by_its_number_or_by_what_is_printed(run: Run, given: str) -> None:
    assert "$125.50" in run(given).stdout
    assert json.loads(run(given, "--pdf", "--json").stdout) == {"pdf": f"statement-{NUMBER}.pdf"}
    assert Path(f"statement-{NUMBER}.pdf").exists()


async def test_it_is_printed_as_it_stands_now_in_the_language_asked_for(run: Run, kiosk: ScriptedKiosk) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()))
    run(NUMBER, "--pdf", "es.pdf", "--lang", "es")
    (page,) = texts(Path("es.pdf").read_bytes())
    assert "Pagó usted: en el quiosco" in page
    assert "$100.00" in page


def test_nothing_is_written_over_unless_told(run: Run) -> None:
    Path("bill.pdf").write_text("mine")
    assert str(run(NUMBER, "--pdf", "bill.pdf").exception) == (
        "bill.pdf is there already. Name another file, or write over it with --force."
    )
    assert Path("bill.pdf").read_text() == "mine"
    assert run(NUMBER, "--pdf", "bill.pdf", "--force").exit_code == 0
    assert Path("bill.pdf").read_bytes().startswith(b"%PDF-")
    assert [path.name for path in Path().iterdir()] == ["bill.pdf"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["4000000000", "--pdf"], "There is no statement 4000000000. `hub statements` lists them."),
        (["334213947461", "--pdf"], "There is no statement 334213947461. `hub statements` lists them."),
        ([NUMBER, "--pdf", "nowhere/bill.pdf"], "nowhere/bill.pdf cannot be written: No such file or directory."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(run: Run, arguments: list[str], sentence: str) -> None:
    failed = run(*arguments)
    assert (type(failed.exception), str(failed.exception)) == (Known, sentence)
    assert list(Path().iterdir()) == []


def test_a_file_without_pdf_is_wrong_usage(run: Run) -> None:
    assert run(NUMBER, "bill.pdf").exit_code == 2


def test_without_a_letterhead_nothing_is_printed(run: Run, folder: Folder) -> None:
    folder.letterhead.unlink()
    failed = run(NUMBER, "--pdf")
    assert isinstance(failed.exception, Known)
    assert f"write {folder.letterhead}" in str(failed.exception)


# the console


@pytest.fixture
async def staff(hub: Hub, client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    add_user(hub, "ana", PASSWORD)
    await sign_in(client)
    return client


async def test_the_console_hands_out_the_same_pages(run: Run, staff: httpx2.AsyncClient) -> None:
    links = (await staff.get(f"/statements/{NUMBER}")).text
    for language, address in (("en", f"/statements/{NUMBER}.pdf"), ("es", f"/statements/{NUMBER}.pdf?lang=es")):
        assert f'href="{address}"' in links
        answer = await staff.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.headers["content-disposition"] == f'attachment; filename="statement-{NUMBER}.pdf"'
        assert answer.headers["cache-control"] == "no-store"
        run(NUMBER, "--pdf", "same.pdf", "--lang", language, "--force")
        assert answer.content == Path("same.pdf").read_bytes()


async def test_the_console_says_what_is_missing(hub: Hub, staff: httpx2.AsyncClient) -> None:
    unknown = await staff.get("/statements/4000000000.pdf")
    assert (unknown.status_code, "nothing here by that number" in unknown.text) == (404, True)
    bare = await staff.get(f"/statements/{NUMBER}.pdf")
    assert (bare.status_code, "A statement needs its letterhead" in bare.text) == (409, True)


async def test_nobody_prints_without_signing_in(client: httpx2.AsyncClient) -> None:
    answer = await client.get(f"/statements/{NUMBER}.pdf")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
