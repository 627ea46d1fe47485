"""tctl's commands under their names of today."""

from collections.abc import Sequence

from ops.outcome import ExitCode, VerbFailed
from ops.tctl.flags import Typed, of_today

GROUPS = {
    "workflow": "workflow",
    "wf": "workflow",
    "namespace": "namespace",
    "n": "namespace",
    "schedule": "schedule",
    "sched": "schedule",
    "taskqueue": "taskqueue",
    "tq": "taskqueue",
    "batch": "batch",
    "activity": "activity",
    "act": "activity",
    "cluster": "cluster",
    "cl": "cluster",
}

_SAME_OF_WORKFLOW = ("cancel", "count", "describe", "list", "query", "reset", "show", "signal", "stack", "start")
_SAME_OF_SCHEDULE = ("backfill", "create", "delete", "describe", "list", "toggle", "trigger", "update")

COMMANDS: dict[tuple[str, str], tuple[str, ...]] = {
    **{("workflow", name): ("workflow", name) for name in (*_SAME_OF_WORKFLOW, "terminate")},
    ("workflow", "desc"): ("workflow", "describe"),
    ("workflow", "describeid"): ("workflow", "describe"),
    ("workflow", "l"): ("workflow", "list"),
    ("workflow", "listall"): ("workflow", "list"),
    ("workflow", "scan"): ("workflow", "list"),
    ("workflow", "listarchived"): ("workflow", "list", "--archived"),
    ("workflow", "observe"): ("workflow", "show", "--follow"),
    ("workflow", "ob"): ("workflow", "show", "--follow"),
    ("workflow", "observeid"): ("workflow", "show", "--follow"),
    ("workflow", "reset-batch"): ("workflow", "reset"),
    ("workflow", "rs"): ("workflow", "reset"),
    ("workflow", "run"): ("workflow", "execute"),
    ("workflow", "showid"): ("workflow", "show"),
    ("workflow", "term"): ("workflow", "terminate"),
    ("namespace", "register"): ("operator", "namespace", "create"),
    ("namespace", "re"): ("operator", "namespace", "create"),
    **{("namespace", name): ("operator", "namespace", name) for name in ("describe", "list", "update", "delete")},
    ("namespace", "desc"): ("operator", "namespace", "describe"),
    ("namespace", "up"): ("operator", "namespace", "update"),
    **{("schedule", name): ("schedule", name) for name in _SAME_OF_SCHEDULE},
    ("taskqueue", "describe"): ("task-queue", "describe"),
    ("taskqueue", "desc"): ("task-queue", "describe"),
    ("taskqueue", "list-partition"): ("task-queue", "list-partition"),
    **{("batch", name): ("batch", name) for name in ("describe", "list", "terminate")},
    ("activity", "complete"): ("activity", "complete"),
    ("activity", "fail"): ("activity", "fail"),
    ("cluster", "health"): ("operator", "cluster", "health"),
    ("cluster", "h"): ("operator", "cluster", "health"),
    ("cluster", "describe"): ("operator", "cluster", "describe"),
    ("cluster", "get-search-attributes"): ("operator", "search-attribute", "list"),
}

NEAREST = {
    "batch": "temporal workflow terminate|cancel|signal|reset --query …",
    "dataconverter": "temporal --codec-endpoint …",
    "config": "temporal config",
    "admin": "temporal operator",
}


def translate(typed: Typed) -> list[str]:
    """The arguments of `temporal` for a tctl command line.

    Raises:
        VerbFailed: there is no such command today (USAGE); the message names the nearest.
    """
    group = GROUPS.get(typed.words[0]) if typed.words else None
    name = typed.words[1] if len(typed.words) > 1 else ""
    command = COMMANDS.get((group or "", name))
    if command is None:
        first = typed.words[0] if typed.words else ""
        nearest = NEAREST.get(group or first) or f"temporal {group or ''} --help".replace("  ", " ")
        raise VerbFailed(
            ExitCode.USAGE, f"`{' '.join(('tctl', *typed.words))}` has no equivalent; the nearest is `{nearest}`."
        )
    return [*command, *_positional(group or "", typed.words[2:]), *of_today(typed.flags)]


def _positional(group: str, words: Sequence[str]) -> list[str]:
    """`showid ID [RUN]` took bare words; today they are flags."""
    if group != "workflow":
        return list(words)
    return [part for flag, word in zip(("--workflow-id", "--run-id"), words, strict=False) for part in (flag, word)]
