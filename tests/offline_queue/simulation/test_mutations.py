"""Each law, taken out of the shipped code, is missed by some simulated day: so the days can tell."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import SQLAlchemyError

from hub.folder import HubError
from offline_queue.errors import QueueError
from offline_queue.simulation.day import simulate
from offline_queue.simulation.laws import LawBroken
from offline_queue.simulation.template import Template
from offline_queue.sqlcipher import SqlError
from tests.offline_queue.simulation.mutations import MUTATIONS, REFUSED, Mutation, mutated
from tests.rewriting import Rewrite

MOST_DAYS = 400


def _broken(mutation: Mutation, seed: int, made: Template) -> str:
    """The law that the day of `seed` breaks with the mutation; empty when it breaks none."""
    with mutated(mutation):
        try:
            simulate(seed, made, events=mutation.events)
        except LawBroken as broken:
            return broken.law
        except (QueueError, HubError, SqlError, SQLAlchemyError):
            return REFUSED
    return ""


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_law_taken_out_is_missed(made: Template, mutation: Mutation) -> None:
    for seed in range(MOST_DAYS):
        law = _broken(mutation, seed, made)
        if law:
            assert law in mutation.laws
            simulate(seed, made, events=mutation.events)  # that day is lawful without it
            return
    pytest.fail("no day has shown it")


def test_a_mutation_of_what_is_not_there_is_an_error() -> None:
    nothing = Mutation("nothing", frozenset(), (Rewrite(simulate, "not in there", ""),))
    with pytest.raises(LookupError, match="0 times"), mutated(nothing):
        pass
