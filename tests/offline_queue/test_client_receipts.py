"""Receipts that the hub is to send, as the kiosk's client asks for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from pydantic import ValidationError

from domain.letters import Channel, Letter
from offline_queue.client import HubClient, HubConfused
from offline_queue.wire.messages import ReceiptRequest
from tests.offline_queue.world import FakeHub, status

Faulty = Callable[[httpx2.Request, httpx2.Response], httpx2.Response]
PID = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
LETTER = Letter(Channel.EMAIL, "zoe@example.org", "en", "St. Brendan: Receipt", "Amount: $2.50\n")


async def test_a_receipt_is_handed_to_the_hub_whole(client: HubClient, hub: FakeHub) -> None:
    hub.faults = [status(200, f'{{"pid":"{PID}","channel":"email"}}')]
    await client.send_receipt(PID, LETTER)
    asked = {"v": 1, "pid": PID, "channel": "email", "address": LETTER.address, "language": "en"}
    request = hub.requests[-1]
    assert json.loads(request.content) == {**asked, "subject": LETTER.subject, "body": LETTER.body}
    assert request.url.path == "/v1/kiosks/lobby-1/receipts"
    assert {"signature", "content-digest"} <= set(request.headers)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (status(429, '{"code":"too-many-receipts","hub_time":"2026-11-21T09:00:00Z"}'), "too-many-receipts"),
        (status(200, f'{{"pid":"{PID}","channel":"text"}}'), "hub-not-understood"),
        (status(200, "{}"), "hub-not-understood"),
    ],
)
async def test_a_receipt_that_the_hub_did_not_take_is_told(client: HubClient, hub: FakeHub, answer: Faulty, code: str) -> None:
    hub.faults = [answer]
    with pytest.raises(HubConfused, match=code):
        await client.send_receipt(PID, LETTER)


async def test_what_a_hub_sends_receipts_by_is_known_from_its_head(client: HubClient, hub: FakeHub) -> None:
    assert client.receipts == frozenset()
    await client.head()
    assert client.receipts == frozenset()
    hub.faults = [status(200, json.dumps({**hub.head(), "receipts": ["email"]}))]
    await client.head()
    assert client.receipts == {Channel.EMAIL}


def test_no_letter_goes_to_what_is_no_address() -> None:
    said: dict[str, Any] = {"v": 1, "pid": PID, "channel": "text", "language": "en", "subject": "", "body": "x"}
    assert ReceiptRequest(**said, address="+13125550142").channel is Channel.TEXT
    with pytest.raises(ValidationError):
        ReceiptRequest(**said, address="zoe@example.org")
