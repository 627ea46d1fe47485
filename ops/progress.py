"""A progress bar on a terminal's stderr; nothing where nobody watches."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a bar for the length of a `with` block.

    Args:
        what: what is going on, in a word or two.
        total: how many steps there are.

    Yields:
        Call it after each step.
    """
    if not sys.stderr.isatty() or total < 2:  # noqa: PLR2004 (one step needs no bar)
        yield lambda: None
        return
    # Rich takes a tenth of a second to import: only a terminal pays for it.
    from rich.console import Console  # noqa: PLC0415 (see above)
    from rich.progress import Progress  # noqa: PLC0415 (see above)

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
