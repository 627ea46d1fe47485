"""The HTTP server: four pages for everybody who reaches it, and the codec for who holds its token."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

from ops.serving.codec import LARGEST_BODY, PATHS, SIGN_IN, RemoteCodec, Undecodable
from ops.serving.pages import UNHEALTHY, health, metrics
from ops.serving.watch import Watch

JSON = "application/json"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
NOT_FOUND, UNAUTHORIZED = '{"error":"not found"}', '{"error":"the token of the codec is wanted"}'
TOO_LARGE = '{"error":"a body of at most 4 MB is wanted, and its length before it"}'
UNDECODABLE = '{"error":"not payloads, or none that the keys here open: see SELLERMIND_SECRET_KEYS"}'
ASK_PERSON, ASK_PROGRAM = {"WWW-Authenticate": 'Basic realm="sellermind codec"'}, {"WWW-Authenticate": "Bearer"}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Namespace",
    "Access-Control-Max-Age": "600",
}
CLOSE = {"Connection": "close"}
NONE: Mapping[str, str] = MappingProxyType({})
MOST_DIGITS = 9
PATIENCE = 5
"""Seconds that a client may take to say what it wants."""


class Server(ThreadingHTTPServer):
    """Answers from one Watch; without a codec, its pages are not there."""

    daemon_threads = True

    def __init__(self, host: str, port: int, watch: Watch, codec: RemoteCodec | None) -> None:
        super().__init__((host, port), Handler)
        self.watch = watch
        self.codec = codec


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
            case path if path == SIGN_IN and self.server.codec:
                self._sign_in(self.server.codec)
            case _:
                self._answer(HTTPStatus.NOT_FOUND, JSON, NOT_FOUND)

    def do_HEAD(self) -> None:
        """The same without the page itself."""
        self.do_GET()

    def do_OPTIONS(self) -> None:
        """Tell the Web UI's pages, and no others, that they may ask the codec."""
        codec, path = self.server.codec, urlsplit(self.path).path
        if codec is None or path not in PATHS:
            self._answer(HTTPStatus.NOT_FOUND, JSON, NOT_FOUND)
        else:
            self._answer(HTTPStatus.OK, JSON, "{}", PREFLIGHT | self._origin(codec))

    def do_POST(self) -> None:
        """Open or seal payloads; 404 without a codec, 401 without its token."""
        codec, path = self.server.codec, urlsplit(self.path).path
        if codec is None or path not in PATHS - {SIGN_IN}:
            self._answer(HTTPStatus.NOT_FOUND, JSON, NOT_FOUND, CLOSE)  # its body is not read
            return
        body = self._body()
        if body is None:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, JSON, TOO_LARGE, CLOSE)
        elif not codec.admits(self.headers.get("Authorization", "")):
            self._answer(HTTPStatus.UNAUTHORIZED, JSON, UNAUTHORIZED, ASK_PROGRAM | self._origin(codec))
        else:
            self._change(codec, path, body)

    def _change(self, codec: RemoteCodec, path: str, body: bytes) -> None:
        try:
            answer = codec.change(path, body)
        except Undecodable:
            self._answer(HTTPStatus.BAD_REQUEST, JSON, UNDECODABLE, self._origin(codec))
        else:
            self._answer(HTTPStatus.OK, JSON, answer, self._origin(codec))

    def _sign_in(self, codec: RemoteCodec) -> None:
        """Let a browser ask a person for the token: it sends it with the Web UI's requests from then on."""
        if codec.admits(self.headers.get("Authorization", "")):
            self._answer(HTTPStatus.OK, JSON, '{"status":"signed in"}')
        else:
            self._answer(HTTPStatus.UNAUTHORIZED, JSON, UNAUTHORIZED, ASK_PERSON)

    def _origin(self, codec: RemoteCodec) -> dict[str, str]:
        """What lets a page of the configured origin read the answer."""
        if codec.origin is None or self.headers.get("Origin") != codec.origin:
            return {"Vary": "Origin"}
        allowed = {"Access-Control-Allow-Origin": codec.origin, "Access-Control-Allow-Credentials": "true"}
        return {"Vary": "Origin"} | allowed

    def _body(self) -> bytes | None:
        """The request's body; None where its length is not told or above the bound."""
        told = self.headers.get("Content-Length", "")
        known = told.isdecimal() and len(told) <= MOST_DIGITS
        return self.rfile.read(int(told)) if known and int(told) <= LARGEST_BODY else None

    def _health(self, *, strict: bool) -> None:
        body = health(self.server.watch.look())
        self._answer(_status(ok=not strict or body["status"] != UNHEALTHY), JSON, json.dumps(body))

    def _answer(
        self, status: HTTPStatus, kind: str, text: str, headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Say nothing: a probe every few seconds is no news."""
        del format, args


def _status(*, ok: bool) -> HTTPStatus:
    return HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE
