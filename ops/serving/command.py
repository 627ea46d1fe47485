"""`sellermind serve`: health and metrics over HTTP, for load balancers, monitors and Prometheus."""

import signal
import threading

import click

from ops.outcome import ExitCode, VerbFailed
from ops.output import examples
from ops.serving.codec import remote_codec
from ops.serving.server import Server
from ops.serving.watch import Watch
from sellermind.settings import load


@click.command(
    "serve",
    epilog=examples(
        "sellermind serve",
        "sellermind serve --host 0.0.0.0 --port 9100      (behind a proxy: it asks nobody for a password)",
        "curl http://127.0.0.1:8080/api/health/queue",
    ),
)
@click.option("--host", help="Address to listen on, instead of SELLERMIND_HTTP_HOST.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port, instead of SELLERMIND_HTTP_PORT.")
def command(*, host: str | None, port: int | None) -> None:
    """Answer /api/health/queue, /livez, /readyz and /metrics until stopped. Read-only.

    With SELLERMIND_CODEC_TOKEN also /codec/decode and /codec/encode, which open and seal Temporal's histories.
    """
    settings = load()
    where = host or settings.http_host, settings.http_port if port is None else port
    try:
        server = Server(*where, Watch(settings), remote_codec(settings))
    except OSError as error:
        raise VerbFailed(
            ExitCode.FAILED, f"{where[0]}:{where[1]} cannot be listened on ({error.strerror}); name another by --port."
        ) from error
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    click.echo(f"http://{where[0]}:{server.server_port}/api/health/queue")
    stopped.wait()
    server.shutdown()
