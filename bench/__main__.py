"""`make bench`: the figures of docs/performance.md, as a table and as JSON in var/bench/."""

import json
import os
import time
from typing import Any

import click

from bench import chart, rounds, table
from bench.scenarios import SCENARIOS
from sellermind.settings import CHECKOUT

FOLDER = CHECKOUT / "var" / "bench"
RECORD = CHECKOUT / "docs" / "performance.json"


@click.command()
@click.option("--only", type=click.Choice(list(SCENARIOS)), multiple=True, help="Scenarios; all of them if none.")
@click.option("--rounds", "turns", default=3, show_default=True, help="Turns of each contender of a scenario.")
@click.option("--record", is_flag=True, help="Write docs/performance.json, .svg and the table of .md as well.")
def main(only: tuple[str, ...], turns: int, *, record: bool) -> None:
    """Measure and write down."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"bench-{int(time.time())}.json"
    found: dict[str, Any] = {}
    for name in only or SCENARIOS:
        click.echo(f"{name}: {SCENARIOS[name].what}")
        found[name] = {"what": SCENARIOS[name].what, "cores": os.cpu_count(), **rounds.run(SCENARIOS[name], turns)}
        file.write_text(json.dumps(found, indent=2))
        click.echo("\n".join(table.lines({name: found[name]})))
        if record:
            _record(name, found[name])
    click.echo("\n".join(["", *table.lines(found), "", f"Written to {file.relative_to(CHECKOUT)}."]))


def _record(name: str, scenario: dict[str, Any]) -> None:
    """One scenario may be measured again without the others; each says when that was."""
    kept = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    kept = {each: kept[each] for each in SCENARIOS if each in kept} | {name: scenario}
    RECORD.write_text(json.dumps(kept, indent=2) + "\n")
    table.write(kept)
    chart.draw(kept)


if __name__ == "__main__":
    main()
