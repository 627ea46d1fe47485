"""How a verb ends: its exit code and, when it did not do what was asked, one sentence for a person."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every verb."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    UNREACHABLE = 4
    REFUSED = 5
    INTERRUPTED = 130


class VerbFailed(Exception):
    """A verb stops here with `code`; the message names what is wrong and the remedy, in one sentence."""

    def __init__(self, code: ExitCode, message: str) -> None:
        super().__init__(message)
        self.code = code
