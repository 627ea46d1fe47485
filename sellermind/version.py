"""Which version of the service this is: operators see it at every worker and every step in the Web UI."""

import tomllib

from sellermind.settings import CHECKOUT


def version() -> str:
    """The version that pyproject.toml names, e.g. `0.1.0`."""
    return str(tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
