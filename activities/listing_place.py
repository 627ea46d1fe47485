"""Where a run is in a listing that is read window by window."""

from datetime import timedelta

from pydantic import AwareDatetime

from sellermind.marketplaces.wildberries import LONGEST_WINDOW
from sellermind.models.payload import Payload
from sellermind.models.windows import Window

OVERLAP = timedelta(hours=1)


class ListingPlace(Payload):
    """The span that the run reads, and the window and page it is at; kept as the run's cursor."""

    since: AwareDatetime
    until: AwareDatetime
    number: int = 0
    """Of the window, from 0."""
    cursor: int = 0
    undated: bool = False
    """Ask without dates, which is for the last 30 days: Wildberries refused them."""

    @property
    def window(self) -> Window:
        """The window it is at: at most 30 days, beginning an hour before the one before ends."""
        since = self.since + self.number * (LONGEST_WINDOW - OVERLAP)
        return Window(since=since, until=min(since + LONGEST_WINDOW, self.until))

    @property
    def asks_for_all(self) -> bool:
        """Whether the whole span is asked for."""
        return not self.undated or self.until - self.since <= LONGEST_WINDOW

    def without_dates(self) -> "ListingPlace":
        """The first page of all that is listed without dates."""
        return self.model_copy(update={"undated": True, "cursor": 0})

    def after(self, following: int | None) -> "ListingPlace | None":
        """The next page of this window, else the next window; None after the last one.

        Args:
            following: cursor of the next page, None after the window's last.
        """
        if following is not None:
            return self.model_copy(update={"cursor": following})
        if self.undated or self.window.until >= self.until:
            return None
        return self.model_copy(update={"number": self.number + 1, "cursor": 0})
