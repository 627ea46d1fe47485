"""The first moments of a worker process, before the imports that take a second.

Signals already end it, `--help` already answers, and another package called `workflows` is noticed.
"""

import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import NoReturn

from sellermind.queues import TaskQueue
from workers.options import parse

CHECKOUT = Path(__file__).resolve().parent.parent


def start(kind: TaskQueue) -> NoReturn:
    """Run the worker process of a kind; its exit code is Ending.code (workers/ending.py)."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    options = parse(kind, sys.argv[1:])
    refuse_foreign_workflows()
    # httpx and structlog load rich, httpx also click, for tools of theirs that a worker never uses: 8 MB and 0.2 s. To
    # Python, a module that is None cannot be imported, and both go on without.
    sys.modules.update(rich=None, click=None)  # type: ignore[call-overload]
    # The imports that the lines above must come before.
    from workers.main import main  # noqa: PLC0415
    from workers.registry import build  # noqa: PLC0415

    main(kind, options, build)


def refuse_foreign_workflows() -> None:
    """End the process if `import workflows` would find somebody else's package: the name is on PyPI too."""
    found = find_spec("workflows")
    where = found.origin if found else None
    if where is None or not Path(where).resolve().is_relative_to(CHECKOUT):
        sys.stderr.write(
            f"`import workflows` finds {where or 'nothing'} instead of {CHECKOUT / 'workflows'}: "
            f"start in {CHECKOUT}, without PYTHONPATH or PYTHONSAFEPATH.\n"
        )
        sys.exit(1)


def _end(number: int, frame: FrameType | None) -> None:
    """Nothing has begun, so nothing is lost. Without a handler, process 1 of a container would not hear SIGTERM."""
    del number, frame
    os._exit(0)
