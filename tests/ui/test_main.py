"""The face as a process: what it wants to be told."""

from __future__ import annotations

import pytest

from ui.__main__ import USAGE, main


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--socket"], ["--socket", "x", "--fast"], ["--windowed"]])
def test_anything_but_a_socket_is_answered_with_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err == f"{USAGE}\n"
