"""Runs a scenario, its contenders in turn."""

import asyncio
import os
from datetime import UTC, datetime
from statistics import median
from typing import Any

from bench.scenarios import Scenario
from bench.scene import running

Found = dict[str, Any]


def run(scenario: Scenario, rounds: int) -> Found:
    """Measure one scenario.

    Args:
        scenario: what to do.
        rounds: how often each contender has its turn.

    Returns:
        `at`, `machine_load` before, `rounds`, and `figures`: by name and contender, the median of the rounds.
    """
    load, turns = round(os.getloadavg()[0], 1), 1 if scenario.once else rounds
    found: list[Found] = []
    with running(scenario.load) as scene:
        for _ in range(turns):
            found.append({name: dict(asyncio.run(each(scene))) for name, each in scenario.contenders.items()})
            _compare(found[-1])
    figures: Found = {}
    for name in found[0]:
        for figure in found[0][name]:
            figures.setdefault(figure, {})[name] = round(median(turn[name][figure] for turn in found), 3)
    return {
        "at": datetime.now(UTC).isoformat("T", "seconds"),
        "machine_load": load,
        "rounds": turns,
        "figures": figures,
    }


def _compare(turn: Found) -> None:
    """Hold each contender against the floor of the same turn, which met the same machine."""
    if "floor" in turn:
        base = turn["floor"]["seconds"]
        for figures in turn.values():
            figures["of_the_floor"] = base / figures["seconds"]
