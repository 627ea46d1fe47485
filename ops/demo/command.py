"""`sellermind demo`: the whole service on this machine, in front of a marketplace that moves by itself."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from ops.demo import place, ports
from ops.demo.agent import DemoAgent
from ops.demo.board import Board, Line
from ops.demo.ports import HOST
from ops.demo.processes import Interruption, Supervisor, environment
from ops.demo.sandbox_accounts import SandboxAccounts, register_all
from ops.demo.sandbox_control import SandboxControl
from ops.demo.stack import FIRST_WORKER, Stack, choose_ports, stopped_at_the_end, variables
from ops.demo.verdict import demand_equality
from ops.output import examples, numbered
from sellermind.settings import CHECKOUT, load
from sellermind.storage import schema
from sellermind.storage.engine import build_engine
from workflows.catalog import JOBS

FOLDER = CHECKOUT / "var" / "demo"
FASTER = 20  # than the catalog: a minute is three seconds
GRACE_SECONDS = 5
COMPANY = 1
NEW_WORLD = "It is a new world with other tokens: start the demo again to go on."
OURS = ("SELLERMIND_", "TEMPORAL_")  # an operator's own settings have no business in the demo
port_option = click.IntRange(1, 65_535)


@dataclass(frozen=True)
class World:
    """How the sandbox is to be."""

    port: int
    model_port: int
    sellers: int
    rate: float
    seed: int

    @property
    def url(self) -> str:
        """Where its marketplaces answer."""
        return f"http://{HOST}:{self.port}"

    @property
    def model_url(self) -> str:
        """Where its language model answers."""
        return f"http://{HOST}:{self.model_port}/v1"

    def arguments(self) -> list[str]:
        """Its command line."""
        ports = ["--port", str(self.port), "--model-port", str(self.model_port)]
        return [*ports, "--sellers", str(self.sellers), "--rate", str(self.rate), "--seed", str(self.seed)]


@click.command(
    "demo",
    epilog=examples(
        "sellermind demo                 until Ctrl-C",
        "sellermind demo --for 60        a minute, then compare the table with the truth; exit 0 only if equal",
        "sellermind demo --sellers 10 --rate 60",
    ),
)
@click.option("--for", "seconds", type=click.FloatRange(min=1), help="End by itself after so many seconds.")
@click.option("--sellers", type=click.IntRange(1, 50), default=3, show_default=True, help="Sellers of the sandbox.")
@click.option("--rate", type=click.FloatRange(0, 600), default=12, show_default=True, help="Orders a minute, each.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Another seed, other orders.")
@click.option("--temporal-port", type=port_option, help="Left out: 7233, or the next free one.")
@click.option("--ui-port", type=port_option, help="Left out: 8233, or the next free one.")
@click.option("--sandbox-port", type=port_option, help="Left out: 8090, or the next free one.")
@click.option("--model-port", type=port_option, help="Left out: 8091, or the next free one.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
    default=FOLDER,
    show_default=True,
    help="Where its state lives; emptied at each start.",
)
def command(
    *,
    seconds: float | None,
    sellers: int,
    rate: float,
    seed: int,
    temporal_port: int | None,
    ui_port: int | None,
    sandbox_port: int | None,
    model_port: int | None,
    folder: Path,
) -> None:
    """Watch orders arrive: a sandbox marketplace, Temporal with its Web UI, a database and three workers.

    All of it runs on this machine and ends with Ctrl-C. Each start begins afresh.
    """
    interruption, board = Interruption(), Board()
    supervisor = Supervisor(board.say)
    with interruption.heard(), place.claimed(folder):
        place.emptied(folder)
        temporal = choose_ports(temporal_port, ui_port, board.say)
        taken = frozenset({temporal.grpc, temporal.ui})
        port = ports.choose(sandbox_port, 8090, "--sandbox-port", board.say, taken)
        model = ports.choose(model_port, 8091, "--model-port", board.say, taken | {port})
        world = World(port, model, sellers, rate, seed)
        fields = _fields(folder, world)
        names = variables(fields, temporal)
        place.write_exports(folder / "env", names)
        stack = Stack(folder, temporal, environment(names, without=OURS), supervisor, interruption, board)
        with closing(SandboxControl(world.url)) as control, stopped_at_the_end(supervisor, board):
            found = _start(stack, world, fields, control)
            _watch(stack, world, found, seconds)


def _watch(stack: Stack, world: World, found: SandboxAccounts, seconds: float | None) -> None:
    """Show it, with an agent at work beside the syncs; where the time ends, how all of it stands."""
    with ThreadPoolExecutor(1) as threads:
        agent = DemoAgent(stack, found.engine, COMPANY, threads)

        def look() -> tuple[Sequence[Line], Sequence[str]]:
            agent.look()
            return found.lines(), _hints(stack, world, found)

        stack.watch(look, seconds)
    if seconds is not None:
        stack.board.say(agent.told())
        demand_equality(stack, found)


def _fields(folder: Path, world: World) -> dict[str, Any]:
    """The demo's settings, as fields of Settings."""
    return {
        "database_url": f"sqlite:///{folder / 'sellermind.db'}",
        "wildberries_url": world.url,
        "model_url": world.model_url,
        "allowed_hosts": HOST,
        "secret_keys": place.secret_key(folder / "secret.key"),
        "encrypt_histories": False,  # to be read in the Web UI; the key lies beside them anyway
        "cadence": {job.name: int(job.every.total_seconds()) // FASTER for job in JOBS},
        **{f"grace_{queue}": str(GRACE_SECONDS) for queue in ("high", "default", "low")},
    }


def _start(stack: Stack, world: World, fields: dict[str, Any], control: SandboxControl) -> SandboxAccounts:
    """Bring everything up, what takes longest first."""
    stack.board.say("Starting Temporal, the sandbox marketplace, the database and three workers …")
    stack.start_temporal()
    sandbox = replace(stack.python("sandbox", *world.arguments()), serves=True, loses=NEW_WORLD)
    stack.supervisor.start(sandbox)
    settings = load(**fields)
    engine = build_engine(settings.database_url)
    schema.upgrade(engine)
    stack.start_worker(FIRST_WORKER)
    stack.await_until("The sandbox", lambda: stack.serves(sandbox.name, world.port) and control.answers())
    found = register_all(engine, settings, control, COMPANY)
    stack.board.say(f"Added {numbered(len(found.accounts), 'account')} with the sandbox's tokens.")
    stack.await_jobs()
    return found


def _hints(stack: Stack, world: World, found: SandboxAccounts) -> list[str]:
    """Where to look and what to try, with the process ids of this moment."""
    first, ui = found.accounts[0], stack.temporal.ui_url
    faults = f"curl -X POST {world.url}/sandbox/faults -d"
    return [
        "",
        f"Temporal Web UI   {ui}/workflows",
        f"  the schedule    {ui}/schedules/{JOBS[0].name}",
        f"  one account     {ui}/workflows?query=SellerAccountId%3D{first.id}",
        "Try",
        f"  kill a worker   kill -9 {stack.supervisor.pid(FIRST_WORKER) or '(it starts again)'}",
        f"""  an outage       {faults} '{{"kind":"server-error","seconds":20}}'""",
        f"""  a dead token    {faults} '{{"kind":"unauthorized","seller":"0","count":1}}'""",
        f"  … mend it       {stack.typed('account', 'resume', str(first.id))}",
        f"  other verbs     {stack.typed('schedules', 'list')}",
        "  your accounts   make dev",
        "Stop              Ctrl-C",
        "",
    ]
