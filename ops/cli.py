"""The root of the command line: finds the verb, runs it, and turns how it ended into an exit code.

Verb modules are imported when their verb is called: Temporal's SDK and SQLAlchemy take a second to import, and
`sellermind --help` should not wait for them.
"""

import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NoReturn, cast

import click
from click.shell_completion import CompletionItem

from ops.outcome import ExitCode, VerbFailed
from ops.tctl import connection

VERBS = {
    "demo": ("ops.demo.command", "Watch it work: a sandbox marketplace and everything else on this machine."),
    "dev": ("ops.demo.dev", "The same for your own accounts, without the sandbox."),
    "db": ("ops.db", "Create or upgrade the database's tables; check their revision."),
    "account": ("ops.accounts.command", "Marketplace accounts: add, list, show, pause, resume, set-token, rekey, …"),
    "jobs": ("ops.jobs", "The jobs this service knows, their queues and schedules."),
    "dispatch": ("ops.dispatch.command", "Start one job for one account now."),
    "queue": ("ops.queues.command", "What waits, failed or is stuck; retry, forget, flush."),
    "schedules": ("ops.schedules.command", "Apply, list, pause, resume or trigger the schedules."),
    "generate": ("ops.generation.command", "Product cards, descriptions and pictures by AI, in batches."),
    "agent": ("ops.agents.command", "AI agents: run, continue, show, approve, reject, cancel, trace."),
    "workers": ("ops.fleet.command", "Who works, and how many should."),
    "doctor": ("ops.doctor.command", "Every dependency: OK, WARN or FAIL, with the remedy."),
    "deploy": ("ops.deploy.command", "Replay real histories on new code; which build gets what starts."),
    "down": ("ops.maintenance.down", "Maintenance around a deploy: pause schedules and queues, refuse starts."),
    "up": ("ops.maintenance.up", "The end of `down`: everything as it was."),
    "backup": ("ops.backup.command", "Copies of both databases of the embedded mode, while everything runs."),
    "serve": ("ops.serving.command", "Health, readiness and metrics over HTTP."),
    "tctl": ("ops.tctl.command", "What people typed to the retired tctl; `tctl workflow retry` is our retry."),
}

EPILOG = """\b
Examples:
  sellermind demo                                  watch orders arrive, nothing to set up
  sellermind account add --marketplace wb --name "Main cabinet" --company 7 < token.txt
  sellermind dispatch SyncNewWildberriesOrders --account 1 --wait
  sellermind schedules list --json
  sellermind queue failed --address temporal.internal:7233 --namespace sellermind

\b
Verbs may be written as in Laravel: sellermind account:list, schedules:apply.
Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 Temporal or database unreachable, 5 refused."""

CONNECTION = ("--address", "--namespace")

CRASH_REPORT = Path(__file__).resolve().parent.parent / "var" / "crash.log"


class Root(click.Group):
    """Lists every verb without importing it; a verb's module defines its command as `command`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `--address` and `--namespace` wherever they stand, and verbs in Laravel's form."""
        if ctx.resilient_parsing:  # a line that is still being typed
            return super().parse_args(ctx, args)
        flags, rest = _connection_first(args)
        return super().parse_args(ctx, [*flags, *_split_colon(rest)])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Verbs in the order a newcomer needs them."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb's module; None for an unknown verb."""
        del ctx
        if cmd_name not in VERBS:
            return None
        return _with_examples(cast(click.Command, importlib.import_module(VERBS[cmd_name][0]).command))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs that begin as what was typed; to ask each for its help would import them all."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(verb, help=text) for verb, (_, text) in VERBS.items() if verb.startswith(incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs with their one-line descriptions."""
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, text) for verb, (_, text) in VERBS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb; the errors that a person can mend come out as VerbFailed."""
        # Imported here for --help's sake: it knows the errors of SQLAlchemy and Temporal.
        failures = importlib.import_module("ops.failures")
        try:
            with failures.told():
                return super().invoke(ctx)
        except BrokenPipeError:
            return ExitCode.OK  # `sellermind jobs | head -1`: the reader had enough


def _with_examples(verb: click.Command) -> click.Command:
    """Of a group's examples, those of each verb in it stand in that verb's own help too."""
    for name, inner in verb.commands.items() if isinstance(verb, click.Group) else ():
        lines = [line for line in (verb.epilog or "").splitlines() if f"sellermind {verb.name} {name} " in f"{line} "]
        inner.epilog = inner.epilog or "\n".join(["\b", "Examples:", *lines])
    return verb


def _tell_version(ctx: click.Context, parameter: click.Parameter, asked: bool) -> None:  # noqa: FBT001 (click's)
    del parameter
    if asked:
        build_id = importlib.import_module("sellermind.version").build_id
        click.echo(f"sellermind {build_id(None)}")
        ctx.exit()


def _connect(ctx: click.Context, option: click.Parameter, value: str | None) -> None:
    """Let a flag of the connection take effect."""
    if value is None:
        return
    if not value.strip():  # a shell's unset variable, which would mean the server on this machine
        raise click.BadParameter("it is empty; leave it out, or say which.", ctx, option)
    connection.use({option.opts[0]: value})


@click.command(cls=Root, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_tell_version, help="Print it, and exit."
)
@click.option(
    "--namespace",
    metavar="NAME",
    expose_value=False,
    callback=_connect,
    help="Temporal's, instead of TEMPORAL_NAMESPACE; after a verb, too.",
)
@click.option(
    "--address",
    metavar="HOST:PORT",
    expose_value=False,
    callback=_connect,
    help="Temporal's, instead of TEMPORAL_ADDRESS; after a verb, too.",
)
def root() -> None:
    """Operate SellerMind's marketplace jobs: durable, retried by policy, visible in the Temporal Web UI."""


