"""The HTTP server: four pages, read-only."""

import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from ops.serving.pages import UNHEALTHY, health, metrics
from ops.serving.watch import Watch

JSON = "application/json"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
PATIENCE = 5
"""Seconds that a client may take to say what it wants."""


class Server(ThreadingHTTPServer):
    """Answers from one Watch."""

    daemon_threads = True

    def __init__(self, host: str, port: int, watch: Watch) -> None:
        super().__init__((host, port), Handler)
        self.watch = watch


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    timeout = PATIENCE
    protocol_version = "HTTP/1.1"
    server_version = "sellermind"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer a page; 404 for what there is not."""
        url = urlsplit(self.path)
        match url.path:
            case "/livez":
                self._answer(HTTPStatus.OK, JSON, '{"status":"alive"}')
            case "/readyz":
                ready = self.server.watch.look().standing is not None
                self._answer(_status(ok=ready), JSON, json.dumps({"status": "ready" if ready else "not ready"}))
            case "/api/health/queue":
                self._health(strict=parse_qs(url.query).get("strict") != ["0"])
            case "/metrics":
                self._answer(HTTPStatus.OK, PROMETHEUS, metrics(self.server.watch.look()))
            case _:
                self._answer(HTTPStatus.NOT_FOUND, JSON, '{"error":"not found"}')

    def do_HEAD(self) -> None:
        """The same without the page itself."""
        self.do_GET()

    def _health(self, *, strict: bool) -> None:
        body = health(self.server.watch.look())
        self._answer(_status(ok=not strict or body["status"] != UNHEALTHY), JSON, json.dumps(body))

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Say nothing: a probe every few seconds is no news."""
        del format, args


def _status(*, ok: bool) -> HTTPStatus:
    return HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE
