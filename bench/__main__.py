"""`make bench`: syncs against the floor, interleaved, as ratios; figures as JSON in var/bench/."""

import asyncio
import json
import os
import statistics
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from bench import floor, product
from bench.scene import Load, Scene, running
from sellermind.settings import CHECKOUT

FOLDER = CHECKOUT / "var" / "bench"
ACCOUNTS, ORDERS = 50, 400
LATENCIES_MS = (20, 200)
CRASH_LATENCY_MS = 300


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Runs of each, in turn.")
def main(rounds: int) -> None:
    """Measure and write down."""
    found: dict[str, Any] = {"at": datetime.now(UTC).isoformat(), "accounts": ACCOUNTS, "orders_each": ORDERS}
    for latency in LATENCIES_MS:
        with running(Load(ACCOUNTS, ORDERS, latency)) as scene:
            found[f"sync at {latency} ms"] = asyncio.run(_throughput(scene, rounds))
    with running(Load(ACCOUNTS, ORDERS, CRASH_LATENCY_MS)) as scene:
        found[f"three kills at {CRASH_LATENCY_MS} ms"] = asyncio.run(_crashes(scene))
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"syncs-{int(time.time())}.json"
    file.write_text(json.dumps(found, indent=2))
    click.echo(f"Written to {file.relative_to(CHECKOUT)}.")


async def _throughput(scene: Scene, rounds: int) -> dict[str, Any]:
    pairs = []
    for number in range(rounds):
        load = os.getloadavg()[0]
        took = {"floor": await floor.seconds(scene), "product": await product.seconds(scene)}
        pairs.append(took)
        ratio = took["floor"] / took["product"]
        measured = f"floor {took['floor']:.2f} s, product {took['product']:.2f} s, {ratio:.2f} of the floor"
        click.echo(f"{scene.load.latency_ms} ms, round {number + 1}: {measured} (machine load {load:.1f})")
    ratio = statistics.median(pair["floor"] / pair["product"] for pair in pairs)
    speed = statistics.median(scene.load.total / pair["product"] for pair in pairs)
    return {"rounds": pairs, "of_the_floor": round(ratio, 2), "orders_a_second": round(speed)}


async def _crashes(scene: Scene) -> dict[str, Any]:
    before = scene.sandbox.stats()["requests"]
    clean = await product.seconds(scene)
    requests = scene.sandbox.stats()["requests"] - before
    found = await product.crashes(scene, requests)
    click.echo(f"clean run {clean:.1f} s, {requests} requests; {found}")
    return {"clean_seconds": round(clean, 1), "requests": requests, **asdict(found)}


if __name__ == "__main__":
    main()
