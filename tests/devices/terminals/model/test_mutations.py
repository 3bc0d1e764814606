"""Each law of the sale, taken out of the shipped code, is missed by some path: so the walk can tell."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.devices.terminals.model.choices import Path, Walk
from tests.devices.terminals.model.house import Device
from tests.devices.terminals.model.laws import LawBroken
from tests.devices.terminals.model.mutations import ENGINE, NEO2, ZVT, Mutation
from tests.devices.terminals.model.neo2_reader import ModelReader
from tests.devices.terminals.model.walking import ONE, go
from tests.devices.terminals.model.zvt_terminal import ModelTerminal
from tests.rewriting import rewritten


@pytest.mark.parametrize(
    ("mutation", "make"),
    [
        *(pytest.param(each, ModelTerminal, id=f"ZVT: {each.name}") for each in (*ENGINE, *ZVT)),
        *(pytest.param(each, ModelReader, id=f"NEO 2: {each.name}") for each in (*ENGINE, *NEO2)),
    ],
)
def test_a_law_taken_out_is_missed(mutation: Mutation, make: Callable[[Path], Device]) -> None:
    with rewritten(*mutation.rewrites), pytest.raises(LawBroken) as broken:
        go(Walk(mutation.faults, at=mutation.at), make, ONE * mutation.patients)
    assert broken.value.law in mutation.laws
