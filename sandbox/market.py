"""What a marketplace is: requests come in, and something becomes of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from multidict import MultiMapping

from sandbox.answers import Answer, Asked
from sandbox.faults import Fault


@dataclass(frozen=True, slots=True)
class Call:
    """A request as an operation sees it.

    Attributes:
        names: the parts of the path that the specification writes as `{name}`.
        query: the query string.
        body: as sent.
        faults: the faults that strike it, by kind; those of paging and lagging are the operations' own business.
    """

    names: Mapping[str, str]
    query: MultiMapping[str]
    body: bytes
    faults: Mapping[str, Fault]


def listed_until(call: Call, now: float) -> float:
    """Return the creation time of the youngest order a listing shows: now, unless the listing lags behind."""
    lag = call.faults.get("lagging")
    return now if lag is None else now - lag.pause


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
