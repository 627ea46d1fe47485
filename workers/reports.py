"""Whether this process reports what failed for good: only where SELLERMIND_SENTRY_DSN says so is Sentry imported."""

import importlib

from temporalio.client import Interceptor

from sellermind.settings import Settings
from sellermind.version import build_id

MODULE = "sellermind.error_reports"


def interceptors(settings: Settings) -> list[Interceptor]:
    """What the client of the workers needs to report; the first call starts it.

    Raises:
        Misconfigured: the DSN is none.
    """
    if settings.sentry_dsn is None:
        return []
    reporting: Interceptor = importlib.import_module(MODULE).start(
        settings.sentry_dsn.get_secret_value(), build_id(settings.commit)
    )
    return [reporting]


def flush(settings: Settings) -> None:
    """Send the reports that wait; call it before the process ends."""
    if settings.sentry_dsn is not None:
        importlib.import_module(MODULE).flush()
