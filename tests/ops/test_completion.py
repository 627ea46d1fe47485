"""The shells complete verbs, options, jobs and queues: typed into a real bash and a real zsh."""

import subprocess
from collections.abc import Sequence

import pytest

from sellermind.settings import CHECKOUT
from tests.fixtures.command_line import SCRIPT, clean_environment

TYPED = {
    "sch": ["schedules"],
    "queue re": ["resume", "retry"],
    "schedules pause SyncU": ["SyncUzumOrders"],
    "queue pause l": ["low"],
    "account add --marketplace ": ["wb", "uzum"],
    "queue failed --ma": ["--marketplace"],
}
# What readline does at a tab: the function that was registered for the command, on the words typed so far.
BASH = """
set -e
eval "$(_SELLERMIND_COMPLETE=bash_source sellermind)"
compopt() { :; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
"$(complete -p sellermind | sed -E 's/.* -F ([^ ]+) .*/\\1/')" sellermind
printf '%s\\n' "${COMPREPLY[@]}"
"""
# The same for zsh's function, whose two ways to offer words print them here.
ZSH = """
compdef() { :; }
eval "$(_SELLERMIND_COMPLETE=zsh_source sellermind)"
compadd() { print -l -- ${(P)@[-1]} }
_describe() { print -l -- ${(P)@[3]} }
words=("$@"); CURRENT=$#
_sellermind_completion
"""


def completed(shell: str, script: str, words: Sequence[str]) -> list[str]:
    """What the shell offers at a tab."""
    done = subprocess.run(
        [*shell.split(), "-c", script, "test", "sellermind", *words],
        env=clean_environment() | {"PATH": f"{SCRIPT.parent}:/usr/bin:/bin"},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return [line.partition(":")[0] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("shell", "script"), [("bash --norc", BASH), ("zsh -f", ZSH)], ids=["bash", "zsh"])
def test_a_tab_completes_verbs_options_jobs_and_queues(shell: str, script: str) -> None:
    offered = {typed: completed(shell, script, typed.split(" ")) for typed in TYPED}
    assert offered == TYPED


def test_a_tab_after_the_command_alone_offers_every_verb_without_importing_one() -> None:
    line = "import sys, ops.cli; print([i.value for i in ops.cli.root.shell_complete(None, '')][:3], len(sys.modules))"
    done = subprocess.run(
        [CHECKOUT / ".venv/bin/python", "-c", line], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    verbs, _, modules = done.stdout.strip().rpartition(" ")
    assert verbs == "['demo', 'dev', 'db']"
    assert int(modules) < 400
