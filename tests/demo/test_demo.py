"""`./lobbypay demo`, whole, as a newcomer types it: what it leaves behind, and that it leaves nothing else."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from demo.children import ROOT
from domain.payment import receipt_code, short_reference
from hub.readers import posting_of
from tests.demo.processes import Marked
from tests.waiting import until

LIMIT_S = 180

ONLINE = ["attract", "scan", "birth-date", "looking-up", "statement"]
"""The screens that no visit can do without; the card's steps come as the terminal says them."""


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Marked:
    return Marked(monkeypatch)


@pytest.fixture
def scratch(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files: what a demo leaves there can be seen. Its path is short, for the UI's socket is in it."""
    folder = tmp_path_factory.mktemp("tmp")
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def started(*arguments: str) -> subprocess.Popen[str]:
    """As a person starts it: it hears Ctrl-C, even where these tests themselves were started not to (`&` in a script)."""
    command = [sys.executable, str(ROOT / "main.py"), "demo", "--headless", *arguments]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)


def checked_summary(out: Path) -> dict[str, Any]:
    """What DESIGN, section 6, promises of summary.json."""
    summary: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    kinds = {
        "payment_id": str,
        "amount_cents": int,
        "currency": str,
        "outcome": str,
        "offline": bool,
        "queue_depth_before": int,
        "queue_depth_after": int,
        "hub_posting_id": str,
        "screens": list,
        "receipt_png": str,
        "receipt_raw": str,
        "steps": list,
    }
    assert {key: type(value) for key, value in summary.items()} == kinds
    for step in summary["steps"]:
        assert {key: type(value) for key, value in step.items()} == {"name": str, "ms": int}
    return summary


def check_pictures(out: Path, summary: dict[str, Any]) -> list[str]:
    """Every picture can be opened and is one of ours; the screens' names in their order."""
    screens = [Path(screen) for screen in summary["screens"]]
    assert sorted(screens) == screens == sorted(out.glob("[0-9][0-9]-*.png"))
    for screen in screens:
        with Image.open(screen) as picture:
            assert picture.size == (1080, 1920)
            assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 2, f"{screen.name} is blank"
    return [screen.stem.split("-", 1)[1] for screen in screens]


def check_receipt(summary: dict[str, Any]) -> None:
    """The paper's code is the link under which this payment can be checked; the bytes are a printer's, to the cut."""
    with Image.open(summary["receipt_png"]) as paper:
        (code,) = zxingcpp.read_barcodes(paper.convert("L"))
    host, _, rest = code.text.removeprefix("HTTPS://").partition("/")
    assert host.startswith("LOCALHOST:")
    assert rest == f"R1/{receipt_code(summary['payment_id'])}"
    raw = Path(summary["receipt_raw"]).read_bytes()
    assert raw.startswith(b"\x1b@")
    assert b"\x1dV" in raw[-4:]
    assert short_reference(summary["payment_id"]).encode("ascii") in raw


def test_a_visit_from_one_command(tmp_path: Path, scratch: Path, marked: Marked) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "77-old.png").write_bytes(b"of an earlier demo")
    demo = started("--out", str(out))
    said, told = demo.communicate(timeout=LIMIT_S)
    assert (demo.returncode, said) == (0, ""), told
    summary = checked_summary(out)
    assert (summary["outcome"], summary["offline"], summary["currency"]) == ("approved", False, "USD")
    assert summary["queue_depth_after"] == 0
    screens = check_pictures(out, summary)
    assert [screen for screen in screens if screen in ONLINE] == ONLINE
    assert "approved" in screens
    assert "accepted" not in screens
    check_receipt(summary)
    last = " ".join(told.split())
    assert f"Payment {summary['payment_id']}:" in last
    assert f"posted at the hub as {summary['hub_posting_id']}." in last
    assert list(scratch.iterdir()) == []
    assert marked.alive() == []


KEEPING_ITS_STATE = """
import sys
from pathlib import Path
from demo import director
director.shutil.rmtree = lambda folder: None
director.run(headless=True, out=Path(sys.argv[1]), offline=True, language="es", seed=3, windowed=False)
"""


def test_a_visit_in_spanish_with_the_hub_cut_off(tmp_path: Path, scratch: Path, marked: Marked) -> None:
    """The state of this demo is kept, so that the hub's own books can be asked."""
    out = tmp_path / "out"
    command = [sys.executable, "-c", KEEPING_ITS_STATE, str(out)]
    demo = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert (demo.returncode, demo.stdout) == (0, ""), demo.stderr
    summary = checked_summary(out)
    assert (summary["outcome"], summary["offline"]) == ("approved", True)
    assert (summary["queue_depth_before"], summary["queue_depth_after"]) == (1, 0)
    screens = check_pictures(out, summary)
    assert "consent" in screens
    assert "accepted" in screens
    assert "approved" not in screens
    check_receipt(summary)
    (state,) = scratch.glob("lobbypay-demo-*")
    assert posting_of(state / "hub", summary["payment_id"]) == summary["hub_posting_id"] != ""
    assert marked.alive() == []


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_demo_that_is_told_to_end_puts_everything_away(
    tmp_path: Path, scratch: Path, marked: Marked, how: signal.Signals, code: int
) -> None:
    demo = started("--out", str(tmp_path / "out"))
    until(lambda: any("--part engine" in line for line in marked.alive()), 90)
    demo.send_signal(how)
    _, told = demo.communicate(timeout=LIMIT_S)
    assert demo.returncode == code, told
    assert "Traceback" not in told
    assert list(scratch.iterdir()) == []
    assert marked.alive() == []


def test_a_demo_that_is_killed_leaves_no_process_behind(tmp_path: Path, scratch: Path, marked: Marked) -> None:
    demo = started("--out", str(tmp_path / "out"))
    until(lambda: any("--part engine" in line for line in marked.alive()), 90)
    demo.kill()
    demo.communicate(timeout=LIMIT_S)
    marked.all_gone()


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path, scratch: Path) -> None:
    (tmp_path / "out").touch()
    demo = started("--out", str(tmp_path / "out"))
    said, told = demo.communicate(timeout=LIMIT_S)
    assert (demo.returncode, said) == (1, "")
    assert told.startswith(f"lobbypay: The demo cannot write to {tmp_path / 'out'}: ")
    assert told.count("\n") == 1
    assert list(scratch.iterdir()) == []


def test_a_language_that_nobody_speaks_is_wrong_usage(tmp_path: Path) -> None:
    demo = started("--lang", "tlh", "--out", str(tmp_path))
    _, told = demo.communicate(timeout=LIMIT_S)
    assert demo.returncode == 2
    assert "tlh" in told
    assert list(tmp_path.iterdir()) == []
