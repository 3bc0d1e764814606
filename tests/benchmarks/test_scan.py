"""The scan benchmark reads the folder that it is given, refuses one that is none, and counts what it films rightly."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import scan_wrong
from benchmarks.scan import LINK, TEXTS, letterboxed, read_photographs, rows
from benchmarks.scan_readers import others, ours, zxing
from devices.scanners.opencv import cv2
from devices.scanners.simulator.wear import Wear, film, print_sheet
from domain.biller_profiles import read_code
from domain.errors import Known
from domain.statement_codes import Refusal, StatementRef, numbered_text


def folder(path: Path, entries: object) -> Path:
    (path / "truth.json").write_text(json.dumps(entries))
    frame = film(print_sheet("QRCode", LINK), Wear(), np.random.default_rng(1), (640, 400))
    (path / "one.png").write_bytes(bytes(cv2.imencode(".png", frame)[1]))
    return path


def test_photographs_are_what_the_truth_lists(tmp_path: Path) -> None:
    (one,) = read_photographs(folder(tmp_path, [{"file": "one.png", "symbology": "qrcode", "text": LINK}]))
    assert (one.symbology, one.text, one.picture.shape) == ("qrcode", LINK, (400, 640))
    assert letterboxed(one.picture).shape == (720, 1280)
    assert LINK in ours(letterboxed(one.picture))


@pytest.mark.parametrize(
    "entries",
    [{"one": 1}, [{"file": "one.png"}], [{"file": "two.png", "symbology": "qrcode", "text": ""}], [7],
     [{"file": "truth.json", "symbology": "qrcode", "text": ""}]],
)  # fmt: skip
def test_a_folder_that_is_none_is_refused_in_words(tmp_path: Path, entries: object) -> None:
    with pytest.raises(Known):
        read_photographs(folder(tmp_path, entries))
    with pytest.raises(Known, match=r"truth\.json cannot be read"):
        read_photographs(tmp_path / "nowhere")


def test_every_text_can_be_printed_and_read() -> None:
    for symbology, text in TEXTS.items():
        frame = film(print_sheet(symbology, text), Wear(), np.random.default_rng(1))
        assert text in ours(frame)
        assert text in zxing(frame)


def test_the_rows_are_those_that_were_promised() -> None:
    names = list(rows(np.random.default_rng(1)))
    assert names[:24] == [f"rotated-{turn:03}" for turn in range(0, 360, 15)]
    assert names[24:] == ["blurred-1.0", "blurred-1.5", "low-contrast-0.2", "glare", "perspective"]


def test_other_readers_read_a_plain_qr_code() -> None:
    frame = film(print_sheet("QRCode", LINK), Wear(), np.random.default_rng(1), (640, 400))
    assert LINK in {text for reader in others()[0] if reader.name != "OpenCV bars" for text in reader.read(frame)}
    assert all(reader.read(np.zeros((4, 4), np.uint8)) == set() for reader in others()[0])


def test_what_is_printed_is_right_and_taken_by_a_profile() -> None:
    chance = np.random.default_rng(1)
    taken = scan_wrong.profiles()
    for printed in scan_wrong.PRINTED:
        symbology, text, _ = printed(chance)
        read = read_code(symbology, text, taken, scan_wrong.TODAY)
        assert isinstance(read, Refusal if symbology == "PDF417" else StatementRef), text


def test_a_statement_that_is_read_wrong_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_wrong, "SHARE", len(scan_wrong.PRINTED))
    monkeypatch.setattr(scan_wrong, "any_wear", lambda _chance: Wear(scale=0.8))
    assert scan_wrong.film_share(1)["right"] == len(scan_wrong.PRINTED)
    assert scan_wrong.film_share(1)["wrong"] == 0
    another = print_sheet("Code128", numbered_text("4000123456"))
    monkeypatch.setattr(scan_wrong, "print_sheet", lambda *_: another)
    assert scan_wrong.film_share(1)["wrong"] == len(scan_wrong.PRINTED)
