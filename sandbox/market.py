"""One request to a marketplace and what became of it."""

from dataclasses import dataclass
from typing import Protocol

from sandbox.answers import Answer, Asked
from sandbox.faults import Fault


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that was answered.

    Attributes:
        seller: who asked; empty when the token names nobody.
        operation: the path as the specification writes it.
        answer: what to send.
        faults: the faults that struck; those of the wire are still to come.
    """

    seller: str
    operation: str
    answer: Answer
    faults: tuple[Fault, ...] = ()


class Market(Protocol):
    """A marketplace."""

    def visit(self, asked: Asked) -> Visit:
        """Answer a request."""
