"""Health check of a container that serves HTTP: exit code 0 if the URL answers well in three seconds."""  # noqa: INP001 (a package named docker would shadow the library of that name)

import sys
from http.client import HTTPException
from urllib.request import urlopen


def main(url: str) -> int:
    """Ask once."""
    try:
        with urlopen(url, timeout=3):  # noqa: S310 (the compose file's own address)
            return 0
    except (OSError, HTTPException) as error:
        sys.stderr.write(f"{url}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
