"""The engine calls staff: at the lock-out and by a touch, once, and says that they were called to whom it was done for alone."""

from __future__ import annotations

import pytest

from domain.calls import CallReason
from kiosk.visit.finding import MOST_TRIES
from offline_queue.client import HubAway, Locked, NoMatch
from tests.kiosk.lobby import Lobby, visit
from tests.kiosk.visit import world as w
from tests.log_watch import LogWatch
from tests.virtual_time import passes

CALLED = "A member of staff has been called."
NOT_CALLED = "We could not call anyone from here."


def on_screen(lobby: Lobby) -> list[str]:
    at = lobby.shown.overlay or lobby.shown
    return [said.text for said in (at.title, *at.lines)]


async def is_locked_out(lobby: Lobby) -> None:
    lobby.hub.answers.put_nowait(Locked(900))
    await lobby.asks()
    await lobby.at("see-desk")
    await lobby.until(lambda: bool(lobby.hub.calls))


def test_the_lock_out_calls_staff_and_says_so_when_the_hub_has_it() -> None:
    async def story(lobby: Lobby) -> None:
        await is_locked_out(lobby)
        assert CALLED not in on_screen(lobby)
        lobby.hub.taken.put_nowait(None)
        await lobby.until(lambda: CALLED in on_screen(lobby))
        assert lobby.hub.calls == [CallReason.TOO_MANY_TRIES]

    visit(story)


def test_the_kiosk_s_own_count_calls_as_well() -> None:
    async def story(lobby: Lobby) -> None:
        for _ in range(MOST_TRIES):
            lobby.hub.answers.put_nowait(NoMatch())
        lobby.hub.taken.put_nowait(None)
        await lobby.asks()
        for _ in range(MOST_TRIES - 1):
            await lobby.until(lambda: lobby.shown.screen == "birth-date" and lobby.shown.notice is not None)
            lobby.keys(w.BORN_KEYS["en"])
            lobby.touch("next")
            await lobby.until(lambda: lobby.shown.notice is None)
        await lobby.at("see-desk")
        await lobby.until(lambda: CALLED in on_screen(lobby))
        assert lobby.hub.calls == [CallReason.TOO_MANY_TRIES]

    visit(story)


def test_a_call_that_failed_leaves_the_screen_as_it_was_and_is_not_made_again(log_watch: LogWatch) -> None:
    log_watch.expect("staff.not_called")

    async def story(lobby: Lobby) -> None:
        await is_locked_out(lobby)
        before = on_screen(lobby)
        lobby.hub.taken.put_nowait(HubAway("hub-timeout"))
        await passes(30)
        assert on_screen(lobby) == before
        assert lobby.hub.calls == [CallReason.TOO_MANY_TRIES]

    visit(story)


@pytest.mark.parametrize(("answer", "said"), [(None, CALLED), (HubAway("hub-away"), NOT_CALLED)], ids=["taken", "away"])
def test_a_touch_calls_staff_and_hears_what_became_of_it(answer: Exception | None, said: str, log_watch: LogWatch) -> None:
    if answer is not None:
        log_watch.expect("staff.not_called")

    async def story(lobby: Lobby) -> None:
        await lobby.finds_bill()
        lobby.touch("help", "call-staff", "call-staff", "call-staff")
        await lobby.until(lambda: bool(lobby.hub.calls))
        assert not {CALLED, NOT_CALLED} & set(on_screen(lobby))
        lobby.hub.taken.put_nowait(answer)
        await lobby.until(lambda: said in on_screen(lobby))
        assert lobby.hub.calls == [CallReason.HELP]
        lobby.touch("stay")
        assert lobby.shown.screen == "statement"

    visit(story)


def test_a_call_goes_out_though_its_visit_ends_and_the_next_patient_is_not_told() -> None:
    """Who tried too often may walk away at once."""

    async def story(lobby: Lobby) -> None:
        await is_locked_out(lobby)
        lobby.touch("done")
        await lobby.finds_bill()
        lobby.hub.taken.put_nowait(None)
        await passes(1)
        assert lobby.hub.calls == [CallReason.TOO_MANY_TRIES]
        assert lobby.hub.taken.empty()
        lobby.touch("help")
        assert CALLED not in on_screen(lobby)

    visit(story)
