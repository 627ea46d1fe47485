"""Every command line that we tell people to type exists: in messages, in documents, in files that run them."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ops.cli import root

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = ("tests/", "docs/decisions/")
"""Tests type wrong lines on purpose; a decision tells of its day."""
SPOKEN = re.compile(r"""sellermind((?: (?:"[^"\n]*"|'[^'\n]*'|[^\s`"'|;&<>()\\]+))+)""")
ENOUGH = 200
"""Of fewer, most were overlooked."""
VERB = re.compile(r"[a-z-]+")


def _lines() -> Iterator[tuple[str, str]]:
    """Each command line with the file that names it; what is no verb of ours after `sellermind` is a sentence."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in files:
        if not name.startswith(NOT_OURS) and name.endswith((".py", ".md", ".sh", ".service", ".conf", ".yml", ".yaml")):
            text = re.sub(r"\{[^{}]*\}", "X", (ROOT / name).read_text(encoding="utf-8"))
            yield from ((name, line) for line in SPOKEN.findall(text) if line.split()[0] in root.list_commands(CONTEXT))


CONTEXT = click.Context(root)


def _wrong(line: str) -> str | None:
    """The first word that the command line's verb does not have; None if all is well."""
    verb: click.Command = root
    words = line.split()
    while words and isinstance(verb, click.Group):
        word = words.pop(0).rstrip(",.:")
        if not VERB.fullmatch(word):
            return None  # `queue …` means all of them
        following = verb.get_command(CONTEXT, word)
        if following is None:
            return word
        verb = following
    if verb.context_settings.get("ignore_unknown_options"):
        return None  # `tctl` has the flags of the old tctl
    options = (*verb.params, *root.params)  # those of the root hold anywhere on a line
    known = {spelling for option in options for spelling in option.opts} | {"--help"}
    named = (word.partition("=")[0].rstrip(",.:") for word in words if word.startswith("--") and word != "--")
    return next((word for word in named if word not in known), None)


def test_every_command_line_that_we_name_can_be_typed() -> None:
    lines = list(_lines())
    assert len(lines) > ENOUGH
    assert [(name, f"sellermind{line}", wrong) for name, line in lines if (wrong := _wrong(line))] == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (" queue failed --job X", "--job"),
        (" queue fail", "fail"),
        (" queue retry all --error Refused --dry-run", None),
    ],
)
def test_a_line_that_cannot_be_typed_is_noticed(line: str, wrong: str | None) -> None:
    assert _wrong(line) == wrong
