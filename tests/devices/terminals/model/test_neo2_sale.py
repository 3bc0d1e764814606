"""No path of a sale at a NEO 2 reader charges twice, and none forgets a charge: reader, hub, crash and cable, fault by fault."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.devices.terminals.model.choices import Scattered, Walk
from tests.devices.terminals.model.neo2_reader import ModelReader
from tests.devices.terminals.model.scattered import PATIENTS, RESTARTS, SCATTERED
from tests.devices.terminals.model.walking import ONE, TWO, go
from tests.devices.terminals.model.world import play

HUB = pytest.mark.parametrize("hub_away", [False, True], ids=["hub-there", "hub-away"])
TWO_SHARES, SHARES = 4, 12


@HUB
def test_one_fault_with_two_patients(hub_away: bool) -> None:
    go(Walk(1), ModelReader, TWO, hub_away=hub_away)


def test_two_faults_from_where_money_moves() -> None:
    go(Walk(2, at="the bank"), ModelReader, ONE)


@pytest.mark.slow
@HUB
@pytest.mark.parametrize("share", range(TWO_SHARES))
def test_two_faults_with_two_patients(share: int, hub_away: bool) -> None:
    go(Walk(2, share, TWO_SHARES), ModelReader, TWO, hub_away=hub_away)


@pytest.mark.slow
@HUB
@pytest.mark.parametrize("share", range(SHARES))
def test_three_faults(share: int, hub_away: bool) -> None:
    go(Walk(3, share, SHARES), ModelReader, ONE, hub_away=hub_away)


@settings(max_examples=60)
@given(SCATTERED, PATIENTS, RESTARTS, st.booleans())
def test_many_patients_and_any_number_of_faults(
    path: Scattered, amounts: tuple[int, ...], restarts: bool, hub_away: bool
) -> None:
    play(path, ModelReader, amounts, restarts=restarts, hub_away=hub_away)


@pytest.mark.slow
@settings(max_examples=5_000)
@given(SCATTERED, PATIENTS, RESTARTS, st.booleans())
def test_many_patients_and_any_number_of_faults_for_long(
    path: Scattered, amounts: tuple[int, ...], restarts: bool, hub_away: bool
) -> None:
    play(path, ModelReader, amounts, restarts=restarts, hub_away=hub_away)
