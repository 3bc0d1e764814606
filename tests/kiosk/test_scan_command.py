"""`./lobbypay scan`: what a technician reads of a picture, and what a program does."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from devices.scanners.simulator.page import draw_code_sheet
from domain.errors import Known
from domain.statement_codes import link_text, numbered_text
from kiosk import scan_command
from kiosk.billers import SHIPPED
from kiosk.scan_command import look
from main import app
from tests.billers import TODAY, ours
from tests.devices.scanners.bills import LINK, NUMBER, NUMBERED
from tests.devices.scanners.bills import page as printed
from tests.domain.test_biller_files import GOOD, SECRET, SIGNED, signed
from tests.domain.test_biller_profiles import GIROCODE, QR_BILL, lines
from tests.kiosk.installation import Installation

IBAN = "CH4431999123000889012"


def scan(*words: str) -> Result:
    return CliRunner().invoke(app, ["scan", *words])


def told(*words: str) -> list[dict[str, Any]]:
    done = scan(*words, "--json")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def why(result: Result) -> str:
    assert isinstance(result.exception, Known)
    return str(result.exception)


def keep(picture: Image.Image, path: Path) -> str:
    picture.resize((picture.width // 2, picture.height // 2)).save(path)
    return str(path)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A bill as we print it."""
    return keep(printed(), tmp_path_factory.mktemp("page") / "bill.png")


@pytest.fixture(scope="module")
def qr_bill(tmp_path_factory: pytest.TempPathFactory) -> str:
    return keep(draw_code_sheet("QRCode", lines(*QR_BILL)), tmp_path_factory.mktemp("page") / "qr-bill.png")


def test_our_bill_for_a_program(page: str) -> None:
    (line,) = told(page)
    assert line.keys() == {"file", "codes", "statement", "refusals", "ms", "fault"}
    assert (line["file"], line["fault"]) == (page, None)
    assert {(code["symbology"], code["text"]) for code in line["codes"]} == {("QRCode", LINK), ("Code128", NUMBERED)}
    assert all(len(code["corners"]) == 4 for code in line["codes"])
    assert line["statement"] == {
        "profile": "lobbypay-number", "kind": "number", "account": NUMBER, "ref": NUMBER, "payee": None, "printed_amount": None,
    }  # fmt: skip
    link = next(index for index, code in enumerate(line["codes"]) if code["text"] == LINK)
    reasons = {(refused["code"], refused["profile"]): refused["reason"] for refused in line["refusals"]}
    assert reasons[link, "lobbypay-link"] == "code-key-unknown"
    assert reasons[link, "lobbypay-number"] == "code-symbology"
    assert line["ms"] > 0


def test_a_bank_bill_and_what_it_says_of_itself(qr_bill: str) -> None:
    (line,) = told(qr_bill)
    assert line["statement"] == {
        "profile": "swiss-qr-bill", "kind": "biller", "account": QR_BILL[28], "ref": f"QRR/{QR_BILL[28]}", "payee": IBAN,
        "printed_amount": "1949.75 CHF",
    }  # fmt: skip


def test_for_a_person(qr_bill: str) -> None:
    done = scan(qr_bill)
    first, code, taken, *rest = done.stdout.splitlines()
    assert first.startswith(f"{qr_bill}: swiss-qr-bill, biller {QR_BILL[28]} (")
    assert code.startswith(f"    QRCode SPC\\n0200\\n1\\n{IBAN}\\n")
    assert taken == f"        swiss-qr-bill: takes it, {QR_BILL[28]}, pays {IBAN}, says 1949.75 CHF"
    assert rest == ["        swiss-qr-bill-scor: code-form"]


