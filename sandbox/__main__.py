"""python -m sandbox: the stand-in marketplaces on this machine."""

import asyncio
import gc
import signal
import sys
from contextlib import AsyncExitStack

import click

from sandbox.model.options import ModelOptions
from sandbox.model.server import listening
from sandbox.options import WorldOptions
from sandbox.server import NotLoopback, serve
from sandbox.stage import Stage

_DEFAULTS = WorldOptions()


@click.command(context_settings={"show_default": True})
@click.option("--host", default="127.0.0.1", help="A loopback address.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8090, help="0 takes a free one.")
@click.option("--model-port", type=click.IntRange(1, 65_535), help="Serve the stand-in language model here too.")
@click.option("--sellers", type=click.IntRange(1, 1000), default=_DEFAULTS.sellers, help="Wildberries sellers.")
@click.option("--uzum-sellers", type=click.IntRange(0, 1000), default=_DEFAULTS.uzum_sellers, help="Uzum sellers.")
@click.option("--seed", type=click.IntRange(min=0), default=_DEFAULTS.seed, help="All dice are cast from it.")
@click.option(
    "--rate", type=click.FloatRange(0, 60_000), default=_DEFAULTS.rate, help="New orders a minute and seller."
)
@click.option("--speed", type=click.FloatRange(0, 1_000_000), default=_DEFAULTS.speed, help="Life seconds in a second.")
@click.option("--open-orders", type=click.IntRange(0, 100_000), default=0, help="Open orders of a seller at the start.")
@click.option("--history-days", type=click.FloatRange(0.01, 200), default=_DEFAULTS.history_days, help="Their oldest.")
@click.option("--clock-offset", type=click.FloatRange(-86_400, 86_400), default=0.0, help="Its clock is off: seconds.")
@click.option("--latency-ms", type=click.IntRange(0, 600_000), default=0, help="Added to every marketplace answer.")
def main(host: str, port: int, model_port: int | None, **world: float) -> None:
    """Serve a Wildberries and an Uzum that live by themselves: sellers, orders, limits, faults."""
    try:
        asyncio.run(_run(WorldOptions.model_validate(world), host, port, model_port))
    except NotLoopback:
        raise click.BadParameter(
            f"{host} is not a loopback address: the control endpoints have no password, use 127.0.0.1.",
            param_hint="--host",
        ) from None
    except OSError as error:
        ports = f"{port}" if model_port is None else f"{port} or {model_port}"
        sys.exit(f"Cannot listen on {host}:{ports} ({error.strerror}): choose another --port, or 0 for a free one.")


async def _run(options: WorldOptions, host: str, port: int, model_port: int | None) -> None:
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    # The world can be large and lives as long as the process: the collector need not walk through it again and again.
    gc.disable()
    stage = Stage(options)
    gc.freeze()
    gc.enable()
    async with AsyncExitStack() as beside:
        if model_port is not None:
            await beside.enter_async_context(listening(ModelOptions(), model_port))
        await serve(stage, host, port, stop)


if __name__ == "__main__":
    main()
