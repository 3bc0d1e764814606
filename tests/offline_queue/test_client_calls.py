"""Calls for a member of staff, as the kiosk's client makes them."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx2
import pytest

from domain.calls import CallReason
from offline_queue.client import HubClient, HubConfused
from tests.offline_queue.world import FakeHub, status

Faulty = Callable[[httpx2.Request, httpx2.Response], httpx2.Response]


@pytest.mark.parametrize("why", CallReason)
async def test_a_call_says_why_and_nothing_else(client: HubClient, hub: FakeHub, why: CallReason) -> None:
    hub.faults = [status(200, json.dumps({"why": why}))]
    await client.call_staff(why)
    request = hub.requests[-1]
    assert json.loads(request.content) == {"v": 1, "why": why}
    assert request.url.path == "/v1/kiosks/lobby-1/calls"
    assert {"signature", "content-digest"} <= set(request.headers)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (status(429, '{"code":"too-many-calls","hub_time":"2026-11-21T09:00:00Z"}'), "too-many-calls"),
        (status(404, '{"detail":"Not Found"}'), "hub-status"),  # a hub of an earlier release
        (status(200, "{}"), "hub-not-understood"),
        (status(200, "<p>Welcome</p>"), "hub-not-understood"),
    ],
)
async def test_a_call_that_the_hub_did_not_take_is_told(client: HubClient, hub: FakeHub, answer: Faulty, code: str) -> None:
    hub.faults = [answer]
    with pytest.raises(HubConfused, match=code):
        await client.call_staff(CallReason.HELP)
