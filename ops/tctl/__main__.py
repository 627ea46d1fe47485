"""`python -m ops.tctl NAME …`: what bin/tctl and its links run, NAME being the link's."""

import sys

from ops.cli import run
from ops.tctl.extension import verb_of

if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    run(["tctl", *arguments] if name == "tctl" else verb_of(name, arguments))
