"""The same world, driven by hypothesis: it looks for a short story in which a law is broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from offline_queue.simulation.day import WEEK_S
from offline_queue.simulation.temper import CALM, Temper
from offline_queue.simulation.template import Template
from offline_queue.simulation.world import World, world

TEMPERS = {
    "calm": CALM,
    "lossy": Temper(lost=0.3, deaf=0.3),
    "muddled": Temper(late=0.3, twice=0.3, crossed=0.3),
    "fragile": Temper(peril=0.05, fragile=0.2, odd=0.3),
    "haunted": Temper(haunted=0.6),
}


class Story(RuleBasedStateMachine):
    """One kiosk, one hub, and whatever hypothesis thinks of."""

    made: Template

    @initialize(seed=st.integers(0, 1_000))
    def begins(self, seed: int) -> None:
        self.stack = ExitStack()
        self.day: World = self.stack.enter_context(world(seed, self.made))
        self.kiosk = self.day.kiosks[0]
        self.day.does(self.day.open())

    def teardown(self) -> None:
        with self.stack:
            self.day.does(self.day.mended())

    @rule(seconds=st.sampled_from([1, 20, 400]))
    def time_passes(self, seconds: int) -> None:
        self.day.does(self.day.passes(seconds))

    @rule()
    def pays(self) -> None:
        self.kiosk.pay(self.day.chance)

    @rule()
    def pays_to_the_end(self) -> None:
        self.kiosk.pay(self.day.chance)
        self.day.does(self.day.passes(30))

    @rule()
    def staff_resolve(self) -> None:
        self.kiosk.resolve()

    @rule(name=st.sampled_from(sorted(TEMPERS)))
    def world_changes(self, name: str) -> None:
        self.day.set_temper(TEMPERS[name])

    @rule()
    def line(self) -> None:
        self.kiosk.network.cut = not self.kiosk.network.cut

    @rule()
    def power(self) -> None:
        self.kiosk.cut_power()

    @rule()
    def clocks(self) -> None:
        self.day.jump(self.kiosk)

    @precondition(lambda self: self.day.office.hub is None)
    @rule()
    def hub_starts(self) -> None:
        with self.day.listening():
            self.day.office.start()

    @rule()
    def hub_dies(self) -> None:
        with self.day.listening():
            self.day.office.die()

    @rule()
    def backup(self) -> None:
        with self.day.listening():
            self.day.office.backup()

    @rule(runbook=st.booleans())
    def restore(self, runbook: bool) -> None:
        with self.day.listening():
            self.day.office.restore(runbook=runbook)

    @rule()
    def old_hub_is_found(self) -> None:
        with self.day.listening():
            self.day.office.exorcise()

    @rule()
    def key_is_rotated(self) -> None:
        with self.day.listening():
            self.day.office.rotate_key()

    @rule()
    def bank_declines(self) -> None:
        with self.day.listening():
            self.day.office.decline(self.day.chance)

    @rule()
    def is_enrolled_again(self) -> None:
        self.day.does(self.day.enrol(self.kiosk))

    @rule()
    def is_revoked(self) -> None:
        self.kiosk.may_stop = True
        with self.day.listening():
            self.day.office.revoke(self.kiosk.name)

    @rule()
    def disk_is_copied(self) -> None:
        self.day.does(self.kiosk.take_image())

    @rule()
    def disk_is_set_back(self) -> None:
        self.day.does(self.kiosk.restore_image())

    @rule()
    def a_week_passes(self) -> None:
        self.kiosk.cut_power(WEEK_S)
        self.day.does(self.day.passes(WEEK_S))

    @rule()
    def all_is_mended(self) -> None:
        self.day.does(self.day.mended())

    @invariant()
    def what_the_kiosk_believes_is_so(self) -> None:
        if hasattr(self, "day"):
            self.day.does(self.day.check_belief())


@pytest.fixture
def story(made: Template) -> Iterator[type[Story]]:
    Story.made = made
    yield Story
    del Story.made


def test_no_story_breaks_a_law(story: type[Story]) -> None:
    bounded = settings(
        max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    run_state_machine_as_test(story, settings=bounded)


@pytest.mark.slow
@pytest.mark.parametrize("_part", range(20))
def test_no_story_of_many_breaks_a_law(story: type[Story], _part: int) -> None:
    many = settings(max_examples=10, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(story, settings=many)