def run(arguments: Sequence[str]) -> NoReturn:
    """Run one command line and end the process with its exit code.

    Args:
        arguments: the command line without the program's name.
    """
    sys.excepthook = _report_bug
    leave(_outcome(arguments))


def leave(code: int) -> NoReturn:
    """End the process at once: a normal exit crashes in one run of five once Temporal's SDK was used.

    Args:
        code: the process's exit code.
    """
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _outcome(arguments: Sequence[str]) -> int:
    """Exit code of one command line; what went wrong is on stderr."""
    try:
        code = root.main(list(arguments), prog_name="sellermind", standalone_mode=False)
    except VerbFailed as error:
        return _say(error.code, str(error))
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return ExitCode.USAGE
    except click.UsageError as error:
        what = " ".join(error.format_message().split()).rstrip(".")
        hint = f" Try `{error.ctx.command_path} --help`." if error.ctx else ""
        return _say(ExitCode.USAGE, f"{what}.{hint}")
    except (click.Abort, KeyboardInterrupt):
        return _say(ExitCode.INTERRUPTED, "Interrupted; nothing further was done.")
    return code if isinstance(code, int) else ExitCode.OK


def _connection_first(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The flags of the connection, with their values, and the rest; tctl has the same flags, and reads them itself."""
    rest = list(arguments)
    flags: list[str] = []
    kept: list[str] = []
    while rest and rest[0] != "--" and kept[:1] != ["tctl"]:
        word = rest.pop(0)
        if word in CONNECTION and not rest:
            raise click.BadOptionUsage(word, f"Option '{word}' requires an argument.")
        if word in CONNECTION:
            flags += [word, rest.pop(0)]
        else:
            (flags if word.startswith(tuple(f"{flag}=" for flag in CONNECTION)) else kept).append(word)
    return flags, [*kept, *rest]


def _split_colon(arguments: Sequence[str]) -> list[str]:
    """`account:add` → `account add`."""
    if arguments and arguments[0].partition(":")[0] in VERBS:
        return [*arguments[0].split(":", 1), *arguments[1:]]
    return list(arguments)


def _say(code: ExitCode, message: str) -> int:
    """Write one sentence to stderr and pass the code on."""
    click.echo(f"sellermind: {message}", err=True)
    return code


def _report_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> NoReturn:
    """Say where a bug struck and keep its traceback for the report; never show it."""
    frame = traceback.extract_tb(trace)[-1]
    kept = ""
    with contextlib.suppress(OSError):
        CRASH_REPORT.parent.mkdir(exist_ok=True)
        CRASH_REPORT.write_text("".join(traceback.format_exception(kind, error, trace)))
        CRASH_REPORT.chmod(0o600)
        kept = f" The traceback is in {CRASH_REPORT}."
    where = f"{Path(frame.filename).name}:{frame.lineno}"
    leave(_say(ExitCode.FAILED, f"This is a bug: {kind.__name__} at {where}; please report it.{kept}"))
