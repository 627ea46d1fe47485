"""Worker processes under supervisor work as those of tests/workers do."""

from tests.workers.conftest import site

__all__ = ["site"]
