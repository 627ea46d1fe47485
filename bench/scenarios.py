"""What is measured: the contenders of each scenario, and the bars that the product has to clear."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench import costs, floor, jobs, limited, plain, product
from bench.crew import Crew
from bench.scene import Load, Scene

ONE = Load(accounts=1, orders=0, latency_ms=0)
FOUR_PAGES = Load(accounts=50, orders=400, latency_ms=20, days=25, rows=100)

Figures = Mapping[str, float]
Measure = Callable[[Scene], Coroutine[Any, Any, Figures]]


@dataclass(frozen=True)
class Bar:
    """What the product's figure must reach."""

    figure: str
    limit: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        """Whether a value reaches it."""
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"


@dataclass(frozen=True)
class Scenario:
    """One scenario; its contenders take turns, so that all meet the same machine."""

    what: str
    contenders: Mapping[str, Measure]
    load: Load = ONE
    bars: Sequence[Bar] = ()
    once: bool = False
    """One round is enough, or all that anyone waits for."""


def _sync(load: Load, what: str, bar: float) -> Scenario:
    contenders = {"floor": floor.sync, "product": product.sync, "plain": plain.sync}
    return Scenario(what, contenders, load, (Bar("of_the_floor", bar, at_least=True),))


def _tiny(what: str, measure: Callable[[Crew], Coroutine[Any, Any, Figures]], *bars: Bar) -> Scenario:
    return Scenario(what, {"product": _by(measure, plain=False), "plain": _by(measure, plain=True)}, bars=bars)


def _by(measure: Callable[[Crew], Coroutine[Any, Any, Figures]], *, plain: bool) -> Measure:
    async def measured(scene: Scene) -> Figures:
        return await measure(Crew(await scene.product(), plain))

    return measured


NOTHING_LOST = (Bar("missing", 0), Bar("rewritten", 0), Bar("pages_again", 60), Bar("recovery_s", 20))
CHEAP = (Bar("events", 11), Bar("actions", 2))
WITHIN_THE_BUCKET = (Bar("of_the_bucket", 0.9, at_least=True), Bar("throttled_share", 0.05))

SCENARIOS: Mapping[str, Scenario] = {
    "sync-20": _sync(FOUR_PAGES, "50 accounts, 4 pages of 100 orders, 20 ms a request", 0.5),
    "sync-200": _sync(replace(FOUR_PAGES, latency_ms=200), "the same, 200 ms a request", 0.8),
    "sync-pages": _sync(Load(20, 2000, 20, rows=100), "20 accounts, 20 pages of 100 orders, 20 ms a request", 0.5),
    "limited": Scenario(
        "10 accounts, 40 pages of 10 orders, Wildberries' own rate limit",
        {"product": limited.product_sync, "plain": limited.plain_sync},
        Load(10, 400, 20, rows=10, limited=True),
        WITHIN_THE_BUCKET,
        once=True,
    ),
    "crashes": Scenario(
        "sync at 300 ms a request, kill -9 of all workers at 10, 30 and 50 %",
        {"product": product.crashed},
        Load(50, 400, 300),
        NOTHING_LOST,
        once=True,
    ),
    "latency": _tiny("a job that does nothing, idle worker", jobs.latency, Bar("p50_ms", 40), Bar("p99_ms", 60)),
    "throughput": _tiny("400 jobs that do nothing, 20 starts at a time", jobs.throughput),
    "priority": _tiny("20 high jobs behind 600 low ones of 50 ms", jobs.priority, Bar("p99_ms", 900)),
    "fairness": _tiny("10 tenants with 5 jobs each behind one with 600", jobs.fairness, Bar("p50_ms", 1500)),
    "cost": Scenario(
        "history of one synced account",
        {"product": costs.product_cost, "plain": costs.plain_cost},
        Load(5, 400, 0),
        CHEAP,
        once=True,
    ),
    "start": Scenario(
        "a worker process that has nothing to do",
        {"product": costs.product_start, "plain": costs.plain_start},
        bars=(Bar("idle_mib", 110),),
    ),
    "memory": Scenario(
        "10,000 jobs", {"product": _by(jobs.memory, plain=False)}, bars=(Bar("growth", 0.1),), once=True
    ),
}
