"""Every ban bites on what it bans, and leaves alone what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks import patterns
from checks.banned import in_python, in_text
from checks.findings import Finding, report
from checks.patterns import Find, Source

GUILTY: list[tuple[Find, str]] = [
    (patterns.any_float, "rate = 0.5"),
    (patterns.any_float, "x = float(text)"),
    (patterns.any_float, "x = round(a)"),
    (patterns.any_float, "x = a / b"),
    (patterns.any_float, "a /= 2"),
    (patterns.money_float, "shown = minor / 100"),
    (patterns.money_float, "amount *= 1.5"),
    (patterns.money_float, "x = float(charge.amount.minor)"),
    (patterns.money_float, "x = statement.due.minor * 0.01"),
    (patterns.broad_except, "try:\n    f()\nexcept:\n    g()"),
    (patterns.broad_except, "try:\n    f()\nexcept Exception as e:\n    log(e)"),
    (patterns.broad_except, "try:\n    f()\nexcept (OSError, BaseException):\n    pass"),
    (patterns.broad_except, "with contextlib.suppress(Exception):\n    f()"),
    (patterns.fixed_nap, "time.sleep(1)"),
    (patterns.fixed_nap, "async def f():\n    await asyncio.sleep(0.1)"),
    (patterns.fixed_nap, "while True:\n    time.sleep(1)"),
    (patterns.fixed_nap, "QTest.qWait(100)"),
    (patterns.fixed_nap, "qtbot.wait(100)"),
    (patterns.global_random, "x = random.random()"),
    (patterns.global_random, "from random import choice"),
    (patterns.impure, "import time"),
    (patterns.impure, "from os.path import join"),
    (patterns.impure, "now = dt.datetime.now(dt.UTC)"),
    (patterns.impure, "id = uuid.uuid4()"),
    (patterns.impure, "text = open(name).read()"),
    (patterns.waved_off, "f()  # noqa: BLE001"),
    (patterns.waved_off, "print()  # noqa: E501, T201"),
    (patterns.zone_waved_off, "now = dt.datetime.now()  # noqa: DTZ005"),
    (patterns.uncovered, "if x:  # pragma: no cover\n    pass"),
    (patterns.uncovered, "if x:  # pragma: no branch\n    pass"),
]

INNOCENT: list[tuple[Find, str]] = [
    (patterns.any_float, "x = a // b * 100 + int(text)"),
    (patterns.money_float, "wait = seconds / 2"),
    (patterns.money_float, "path = folder / 'amount.txt' if amount else None"),
    (patterns.money_float, "path = amounts_folder / 'one.txt'"),
    (patterns.money_float, "share = minor * 3 // 7"),
    (patterns.money_float, "deadline = now + 0.5"),
    (patterns.broad_except, "try:\n    f()\nexcept Exception:\n    log()\n    raise"),
    (patterns.broad_except, "try:\n    f()\nexcept (OSError, ValueError):\n    g()"),
    (patterns.fixed_nap, "async def f():\n    await asyncio.sleep(0)"),
    (patterns.fixed_nap, "async def f():\n    while not done():\n        await asyncio.sleep(0.01)"),
    (patterns.fixed_nap, "condition.wait(timeout=1)"),
    (patterns.global_random, "rng = random.Random(7)\nx = rng.random()"),
    (patterns.impure, "import datetime as dt\nimport hashlib"),
    (patterns.waved_off, "f()  # noqa: E501"),
    (patterns.waved_off, "text = '# noqa: BLE001'"),
    (patterns.uncovered, "if x:\n    pass"),
]


@pytest.mark.parametrize(("find", "text"), GUILTY)
def test_what_is_banned_is_found(find: Find, text: str) -> None:
    assert list(find(Source(text)))


@pytest.mark.parametrize(("find", "text"), INNOCENT)
def test_what_is_not_is_left_alone(find: Find, text: str) -> None:
    assert not list(find(Source(text)))


def put(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_a_ban_holds_where_it_is_meant_to(tmp_path: Path) -> None:
    for name in ("domain/fees.py", "ui/fees.py", ".venv/fees.py"):
        put(tmp_path, name, "half = 0.5\n")
    assert [(found.path, found.line) for found in in_python(tmp_path)] == [("domain/fees.py", 1)]


def test_the_one_command_is_looked_at_too(tmp_path: Path) -> None:
    put(tmp_path, "lobbypay", "#!/usr/bin/env python3\ntry:\n    f()\nexcept:\n    pass\n")
    assert [(found.path, found.line) for found in in_python(tmp_path)] == [("lobbypay", 4)]


@pytest.mark.parametrize("place", ["/ro^ot/x", "/wo^rk/main", "/ho^me/ana/x", "https://py^pi.org/simple"])
def test_places_of_one_machine_are_found_in_any_text(tmp_path: Path, place: str) -> None:
    put(tmp_path, "docs/a.md", f"first\nsee {place.replace('^', '')}\n")
    assert [(found.path, found.line) for found in in_text(tmp_path)] == [("docs/a.md", 2)]


@pytest.mark.parametrize("text", ["/rooted", "the network/work of it", "/opt/lobbypay", "~/work"])
def test_other_paths_are_not(tmp_path: Path, text: str) -> None:
    put(tmp_path, "docs/a.md", text)
    assert not list(in_text(tmp_path))


def test_pictures_and_uv_lock_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes("\0 /ro^ot/x".replace("^", "").encode())
    put(tmp_path, "uv.lock", "https://py^pi.org/simple".replace("^", ""))
    assert not list(in_text(tmp_path))


def test_a_finding_is_printed_and_fails_the_gate(capsys: pytest.CaptureFixture[str]) -> None:
    assert report([Finding("a.py", 3, "why"), Finding("b.py", 0, "whole")]) == 1
    assert capsys.readouterr().out == "a.py:3: why\nb.py: whole\n"
    assert report([]) == 0
