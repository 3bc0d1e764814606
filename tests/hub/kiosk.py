"""A small kiosk for tests, on the real wire format: enrols, signs, seals and chains; and can be told to do each of them wrong."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable
from random import Random
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from domain.payment import CardData, new_attempt_id
from hub.enrolment import add_kiosk
from hub.hub import Hub
from offline_queue.wire import certificates
from offline_queue.wire.chain import FIRST_HASH, link
from offline_queue.wire.messages import BatchAnswer, Enrolled, RecordAnswer, SealedCard
from offline_queue.wire.sealing import card_context, context, seal
from offline_queue.wire.signatures import key_id, sign

OPENED = dt.datetime(2026, 11, 21, 14, 58, tzinfo=dt.UTC)


def payment(pid: str, outcome: str = "approved", **changes: Any) -> dict[str, Any]:
    """The plain record of a payment of $25.50 on the usual statement."""
    return {
        "v": 1,
        "pid": pid,
        "outcome": outcome,
        "tender": "card",
        "minor": 2550,
        "currency": "USD",
        "ref": {"kind": "number", "value": "3342139474"},
        "account": "A100001",
        "offline": False,
        "approved_offline": False,
        "brand": "Visa",
        "last4": "4242",
        "terminal_id": "52523535",
        "receipt": 17,
        "trace": 23,
        "authorization": "A1B2C3",
        "reason": "",
        "opened_at": OPENED.isoformat(),
        "settled_at": (OPENED + dt.timedelta(seconds=30)).isoformat(),
        **changes,
    }


class ScriptedKiosk:
    """`queue` seals a record and chains it; `batch` is a message of what is queued; `send` posts one, signed."""

    def __init__(
        self, client: httpx2.AsyncClient, enrolled: Enrolled, key: Ed25519PrivateKey, clock: Callable[[], dt.datetime]
    ) -> None:
        self.client = client
        self.clock = clock
        self.id = enrolled.kiosk
        self.epoch = enrolled.epoch
        self.key = key
        self.certificate = enrolled.certificate
        """What it shows to TLS; None to show nothing."""
        self.kid = enrolled.hub_keys[0].kid
        self.hub_key = X25519PublicKey.from_public_bytes(base64.b64decode(enrolled.hub_keys[0].pub))
        self.records: list[dict[str, Any]] = []
        self._chance = Random(self.id)

    @classmethod
    async def enrolled(cls, hub: Hub, client: httpx2.AsyncClient, clock: Callable[[], dt.datetime], name: str) -> ScriptedKiosk:
        _, code = add_kiosk(hub, name)
        key = Ed25519PrivateKey.generate()
        asked = {"code": code, "csr": certificates.request(key), "name": name, "after": 0}
        answer = await client.post("/v1/enrolments", json=asked)
        assert answer.status_code == 201, answer.text
        return cls(client, Enrolled.model_validate_json(answer.content), key, clock)

    def new_pid(self) -> str:
        return new_attempt_id(OPENED, self._chance.randbytes(10))

    def queue(self, record: dict[str, Any]) -> dict[str, Any]:
        return self.queue_bytes(record["pid"], json.dumps(record).encode())

    def carry(self, record: dict[str, Any], origin: dict[str, int]) -> dict[str, Any]:
        """Queues what an earlier enrolment sealed at `origin`."""
        mine = self.queue_bytes(record["pid"], b"", sealed=base64.b64decode(record["sealed"]), kid=record["kid"])
        mine["origin"] = origin
        return mine

    def queue_bytes(self, pid: str, plain: bytes, *, sealed: bytes | None = None, kid: str | None = None) -> dict[str, Any]:
        """Queues `plain` sealed for its place; or `sealed` as it is."""
        seq = len(self.records) + 1
        kid = kid or self.kid
        sealed = sealed or seal(plain, self.hub_key, context(self.id, self.epoch, seq, pid, self.kid))
        previous = self.records[-1]["hash"] if self.records else FIRST_HASH
        self.records.append(
            {
                "seq": seq,
                "pid": pid,
                "kid": kid,
                "sealed": base64.b64encode(sealed).decode(),
                "hash": link(previous, self.epoch, seq, pid, sealed),
                "origin": None,
            }
        )
        return self.records[-1]

    def batch(self, first: int = 1, last: int | None = None, **changes: Any) -> dict[str, Any]:
        records = self.records[first - 1 : last]
        previous = self.records[first - 2]["hash"] if first > 1 else FIRST_HASH
        whose = {"v": 1, "kiosk": self.id, "epoch": self.epoch, "gen_seen": 1}
        return {**whose, "prev_hash": previous, "records": records, **changes}

    async def request(
        self, method: str, path: str, body: bytes = b"", *, content_type: str = "application/json", **signing: Any
    ) -> httpx2.Response:
        """A signed request; `signing` overrides keyid, key or now."""
        url = str(self.client.base_url) + path
        headers = {"content-type": content_type} if method == "POST" and content_type else {}
        how = {"key": self.key, "keyid": key_id(self.id, self.epoch), "now": self.clock(), **signing}
        signed = sign(method, url, headers, body, **how)
        shown = {"certificate": self.certificate}
        return await self.client.request(method, url, headers=signed, content=body or None, extensions=shown)

    async def send(self, batch: dict[str, Any], **signing: Any) -> httpx2.Response:
        return await self.request("POST", f"/v1/kiosks/{self.id}/batches", json.dumps(batch).encode(), **signing)

    async def deliver(self, *records: dict[str, Any]) -> list[RecordAnswer]:
        """Queues `records`, sends just them, and returns the answers."""
        first = len(self.records) + 1
        for record in records:
            self.queue(record)
        answer = await self.send(self.batch(first))
        assert answer.status_code == 200, answer.text
        return list(BatchAnswer.model_validate_json(answer.content).results)

    def authorization(self, pid: str, card: CardData, **changes: Any) -> dict[str, Any]:
        """A question about $25.50 on the usual statement; what `changes` is not what its card is sealed for."""
        plain = SealedCard(ksn=_text(card.ksn), data=_text(card.data)).model_dump_json().encode()
        asked = {"minor": 2550, "currency": "USD", "kid": self.kid}
        sealed_for = {"kiosk": self.id, "epoch": self.epoch, "pid": pid, **asked, **changes.pop("sealed_for", {})}
        sealed = _text(seal(plain, self.hub_key, card_context(**sealed_for)))
        bill = {"ref": {"kind": "number", "value": "3342139474"}, "account": "A100001"}
        return {"v": 1, "pid": pid, **asked, **bill, "sealed": sealed, **changes}

    async def authorize(self, pid: str, card: CardData, minor: int = 2550, **changes: Any) -> httpx2.Response:
        asked = self.authorization(pid, card, minor=minor, **{"sealed_for": {"minor": minor}, **changes})
        return await self.request("POST", f"/v1/kiosks/{self.id}/authorizations", json.dumps(asked).encode())

    async def about(self, pid: str, what: str) -> httpx2.Response:
        """`what`: "inquiry" or "void"."""
        return await self.request("POST", f"/v1/kiosks/{self.id}/authorizations/{pid}/{what}", b'{"v": 1}')

    async def call(self, why: str) -> httpx2.Response:
        return await self.request("POST", f"/v1/kiosks/{self.id}/calls", json.dumps({"v": 1, "why": why}).encode())

    async def look_up(self, kind: str, value: str, birth_date: str, **more: bool) -> httpx2.Response:
        body = json.dumps({"ref": {"kind": kind, "value": value}, "birth_date": birth_date, **more}).encode()
        return await self.request("POST", f"/v1/kiosks/{self.id}/statement-lookups", body)

    async def look_up_named(self, proof: str, name: str, birth_date: str, digits: str, **more: bool) -> httpx2.Response:
        body = json.dumps({"proof": proof, "name": name, "birth_date": birth_date, "digits": digits, **more}).encode()
        return await self.request("POST", f"/v1/kiosks/{self.id}/named-lookups", body)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