def test_one_line_for_each_image_of_a_folder(tmp_path: Path) -> None:
    keep(draw_code_sheet("Code128", NUMBERED), tmp_path / "a.png")
    keep(draw_code_sheet("Code128", "LP000123456700"), tmp_path / "b.png")
    Image.new("L", (400, 300), 200).save(tmp_path / "c.png")
    assert [Path(line["file"]).name for line in told(str(tmp_path))] == ["a.png", "b.png", "c.png"]
    assert [line["statement"] is None for line in told(str(tmp_path))] == [False, True, True]
    shown = scan(str(tmp_path)).stdout
    assert "b.png: no statement (" in shown
    assert "        lobbypay-number: code-misread\n" in shown
    assert "c.png: no code (" in shown


STRANGERS: dict[str, tuple[str | bytes, str]] = {
    "an app store": ("https://apps.apple.com/us/app/example/id123456789", "code-web-page"),
    "a wallet": ("upi://pay?pa=someone@bank&am=10", "code-other-scheme"),
    "bytes that are no text": (b"\x80\xff\xfe" * 6, "code-not-text"),
    "something": ("hello", "code-unknown"),
    "a link of another version": ("HTTPS://PAY.EXAMPLE/S2/" + "A" * 29, "code-web-page"),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_code_that_no_profile_knows_has_its_reason_too(name: str, tmp_path: Path) -> None:
    """The same word that a kiosk logs: no profile by itself can tell a wallet's code from any other."""
    text, reason = STRANGERS[name]
    path = keep(draw_code_sheet("QRCode", text), tmp_path / "code.png")
    (line,) = told(path)
    assert [code["reason"] for code in line["codes"]] == [reason]
    assert scan(path).stdout.splitlines()[2] == f"        {reason}"


def test_a_code_that_is_taken_has_no_reason(page: str) -> None:
    (line,) = told(page)
    assert {code["text"]: code["reason"] for code in line["codes"]} == {LINK: "code-key-unknown", NUMBERED: None}


def test_a_code_that_two_billers_have_names_no_statement_as_at_a_kiosk(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("acme.toml", "bets.toml")]
    for file, text in zip(files, (GOOD, GOOD.replace('"acme"', '"bets"').replace('"ACME"', '"BETS"')), strict=True):
        file.write_text(text, encoding="utf-8")
    path = keep(draw_code_sheet("Code128", "AC0000137391"), tmp_path / "code.png")
    (line,) = told(path, *(word for file in files for word in ("--profile", str(file))))
    assert (line["statement"], line["codes"][0]["reason"]) == (None, "code-ambiguous")


def test_two_statements_in_one_picture_are_none(tmp_path: Path) -> None:
    """Guessing which is meant would pay a stranger's bill."""
    one, other = (draw_code_sheet("Code128", numbered_text(number)) for number in ("4000123456", "4000123457"))
    both = Image.new("RGB", (one.width, one.height * 2))
    both.paste(one, (0, 0))
    both.paste(other, (0, one.height))
    path = keep(both, tmp_path / "both.png")
    assert [(line["statement"], len(line["codes"])) for line in told(path)] == [(None, 2)]
    assert "both.png: two statements, and which is meant cannot be told (" in scan(path).stdout


def test_what_cannot_be_looked_at_is_told_of_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"not an image")
    keep(draw_code_sheet("Code128", NUMBERED), tmp_path / "2.png")
    Image.new("1", (1, 1)).save(tmp_path / "3.png")
    done = scan(str(tmp_path), "--json")
    faults = [json.loads(line)["fault"] for line in done.stdout.splitlines()]
    assert faults == ["image-unknown", None, "image-too-small"]
    assert done.exit_code == 1
    assert why(done) == f"{tmp_path}/1.png could not be looked at, nor 1 more: it is no PNG, JPEG, BMP or WebP."
    done = scan(str(tmp_path / "none\n.png"))
    assert done.stdout == f"{tmp_path}/none\\n.png: it cannot be read (No such file or directory)\n"
    assert why(done) == f"{tmp_path}/none\\n.png could not be looked at: it cannot be read."


