"""Asking before something is destroyed."""

import sys

import click

from ops.outcome import ExitCode, VerbFailed


def confirm(question: str, *, yes: bool) -> None:
    """Go on only if the person says so; where nobody can be asked, only with --yes.

    Args:
        question: what will be done, as a question.
        yes: --yes was given.

    Raises:
        VerbFailed: the person said no, or nobody can be asked (REFUSED).
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise VerbFailed(ExitCode.REFUSED, f"{question} Nobody can be asked here; add --yes to do it.")
    if not click.confirm(question, err=True):
        raise VerbFailed(ExitCode.REFUSED, "Nothing was done.")
