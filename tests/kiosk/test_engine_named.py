"""A whole search by name at the running engine: what is asked of the hub, and what is left of it."""

from __future__ import annotations

from domain.names import Proof
from kiosk.visit.screens import Intent
from tests.kiosk.lobby import Lobby, visit
from tests.kiosk.visit.world import BORN, BORN_KEYS, OWING


def test_who_is_named_is_asked_about_and_forgotten_with_the_visit() -> None:
    async def story(lobby: Lobby) -> None:
        await lobby.at("attract")
        lobby.touch("choose-language en", "other-ways", "by-name")
        for letter in "ADA BYRNE":
            lobby.engine.intend(Intent("key", letter))
        await lobby.at("name")
        lobby.touch("next")
        lobby.keys(BORN_KEYS["en"])
        lobby.touch("next")
        await lobby.at("statement-pin")
        lobby.keys("123456")
        lobby.touch("next")
        lobby.hub.answers.put_nowait(OWING)
        await lobby.at("statement")
        assert lobby.hub.asked_named == [(Proof.STATEMENT_PIN, "ADA BYRNE", BORN, "123456")]
        lobby.touch("cancel")
        await lobby.at("attract")
        left = repr(vars(lobby.engine))
        assert "BYRNE" not in left
        assert "123456" not in left

    visit(story)
