"""The options by which failed runs are chosen."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import click

from ops.job_names import begun, job_named
from ops.queues.failed_runs import Wanted
from sellermind.models.accounts import Marketplace
from workflows.catalog import WORKFLOWS

Verb = TypeVar("Verb", bound=Callable[..., Any])

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=3650)
LONGEST_REASON = 150


class Span(click.ParamType[timedelta]):
    """A length of time: `90s`, `15m`, `1h`, `7d`; a bare number is seconds."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read it; anything else is a usage error."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,6})([smhd]?)", str(value).strip())
        if not found or not int(found[1]):
            self.fail(f"{value!r} is no length of time; write 90s, 15m, 1h or 7d.", param, ctx)
        span = timedelta(**{UNITS[found[2] or "s"]: int(found[1])})
        if span > LONGEST:
            self.fail(f"{value} is longer than {LONGEST.days}d.", param, ctx)
        return span


class Said(click.ParamType[str]):
    """A text that says something: an empty one is a shell's unset variable, and would choose everything."""

    name = "TEXT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take it, unless it is empty."""
        if not str(value).strip():
            self.fail("it is empty; leave it out, or say which.", param, ctx)
        return str(value)


class Reason(click.ParamType[str]):
    """Why, in a line: it stands in tables and in the server's notes, which have an end, with who said it."""

    name = "TEXT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Make it one line; what is empty, too long or not to be read is a usage error."""
        line = " ".join(str(value).split())
        if not line or len(line) > LONGEST_REASON or not line.isprintable():
            self.fail(f"a reason has 1 to {LONGEST_REASON} printable characters.", param, ctx)
        return line


company_option = click.option("--company", type=int, help="Only what is this company's.")


def filter_options(verb: Verb) -> Verb:
    """Add the filters of failed runs; `wanted` makes a Wanted of what arrives."""
    for option in (
        click.option("--since", type=Span(), help="Failed at most this long ago: 15m, 1h, 7d."),
        click.option("--error", type=Said(), help="Error type: AccessRevoked, Refused, …"),
        click.option("--marketplace", type=click.Choice([each.value for each in Marketplace])),
        company_option,
        click.option("--account", type=int, help="Id of a marketplace account."),
        click.option("--type", "job", type=Said(), shell_complete=begun, help="A job, by any of its names."),
    ):
        verb = option(verb)
    return verb


def wanted(  # noqa: PLR0917 - the options in their order
    job: str | None,
    account: int | None,
    company: int | None,
    marketplace: str | None,
    error: str | None,
    since: timedelta | None,
) -> Wanted:
    """The filters as typed.

    Raises:
        VerbFailed: there is no such job (NOT_FOUND).
    """
    return Wanted(
        job=_workflow_type(job) if job else None,
        account=account,
        company=company,
        marketplace=Marketplace(marketplace) if marketplace else None,
        error=error,
        since=since,
    )


def _workflow_type(name: str) -> str:
    """Any workflow type of ours, or a scheduled job by any of its names."""
    types = {workflow.__name__ for workflow in WORKFLOWS}
    return name if name in types else job_named(name).name
