"""`python -m ops …`: the operator's command line."""

import sys

from ops.cli import run

if __name__ == "__main__":
    run(sys.argv[1:])
