"""Which version of the service this is: operators see it at every worker and every step in the Web UI."""

import shutil
import subprocess
import tomllib

from sellermind.settings import CHECKOUT


def version() -> str:
    """The version that pyproject.toml names, e.g. `0.1.0`."""
    return str(tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def build_id(commit: str | None) -> str:
    """Version and commit, e.g. `0.1.0-1a2b3c4d5e6f`: two deploys of one version are two builds.

    Args:
        commit: SELLERMIND_COMMIT; None: what git says of the checkout. Without git there is only the version.
    """
    known = commit or _checked_out()
    return f"{version()}-{known[:12]}" if known else version()


def _checked_out() -> str | None:
    """The commit of the checkout, which may belong to another user (root's, read by the workers' user)."""
    git = shutil.which("git")
    if git is None or not (CHECKOUT / ".git").exists():
        return None
    line = [git, "-c", f"safe.directory={CHECKOUT}", "rev-parse", "--verify", "HEAD"]
    found = subprocess.run(line, cwd=CHECKOUT, capture_output=True, text=True, check=False)  # noqa: S603 (fixed line)
    return found.stdout.strip() or None
