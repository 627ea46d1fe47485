"""`sellermind dev`: the whole service on this machine, for your own accounts at the real marketplaces."""

from pathlib import Path

import click
from sqlalchemy import Engine

from ops.demo import place
from ops.demo.board import Board, read_lines
from ops.demo.processes import Interruption, Supervisor, environment
from ops.demo.stack import FIRST_WORKER, Stack, choose_ports, stopped_at_the_end, variables
from ops.output import examples
from sellermind.settings import CHECKOUT, Settings, load
from sellermind.storage import schema
from sellermind.storage.engine import build_engine

FOLDER = CHECKOUT / "var" / "dev"
ENV_FILE = CHECKOUT / ".env"
LATE_SECONDS = 300.0
port_option = click.IntRange(1, 65_535)


@click.command(
    "dev",
    epilog=examples(
        "sellermind dev                                                                in one terminal",
        ". var/dev/env                                                                 in another, once",
        'sellermind account add --marketplace wb --name "Main cabinet" --company 1    there',
    ),
)
@click.option("--temporal-port", type=port_option, help="Left out: 7233, or the next free one.")
@click.option("--ui-port", type=port_option, help="Left out: 8233, or the next free one.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
    default=FOLDER,
    show_default=True,
    help="Where Temporal's state and the logs live; kept from one start to the next.",
)
def command(*, temporal_port: int | None, ui_port: int | None, folder: Path) -> None:
    """Run everything for your own accounts: Temporal with its Web UI, the workers, the schedules. Ctrl-C ends it.

    The database and the marketplaces are those of the settings. In another terminal `. var/dev/env` lets other verbs
    work beside it.
    """
    interruption, board = Interruption(), Board()
    supervisor = Supervisor(board.say)
    with interruption.heard(), place.claimed(folder):
        settings = _with_key(load(), board)
        temporal = choose_ports(temporal_port, ui_port, board.say)
        # Readable in the Web UI, unless somebody set it: the key lies on the same disk.
        encrypt = settings.encrypt_histories and "encrypt_histories" in settings.model_fields_set
        names = variables({"secret_keys": _revealed(settings), "encrypt_histories": encrypt}, temporal)
        place.write_exports(folder / "env", names)
        stack = Stack(folder, temporal, environment(names, without=("TEMPORAL_",)), supervisor, interruption, board)
        with stopped_at_the_end(supervisor, board):
            engine = _start(stack, settings)
            stack.watch(lambda: (read_lines(engine, LATE_SECONDS), _hints(stack, engine)), None)


def _with_key(settings: Settings, board: Board) -> Settings:
    """The settings with a key for tokens at rest; a first one is made and kept in .env, where other verbs find it."""
    if _revealed(settings):
        return settings
    key = place.new_key()
    place.append_private(ENV_FILE, f"SELLERMIND_SECRET_KEYS={key}")
    board.say(f"Made a key for the tokens in {ENV_FILE}. Keep it: without it the stored tokens cannot be read.")
    return load(secret_keys=key)


def _revealed(settings: Settings) -> str:
    return settings.secret_keys.get_secret_value() if settings.secret_keys else ""


def _start(stack: Stack, settings: Settings) -> Engine:
    stack.board.say("Starting Temporal and three workers …")
    stack.start_temporal()
    engine = build_engine(settings.database_url)
    if engine.dialect.name == "sqlite":
        schema.upgrade(engine)
    else:
        schema.check(engine)  # a server's tables may be somebody's production: that upgrade is a verb of its own
    stack.start_worker(FIRST_WORKER)
    stack.await_jobs()
    return engine


def _hints(stack: Stack, engine: Engine) -> list[str]:
    """Where to look, and how to go on."""
    ui = stack.temporal.ui_url
    add = [] if read_lines(engine, LATE_SECONDS) else ["No accounts yet. Add one, in another terminal:"]
    return [
        "",
        *add,
        f"Add an account    {stack.typed('account', 'add', '--marketplace', 'wb', '--name', 'Mine', '--company', '1')}",
        f"Sync it now       {stack.typed('dispatch', 'SyncNewWildberriesOrders', '--account', '1', '--wait')}",
        f"Temporal Web UI   {ui}/workflows",
        f"The schedules     {ui}/schedules",
        f"Logs              {stack.folder / 'logs'}",
        "Stop              Ctrl-C",
        "",
    ]
