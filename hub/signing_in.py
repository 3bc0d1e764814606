"""Who is at the console: staff sign in with a password and get a session; every form carries a token against forgery.

The session's cookie holds a random token, the database only its hash. A session ends eight hours after it began, or half an
hour after its last page; what shows nothing of any patient it opens for the whole eight. Form tokens
are double-submitted in a __Host- cookie, which no other host can set.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

import structlog
from fastapi import Request, Response
from sqlalchemy import delete, insert, select, update

from hub.folder import HubError
from hub.hub import Hub
from hub.passwords import LEAST_LENGTH, MOST_LENGTH, hash_password, matches
from hub.schema import sessions, users

SESSION_COOKIE = "__Host-lobbypay-session"
FORM_COOKIE = "__Host-lobbypay-form"
LONGEST = dt.timedelta(hours=8)
IDLE = dt.timedelta(minutes=30)

_log = structlog.get_logger()


def add_user(hub: Hub, name: str, password: str) -> None:
    """Adds a staff user, or gives one a new password and ends their sessions. Raises HubError for a length that will not do."""
    name = name.strip()
    if not 0 < len(name) <= 64:
        raise HubError("user-name", "A user's name has 1 to 64 characters.")
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        raise HubError("password-length", f"A password has {LEAST_LENGTH} to {MOST_LENGTH} characters.")
    hashed = hash_password(password, hub.world.random(16), hub.world.cost)
    with hub.store.writing() as connection:
        connection.execute(delete(sessions).where(sessions.c.user == name))
        changed = connection.execute(update(users).where(users.c.name == name).values(password_hash=hashed))
        if changed.rowcount == 0:
            connection.execute(insert(users).values(name=name, password_hash=hashed, added_at=hub.world.clock()))


def sign_in(hub: Hub, name: str, password: str) -> str | None:
    """A new session's token, None when name or password is wrong: in the same time, whichever it was."""
    with hub.store.reading() as connection:
        stored = connection.scalar(select(users.c.password_hash).where(users.c.name == name))
    decoy = hash_password("", hub.world.random(16), hub.world.cost) if stored is None else stored
    right = matches(password[:MOST_LENGTH], decoy) and stored is not None
    _log.info("hub.signed_in", known=right)
    if not right:
        return None
    token = new_token(hub)
    now = hub.world.clock()
    with hub.store.writing() as connection:
        connection.execute(delete(sessions).where(sessions.c.started_at < now - LONGEST))
        connection.execute(insert(sessions).values(token_hash=_hash(token), user=name, started_at=now, seen_at=now))
    return token


def sign_out(hub: Hub, token: str) -> None:
    with hub.store.writing() as connection:
        connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(token)))


def signed_in_user(hub: Hub, request: Request) -> str | None:
    """The name of the user whose session this request carries, None when it carries none that holds."""
    token = request.cookies.get(SESSION_COOKIE)
    if token is None:
        return None
    now = hub.world.clock()
    with hub.store.writing() as connection:
        user: str | None = connection.execute(
            update(sessions)
            .where(
                sessions.c.token_hash == _hash(token),
                sessions.c.started_at > now - LONGEST,
                sessions.c.seen_at > now - IDLE,
            )
            .values(seen_at=now)
            .returning(sessions.c.user)
        ).scalar()
    return user


def watching_user(hub: Hub, request: Request) -> str | None:
    """As `signed_in_user`, however long ago the session's last page is: for a page that shows nothing of any patient and asks for
    itself again and again. To look at that is no use of the session: it does not keep the other pages open."""
    token = request.cookies.get(SESSION_COOKIE)
    if token is None:
        return None
    with hub.store.reading() as connection:
        this = sessions.c.token_hash == _hash(token), sessions.c.started_at > hub.world.clock() - LONGEST
        user: str | None = connection.scalar(select(sessions.c.user).where(*this))
    return user


def set_cookie(response: Response, name: str, value: str) -> None:
    """A cookie that lives as long as the browser: HttpOnly, Secure, SameSite=Strict."""
    response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="strict")


def form_is_ours(request: Request, token: str) -> bool:
    """Whether a posted form's hidden token is the one that this browser was given."""
    cookie = request.cookies.get(FORM_COOKIE, "")
    return bool(cookie) and hmac.compare_digest(cookie.encode(), token.encode())


def new_token(hub: Hub) -> str:
    return base64.urlsafe_b64encode(hub.world.random(32)).decode("ascii").rstrip("=")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
