"""The hub as a reader's authorizer: what may have been heard is never called unheard."""

from __future__ import annotations

import base64

import pytest

from devices.terminals.authorizer import Authorization, NotReached, Unanswered
from domain.money import Money
from domain.payment import Attempt, CardData
from kiosk.authorizing import HubAuthorizer
from offline_queue.client import Blocked, HubAway, HubConfused, HubRefused
from offline_queue.wire.messages import Authorized
from tests.kiosk.lobby import attempt as left_behind

ATTEMPT = left_behind(1)
CARD = CardData(bytes(10), b"x" * 16)
AMOUNT = Money(2550, "USD")


class ScriptedHub:
    def __init__(self, *answers: Authorized | Blocked | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[object, ...]] = []

    async def authorize(self, attempt: Attempt, amount: Money, card: CardData) -> Authorized | Blocked:
        self.asked.append((attempt, amount, card))
        return self._next()

    async def inquire_authorization(self, pid: str) -> Authorized:
        return self._told("inquiry", pid)

    async def void_authorization(self, pid: str) -> Authorized:
        return self._told("void", pid)

    def _told(self, *what: str) -> Authorized:
        self.asked.append(what)
        answer = self._next()
        assert isinstance(answer, Authorized)
        return answer

    def _next(self) -> Authorized | Blocked:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def authorizer(*answers: Authorized | Blocked | Exception) -> tuple[HubAuthorizer, ScriptedHub]:
    hub = ScriptedHub(*answers)

    async def find(attempt: str) -> Attempt:
        assert attempt == ATTEMPT.id
        return ATTEMPT

    return HubAuthorizer(hub, find), hub


def said(state: str, code: str = "", reason: str = "") -> Authorized:
    about = {"pid": ATTEMPT.id, "state": state, "authorization": code, "reason": reason}
    return Authorized.model_validate({**about, "response": base64.b64encode(b"\x8a\x0200").decode() if code else ""})


async def test_what_the_bank_says_is_said() -> None:
    bank, hub = authorizer(said("approved", "A1B2C3"), said("declined", "", "gateway-51"))
    assert await bank.authorize(ATTEMPT.id, AMOUNT, CARD) == Authorization(True, "A1B2C3", "", b"\x8a\x0200")
    assert await bank.authorize(ATTEMPT.id, AMOUNT, CARD) == Authorization(False, "", "gateway-51")
    assert hub.asked[0] == (ATTEMPT, AMOUNT, CARD)


@pytest.mark.parametrize("state", ["closed", "voided"])
async def test_what_was_closed_or_taken_back_is_a_no(state: str) -> None:
    bank, _ = authorizer(said(state, "A1B2C3" if state == "voided" else ""), said(state))
    told = await bank.authorize(ATTEMPT.id, AMOUNT, CARD)
    assert (told.approved, told.authorization, told.reason) == (False, "", f"authorization-{state}")
    assert await bank.inquire(ATTEMPT.id) is None


async def test_an_inquiry_and_a_void() -> None:
    bank, hub = authorizer(said("approved", "A1B2C3"), said("declined", "", "gateway-05"), said("voided"))
    assert await bank.inquire(ATTEMPT.id) == Authorization(True, "A1B2C3", "", b"\x8a\x0200")
    assert await bank.inquire(ATTEMPT.id) == Authorization(False, "", "gateway-05")
    await bank.void(ATTEMPT.id)
    assert hub.asked == [("inquiry", ATTEMPT.id)] * 2 + [("void", ATTEMPT.id)]


UNHEARD = [
    HubAway("hub-away", unsent=True),
    HubRefused("no-gateway", 503),
    HubRefused("not-opened", 400),
    HubRefused("signature-wrong", 401),
    HubRefused("kiosk-revoked", 403),
    HubRefused("too-large", 413),
]
DOUBTFUL = [
    HubAway("hub-away"),
    HubAway("hub-timeout"),
    HubRefused("gateway-91", 504),
    HubRefused("authorization-differs", 409),
    HubConfused("hub-status", 503),
    HubConfused("hub-status", 502),
    HubConfused("hub-not-http"),
    HubConfused("hub-not-understood", 200),
]


@pytest.mark.parametrize("failure", UNHEARD, ids=str)
async def test_a_hub_that_has_not_heard(failure: HubAway | HubConfused) -> None:
    bank, _ = authorizer(failure)
    with pytest.raises(NotReached, match=failure.code):
        await bank.authorize(ATTEMPT.id, AMOUNT, CARD)


@pytest.mark.parametrize("failure", DOUBTFUL, ids=str)
async def test_a_hub_that_may_have_heard(failure: HubAway | HubConfused) -> None:
    bank, _ = authorizer(failure)
    with pytest.raises(Unanswered, match=failure.code):
        await bank.authorize(ATTEMPT.id, AMOUNT, CARD)


async def test_an_account_that_is_held_is_not_asked_about() -> None:
    bank, _ = authorizer(Blocked())
    with pytest.raises(NotReached, match="payment-unknown"):
        await bank.authorize(ATTEMPT.id, AMOUNT, CARD)


async def test_after_one_answer_was_lost_no_failure_is_certain_until_there_is_an_answer() -> None:
    """The second question certainly did not arrive. The first may have."""
    bank, _ = authorizer(HubAway("hub-timeout"), UNHEARD[0], UNHEARD[1], said("approved", "A1"), UNHEARD[0])
    for _ in range(2):
        with pytest.raises(Unanswered):
            await bank.authorize(ATTEMPT.id, AMOUNT, CARD)
    with pytest.raises(Unanswered):
        await bank.inquire(ATTEMPT.id)
    assert await bank.inquire(ATTEMPT.id) is not None
    with pytest.raises(NotReached):
        await bank.void(ATTEMPT.id)
