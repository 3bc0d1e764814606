"""The peers are there, or one is told what to run."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import peers
from domain.errors import Known


def test_what_is_installed_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _module: object())
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_k: pytest.fail("nothing is missing"))
    peers.install(lambda _words: None)


def test_what_is_missing_is_installed_from_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], **_options: object) -> SimpleNamespace:
        ran.append(command)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(importlib.util, "find_spec", lambda _module: None)
    monkeypatch.setattr(subprocess, "run", run)
    peers.install(lambda _words: None)
    assert ran[0][2:8] == ["uv", "sync", "--frozen", "--inexact", "--group", "bench"]


def test_without_a_network_one_is_told_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _module: None)
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_k: SimpleNamespace(returncode=2))
    with pytest.raises(Known, match=r"\.venv/bin/uv sync --frozen --inexact --group bench"):
        peers.install(lambda _words: None)


@pytest.mark.skipif(
    not all(importlib.util.find_spec(module) for module in peers.MODULES), reason="the dependency group bench is not installed"
)
def test_each_gives_back_what_it_was_given(tmp_path: Path) -> None:
    for peer in peers.open_peers(tmp_path):
        peer.put("x")
        peer.take()
        assert peer.name
