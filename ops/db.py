"""`sellermind db …`: the tables and their revision."""

import click

from ops import audit
from ops.database import answering
from ops.db_adopt import adopt
from ops.output import examples, json_option, show
from sellermind.settings import load
from sellermind.storage import schema

EXAMPLES = examples(
    "sellermind db upgrade",
    "sellermind db check",
    "sellermind db adopt --dry-run",
    "SELLERMIND_DATABASE_URL=mysql+pymysql://user:password@host/sellermind sellermind db check",
)


@click.group("db", epilog=EXAMPLES)
def command() -> None:
    """Create or upgrade the tables of SELLERMIND_DATABASE_URL, adopt SellerMind's, or check their revision."""


command.add_command(adopt)


@command.command()
@json_option
def upgrade(*, as_json: bool) -> None:
    """Bring the tables to this code's revision; tables that SellerMind already has are adopted as they are."""
    engine = answering(load())
    schema.upgrade(engine)
    schema.check(engine)
    audit.record("db upgrade", database=engine.url.render_as_string(hide_password=True))
    show({"status": "ok"}, "The database is at this code's revision.", as_json=as_json)


@command.command()
@json_option
def check(*, as_json: bool) -> None:
    """Exit 0 if the tables are at this code's revision, 1 if not; nothing is changed."""
    schema.check(answering(load()))
    show({"status": "ok"}, "The database is at this code's revision.", as_json=as_json)
