"""The demo's accounts: what we have of each beside what the sandbox says of its seller."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import httpx
from sqlalchemy import Engine

from ops.accounts.command import register
from ops.accounts.twins import NewAccount
from ops.demo.account_comparison import compare_account
from ops.demo.board import Line, read_lines
from ops.demo.comparison import Comparison
from ops.demo.sandbox_control import SandboxControl
from sellermind.models.accounts import Marketplace
from sellermind.settings import Settings
from sellermind.storage import cursors
from sellermind.storage.engine import reading
from workflows.catalog import JOBS

LATE_SECONDS = 10.0
PER_MINUTE = 300  # what Wildberries allows one seller


@dataclass(frozen=True)
class SandboxAccount:
    """An account of ours, and the sandbox's id of its seller."""

    id: int
    name: str
    sid: str


@dataclass(frozen=True)
class SandboxAccounts:
    """All accounts of a demo."""

    engine: Engine
    control: SandboxControl
    accounts: Sequence[SandboxAccount]

    def lines(self) -> list[Line]:
        """The board's lines; without the sandbox's columns while it does not answer."""
        lines = read_lines(self.engine, LATE_SECONDS)
        try:
            orders = {seller.sid: seller.orders for seller in self.control.sellers()}
            requests = self.control.requests_in_a_minute()
        except httpx.HTTPError:
            return lines
        sids = {account.id: account.sid for account in self.accounts}
        return [
            replace(
                line,
                at_marketplace=orders[sids[line.account.id]],
                requests=f"{requests.get(sids[line.account.id], 0)} of {PER_MINUTE}",
            )
            for line in lines
            if line.account.id in sids
        ]

    def compared(self) -> list[Comparison]:
        """Everything we keep of every account against the truth, now."""
        truth = self.control.truth()
        with reading(self.engine) as connection:
            return [compare_account(connection, account.id, truth[account.sid]) for account in self.accounts]

    def synced_since(self, moment: datetime) -> bool:
        """Whether every job of every account has succeeded since then."""
        with reading(self.engine) as connection:
            jobs = cursors.freshness(connection)
        fresh = {(job.account_id, job.job) for job in jobs if job.succeeded_at and job.succeeded_at > moment}
        wanted = [job.name for job in JOBS if job.marketplace is Marketplace.WILDBERRIES]
        return all((account.id, name) in fresh for account in self.accounts for name in wanted)


def register_all(engine: Engine, settings: Settings, control: SandboxControl, company_id: int) -> SandboxAccounts:
    """Add an account for every seller of the sandbox, as `sellermind account add` does.

    Args:
        engine: the database.
        settings: keys and URLs.
        control: the sandbox.
        company_id: whose accounts they are.
    """
    added = []
    for seller in control.sellers():
        new = NewAccount(Marketplace.WILDBERRIES, seller.name, company_id)
        state = register(engine, settings, new, seller.token)
        added.append(SandboxAccount(state.account.id, seller.name, seller.sid))
    return SandboxAccounts(engine, control, added)
