"""Receipts as text messages: through the site's own gateway, by HTTPS with a token."""

from __future__ import annotations

import datetime as dt
import ssl

import httpx2

from domain.letters import Letter
from hub.receipts.port import PostAway, PostRefused
from hub.receipts.settings import TextTable

TIME_S = 30.0

NEVER = frozenset({400, 404, 410, 422})
"""What a gateway answers to a number or a message that it will not take, however often it is asked."""


class Texts:
    """One gateway: POST {"from", "to", "text"}, answered by any 2xx once it has the message."""

    def __init__(self, settings: TextTable, token: str, trust: ssl.SSLContext) -> None:
        self._settings = settings
        self._token = token
        self._trust = trust

    def send(self, letter: Letter, key: str, now: dt.datetime) -> None:
        """See Post."""
        message = {"from": self._settings.sender, "to": letter.address, "text": letter.body}
        headers = {"authorization": f"Bearer {self._token}", "idempotency-key": key, "user-agent": "lobbypay"}
        try:
            with (
                httpx2.Client(verify=self._trust, timeout=TIME_S, trust_env=False) as line,
                line.stream("POST", self._settings.url, json=message, headers=headers) as answer,
            ):
                status = answer.status_code  # what else it says is not read: it may be anything
        except httpx2.RequestError as error:
            raise PostAway("text-certificate" if _untrusted(error) else "text-away") from None
        except (httpx2.InvalidURL, ValueError):  # an address that is none, or a token that no header can hold
            raise PostAway("text-setting") from None
        if status in NEVER:
            raise PostRefused(f"text-{status}")
        if not 200 <= status < 300:
            raise PostAway(f"text-{status}")


def _untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
