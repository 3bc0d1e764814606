"""./lobbypay on its way to main.py: set up once, healed when interrupted, quick ever after, and plain when it cannot."""

from __future__ import annotations

import ast
import collections
import fcntl
import importlib.machinery
import importlib.util
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON = str(Path(sys.executable).resolve())


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Any:
    """./lobbypay as a module, new for each test."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = importlib.machinery.SourceFileLoader("lobbypay_bootstrap", str(ROOT / "lobbypay"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def bootstrap(bare: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same, on a machine that misses no system package."""
    monkeypatch.setattr(bare, "missing_packages", list)
    return bare


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A clone that was never set up."""
    root = tmp_path / "clone"
    root.mkdir()
    shutil.copy(ROOT / "lobbypay", root)
    (root / "uv.lock").write_text("one package\n", "utf-8")
    (root / "main.py").write_text("import os, sys\nprint(os.getcwd(), *sys.argv[1:], sep='|')\n", "utf-8")
    return root


def make_environment(root: Path) -> None:
    """What `python -m venv` leaves, as far as the bootstrap looks."""
    (root / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    if not (root / ".venv" / "bin" / "python").is_symlink():
        (root / ".venv" / "bin" / "python").symlink_to(PYTHON)


@pytest.fixture
def ready(bootstrap: Any, tree: Path) -> Path:
    """A clone that is all set up."""
    make_environment(tree)
    (tree / ".venv" / "lobbypay-stamp").write_bytes(bootstrap.wanted(str(tree)))
    return tree


class Commands:
    """Stands for bootstrap.run: what was run, by the words that tell it apart; `fail` is the one that fails."""

    def __init__(self, root: Path, fail: str = "") -> None:
        self._root, self._fail = root, fail
        self.ran: list[str] = []
        self.synced: list[str] = []
        """The words of the last sync."""

    def __call__(self, command: list[str], _lock: int) -> int:
        known = {"venv": "venv", "pip": "pip", "uv": "sync", "--configure": "configure", "update": "update", "install": "install"}
        name = next(known[word] for word in command if word in known)
        self.ran.append(name)
        if name == "sync":
            self.synced = command
        if name == self._fail:
            return 1
        if name == "venv":
            shutil.rmtree(self._root / ".venv", ignore_errors=True)
            make_environment(self._root)
        return 0


# ---- handing over ----------------------------------------------------------------------------------------------------


def test_it_hands_over_arguments_and_working_directory(ready: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    (tmp_path / "link").symlink_to(ready / "lobbypay")
    done = subprocess.run([tmp_path / "link", "demo", "--out", "a b"], cwd=elsewhere, check=True, capture_output=True, text=True)
    assert done.stdout == f"{elsewhere}|demo|--out|a b\n"
    assert done.stderr == ""


def test_a_start_with_everything_in_place_imports_next_to_nothing(ready: Path) -> None:
    timed = subprocess.run([PYTHON, "-ISX", "importtime", ready / "lobbypay"], check=True, capture_output=True, text=True)
    imported = {line.split("|")[-1].strip() for line in timed.stderr.splitlines()}
    alone = subprocess.run(
        [PYTHON, "-ISX", "importtime", "-c", "import __future__, os"], check=True, capture_output=True, text=True
    )
    assert imported == {line.split("|")[-1].strip() for line in alone.stderr.splitlines()}


def spoil(change: str, root: Path) -> None:
    """Makes a finished set-up one that is not what is wanted."""
    match change:
        case "another uv.lock":
            (root / "uv.lock").write_text("two packages\n", "utf-8")
        case "no stamp":
            (root / ".venv" / "lobbypay-stamp").rename(root / ".venv" / "lobbypay-stamp.new")
        case "no interpreter":
            (root / ".venv" / "bin" / "python").unlink()
            (root / ".venv" / "bin" / "python").symlink_to(root / "python-that-was-removed")
        case "another interpreter":
            shutil.copy(PYTHON, root / "python")
            (root / ".venv" / "bin" / "python").unlink()
            (root / ".venv" / "bin" / "python").symlink_to(root / "python")


ANEW = ["venv", "pip", "sync"]


@pytest.mark.parametrize(
    ("change", "work"),
    [("another uv.lock", ["sync"]), ("no stamp", ANEW), ("no interpreter", ANEW), ("another interpreter", ANEW)],
)
def test_what_has_changed_is_done_again_and_no_more(
    bootstrap: Any, ready: Path, monkeypatch: pytest.MonkeyPatch, change: str, work: list[str]
) -> None:
    assert bootstrap.is_ready(str(ready))
    spoil(change, ready)
    assert not bootstrap.is_ready(str(ready))
    commands = Commands(ready)
    monkeypatch.setattr(bootstrap, "run", commands)
    bootstrap.set_up(str(ready))
    assert commands.ran == work
    assert bootstrap.is_ready(str(ready))


@pytest.mark.parametrize("change", ["another uv.lock", "no stamp", "another interpreter"])
@pytest.mark.parametrize("chosen", [True, False])
def test_a_smart_card_reader_outlives_an_update(
    bootstrap: Any, ready: Path, monkeypatch: pytest.MonkeyPatch, change: str, chosen: bool
) -> None:
    if chosen:
        (ready / ".venv/lib/python3.11/site-packages/pyscard-2.3.1.dist-info").mkdir(parents=True)
    spoil(change, ready)
    commands = Commands(ready)
    monkeypatch.setattr(bootstrap, "run", commands)
    bootstrap.set_up(str(ready))
    assert commands.synced[-2:] == (["--group", "smartcards"] if chosen else ["--python", str(ready / ".venv/bin/python")])


# ---- interruptions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["venv", "pip", "sync"])
def test_a_set_up_that_failed_is_done_anew(bootstrap: Any, tree: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    monkeypatch.setattr(bootstrap, "run", Commands(tree, fail=step))
    with pytest.raises(bootstrap.Stop, match="run the same command again"):
        bootstrap.set_up(str(tree))
    assert not bootstrap.is_ready(str(tree))
    healing = Commands(tree)
    monkeypatch.setattr(bootstrap, "run", healing)
    bootstrap.set_up(str(tree))
    assert healing.ran == ["venv", "pip", "sync"]
    assert bootstrap.is_ready(str(tree))


def test_a_failed_update_leaves_no_stamp_of_the_old_one(bootstrap: Any, ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (ready / "uv.lock").read_bytes()
    spoil("another uv.lock", ready)
    monkeypatch.setattr(bootstrap, "run", Commands(ready, fail="sync"))
    with pytest.raises(bootstrap.Stop):
        bootstrap.set_up(str(ready))
    (ready / "uv.lock").write_bytes(before)
    assert not bootstrap.is_ready(str(ready))


def test_ctrl_c_is_no_traceback(
    bootstrap: Any, tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_command: list[str], _lock: int) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "run", interrupted)
    monkeypatch.setattr(bootstrap, "__file__", str(tree / "lobbypay"))
    with pytest.raises(SystemExit) as stopped:
        bootstrap.main([])
    assert stopped.value.code == 130
    assert capsys.readouterr().err.splitlines()[-1] == "lobbypay: stopped; the next start goes on from here"


def test_a_second_start_waits_for_the_first_and_does_nothing_again(bootstrap: Any, tree: Path) -> None:
    make_environment(tree)
    folder = os.open(tree, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    command = [PYTHON, "-IS", str(tree / "lobbypay"), "hello"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as second:
        assert second.stderr is not None
        assert "waiting" in second.stderr.readline()
        (tree / ".venv" / "lobbypay-stamp").write_bytes(bootstrap.wanted(str(tree)))  # the first one is done
        os.close(folder)
        out, err = second.communicate(timeout=30)
    assert (second.returncode, err) == (0, "")
    assert out.endswith("|hello\n")


def test_the_lock_is_held_by_what_was_started_too(bootstrap: Any, tree: Path) -> None:
    """A start that is killed leaves its children at work: nobody may begin until they are done."""
    with bootstrap.alone(str(tree)) as lock:
        child = subprocess.Popen([PYTHON, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock,))
    with child:
        folder = os.open(tree, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        child.communicate(b"\n")
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(folder)


# ---- system packages -------------------------------------------------------------------------------------------------


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """An empty PATH, and a way to put programs there: shell scripts."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (folder / name).chmod(0o755)

    return put


