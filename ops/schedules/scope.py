"""Which jobs a verb of schedules means, and whose: names or `--all`, `--account`, `--company`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click
from sqlalchemy import Connection

from ops.accounts.states import owned, refuse_foreign
from ops.job_names import scheduled_job
from ops.outcome import ExitCode, VerbFailed
from sellermind.models.accounts import Account
from sellermind.storage import accounts
from workflows.catalog import SCHEDULED, Chore, Job

Verb = TypeVar("Verb", bound=Callable[..., Any])


@dataclass(frozen=True)
class Scope:
    """Whose jobs are meant; both None: everybody's."""

    account_id: int | None
    company_id: int | None

    def __bool__(self) -> bool:
        """Whether somebody was named; else the schedule itself is meant."""
        return (self.account_id, self.company_id) != (None, None)


@dataclass(frozen=True)
class Asked:
    """What a command line asks for."""

    jobs: Sequence[Job | Chore]
    every: bool
    """--all was said: of one account's jobs, those of its marketplace are meant."""
    scope: Scope


def scope_options(verb: Verb) -> Verb:
    """Add `--account` and `--company`."""
    verb = click.option("--company", "company_id", type=int, help="Only for the accounts of this company.")(verb)
    return click.option("--account", "account_id", type=int, help="Only for this account; the others go on.")(verb)


def asked(names: Sequence[str], scope: Scope, *, every: bool) -> Asked:
    """The jobs that a command line names, or every one.

    Args:
        names: jobs, by any of their names.
        scope: whose.
        every: --all.

    Raises:
        UsageError: it names none, or some beside --all.
        VerbFailed: there is no such job, or it has no schedule (NOT_FOUND).
    """
    if bool(names) is every:
        raise click.UsageError("Name one or more jobs, or give --all.", click.get_current_context())
    return Asked(SCHEDULED if every else list(dict.fromkeys(scheduled_job(name) for name in names)), every, scope)


def accounts_of(connection: Connection, job: Job, scope: Scope) -> list[Account]:
    """The accounts of a scope that a job is for, in order of id.

    Args:
        connection: for reading.
        job: a job of one marketplace.
        scope: whose accounts.

    Raises:
        RecordGone: there is no such account, or it is not the company's.
        VerbFailed: the account is another marketplace's (REFUSED).
    """
    if scope.account_id is None:
        return accounts.list_accounts(connection, company_id=scope.company_id, marketplace=job.marketplace)
    account = owned(connection, scope.account_id, scope.company_id)
    refuse_foreign(account, job)
    return [account]


def chosen(connection: Connection, wanted: Asked) -> list[tuple[Job, Account]]:
    """Each job with each account that it is for.

    Args:
        connection: for reading.
        wanted: which jobs, and whose.

    Raises:
        RecordGone: there is no such account, or it is not the company's.
        VerbFailed: the account is another marketplace's, or a job is for no account (REFUSED); the company has none for
            these jobs (NOT_FOUND).
    """
    jobs, scope = _for_accounts(wanted), wanted.scope
    if wanted.every and scope.account_id is not None:
        marketplace = owned(connection, scope.account_id, scope.company_id).marketplace
        jobs = [job for job in jobs if job.marketplace is marketplace]
    pairs = [(job, account) for job in jobs for account in accounts_of(connection, job, scope)]
    if not pairs:
        names = ", ".join(job.name for job in jobs)
        raise VerbFailed(ExitCode.NOT_FOUND, f"Company {scope.company_id} has no account for {names}.")
    return pairs


def _for_accounts(wanted: Asked) -> list[Job]:
    """The jobs that run per account; --all means only these, and a name only one of these."""
    chores = [job.name for job in wanted.jobs if isinstance(job, Chore)]
    if chores and not wanted.every:
        raise VerbFailed(ExitCode.REFUSED, f"{', '.join(chores)} is for no account: leave out --account, --company.")
    return [job for job in wanted.jobs if isinstance(job, Job)]
