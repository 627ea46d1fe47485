"""`sellermind up`: the end of `sellermind down`."""

import click
from temporalio.client import Client

from ops import audit
from ops.maintenance import standstill
from ops.output import examples, json_option, show
from ops.temporal import ask


@click.command("up", epilog=examples("sellermind up"))
@json_option
def command(*, as_json: bool) -> None:
    """Bring back what `sellermind down` paused, exactly as it was; a pause of somebody else stays."""

    async def go(client: Client) -> tuple[bool, list[str]]:
        return await standstill.current(client) is not None, await standstill.end(client)

    was_down, restored = ask(go)
    if was_down or restored:
        audit.record("up", restored=restored)
    said = f"Up: restored {', '.join(restored) or 'nothing'}." if was_down or restored else "It was not down."
    show({"was_down": was_down, "restored": restored}, said, as_json=as_json)
