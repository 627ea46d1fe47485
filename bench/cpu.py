"""CPU of a sync, by part: unlike its seconds, hardly touched by what else the machine does meanwhile."""

import os
from collections.abc import Sequence
from pathlib import Path

from bench.scene import Scene

TICK = os.sysconf("SC_CLK_TCK")


class Meter:
    """Counts from its making on."""

    def __init__(self, scene: Scene, workers: Sequence[int]) -> None:
        """Begin.

        Args:
            scene: its database and its Temporal server.
            workers: process ids of those that do the work.
        """
        self._parts = {"worker": workers, "database": [scene.mariadb.pid], "temporal": [scene.temporal_pid]}
        self._before = self._read()

    def seconds(self) -> dict[str, float]:
        """CPU seconds of each part since then, all of its processes together."""
        return {f"cpu_{part}_s": now - self._before[part] for part, now in self._read().items()}

    def _read(self) -> dict[str, float]:
        return {part: sum(_used(pid) for pid in pids) for part, pids in self._parts.items()}


def _used(pid: int) -> float:
    """User and system time of a process: the 14th and 15th field of proc(5)'s stat, whose second may hold blanks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK
