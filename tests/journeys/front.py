"""What stands in front of a hub and can fail as proxies and tired servers do; otherwise it passes everything on."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from hub.folder import Folder
from offline_queue import identity, tls
from offline_queue.reader import JournalReader


@dataclass(frozen=True)
class Answer:
    """What the kiosk hears. With `late` the hub has heard the request too, and done its work."""

    status: int
    kind: str
    body: bytes
    late: bool = False


BROKEN = Answer(500, "application/json", b'{"code": "oops", "hub_time": "2026-11-21T09:00:00Z"}')
PAGE = Answer(200, "text/html", b"<!doctype html><title>Sign in to the guest network</title>")
HALF = Answer(200, "application/json", b'{"gen": 1, "epoch": 1, "head": {"seq": 12, "ha')
LOST = Answer(504, "text/html", b"<h1>Gateway time-out</h1>", late=True)


class Front(ThreadingHTTPServer):
    """`fault`, while it is set, is the answer to every request; `refused` counts those."""

    daemon_threads = True

    def __init__(self, hub_url: str, folder: Folder, kiosk_folder: Path) -> None:
        """To the kiosk it is the hub, and to the hub the kiosk: it has both their certificates."""
        super().__init__(("127.0.0.1", 0), _Handler)
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(folder.server_certificate, folder.server_key)
        self.socket = own.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server_port}"
        self.hub = urlsplit(hub_url).netloc
        with JournalReader(kiosk_folder) as reader, reader._reading() as connection:
            who = identity.load(connection)
        assert who is not None
        self.trust = tls.context(folder.ca_certificate, who.signing_key, who.certificate)
        self.fault: Answer | None = None
        self.refused = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Front

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        fault = self.server.fault
        answer = fault if fault is not None and not fault.late else self._ask(body)
        if fault is not None:
            answer = fault
            self.server.refused += 1
        self.send_response(answer.status)
        self.send_header("content-type", answer.kind)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def do_POST(self) -> None:
        self.do_GET()

    def _ask(self, body: bytes) -> Answer:
        with closing(http.client.HTTPSConnection(self.server.hub, context=self.server.trust, timeout=30)) as line:
            line.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                line.putheader(name, value)
            line.endheaders(body)
            answer = line.getresponse()
            return Answer(answer.status, answer.headers["content-type"], answer.read())

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def front(hub_url: str, folder: Folder, kiosk_folder: Path) -> Iterator[Front]:
    """A running one."""
    with Front(hub_url, folder, kiosk_folder) as server:
        running = threading.Thread(target=server.serve_forever, name="front", daemon=True)
        running.start()
        yield server
        server.shutdown()
        running.join()