def test_wrong_usage_is_exit_2() -> None:
    assert scan().exit_code == 2


def test_a_profile_of_ones_own(tmp_path: Path, page: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text((SHIPPED / "lobbypay-number.toml").read_text().replace('"lobbypay-number"', '"own"'))
    (line,) = told(page, "--profile", str(own))
    assert line["statement"]["profile"] == "own"
    assert {refused["profile"] for refused in line["refusals"]} == {"own"}
    (line,) = told(page, "--profile", str(own), "--profile", "lobbypay-link")
    assert line["statement"]["profile"] == "own"
    own.write_text(own.read_text().replace("length = 14\n", ""))
    assert why(scan(page, "--profile", str(own))) == f"The biller profile {own}, at length: it is missing."


async def test_with_a_kiosks_settings_its_hubs_links_are_judged(tmp_path: Path, qr_bill: str) -> None:
    place = Installation(tmp_path)
    place.amend('data = "data"', f'data = "{place.data}"')
    assert "which has the keys of its links" in why(scan(qr_bill, "--config", str(place.config)))
    await place.enrol()
    link = link_text(b"link key of the demo", "PAY.EXAMPLE", "A", "ABCDEFGHIJKLMNOP")
    (line,) = told(keep(draw_code_sheet("QRCode", link), tmp_path / "link.png"), "--config", str(place.config))
    assert (line["statement"]["profile"], line["statement"]["account"]) == ("lobbypay-link", "ABCDEFGHIJKLMNOP")
    (line,) = told(qr_bill, "--config", str(place.config))
    assert line["statement"] is None
    assert {refused["profile"] for refused in line["refusals"]} == {"lobbypay-link", "lobbypay-number"}


@pytest.mark.parametrize(("clock", "reason"), [("03:59", None), ("04:00", "code-key-expired")])
async def test_with_a_kiosks_settings_a_keys_last_day_ends_at_its_midnight(
    clock: str, reason: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In New York, four hours after midnight in Greenwich."""
    place = Installation(tmp_path)
    place.amend('data = "data"', f'data = "{place.data}"')
    own = tmp_path / "acme.toml"
    own.write_text(SIGNED, encoding="utf-8")
    own.chmod(0o600)
    place.amend('"lobbypay-number"', f'"{own}"')
    await place.enrol()
    monkeypatch.setattr(scan_command, "now", lambda: dt.datetime.fromisoformat(f"2026-04-01T{clock}+00:00"))
    page = keep(draw_code_sheet("QRCode", signed("BILLS.ACME.EXAMPLE", "01", SECRET)), tmp_path / "acme.png")
    (line,) = told(page, "--config", str(place.config))
    reasons = {refused["profile"]: refused["reason"] for refused in line["refusals"]}
    assert reasons.get("acme-link") == reason
    assert (line["statement"] is None) == (reason is not None)


async def test_with_a_kiosks_settings_only_its_payees_are_paid(tmp_path: Path, qr_bill: str) -> None:
    place = Installation(tmp_path)
    place.amend('data = "data"', f'data = "{place.data}"')
    place.amend('"lobbypay-number"]\npayees = []', f'"swiss-qr-bill", "epc-girocode"]\npayees = ["{IBAN}"]')
    await place.enrol()
    (line,) = told(qr_bill, "--config", str(place.config))
    assert line["statement"]["payee"] == IBAN
    girocode = keep(draw_code_sheet("QRCode", lines(*GIROCODE)), tmp_path / "girocode.png")
    (line,) = told(girocode, "--config", str(place.config))
    assert line["statement"] is None
    assert {"profile": "epc-girocode", "reason": "code-other-payee", "code": 0} in line["refusals"]


def test_a_code_is_found_once_however_often_it_is_looked_for(page: str) -> None:
    found = look(page, ours(), TODAY)
    assert len(found.codes) == len({sighting.code for sighting in found.codes}) == 2
