"""The sandbox's own time: wall time for stamps and arrivals, life time for what happens to an order."""

import time
from collections.abc import Callable


class Clock:
    """Wall time is the machine's plus what was skipped; life time runs `speed` times as fast from the start on.

    Before the start an order has lived at the pace of real ones; where lives stand still it has not lived at all.
    """

    def __init__(self, speed: float, source: Callable[[], float] = time.time, offset: float = 0.0) -> None:
        self._source = source
        self._skipped = offset
        self.start = float(int(source() + offset))
        self._wall_anchor = self._life_anchor = self.start
        self._speed = speed
        self._past_speed = 1.0 if speed else 0.0

    def now(self) -> float:
        """Return the world's wall time, epoch seconds."""
        return self._source() + self._skipped

    def skip(self, seconds: float) -> None:
        """Set the world's clock ahead."""
        self._skipped += seconds

    @property
    def skipped(self) -> float:
        """Seconds this clock is ahead of the machine's."""
        return self._skipped

    @property
    def speed(self) -> float:
        """Life seconds in one second."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Change the pace of lives from now on."""
        self._anchor(self.life(self.now()))
        self._speed = speed

    def live(self, seconds: float) -> None:
        """Let lives run ahead by this many life seconds at once; the wall clock stays."""
        self._anchor(self.life(self.now()) + seconds)

    def life(self, wall: float) -> float:
        """Return the life time at a wall time: one before the start, or since the pace was last changed."""
        if wall < self.start:
            return self.start - (self.start - wall) * self._past_speed
        return self._life_anchor + max(0.0, wall - self._wall_anchor) * self._speed

    def wall(self, life: float) -> float:
        """Return the wall time at which a life time comes, infinite when lives stand still."""
        if life <= self.start:
            return life
        if life <= self._life_anchor:
            return self._wall_anchor
        if self._speed == 0:
            return float("inf")
        return self._wall_anchor + (life - self._life_anchor) / self._speed

    def _anchor(self, life: float) -> None:
        self._wall_anchor, self._life_anchor = self.now(), life
