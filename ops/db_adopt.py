"""`sellermind db adopt`: SellerMind's own database gets what this service needs beside it."""

from collections.abc import Sequence
from dataclasses import asdict, replace

import click
from sqlalchemy import Engine

from ops import audit
from ops.confirmation import confirm
from ops.database import answering
from ops.outcome import ExitCode, VerbFailed
from ops.output import Table, examples, json_option, numbered, print_table, show
from sellermind.models.schema_changes import Change, How
from sellermind.settings import load
from sellermind.storage import adoption_report, schema
from sellermind.storage.adoption_report import Report
from sellermind.vault import TokenVault

EXAMPLES = examples(
    "sellermind db adopt --dry-run            the SQL that would run; nothing is changed",
    "sellermind db adopt                      what would be added and what stands in the way; then it asks",
    "sellermind db adopt --yes --json         the same without asking, for programs",
)
EMPTY = "Nothing to add: the database is at this code's revision."


@click.command(epilog=EXAMPLES)
@click.option("--dry-run", is_flag=True, help="Print the SQL that would run; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def adopt(*, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Add to SellerMind's own MySQL database what this service needs; no row is touched, nothing is dropped.

    Duplicates that would break a unique key are listed with what to do, and refuse it (exit 1). Safe to run twice, and
    after a crash. Where the server can, tables are changed while others write to them; the report says where it cannot.
    """
    settings = load()
    vault = TokenVault(settings.secret_keys, settings.laravel_app_key)
    engine = answering(settings)
    if not adoption_report.is_sellerminds(engine):
        said = "There is no SellerMind database to adopt here: `sellermind db upgrade` makes or upgrades the tables."
        show({"status": "nothing to adopt"}, said, as_json=as_json)
        return
    report = adoption_report.examine(engine, vault)
    if dry_run or report.duplicates or not report.changes or not as_json:
        _tell(report, dry_run=dry_run, as_json=as_json)
    _refuse_duplicates(report)
    if report.changes and not dry_run:
        confirm(f"Make {numbered(len(report.changes), 'change')}?", yes=yes)
        _tell_end(report, _adopt(engine), as_json=as_json)


def _adopt(engine: Engine) -> tuple[Change, ...]:
    made = schema.migrate(engine, dry_run=False)
    schema.check(engine)
    audit.record("db adopt", database=engine.url.render_as_string(hide_password=True), changes=len(made))
    return made


def _tell(report: Report, *, dry_run: bool, as_json: bool) -> None:
    """The report: JSON, SQL alone for a dry run, or tables."""
    if as_json:
        _show(report, "refused" if report.duplicates else "to adopt" if report.changes else "adopted")
    elif dry_run:
        click.echo("\n".join(_sql(change) for change in report.changes) or EMPTY)
    else:
        print_table(_changes(report.changes))
        _tell_rows(report)


def _sql(change: Change) -> str:
    return f"{change.sql};" + (f" -- {change.how.value}" if change.how is How.COPIED else "")


def _show(report: Report, status: str) -> None:
    show({"status": status, **asdict(report)}, "", as_json=True)


def _changes(changes: Sequence[Change]) -> Table:
    rows = [
        (change.kind, change.table, change.name, change.how.value) for change in changes if change.how is not How.ROW
    ]
    return Table(("adds", "table", "name", "how"), rows, EMPTY)


def _tell_rows(report: Report) -> None:
    for found in report.duplicates:
        click.echo(
            f"\n{found.table}: {numbered(found.surplus, 'row')} too many with the same {', '.join(found.columns)} "
            f"(in {numbered(found.groups, 'group')}).\n  List them: {found.query};\n  Then {found.remedy}."
        )
    if report.odd_rows:
        click.echo("\nRows that stay as they are, and that this service does not work with:")
        rows = [(odd.table, odd.what, str(odd.rows), odd.remedy) for odd in report.odd_rows]
        print_table(Table(("table", "odd", "rows", "what to do"), rows))


def _refuse_duplicates(report: Report) -> None:
    """Raises VerbFailed: rows stand in the way of unique keys."""
    if report.duplicates:
        tables = ", ".join(sorted({found.table for found in report.duplicates}))
        raise VerbFailed(
            ExitCode.FAILED,
            f"Duplicates in {tables} would break unique keys: remove them as `sellermind db adopt` says, then run it "
            "again; nothing was changed.",
        )


def _tell_end(report: Report, made: tuple[Change, ...], *, as_json: bool) -> None:
    if as_json:
        _show(replace(report, changes=made), "adopted")
        return
    copied = [f"{change.table}.{change.name}" for change in made if change.how is How.COPIED]
    how = f"; with a copy of the table: {', '.join(copied)}" if copied else ""
    click.echo(f"\n{numbered(len(made), 'change')} made{how}. The database is at this code's revision.")
