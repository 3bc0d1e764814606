"""The demo's child processes: started, asked, told, and ended for certain."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import children, leash
from demo.children import Child, ChildFailed
from demo.world import World
from tests.demo.processes import Marked

ECHO = """
import json, sys
print(json.dumps({"ready": {"port": 7}}), flush=True)
for line in sys.stdin:
    print(json.dumps({"noise": 0}), flush=True)
    print(json.dumps({"heard": json.loads(line)}), flush=True)
"""
DEAF = """
import json, signal, threading
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(json.dumps({"ready": {"deaf": True}}), flush=True)
threading.Event().wait()
"""


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Marked:
    return Marked(monkeypatch)


@pytest.fixture
def log(tmp_path: Path, marked: Marked) -> Iterator[Path]:
    yield tmp_path / "child.log"
    assert marked.alive() == []


def test_a_child_says_when_it_is_up_and_hears_commands(log: Path) -> None:
    child = Child("echo", ["-c", ECHO], log)
    assert child.wait_ready() == {"port": 7}
    child.tell(do="sing")
    assert child.wait_report("heard", 30) == {"do": "sing"}
    child.stop()
    assert not child.alive
    child.stop()


def test_a_child_that_ends_first_is_quoted(log: Path) -> None:
    child = Child("printer", ["-c", "import sys; sys.exit('no paper tray\\n')"], log)
    with pytest.raises(ChildFailed, match=r"The printer did not start\. Its last words: no paper tray"):
        child.wait_ready()


def test_a_child_that_ends_without_a_word(log: Path) -> None:
    with pytest.raises(ChildFailed, match=r"The printer did not start\. It said nothing\."):
        Child("printer", ["-c", ""], log).wait_ready()


def test_a_child_that_never_gets_ready_is_ended(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "READY_S", 0.2)
    child = Child("printer", ["-c", "import sys; sys.stdin.read()"], log)
    with pytest.raises(ChildFailed, match="did not start"):
        child.wait_ready()
    assert not child.alive


def test_a_dead_child_cannot_be_told_anything(log: Path) -> None:
    child = Child("camera", ["-c", ECHO], log)
    child.wait_ready()
    child.kill()
    with pytest.raises(ChildFailed, match=r"The camera has ended\."):
        child.tell(show=None)


def test_a_report_that_does_not_come_is_not_waited_for(log: Path) -> None:
    child = Child("terminal", ["-c", ECHO], log)
    child.wait_ready()
    with pytest.raises(ChildFailed, match=r"The terminal did not say 'sale' within 0 s\."):
        child.wait_report("sale", 0.1)
    child.stop()


def test_a_child_that_does_not_end_when_asked_is_killed(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "STOP_S", 0.2)
    child = Child("deaf", ["-c", DEAF], log)
    child.wait_ready()
    child.stop()
    assert not child.alive


# the leash


def leashed(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "demo.leash", *command],
        cwd=children.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_leash_ends_as_its_command_does(marked: Marked) -> None:
    process = leashed("sh", "-c", "exit 7")
    process.wait(60)
    assert process.communicate() == ("", "")
    assert process.returncode == 7


@pytest.mark.parametrize("by", ["stdin", "signal"])
def test_a_leash_lets_nothing_outlive_its_holder(marked: Marked, by: str) -> None:
    process = leashed("sh", "-c", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done")
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "up\n"
    if by == "stdin":
        process.stdin.close()
        process.stdin = None
    else:
        process.send_signal(signal.SIGTERM)
    said, told = process.communicate(timeout=60)
    assert (said, told, process.returncode) == ("bye\n", "", 0)
    assert marked.alive() == []


STOPPED_AT_ONCE = """
import os, signal, subprocess
import demo.leash
spawn = subprocess.Popen
subprocess.Popen = lambda *words, **more: (spawn(*words, **more), os.kill(os.getpid(), signal.SIGTERM))[0]
raise SystemExit(demo.leash.main())
"""


def test_a_leash_that_is_stopped_while_it_starts_leaves_nothing(marked: Marked) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED_AT_ONCE, "sleep", "1000"], cwd=children.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.communicate(timeout=60)
    assert process.returncode == 256 - signal.SIGTERM
    assert marked.alive() == []


def test_a_leash_insists(marked: Marked) -> None:
    hurried = "import demo.leash; demo.leash.INSIST_S = 0.2; raise SystemExit(demo.leash.main())"
    process = subprocess.Popen(
        [sys.executable, "-c", hurried, sys.executable, "-c", DEAF],
        cwd=children.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.communicate(timeout=60)
    assert process.returncode == 256 - signal.SIGKILL
    assert marked.alive() == []
    assert leash.INSIST_S > 1


# the world


def test_a_world_of_which_a_part_does_not_start_leaves_nothing(tmp_path: Path, marked: Marked) -> None:
    (tmp_path / "hub").touch()
    with pytest.raises(ChildFailed, match=r"The hub did not start\. Its last words: lobbypay: ."), World(tmp_path, seed=1):
        pytest.fail("this world cannot be")
    assert marked.alive() == []
