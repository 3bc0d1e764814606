"""The key of the links on statements: a new one, the last day of the old ones, and what kiosks make of it."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner, Result

from domain.biller_profiles import read_code
from domain.errors import Known
from domain.statement_codes import LinkProfile, MacKey, RefKind, Refusal, StatementRef, link_text
from hub.app import make_app
from hub.commands import app
from hub.enrolment import add_kiosk
from hub.folder import Folder, HubError
from hub.hub import Hub, open_hub
from hub.keys import rotate_link_key
from offline_queue.wire import certificates
from offline_queue.wire.messages import Enrolled, LinkKey
from tests.billers import ours
from tests.hub.conftest import OPAQUE
from tests.tls import Tls

LAST_DAY = dt.date(2027, 3, 31)


def rotate(folder: Folder, until: str) -> Result:
    return CliRunner().invoke(app, ["key", "rotate-links", "--until", until, "--data", str(folder.path)])


async def enrolled(hub: Hub) -> Enrolled:
    _, code = add_kiosk(hub, "Another lobby")
    csr = certificates.request(Ed25519PrivateKey.from_private_bytes(b"\x09" * 32))
    async with httpx2.AsyncClient(transport=Tls(make_app(hub)), base_url="https://hub.example") as client:
        answer = await client.post("/v1/enrolments", json={"code": code, "csr": csr, "name": "box", "after": 0})
    assert all("until" not in key or key["until"] for key in answer.json()["link_keys"])  # an older kiosk knows no such field
    return Enrolled.model_validate_json(answer.content)


def profiles(answer: Enrolled) -> LinkProfile:
    keys = {key.kid: MacKey(base64.b64decode(key.key), key.until) for key in answer.link_keys}
    return LinkProfile(frozenset(answer.link_hosts), keys)


async def test_statements_of_the_old_key_are_taken_to_their_last_day(hub: Hub, folder: Folder) -> None:
    old = hub.keys.links["A"]
    assert [(key.kid, key.until) for key in (await enrolled(hub)).link_keys] == [("A", None)]
    assert "The new key is B. " in rotate(folder, "2027-03-31").stdout
    again = open_hub(folder, hub.world)
    answer = await enrolled(again)
    assert [(key.kid, key.until) for key in answer.link_keys] == [("B", None), ("A", LAST_DAY)]
    taken, host = ours(profiles(answer)), answer.link_hosts[0]
    printed_before, printed_since = link_text(old, host, "A", OPAQUE), link_text(again.keys.links["B"], host, "B", OPAQUE)
    bill = StatementRef(RefKind.LINK, OPAQUE)
    assert read_code("QRCode", printed_before, taken, LAST_DAY) == bill
    assert read_code("QRCode", printed_before, taken, LAST_DAY + dt.timedelta(days=1)) == Refusal.KEY_EXPIRED
    assert read_code("QRCode", printed_since, taken, LAST_DAY + dt.timedelta(days=1)) == bill
    again.store.close()


def test_a_last_day_that_was_told_is_not_put_off(hub: Hub, folder: Folder) -> None:
    assert rotate_link_key(folder, LAST_DAY) == "B"
    assert rotate_link_key(folder, LAST_DAY + dt.timedelta(days=365)) == "C"
    again = open_hub(folder, hub.world)
    assert list(again.keys.links) == ["C", "B", "A"]
    assert again.keys.links_until == {"A": LAST_DAY, "B": LAST_DAY + dt.timedelta(days=365)}
    assert len(set(again.keys.links.values())) == 3
    again.store.close()
    assert rotate_link_key(folder, LAST_DAY - dt.timedelta(days=9)) == "D"
    sooner = open_hub(folder, hub.world)
    assert set(sooner.keys.links_until.values()) == {LAST_DAY - dt.timedelta(days=9)}
    sooner.store.close()


def test_an_id_is_never_given_twice(hub: Hub, folder: Folder) -> None:
    """A key under an old one's name would make old statements look forged."""
    held = json.loads(folder.secrets.read_bytes())
    held["links"] = dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", held["links"]["A"])
    folder.secrets.write_text(json.dumps(held))
    with pytest.raises(HubError, match="Every one of the 32 names"):
        rotate_link_key(folder, LAST_DAY)
    assert isinstance(rotate(folder, "2027-03-31").exception, Known)


def test_wrong_usage(folder: Folder, tmp_path: Path) -> None:
    assert rotate(folder, "soon").exit_code == 2
    assert isinstance(rotate(Folder(tmp_path / "none"), "2027-03-31").exception, Known)


def test_a_key_without_a_last_day_is_told_of_as_ever() -> None:
    key = LinkKey(kid="A", key="AAAA")
    assert key.model_dump_json() == '{"kid":"A","key":"AAAA"}'
    assert LinkKey.model_validate_json('{"kid":"A","key":"AAAA","until":"2027-03-31"}').until == LAST_DAY
