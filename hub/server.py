"""The hub on the network: TLS by uvicorn on a port bound by us, a word when it listens, a graceful stop on SIGTERM and SIGINT."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import ssl
from collections.abc import Callable, Iterator

import structlog
import uvicorn
from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from hub import VERSION
from hub.app import make_app
from hub.authority import issue_server_certificate
from hub.folder import Folder, HubError
from hub.gateway.deferred import keep_asking
from hub.hub import Hub
from hub.receipts.sending import keep_sending

GRACE_S = 5
_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME (x509_vfy.h), for which ssl has no name."""

_log = structlog.get_logger()


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn's own handler kills the process with the signal after a stop that went well."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Protocol(H11Protocol):
    """Tells the application which certificate the client showed, as ASGI's TLS extension has it; uvicorn does not (0.54)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        shown = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
        if shown is not None:
            self.app = _with_client(self.app, ssl.DER_cert_to_PEM_cert(shown))


def _with_client(app: ASGI3Application, certificate: str) -> ASGI3Application:
    async def known(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        extensions = {"tls": {"client_cert_chain": (certificate,)}}
        await app({**scope, "extensions": extensions}, receive, send)  # type: ignore[arg-type]  # one of its kinds

    return known


def _tls(_: uvicorn.Config, default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Version 1.3 only: see offline_queue/tls.py. Every browser that is still kept up speaks it. When a kiosk's certificate ends
    is judged by requests.py, which can tell the kiosk so: TLS would cut the line without a word that reliably arrives."""
    context = default()
    context.verify_flags = ssl.VerifyFlags(context.verify_flags | _NO_CHECK_TIME)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def tls_server(hub: Hub, folder: Folder) -> uvicorn.Server:
    """The hub's pages and kiosk paths over TLS, with the certificate that lies in `folder`; not yet listening."""
    # Its lines would carry addresses and, after a bug, whatever the exception says (law 10). The app journals for itself.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    return _Server(
        uvicorn.Config(
            make_app(hub),
            ssl_keyfile=folder.server_key,
            ssl_certfile=folder.server_certificate,
            ssl_ca_certs=folder.ca_certificate,
            ssl_cert_reqs=ssl.CERT_OPTIONAL,  # a kiosk shows one; the billing office's browsers have none
            ssl_context_factory=_tls,
            http=_Protocol,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE_S,
        )
    )


async def serve(hub: Hub, folder: Folder, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT. `on_ready` gets the URL once the hub listens; `port` 0 takes any.

    Raises HubError when the address cannot be had.
    """
    issue_server_certificate(folder, hub.keys.hosts, hub.world.clock())
    bound = listening(host, port)
    server = tls_server(hub, folder)
    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, setattr, server, "should_exit", True)
    with bound:
        async with asyncio.TaskGroup() as tasks:  # a bug in one ends all
            running = tasks.create_task(server.serve(sockets=[bound]))
            others = [tasks.create_task(keep_asking(hub)), tasks.create_task(keep_sending(hub))]
            url = f"https://{_authority(host)}:{bound.getsockname()[1]}"
            _log.info("hub.started", version=VERSION)
            on_ready(url)
            await running
            for other in others:
                other.cancel()
    _log.info("hub.stopped")


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections there. Raises HubError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named: without it every answer waits 40 ms for the client's delayed ACK
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen()
    except (OSError, OverflowError) as error:
        bound.close()
        raise HubError("address-taken", f"Cannot listen on {host} port {port}: {error}.") from error
    return bound


def _authority(host: str) -> str:
    """The host as a client should write it: a name that is in the certificate where we listen everywhere."""
    if host in ("0.0.0.0", "::"):
        return "localhost"
    return f"[{host}]" if ":" in host else host
