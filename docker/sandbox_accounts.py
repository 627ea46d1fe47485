"""Gives every seller of the sandbox an account, once: for docker/compose.dev.yaml."""  # noqa: INP001 (a package named docker would shadow the library of that name)

import json
import subprocess
import sys
from urllib.request import urlopen

SELLERS = "http://127.0.0.1:8090/sandbox/sellers"
VERB = (sys.executable, "-m", "ops", "account")


def main() -> None:
    """Add the accounts that are not there, with the verb that a person would use."""
    listed = subprocess.run([*VERB, "list", "--json"], check=True, capture_output=True, text=True)  # noqa: S603 (ours)
    known = {account["name"] for account in json.loads(listed.stdout)}
    with urlopen(SELLERS, timeout=10) as answer:
        sellers = json.load(answer)["sellers"]
    for seller in sellers:
        if seller["marketplace"] == "wildberries" and seller["name"] not in known:
            line = [*VERB, "add", "--marketplace", "wb", "--name", seller["name"], "--company", "1"]
            subprocess.run(line, input=seller["token"], check=True, text=True)  # noqa: S603 (ours)


if __name__ == "__main__":
    main()
