"""`./lobbypay terminal decode`: what a technician reads of a capture, and what a program does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from domain.errors import Known
from kiosk.terminal_commands import app
from tests.devices.terminals.captures.wires import classic, ethernet, ipv4, segment

DUMP = """\
# the till registers
12:00:01.100 -> 10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3
12:00:01.120 <- 06
<- 10 02 80 00 00 10 03 F5 1F
what happened here?
"""


def decode(*words: str, typed: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["decode", *words], input=typed)


def why(result: Result) -> str:
    assert isinstance(result.exception, Known)
    return str(result.exception)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "dump.txt"
    path.write_text(DUMP)
    return path


def test_for_a_person(dump: Path) -> None:
    done = decode(str(dump), "--protocol", "zvt-serial")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "-> registration         06 00 06 12 34 56 ba 09 78",
        "     password: 123456",
        "     config: ba",
        "     currency: EUR",
        "<- ack                  06",
        "<- accepted             80 00 00",
        "   unreadable",
        "     reason: not-hex",
        "     line: 5",
    ]


@pytest.mark.parametrize("before", [True, False])
def test_for_a_program(dump: Path, before: bool) -> None:
    words = ["decode", str(dump), "--protocol", "zvt-serial"]
    done = CliRunner().invoke(app, ["--json", *words] if before else [*words, "--json"])
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [list(line) for line in lines] == [["direction", "name", "hex", "fields"]] * 4
    assert lines[0] == {
        "direction": "out",
        "name": "registration",
        "hex": "0600061234 56ba0978".replace(" ", ""),
        "fields": {"password": "123456", "config": "ba", "currency": "EUR"},
    }


def test_from_standard_input() -> None:
    assert "registration" in decode("-", "--protocol", "zvt-serial", typed=DUMP.encode()).stdout


def test_what_comes_from_a_wire_moves_no_cursor(tmp_path: Path) -> None:
    path = tmp_path / "raw"
    path.write_bytes(bytes.fromhex("06d107 00") + b"\x1b[2Jhi")
    done = decode(str(path), "--protocol", "zvt-tcp")
    assert "text: \\x1b[2Jhi" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"no bytes at all\n", "is a packet of zvt-tcp"),
        (classic([ethernet(ipv4(segment(b"\x06\x0f\x00", 5, port=22000)))], 1), "--port 22000"),
        (None, "No such file"),
    ],
)
def test_what_is_no_capture(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "capture"
    if content is not None:
        path.write_bytes(content)
    assert words in why(decode(str(path), "--protocol", "zvt-tcp"))


@pytest.mark.parametrize("words", [["x"], ["x", "--protocol", "o/p"], ["x", "--protocol", "zvt-tcp", "--port", "0"]])
def test_wrong_usage_is_2(words: list[str]) -> None:
    assert decode(*words).exit_code == 2
