"""Each law, taken out of the shipped code, is missed by some simulated day: so the days can tell."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import SQLAlchemyError

from offline_queue.errors import QueueError
from offline_queue.simulation.day import simulate
from offline_queue.simulation.laws import LawBroken
from offline_queue.simulation.template import Template
from offline_queue.sqlcipher import SqlError
from tests.offline_queue.simulation.mutations import MUTATIONS, Mutation, Rewrite, mutated

MOST_DAYS = 100


def _shown(mutation: Mutation, made: Template) -> int | None:
    """The first seed, of so many, whose day shows the mutation; that day is lawful without it."""
    for seed in range(mutation.first, mutation.first + MOST_DAYS):
        with mutated(mutation):
            try:
                simulate(seed, made)
                continue
            except (LawBroken, QueueError, SqlError, SQLAlchemyError, LookupError):
                pass
        simulate(seed, made)
        return seed
    return None


RARE = [pytest.param(each, marks=pytest.mark.slow) if each.first else each for each in MUTATIONS]
"""What only few days show takes longer than a quick test may."""


@pytest.mark.parametrize("mutation", RARE, ids=lambda mutation: mutation.name)
def test_a_law_taken_out_is_missed(made: Template, mutation: Mutation) -> None:
    assert _shown(mutation, made) is not None


def test_a_mutation_of_what_is_not_there_is_an_error() -> None:
    nothing = Mutation("nothing", (Rewrite(simulate, "not in there", ""),), 0)
    with pytest.raises(LookupError, match="0 times"), mutated(nothing):
        pass
