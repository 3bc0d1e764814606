"""The hub as an ASGI application: its routes, what every answer carries, and what happens to a bug."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException

from hub.calls import call_routes
from hub.enrolment import enrolment_routes
from hub.folder import NotNow
from hub.gateway.routes import authorization_routes
from hub.hub import Hub
from hub.intake import intake_routes
from hub.lookups import lookup_routes
from hub.pages import Console, SignInFirst, page_routes
from hub.receipts.routes import receipt_routes
from hub.requests import RequestRefused, refusal

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
_log = structlog.get_logger()


def make_app(hub: Hub) -> FastAPI:
    app = FastAPI(title="Lobbypay hub", docs_url=None, redoc_url=None)
    app.include_router(enrolment_routes(hub))
    app.include_router(intake_routes(hub))
    app.include_router(lookup_routes(hub))
    app.include_router(authorization_routes(hub))
    app.include_router(receipt_routes(hub))
    app.include_router(call_routes(hub))
    console = Console(hub)
    app.include_router(page_routes(console))

    @app.middleware("http")
    async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers.update(_HEADERS)
        return response

    @app.exception_handler(RequestRefused)
    async def refused(_: Request, error: RequestRefused) -> Response:
        return refusal(hub, error)

    @app.exception_handler(NotNow)
    async def not_now(request: Request, error: NotNow) -> Response:
        """A disk that is full, a database that is busy: the same again later will do."""
        _log.error("hub.not_now", reason=error.code)
        if request.url.path.startswith("/v1/"):
            return refusal(hub, RequestRefused(503, error.code, retry_after=error.retry_after))
        return PlainTextResponse(str(error), 503, {"retry-after": str(error.retry_after)})

    @app.exception_handler(SignInFirst)
    async def sign_in_first(_: Request, __: SignInFirst) -> Response:
        return RedirectResponse("/sign-in", 303)

    @app.exception_handler(HTTPException)
    async def no_route(request: Request, error: HTTPException) -> Response:
        """No path like this, or not by this method: JSON for a kiosk, a page for a person."""
        if request.url.path.startswith("/v1/"):
            return await http_exception_handler(request, error)
        page = await console.no_page(request, error.status_code)
        page.headers.update(error.headers or {})  # a 405 names the methods that it allows
        return page

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, _: RequestValidationError) -> Response:
        if request.url.path.startswith("/v1/"):
            return refusal(hub, RequestRefused(400, "malformed"))
        return PlainTextResponse("This address or form does not make sense here.", 422)

    @app.exception_handler(Exception)
    async def bug(_: Request, error: Exception) -> Response:
        """Journalled by where and what kind it was: its text could hold anybody's data (law 10)."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        _log.error("hub.bug", where=f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno}", kind=type(error).__name__)
        # Starlette raises the bug again when this is sent, and uvicorn cuts the line. A kiosk that is not told so asks its next
        # question on the dead line, and takes the hub to be away.
        return PlainTextResponse("Something went wrong here. It has been noted.", 500, {"connection": "close"})

    return app
