"""The hub's keys, made at its first start: its own authority, the keys to seal records to, the key of links."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hub.authority import Authority, open_authority
from hub.folder import Folder, HubError, write_private
from offline_queue.wire.messages import HubKey

DEFAULT_PUBLIC_HOST = "pay.lobbypay.example"
_LINK_KIDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Keys:
    """`sealing` and `links` by key id, newest first; `links_until` is the last day of those links' keys that have one; `hosts` in
    lower case, the one printed on new statements first; `pins` makes the PINs on statements and stays here (hub/pins.py)."""

    sealing: dict[str, X25519PrivateKey]
    links: dict[str, bytes]
    links_until: dict[str, dt.date]
    hosts: tuple[str, ...]
    pins: bytes
    authority: Authority

    def __repr__(self) -> str:
        return "Keys(...)"

    @property
    def to_seal_to(self) -> tuple[HubKey, ...]:
        """The public halves of `sealing`, the newest first, as kiosks are told them."""
        return tuple(HubKey(kid=kid, pub=_text(key.public_key().public_bytes_raw())) for kid, key in self.sealing.items())


def open_keys(folder: Folder, now: dt.datetime, public_host: str | None = None) -> Keys:
    """The keys in `folder`, made where missing; `public_host` becomes the first host.

    Raises HubError when the files are there and do not make sense, or when the host is not a host name.
    """
    held = _secrets(folder, public_host)
    return Keys(
        sealing={kid: X25519PrivateKey.from_private_bytes(base64.b64decode(raw)) for kid, raw in held["sealing"].items()},
        links={kid: base64.b64decode(raw) for kid, raw in held["links"].items()},
        links_until={kid: dt.date.fromisoformat(day) for kid, day in held.get("links_until", {}).items()},
        hosts=tuple(held["hosts"]),
        pins=base64.b64decode(held["pins"]),
        authority=open_authority(folder, now),
    )


def rotate_sealing_key(folder: Folder) -> str:
    """Makes a new key to seal to and puts it first; the old ones stay, because records sealed to them may still come. Returns its
    id. A running hub tells kiosks of it from its next start on. Raises HubError when the keys cannot be read."""
    with folder.locked():
        held = _secrets(folder, None)
        kid = secrets.token_hex(4)
        held["sealing"] = {kid: _text(X25519PrivateKey.generate().private_bytes_raw()), **held["sealing"]}
        write_private(folder.secrets, json.dumps(held).encode("ascii"))
    return kid


def rotate_link_key(folder: Folder, until: dt.date) -> str:
    """Makes a new key for the links on statements and puts it first; what the others signed is believed up to and with the day
    `until`. Returns its id. Statements are printed with it from the hub's next start on, and a kiosk knows it from its next
    enrolment on. Raises HubError when the keys cannot be read, or when every id has been used."""
    with folder.locked():
        held = _secrets(folder, None)
        kid = next((kid for kid in _LINK_KIDS if kid not in held["links"]), None)
        if kid is None:
            raise HubError("link-keys-used-up", "Every one of the 32 names that a link's key can have has been used.")
        ends = held.get("links_until", {})
        last_days = {kid: min(until.isoformat(), ends.get(kid, until.isoformat())) for kid in held["links"]}
        held["links"] = {kid: _text(secrets.token_bytes(32)), **held["links"]}
        write_private(folder.secrets, json.dumps(held | {"links_until": last_days}).encode("ascii"))
    return kid


def _secrets(folder: Folder, public_host: str | None) -> dict[str, Any]:
    if public_host is not None and not _HOST.fullmatch(public_host):
        raise HubError("host-malformed", "The public host must be a host name in lower case.")
    held: dict[str, Any]
    try:
        held = json.loads(folder.secrets.read_bytes())
    except FileNotFoundError:
        held = {
            "sealing": {secrets.token_hex(4): _text(X25519PrivateKey.generate().private_bytes_raw())},
            "links": {"A": _text(secrets.token_bytes(32))},
            "hosts": [],
        }
    except ValueError as error:
        raise HubError("keys-unreadable", f"{folder.secrets} is damaged; restore it from a backup.") from error
    first = public_host or next(iter(held["hosts"]), DEFAULT_PUBLIC_HOST)
    hosts = [first, *(host for host in held["hosts"] if host != first)]
    if hosts != held["hosts"] or "pins" not in held:  # the releases before PINs made none
        held = {"pins": _text(secrets.token_bytes(32)), **held, "hosts": hosts}
        write_private(folder.secrets, json.dumps(held).encode("ascii"))
    return held


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
