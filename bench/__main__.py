"""`make bench`: the figures of docs/performance.md, as JSON in var/bench/, the syncs also as docs/performance.svg."""

import asyncio
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from statistics import median
from typing import Any

import click

from bench import chart, costs, floor, jobs, plain, product
from bench.scene import Load, Scene, running
from sellermind.settings import CHECKOUT

FOLDER = CHECKOUT / "var" / "bench"
ACCOUNTS, ORDERS = 50, 400
ONE = Load(1, 0, 0)
Figures = dict[str, Any]


def _sync(load: Load, rounds: int) -> Figures:
    """Floor, product and plain Temporal in turn, so that all meet the same machine."""
    contenders = {"floor": floor.seconds, "product": product.seconds, "plain": plain.seconds}
    took: dict[str, list[float]] = {name: [] for name in contenders}
    with running(load) as scene:
        for _ in range(rounds):
            for name, contender in contenders.items():
                took[name].append(asyncio.run(contender(scene)))
    shares = [base / mine for base, mine in zip(took["floor"], took["product"], strict=True)]
    ahead = [other / mine for other, mine in zip(took["plain"], took["product"], strict=True)]
    return {
        **{f"{name}_s": round(median(each), 2) for name, each in took.items()},
        "of_the_floor": round(median(shares), 2),
        "times_plain": round(median(ahead), 2),
        "orders_a_second": round(load.total / median(took["product"])),
    }


def _crashes(load: Load) -> Figures:
    with running(load) as scene:
        before = scene.sandbox.stats()["requests"]
        clean = asyncio.run(product.seconds(scene))
        requests = scene.sandbox.stats()["requests"] - before
        found = asyncio.run(product.crashes(scene, requests))
    return {"clean_s": round(clean, 1), "requests": requests, **asdict(found)}


def _tiny(measure: Callable[[Any], Any]) -> Figures:
    async def measured(scene: Scene) -> Figures:
        found: Figures = await measure(await scene.product())
        return found

    with running(ONE) as scene:
        return asyncio.run(measured(scene))


def _cost(measure: Callable[[Scene], Any]) -> Figures:
    with running(Load(5, ORDERS, 0)) as scene:
        return dict(asyncio.run(measure(scene)))


SCENARIOS: dict[str, Callable[[int], Figures]] = {
    "sync-20": lambda rounds: _sync(Load(ACCOUNTS, ORDERS, 20), rounds),
    "sync-200": lambda rounds: _sync(Load(ACCOUNTS, ORDERS, 200), rounds),
    "crashes": lambda _: _crashes(Load(ACCOUNTS, ORDERS, 300)),
    "latency": lambda _: _tiny(jobs.latency),
    "priority": lambda _: _tiny(jobs.priority),
    "fairness": lambda _: _tiny(jobs.fairness),
    "cost": lambda _: _cost(costs.cost),
    "start": lambda _: _cost(costs.start),
    "memory": lambda _: _tiny(jobs.memory),
}


@click.command()
@click.option("--only", type=click.Choice(list(SCENARIOS)), multiple=True, help="Scenarios; all of them if none.")
@click.option("--rounds", default=3, show_default=True, help="Runs of each contender of a sync, in turn.")
def main(only: tuple[str, ...], rounds: int) -> None:
    """Measure and write down."""
    found: dict[str, Any] = {"at": datetime.now(UTC).isoformat(), "cores": os.cpu_count()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"bench-{int(time.time())}.json"
    for name in only or SCENARIOS:
        load = round(os.getloadavg()[0], 1)
        found[name] = SCENARIOS[name](rounds) | {"machine_load_before": load}
        click.echo(f"{name:10}" + "  ".join(f"{key} {value}" for key, value in found[name].items()))
        file.write_text(json.dumps(found, indent=2))
    chart.draw({name: found[name] for name in ("sync-20", "sync-200") if name in found})
    click.echo(f"Written to {file.relative_to(CHECKOUT)}.")


if __name__ == "__main__":
    main()
