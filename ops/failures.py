"""What a person is told of the errors a verb can meet, and with which exit code it ends. Decided by type and code."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.service import RPCError, RPCStatusCode

from ops.outcome import ExitCode, VerbFailed
from sellermind.errors import Misconfigured, RecordGone, Refused, Unavailable
from sellermind.storage.failures import translate

SILENT = {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}
REFUSING = {RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.PERMISSION_DENIED}


@contextmanager
def told() -> Iterator[None]:
    """Turn every error that a person can mend into VerbFailed: a sentence and an exit code. Bugs pass through.

    Raises:
        VerbFailed: instead of the error.
    """
    try:
        yield
    except (Misconfigured, RecordGone, Unavailable, Refused) as error:
        raise _named(error) from error
    except DBAPIError as error:
        raise _named(translate(error)) from error
    except RPCError as error:
        raise _of_temporal(error) from error
    except OverflowError as error:  # SQLite's driver, before the database sees it
        raise VerbFailed(ExitCode.USAGE, "A number is larger than any id: they end at 2^63.") from error
    except BrokenPipeError:
        raise  # an OSError, but no failure: the reader of our output had enough
    except OSError as error:
        raise _of_system(error) from error


def _named(error: Misconfigured | RecordGone | Unavailable | Refused) -> VerbFailed:
    """The failures that our own code names: their message says what and the remedy."""
    if isinstance(error, RecordGone):
        return VerbFailed(ExitCode.NOT_FOUND, error.message)
    if isinstance(error, Unavailable):
        return VerbFailed(
            ExitCode.UNREACHABLE,
            f"{error.message} See that it runs and that SELLERMIND_DATABASE_URL names it, then try again.",
        )
    return VerbFailed(ExitCode.FAILED, str(error))


def _of_temporal(error: RPCError) -> Exception:
    if error.status in SILENT:
        return VerbFailed(ExitCode.UNREACHABLE, "Temporal stopped answering; see whether it runs, then try again.")
    if error.status in REFUSING:
        return VerbFailed(ExitCode.UNREACHABLE, "Temporal refuses us: mend TEMPORAL_API_KEY or the certificate.")
    if error.status is RPCStatusCode.INVALID_ARGUMENT:
        return VerbFailed(
            ExitCode.FAILED,
            f"Temporal refuses the request: {error.message.rstrip('.')}; if it lacks a search attribute, "
            "run `sellermind schedules apply` first.",
        )
    if error.status is RPCStatusCode.NOT_FOUND:
        details = error.grpc_status.details
        lacks_ours = any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in details)
        remedy = "; set TEMPORAL_NAMESPACE, or make it with `temporal operator namespace create`" if lacks_ours else ""
        return VerbFailed(ExitCode.NOT_FOUND, f"Temporal does not know it: {error.message.rstrip('.')}{remedy}.")
    return error


def _of_system(error: OSError) -> Exception:
    """Files and folders: name them, and what the system said."""
    where = f"{error.filename}: " if error.filename else ""
    return VerbFailed(
        ExitCode.FAILED, f"{where}{error.strerror or error}; check the disk and the permissions, then try again."
    )
