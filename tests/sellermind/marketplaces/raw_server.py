"""A real HTTP server that answers with exactly the bytes a test wants, however wrong they are."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fixtures.patience import PATIENCE

TURN = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
"""What the counting budget's clock says."""

Reaction = Callable[[socket.socket], None]


def http(status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """Bytes of a well-formed answer; JSON unless `headers` say otherwise."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    fields |= headers or {}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + body


def page(content: Any, **headers: str) -> bytes:
    """Bytes of a 200 with JSON."""
    return http(200, json.dumps(content, ensure_ascii=False).encode(), headers)


class RawServer:
    """Answers one request a connection, each with the next reaction (the last one stays); remembers the requests."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self._reactions: list[Reaction] = []
        self._conversations: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def answers(self, *answers: bytes) -> None:
        """Answer with these bytes, one after another."""
        self._reactions = [lambda peer, answer=answer: peer.sendall(answer) for answer in answers]  # type: ignore[misc] # the default binds the loop's value

    def does(self, reaction: Reaction) -> None:
        """Do this with the connection once the request has been read."""
        self._reactions = [reaction]

    def close(self) -> None:
        """Stop listening: the waiting accept() ends too, which a bare close would not bring about.

        Nothing goes on behind the test's back: a thread that is left in a loop makes all tests after it crawl.
        """
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for conversation in self._conversations:
            conversation.join(PATIENCE)
            assert not conversation.is_alive(), "a conversation has not ended"

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:  # closed
                return
            conversation = threading.Thread(target=self._answer, args=(peer,), daemon=True)
            self._conversations.append(conversation)
            conversation.start()

    def _answer(self, peer: socket.socket) -> None:
        with peer, suppress(EOFError):  # some clients hang up without a word
            self.requests.append(self._read_request(peer))
            reaction = self._reactions.pop(0) if len(self._reactions) > 1 else self._reactions[0]
            try:
                reaction(peer)
                peer.shutdown(socket.SHUT_WR)
            except OSError:  # the client has gone away, as some tests want it to
                return

    def _read_request(self, peer: socket.socket) -> str:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more(peer)
        head, _, body = received.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += self._more(peer)
        return (head + b"\r\n\r\n" + body).decode()

    @staticmethod
    def _more(peer: socket.socket) -> bytes:
        received = peer.recv(65536)
        if not received:
            raise EOFError
        return received


class CountingBudget:
    """A rate budget that lets everything pass and writes down what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int | timedelta]] = []

    def take(self) -> datetime:
        self.told.append(("take", 1))
        return TURN

    def learn_remaining(self, n: int) -> None:
        self.told.append(("learn_remaining", n))

    def refused(self, wait: timedelta) -> None:
        self.told.append(("refused", wait))

    def charge(self, calls: int) -> None:
        self.told.append(("charge", calls))
