"""Dice with a name: the same name gives the same throws, in any process and Python.

Python's own generator costs ten microseconds to set up; a world of 150,000 orders, each with dice of its own for every
turn of its life, would take half a minute to begin. This one is SplitMix64 (Steele, Lea and Flood, 2014).
"""

import hashlib
import math
from collections.abc import Sequence
from typing import TypeVar

Side = TypeVar("Side")

_MASK = 2**64 - 1
_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


class Dice:
    """Throws that depend on nothing but the dice's name."""

    __slots__ = ("_state",)

    def __init__(self, name: str) -> None:
        self._state = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")

    def bits(self) -> int:
        """Return 64 random bits."""
        self._state = mixed = (self._state + _STEP) & _MASK
        mixed = ((mixed ^ (mixed >> 30)) * _FIRST) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * _SECOND) & _MASK
        return mixed ^ (mixed >> 31)

    def luck(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        return (self.bits() >> 11) * 2.0**-53

    def between(self, lowest: float, highest: float) -> float:
        """Return a number between two."""
        return lowest + (highest - lowest) * self.luck()

    def whole(self, lowest: int, below: int) -> int:
        """Return a whole number from `lowest` up to, not including, `below`."""
        return lowest + self.bits() % (below - lowest)

    def wait(self, mean: float) -> float:
        """Return the time until something that happens every `mean` seconds on average, at random (Poisson)."""
        return -math.log(1.0 - self.luck()) * mean

    def one(self, sides: Sequence[Side]) -> Side:
        """Return one of several."""
        return sides[self.bits() % len(sides)]

    def weighed(self, sides: Sequence[tuple[Side, int]]) -> Side:
        """Return one of several, each with its weight of a hundred."""
        throw = self.bits() % 100
        for side, weight in sides:
            throw -= weight
            if throw < 0:
                return side
        return sides[-1][0]

    def hex(self) -> str:
        """Return 32 hexadecimal digits."""
        return f"{self.bits():016x}{self.bits():016x}"
