"""How long rows stay that grow with time and not with the business."""

from datetime import datetime
from enum import StrEnum

from sellermind.models.payload import Payload


class AgingRows(StrEnum):
    """Rows that have an age limit."""

    SYNC_LOGS = "sync_logs"
    ORDER_EVENTS = "order_events"
    CLOSED_ISSUES = "closed_issues"


class Retention(Payload):
    """Days that each kind of rows stays; 0: for ever."""

    days: dict[AgingRows, int]


class OldRows(Payload):
    """Which rows are to go: those of one kind from before a moment (UTC)."""

    kind: AgingRows
    before: datetime


class RemovedRows(Payload):
    """How many rows of each kind are gone; a kind that stays for ever is not named.

    What a worker had removed in its last seconds before it was killed is missing from the count.
    """

    removed: dict[AgingRows, int]
