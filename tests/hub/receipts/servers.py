"""A mail server and a text gateway on this machine, with certificates of an authority made for the test."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import json
import logging
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

USER, PASSWORD = "kiosk", "correct horse"
TOKEN = "token-of-this-site"


class Authority:
    """`ca_file` is what to trust; `server` is the context of a server of its own at 127.0.0.1."""

    def __init__(self, folder: Path, name: str = "test authority") -> None:
        self.ca_file = folder / f"{name}.pem"
        key, subject = ec.generate_private_key(ec.SECP256R1()), _name(name)
        ca = _certificate(subject, subject, key.public_key()).add_extension(x509.BasicConstraints(True, None), critical=True)
        self.ca_file.write_bytes(ca.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
        own = ec.generate_private_key(ec.SECP256R1())
        where = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        leaf = _certificate(_name("server"), subject, own.public_key()).add_extension(where, critical=False)
        both = folder / f"{name}-server.pem"
        private = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        both.write_bytes(private + leaf.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(both)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)).not_valid_after(dt.datetime(2100, 1, 1, tzinfo=dt.UTC))


@dataclass
class Box:
    """A mailbox: what came, as (from, to, bytes). `says` is the answer to a letter's "recipient", "data" or
    "quit" in place of yes."""

    letters: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "recipient" in self.says:
            return self.says["recipient"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if "data" in self.says:
            return self.says["data"]
        assert isinstance(envelope.content, bytes)
        self.letters.append((envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content))
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        return self.says.get("quit", "221 Bye")


def _login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(tls: ssl.SSLContext | None, *, implicit: bool = False, login: bool = True) -> Iterator[Box]:
    """A running one that wants TLS and a `login`; without `tls` it has neither."""
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # what it thinks of itself is not the test's
    box, loop, lines = Box(), asyncio.new_event_loop(), list[SMTP]()

    def talk() -> SMTP:
        lines.append(
            SMTP(box, loop=loop, hostname="mail.test", **_wants(None if implicit else tls, login=login and tls is not None))
        )
        return lines[-1]

    async def hang_up() -> None:
        server.close()
        for line in lines:
            if isinstance(line.transport, asyncio.WriteTransport):
                line.transport.abort()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    server = loop.run_until_complete(loop.create_server(talk, "127.0.0.1", 0, ssl=tls if implicit else None))
    box.port = server.sockets[0].getsockname()[1]
    running = threading.Thread(target=loop.run_forever, name="mail server")
    running.start()
    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(hang_up(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        running.join()
        loop.close()


def _wants(tls: ssl.SSLContext | None, *, login: bool) -> dict[str, Any]:
    known = {"authenticator": _login, "auth_required": True, "auth_require_tls": tls is not None} if login else {}
    return {**known, **({"tls_context": tls, "require_starttls": True} if tls is not None else {})}


class Gateway(HTTPServer):
    """`answer` is its next status, `encoding` what it calls the body's; `asked` what came: headers and the message."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server_port}/v1/messages"
        self.answer = 202
        self.encoding = "identity"
        self.asked: list[tuple[dict[str, str], dict[str, str]]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who does not trust it hangs up in its face."""


class _Answering(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((headers, json.loads(body)))
        self.send_response(self.server.answer)
        self.send_header("content-length", "2")
        self.send_header("content-encoding", self.server.encoding)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def text_gateway(tls: ssl.SSLContext) -> Iterator[Gateway]:
    with Gateway(tls) as server:
        running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="text gateway")
        running.start()
        yield server
        server.shutdown()
        running.join()
