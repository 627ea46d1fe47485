"""Token counts: roughly what a tokenizer gives, and which beginning of a transcript was seen before."""

import json
from collections.abc import Iterator
from hashlib import sha256

from sandbox.model.chat import Chat, Reply, Usage

BYTES_PER_TOKEN = 4
PER_TURN = 4
PER_PICTURE = 85
CACHED_FROM = 1024  # a shorter beginning is never cached


def tokens_in(text: str) -> int:
    """Return about how many tokens a text takes."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


class Meter:
    """Counts tokens; remembers the beginnings of transcripts as a provider's prompt cache does."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def prompt(self, chat: Chat) -> int:
        """Return the tokens of a request."""
        return max((size for _, size in _beginnings(chat)), default=0)

    def measure(self, chat: Chat, reply: Reply) -> Usage:
        """Return a call's usage and remember its transcript."""
        beginnings = list(_beginnings(chat))
        cached = max((size for mark, size in beginnings if mark in self._seen and size >= CACHED_FROM), default=0)
        self._seen.update(mark for mark, _ in beginnings)
        completion = tokens_in(reply.text) + sum(
            tokens_in(call.name + call.arguments) + PER_TURN for call in reply.calls
        )
        return Usage(beginnings[-1][1], cached, completion)


def _beginnings(chat: Chat) -> Iterator[tuple[str, int]]:
    """Yield a mark and the size in tokens of each beginning of the request: tools, then turn by turn."""
    tools = json.dumps([[tool.name, tool.description, tool.schema] for tool in chat.tools])
    mark = sha256(f"{chat.model}{tools}".encode())
    size = tokens_in(tools)
    for turn in chat.turns:
        said = turn.text + "".join(call.name + call.arguments for call in turn.calls)
        mark.update("\0".join(("", turn.role, *turn.pictures, said)).encode(errors="surrogatepass"))
        size += tokens_in(said) + PER_TURN + PER_PICTURE * len(turn.pictures)
        yield mark.hexdigest(), size
