"""TLS as an ASGI server tells of it, without a network: which certificate the client of a request has shown."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, MutableMapping
from typing import Any

import httpx2


class Tls(httpx2.AsyncBaseTransport):
    """A line to `app`. The client shows the certificate (base64 of DER) that `shown` gives, or, without that, the one in the
    request's extensions under "certificate"; None is none."""

    def __init__(self, app: Any, shown: Callable[[], str | None] | None = None) -> None:
        self._app = app
        self._shown = shown

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        certificate = self._shown() if self._shown else request.extensions.get("certificate")
        chain = (ssl.DER_cert_to_PEM_cert(base64.b64decode(certificate)),) if certificate else ()

        async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            await self._app({**scope, "extensions": {"tls": {"client_cert_chain": chain}}}, receive, send)

        return await httpx2.ASGITransport(app, raise_app_exceptions=False).handle_async_request(request)
