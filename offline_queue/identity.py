"""Who this kiosk is to the hub: its number, the key it made for itself, the hub's keys and the links it accepts."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from domain.statement_codes import LinkProfile, MacKey
from offline_queue.errors import AlreadyEnrolled, AnotherKiosk
from offline_queue.sqlcipher import Connection
from offline_queue.wire.messages import Enrolled, HubKey
from offline_queue.wire.signatures import key_id


@dataclass(frozen=True, slots=True)
class Identity:
    """`epoch` counts enrolments, from 1; payments are sealed to `hub_key`, whose id is `hub_kid`. `certificate` (base64 of DER)
    is what TLS shows; None for a kiosk that the first release enrolled and that has not fetched one yet."""

    kiosk: str
    epoch: int
    signing_key: Ed25519PrivateKey
    hub_kid: str
    hub_key: X25519PublicKey
    certificate: str | None
    links: LinkProfile

    @property
    def keyid(self) -> str:
        """The name under which the hub knows the signing key."""
        return key_id(self.kiosk, self.epoch)


def load(connection: Connection) -> Identity | None:
    """The newest enrolment, None before the first."""
    row = connection.execute(
        "SELECT answer, private FROM enrolments JOIN signing_keys ON number = signing_key ORDER BY epoch DESC LIMIT 1"
    ).fetchone()
    return _identity(Enrolled.model_validate_json(row[0]), row[1]) if row else None


def _identity(answer: Enrolled, private: bytes) -> Identity:
    newest = answer.hub_keys[0]
    return Identity(
        kiosk=answer.kiosk,
        epoch=answer.epoch,
        signing_key=Ed25519PrivateKey.from_private_bytes(private),
        hub_kid=newest.kid,
        hub_key=X25519PublicKey.from_public_bytes(base64.b64decode(newest.pub)),
        certificate=answer.certificate,
        links=LinkProfile(
            hosts=frozenset(host.upper() for host in answer.link_hosts),
            keys={link.kid: MacKey(base64.b64decode(link.key), link.until) for link in answer.link_keys},
        ),
    )


def follow(connection: Connection, identity: Identity, hub_keys: tuple[HubKey, ...]) -> Identity:
    """Keeps the hub's newest word on its own keys, where it is news: what is sealed from now on is sealed to the first."""
    answer = _answer(connection, identity.epoch)
    if answer.hub_keys == hub_keys:
        return identity
    return _rewritten(connection, identity, answer.model_copy(update={"hub_keys": hub_keys}))


def renew(connection: Connection, identity: Identity, certificate: str) -> Identity:
    """Keeps the next certificate of the same key."""
    answer = _answer(connection, identity.epoch)
    return _rewritten(connection, identity, answer.model_copy(update={"certificate": certificate}))


def _answer(connection: Connection, epoch: int) -> Enrolled:
    row = connection.execute("SELECT answer FROM enrolments WHERE epoch = ?", (epoch,)).fetchone()
    return Enrolled.model_validate_json(row[0])


def _rewritten(connection: Connection, identity: Identity, answer: Enrolled) -> Identity:
    connection.execute("UPDATE enrolments SET answer = ? WHERE epoch = ?", (answer.model_dump_json(), identity.epoch))
    return _identity(answer, identity.signing_key.private_bytes_raw())


def unused_key(connection: Connection, random: Callable[[int], bytes]) -> Ed25519PrivateKey:
    """The signing key for the next enrolment: made once, kept before the hub hears of it, so that an answer that was lost on the
    way does not leave the hub knowing a key that we have not."""
    row = connection.execute(
        "SELECT private FROM signing_keys WHERE number NOT IN (SELECT signing_key FROM enrolments)"
    ).fetchone()
    private = row[0] if row else random(32)
    if row is None:
        connection.execute("INSERT INTO signing_keys (private) VALUES (?)", (private,))
    return Ed25519PrivateKey.from_private_bytes(private)


def keep(connection: Connection, answer: Enrolled) -> Identity:
    """Makes `answer` this kiosk's newest enrolment: the hub's generation is known, its outcomes are read again from the first.

    Raises AnotherKiosk, and AlreadyEnrolled when its epoch is not newer than ours.
    """
    before = connection.execute("SELECT kiosk, epoch FROM enrolments ORDER BY epoch DESC LIMIT 1").fetchone()
    if before is not None and before[0] != answer.kiosk:
        raise AnotherKiosk(before[0])
    if before is not None and before[1] >= answer.epoch:
        raise AlreadyEnrolled
    connection.execute(
        """INSERT INTO enrolments (epoch, kiosk, signing_key, answer, gen)
        SELECT ?, ?, max(number), ?, coalesce((SELECT max(gen) FROM enrolments), 1) FROM signing_keys""",
        (answer.epoch, answer.kiosk, answer.model_dump_json()),
    )
    return _identity(answer, connection.execute("SELECT private FROM signing_keys ORDER BY number DESC").fetchone()[0])
