"""No path of a sale at a ZVT terminal charges twice, and none forgets a charge: every path with up to so many faults."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.devices.terminals.model.choices import Path, Scattered, Walk
from tests.devices.terminals.model.house import bare_engine
from tests.devices.terminals.model.laws import LawBroken
from tests.devices.terminals.model.mutations import ENGINE, ZVT, Mutation
from tests.devices.terminals.model.world import play
from tests.devices.terminals.model.zvt_terminal import ModelTerminal
from tests.rewriting import rewritten

ONE, TWO = (100,), (100, 100)
"""What patients come to pay: always the same, so that one's receipt could be taken for the other's."""

QUICK_SHARES = 4
SHARES = 8
PROGRESS_S = 20.0


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Faults are what these tests are made of: their warnings are not news. The engine shows no words."""
    structlog.configure(processors=[_drop], cache_logger_on_first_use=False)
    with bare_engine():
        yield


def _drop(_logger: object, _method: str, _event: object) -> str:
    raise structlog.DropEvent


def walk(walk: Walk, amounts: tuple[int, ...], *, restarts: bool = False) -> None:
    """All paths of `walk`. What breaks a law is told with the path that did."""
    begun = told = time.monotonic()
    for path in walk.all(lambda path: _play(path, amounts, restarts)):
        if time.monotonic() - told > PROGRESS_S:
            told = time.monotonic()
            sys.stderr.write(f"\n{walk.paths} paths, {walk.paths / (told - begun):.0f}/s, now: {path}\n")
    took = time.monotonic() - begun
    sys.stderr.write(f"\n{walk.faults} faults, {len(amounts)} patients, share {walk.share}: {walk.told()}, {took:.0f} s\n")


def _play(path: Path, amounts: tuple[int, ...], restarts: bool) -> None:
    try:
        play(path, ModelTerminal, amounts, restarts=restarts)
    except Exception as broken:
        broken.add_note(f"path: {path}")
        raise


def test_one_fault_with_two_patients() -> None:
    walk(Walk(1), TWO)


@pytest.mark.parametrize("share", range(QUICK_SHARES))
def test_two_faults(share: int) -> None:
    walk(Walk(2, share, QUICK_SHARES), ONE)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_two_faults_with_two_patients(share: int) -> None:
    walk(Walk(2, share, SHARES), TWO)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_three_faults(share: int) -> None:
    walk(Walk(3, share, SHARES), ONE)


SCATTERED = st.builds(
    Scattered,
    st.dictionaries(st.integers(0, 300), st.integers(1, 4), max_size=12),
    st.lists(st.integers(0, 2), max_size=20).map(tuple),
)


@settings(max_examples=60)
@given(SCATTERED, st.lists(st.sampled_from((100, 200)), min_size=1, max_size=6).map(tuple), st.booleans())
def test_many_patients_and_any_number_of_faults(path: Scattered, amounts: tuple[int, ...], restarts: bool) -> None:
    play(path, ModelTerminal, amounts, restarts=restarts)


@pytest.mark.slow
@settings(max_examples=10_000)
@given(SCATTERED, st.lists(st.sampled_from((100, 200)), min_size=1, max_size=6).map(tuple), st.booleans())
def test_many_patients_and_any_number_of_faults_for_long(path: Scattered, amounts: tuple[int, ...], restarts: bool) -> None:
    play(path, ModelTerminal, amounts, restarts=restarts)


@pytest.mark.parametrize("mutation", [*ENGINE, *ZVT], ids=lambda mutation: mutation.name)
def test_a_law_taken_out_is_missed(mutation: Mutation) -> None:
    with rewritten(*mutation.rewrites), pytest.raises(LawBroken) as broken:
        walk(Walk(mutation.faults, at=mutation.at), ONE * mutation.patients)
    assert broken.value.law in mutation.laws
