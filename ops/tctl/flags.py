"""tctl's flags: which take a value, and what each is called today."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ops.outcome import ExitCode, VerbFailed

SWITCHES = frozenset(
    {"more", "m", "open", "op", "print_json", "pjson", "dry_run", "yes", "detail", "dt", "print_full", "pf"}
    | {"print_raw_time", "prt", "print_memo", "pme", "print_search_attr", "psa", "pause", "unpause", "follow"}
    | {"tls_disable_host_verification", "auto_confirm", "global_namespace", "gd", "json"}
    | {"skip_current_open", "skip_base_is_not_current", "only_non_deterministic"}
)

LONG = {
    "ad": "address",
    "ns": "namespace",
    "wid": "workflow_id",
    "w": "workflow_id",
    "rid": "run_id",
    "r": "run_id",
    "re": "reason",
    "q": "query",
    "eid": "event_id",
    "e": "event_id",
    "i": "input",
    "if": "input_file",
    "tq": "taskqueue",
    "t": "taskqueue",
    "wt": "workflow_type",
    "et": "execution_timeout",
    "rt": "run_timeout",
    "wtt": "workflow_task_timeout",
    "wrp": "workflowidreusepolicy",
    "n": "name",
    "qt": "query_type",
    "ps": "pagesize",
    "sid": "schedule_id",
    "tqt": "taskqueuetype",
    "op": "open",
    "m": "more",
    "pjson": "print_json",
    "rd": "retention",
    "desc": "description",
    "oe": "owner_email",
}

TODAY = {
    "taskqueue": "--task-queue",
    "workflow_type": "--type",
    "workflow_task_timeout": "--task-timeout",
    "workflowidreusepolicy": "--id-reuse-policy",
    "query_type": "--type",
    "reset_type": "--type",
    "pagesize": "--limit",
    "taskqueuetype": "--task-queue-type",
    "owner_email": "--email",
    "memo_file": "--memo",
    "auto_confirm": "--yes",
}
SECONDS = frozenset({"execution_timeout", "run_timeout", "workflow_task_timeout"})
"""Values that were bare seconds."""

SILENT = frozenset({"more", "detail", "dt", "print_full", "pf", "print_raw_time", "prt", "print_memo", "pme"})
"""What the CLI does by itself now, or never."""

NEVER = {
    "reset_reapply_type": "say what not to apply again, by `temporal workflow reset --reapply-exclude`",
    "exclude_file": "list the runs you want by --query",
    "skip_current_open": "`sellermind queue retry all` leaves open runs alone by itself",
    "skip_base_is_not_current": "`sellermind queue retry all` leaves such runs alone by itself",
    "only_non_deterministic": "find them by --query 'TemporalReportedProblems IS NOT NULL'",
}


@dataclass(frozen=True)
class Typed:
    """A tctl command line taken apart; flags by their long names, `true` for a switch."""

    words: Sequence[str] = ()
    flags: dict[str, str] = field(default_factory=dict)


def parse(arguments: Sequence[str]) -> Typed:
    """Take a command line apart.

    Raises:
        VerbFailed: a flag has no value (USAGE).
    """
    rest, words = list(arguments), []
    flags: dict[str, str] = {}
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            words.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        short, name = name, LONG.get(name, name).replace("-", "_")
        if equals:
            flags[name] = value
        elif short in SWITCHES or name in SWITCHES:
            flags[name] = "true"
        elif rest:
            flags[name] = rest.pop(0)
        else:
            raise VerbFailed(ExitCode.USAGE, f"tctl's flag {word} needs a value.")
    return Typed(words, flags)


def of_today(flags: dict[str, str]) -> list[str]:
    """The flags as the Temporal CLI has them.

    Raises:
        VerbFailed: one of them has no equivalent (USAGE); the message says what to do instead.
    """
    line: list[str] = []
    for name, value in flags.items():
        if name in NEVER:
            raise VerbFailed(ExitCode.USAGE, f"tctl's --{name} has no equivalent: {NEVER[name]}.")
        if name in SILENT:
            continue
        if name == "print_json":
            line += ["--output", "json"]
        elif name == "open":
            line += ["--query", 'ExecutionStatus = "Running"']
        else:
            line.append(TODAY.get(name, f"--{name.replace('_', '-')}"))
            if name not in SWITCHES:
                line.append(f"{value}s" if name in SECONDS and value.isdecimal() else value)
    return line
