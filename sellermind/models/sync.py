"""What a sync is asked to do and what it reports."""

from datetime import datetime

from sellermind.models.accounts import AccountRef, Marketplace
from sellermind.models.orders import Stored
from sellermind.models.payload import Payload


class SyncAccount(Payload):
    """Input of every sync workflow and activity of one account."""

    account_id: int


class SyncReport(Payload):
    """Outcome of one account's sync: counts only, never order data.

    `unknown` rows are stored but say something we do not know (a new status, an order not met yet); `set_aside` rows
    could not be read and were kept out; `not_before` is set when the marketplace asked for
    a wait too long to sit out, and the next ticks leave the account alone until then; `stopped` says why the run ended
    early without being wrong: its account is paused.
    """

    fetched: int = 0
    created: int = 0
    changed: int = 0
    unknown: int = 0
    set_aside: int = 0
    pages: int = 0
    not_before: datetime | None = None
    stopped: str | None = None

    def plus_page(self, *, fetched: int, stored: Stored, set_aside: int) -> "SyncReport":
        """The counts with one more page in them; a zero stays unset, as unset fields take no room in histories."""
        counts = {
            "fetched": self.fetched + fetched,
            "created": self.created + stored.created,
            "changed": self.changed + stored.changed,
            "unknown": self.unknown + stored.unknown,
            "set_aside": self.set_aside + set_aside,
            "pages": self.pages + 1,
        }
        return SyncReport.model_validate({name: count for name, count in counts.items() if count})


class SyncProgress(Payload):
    """How far one run of a sync has come (`sync_cursors`): where the next page starts, and the counts so far."""

    cursor: str | None = None
    counts: SyncReport = SyncReport()


class OpenRun(Payload):
    """Which run of which account's job: whose progress it is, so that a frozen worker overwrites no other's."""

    account_id: int
    job: str
    run_id: str


class Freshness(Payload):
    """How one job stands with one account (`sync_cursors`): when it last succeeded, and what went wrong since."""

    account_id: int
    job: str
    succeeded_at: datetime | None = None
    not_before: datetime | None = None
    last_error: str | None = None


class JobPause(Payload):
    """One job that the ticks leave alone for one account (`job_pauses`): by whose word, why, and until when."""

    account_id: int
    job: str
    paused_by: str
    reason: str
    ends_at: datetime | None = None
    """None: until somebody resumes it."""


class SyncTick(Payload):
    """Input of SyncAllAccounts: one schedule tick of one job."""

    job: str
    marketplace: Marketplace
    purpose: str
    every_seconds: int
    after_id: int = 0
    started: int = 0
    still_running: int = 0


class StartJobs(Payload):
    """Start one job for each of these accounts."""

    job: str
    purpose: str
    accounts: tuple[AccountRef, ...]


class TickReport(Payload):
    """How many accounts a tick started and how many were still at work."""

    started: int
    still_running: int
