"""The door to OpenCV leaves nothing behind in the environment and opens no window."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

from devices.scanners import opencv
from tests.devices.simulator_process import ROOT


def run(code: str, **environment: str) -> str:
    child = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert child.returncode == 0, child.stderr
    return child.stdout


@pytest.mark.parametrize("environment", [{}, {"LD_LIBRARY_PATH": "/opt/x", "QT_QPA_FONTDIR": "/opt/fonts"}])
def test_the_environment_after_the_import_is_that_before(environment: dict[str, str]) -> None:
    code = "import os; before = dict(os.environ); import devices.scanners.opencv; print(before == dict(os.environ), len(before))"
    assert run(code, PATH="/usr/bin", LC_CTYPE="C.UTF-8", **environment).split() == ["True", str(2 + len(environment))]


def test_a_child_inherits_nothing_of_it() -> None:
    """What C code sets is not in os.environ, and children get it all the same."""
    child = (
        "subprocess.run([sys.executable, '-c', 'import os; print(sorted(os.environ))'], capture_output=True, text=True).stdout"
    )
    code = f"import subprocess, sys; before = {child}; import devices.scanners.opencv; print(before == {child}, len(before) > 2)"
    assert run(code, PATH="/usr/bin", LC_CTYPE="C.UTF-8").split() == ["True", "True"]


def test_windows_are_refused() -> None:
    for name in ("imshow", "namedWindow", "waitKey", "destroyAllWindows", "selectROI"):
        with pytest.raises(RuntimeError, match="blocked"):
            getattr(opencv.cv2, name)()


def test_the_ports_cost_no_import_of_opencv() -> None:
    code = "import sys, devices.scanners.uris; print('cv2' in sys.modules, 'zxingcpp' in sys.modules, 'numpy' in sys.modules)"
    assert run(code, PATH="/usr/bin").split() == ["False"] * 3


@pytest.mark.parametrize("found", [[], ["opencv-python", "opencv-python-headless"]])
def test_none_or_two_opencv_distributions_are_refused(found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def distributions(name: str) -> list[object]:
        return [object()] if name in found else []

    monkeypatch.setattr(metadata, "distributions", distributions)
    with pytest.raises(opencv.OpenCvError, match="exactly one"):
        opencv._check_installation()
