"""Wildberries supplies: the orders that leave the seller's warehouse together."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from sellermind.models.orders import SetAside
from sellermind.models.payload import Payload


class SupplyState(StrEnum):
    """Where a supply stands, from the only fields that say so: done, closedAt and scanDt."""

    OPEN = "open"
    CLOSED = "closed"
    ACCEPTED = "accepted"


class SupplyFacts(Payload):
    """What GET /api/v3/supplies says of a supply."""

    external_supply_id: str
    name: str | None = None
    done: bool = False
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    scanned_at: datetime | None = None
    cargo_type: int | None = None
    raw_payload: dict[str, Any] = Field(default_factory=dict)

    @property
    def state(self) -> SupplyState:
        """Accepted once Wildberries has scanned it, closed once the seller has handed it over, open before."""
        if self.scanned_at:
            return SupplyState.ACCEPTED
        return SupplyState.CLOSED if self.done or self.closed_at else SupplyState.OPEN


class SupplyPage(Payload):
    """One page of the supply listing; `next` is where the next page starts, None after the last one."""

    supplies: tuple[SupplyFacts, ...]
    set_aside: tuple[SetAside, ...]
    read_at: datetime
    next: int | None


class SupplyContents(Payload):
    """The ids of what is in a supply at the moment: its orders, or its boxes."""

    external_supply_id: str
    external_ids: tuple[str, ...]
    set_aside: tuple[SetAside, ...]
    read_at: datetime


class WantedSupply(Payload):
    """A supply whose orders are worth reading now; `row_id` orders the supplies of an account."""

    row_id: int
    external_supply_id: str
