"""`python -m sandbox.model`: a stand-in for OpenAI, Anthropic or a small local model server, on this machine alone.

Its first line ends with its base URL (what SELLERMIND_MODEL_URL takes); then it serves until it is told to stop.
"""

import argparse
import asyncio
import signal
from collections.abc import Sequence

from sandbox.model.options import ModelOptions
from sandbox.model.server import listening


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.model", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--key", help="the API key callers must send; without it every caller is served")
    parser.add_argument("--models", default="", help="comma list of the models it serves; without it, any name")
    parser.add_argument("--ignores-tools", action="store_true", help="like a small local server")
    parser.add_argument("--ignores-schemas", action="store_true", help="json_schema is not honoured")
    parser.add_argument("--honours-idempotency", action="store_true", help="one Idempotency-Key is paid once")
    parser.add_argument("--context-tokens", type=int, default=128_000, help="longer transcripts are refused")
    parser.add_argument("--image-seconds", type=float, default=3600, help="how long an image's URL answers")
    parser.add_argument("--latency-ms", type=int, default=0, help="added to every answer of the model")
    asked = parser.parse_args(arguments)
    options = ModelOptions(
        key=asked.key,
        models=tuple(name for name in asked.models.split(",") if name),
        ignores_tools=asked.ignores_tools,
        honours_json_schema=not asked.ignores_schemas,
        honours_idempotency=asked.honours_idempotency,
        context_tokens=asked.context_tokens,
        image_seconds=asked.image_seconds,
        latency_ms=asked.latency_ms,
    )
    asyncio.run(serve(options, asked.port))


async def serve(options: ModelOptions, port: int) -> None:
    """Serve on loopback until SIGTERM or SIGINT.

    Args:
        options: what kind of server to play.
        port: 0 takes a free one.
    """
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with listening(options, port) as url:
        print(f"model server listening on {url}", flush=True)  # noqa: T201 - the caller reads it
        await stop.wait()


if __name__ == "__main__":
    main()
