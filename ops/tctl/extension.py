"""`temporal workflow retry` and `temporal queue …`: the Temporal CLI runs bin/temporal-workflow-retry and its kin.

The CLI hands its own flags through, before everything else; those of the connection are taken here, the ones that
only say how the CLI prints are dropped.
"""

from collections.abc import Sequence

from ops.tctl import connection

VERBS = {"temporal-workflow-retry": ("queue", "retry")}
"""Names that are not built as `temporal-queue-<verb>`."""

DROPPED = frozenset(
    {"--env", "--env-file", "--color", "--log-level", "--log-format", "--time-format", "--command-timeout"}
    | {"--client-connect-timeout", "--identity", "--client-authority", "--codec-endpoint", "--codec-auth"}
)
OUTPUT = ("-o", "--output")
TARGETS = {"-w": "workflow", "--workflow-id": "workflow", "-r": "run", "--run-id": "run"}


def verb_of(name: str, arguments: Sequence[str]) -> list[str]:
    """Our command line for one of the CLI's.

    Args:
        name: of the executable, e.g. `temporal-queue-failed`.
        arguments: as the CLI handed them over; connection flags take effect.
    """
    verb = VERBS.get(name) or tuple(name.removeprefix("temporal-").split("-", 1))
    if arguments and arguments[0] == "help":
        return [*verb, "--help"]
    found: dict[str, str] = {}
    rest = list(_split_equals(arguments))
    kept: list[str] = []
    while rest:
        word = rest.pop(0)
        if word in connection.SWITCHES:
            found[word] = "true"
        elif rest and word in connection.VARIABLES:
            found[word] = rest.pop(0)
        elif rest and (word in DROPPED or word in OUTPUT):
            kept += ["--json"] if rest.pop(0) == "json" and word in OUTPUT else []
        else:
            kept.append(word)
    connection.use(found)
    return [*verb, *_named(kept)]


def _split_equals(arguments: Sequence[str]) -> list[str]:
    """`--address=x` → `--address x`."""
    return [
        part for word in arguments for part in (word.split("=", 1) if word.startswith("--") and "=" in word else [word])
    ]


def _named(words: Sequence[str]) -> list[str]:
    """`-w ID` → `ID`; of `-w ID -r RUN` the run, which says more."""
    rest, kept = list(words), []
    named: dict[str, str] = {}
    while rest:
        word = rest.pop(0)
        if rest and word in TARGETS:
            named[TARGETS[word]] = rest.pop(0)
        else:
            kept.append(word)
    target = named.get("run") or named.get("workflow")
    return [*kept, target] if target else kept
