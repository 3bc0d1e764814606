"""No path of a sale at a ZVT terminal charges twice, and none forgets a charge: every path with up to so many faults."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.devices.terminals.model.choices import Scattered, Walk
from tests.devices.terminals.model.scattered import PATIENTS, RESTARTS, SCATTERED
from tests.devices.terminals.model.walking import ONE, TWO, go
from tests.devices.terminals.model.world import play
from tests.devices.terminals.model.zvt_terminal import ModelTerminal

QUICK_SHARES, TWO_SHARES, SHARES = 4, 8, 30
"""In long mode each stays far from a test's five minutes, on a busy machine too."""


def test_one_fault_with_two_patients() -> None:
    go(Walk(1), ModelTerminal, TWO)


@pytest.mark.parametrize("share", range(QUICK_SHARES))
def test_two_faults(share: int) -> None:
    go(Walk(2, share, QUICK_SHARES), ModelTerminal, ONE)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(TWO_SHARES))
def test_two_faults_with_two_patients(share: int) -> None:
    go(Walk(2, share, TWO_SHARES), ModelTerminal, TWO)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_three_faults(share: int) -> None:
    go(Walk(3, share, SHARES), ModelTerminal, ONE)


@settings(max_examples=60)
@given(SCATTERED, PATIENTS, RESTARTS)
def test_many_patients_and_any_number_of_faults(path: Scattered, amounts: tuple[int, ...], restarts: bool) -> None:
    play(path, ModelTerminal, amounts, restarts=restarts)


@pytest.mark.slow
@settings(max_examples=5_000)
@given(SCATTERED, PATIENTS, RESTARTS)
def test_many_patients_and_any_number_of_faults_for_long(path: Scattered, amounts: tuple[int, ...], restarts: bool) -> None:
    play(path, ModelTerminal, amounts, restarts=restarts)