def test_what_is_missing_is_what_dpkg_does_not_have_installed(bare: Any, programs: Callable[[str, str], None]) -> None:
    have = [f"installed {name}" for name in bare.SYSTEM_PACKAGES if name not in ("libgl1", "libegl1", "libglib2.0-0")]
    have += ["half-configured libgl1", "config-files libegl1", "installed libglib2.0-0t64"]
    programs("dpkg-query", "\n".join(f"echo '{line}'" for line in have))
    assert bare.missing_packages() == ["libegl1", "libgl1"]


def test_a_python_without_venv_needs_its_package(
    bare: Any, programs: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    programs("dpkg-query", "\n".join(f"echo 'installed {name}'" for name in bare.SYSTEM_PACKAGES))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else 1 / 0)
    assert bare.missing_packages() == [f"python3.{sys.version_info.minor}-venv"]


def in_need(bootstrap: Any, monkeypatch: pytest.MonkeyPatch, *, uid: int) -> None:
    monkeypatch.setattr(bootstrap, "missing_packages", lambda: ["libgl1", "libusb-1.0-0"])
    monkeypatch.setattr(os, "geteuid", lambda: uid)


def test_who_may_not_install_is_told_the_line(
    bootstrap: Any, programs: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_need(bootstrap, monkeypatch, uid=1000)
    programs("dpkg-query", "")
    with pytest.raises(bootstrap.Stop) as without_sudo:
        bootstrap.install_system_packages(0)
    line = "apt-get update && apt-get install --yes --no-install-recommends libgl1 libusb-1.0-0"
    assert str(without_sudo.value).splitlines()[-1] == f"su - -c '{line}'"
    programs("sudo", "exit 1")
    monkeypatch.setattr(sys, "stdin", io.StringIO())  # nobody is there to type a password
    with pytest.raises(bootstrap.Stop) as with_sudo:
        bootstrap.install_system_packages(0)
    assert str(with_sudo.value).splitlines()[-1] == f"sudo sh -c '{line}'"


@pytest.mark.parametrize(("uid", "words"), [(0, []), (1000, ["sudo", "-n"])])
def test_root_and_sudo_install_it_at_once(
    bootstrap: Any, programs: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch, uid: int, words: list[str]
) -> None:
    in_need(bootstrap, monkeypatch, uid=uid)
    programs("dpkg-query", "")
    programs("sudo", "exit 0")
    ran: list[list[str]] = []

    def run(command: list[str], _lock: int) -> int:
        ran.append(command)
        return 0

    monkeypatch.setattr(bootstrap, "run", run)
    bootstrap.install_system_packages(0)
    assert [command[: len(words)] for command in ran] == [words] * 3
    assert {"libgl1", "libusb-1.0-0", "--no-install-recommends"} <= set(ran[-1])


def test_a_package_list_out_of_reach_is_no_reason_to_give_up(
    bootstrap: Any, programs: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_need(bootstrap, monkeypatch, uid=0)
    programs("dpkg-query", "")
    commands = Commands(tmp_path, fail="update")
    monkeypatch.setattr(bootstrap, "run", commands)
    bootstrap.install_system_packages(0)
    assert commands.ran == ["configure", "update", "install"]
    monkeypatch.setattr(bootstrap, "run", Commands(tmp_path, fail="install"))
    with pytest.raises(bootstrap.Stop, match="could not be installed"):
        bootstrap.install_system_packages(0)


def test_another_system_is_told_what_to_install_and_goes_on(
    bootstrap: Any, programs: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    bootstrap.install_system_packages(0)
    assert "not Debian or Ubuntu" in capsys.readouterr().err


# ---- machines that will not do ---------------------------------------------------------------------------------------


def test_an_old_python_can_read_it_and_is_told(bootstrap: Any, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ast.parse((ROOT / "lobbypay").read_text("utf-8"), feature_version=(3, 7))
    monkeypatch.setattr(sys, "version_info", (3, 10, 12, "final", 0))
    with pytest.raises(bootstrap.Stop, match=r"needs Python 3\.11 or newer, and python3 here is 3\.10\.12"):
        bootstrap.set_up(str(tree))


def test_a_full_disk_is_told(bootstrap: Any, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = collections.namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**10, 10**10, 7 * 10**7))
    with pytest.raises(bootstrap.Stop, match=r"of free disk .* and there are 70"):
        bootstrap.set_up(str(tree))


def test_a_folder_that_may_not_be_written_is_told(bootstrap: Any, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_root: str, _lock: int) -> None:
        raise PermissionError(13, "Permission denied", "/opt/lobbypay/.venv")

    monkeypatch.setattr(bootstrap, "install_python_packages", refused)
    with pytest.raises(bootstrap.Stop, match=r"^/opt/lobbypay/\.venv: permission denied$"):
        bootstrap.set_up(str(tree))
