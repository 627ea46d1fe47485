"""`sellermind agent …`: AI agents that work on a seller's own data, with a person in charge."""

import click

from ops.agents import review, setup, talk
from ops.output import examples


@click.group(
    "agent",
    epilog=examples(
        "sellermind agent list",
        'sellermind agent run general-assistant --company 7 --message "How many new orders?" --wait',
        'sellermind agent continue 42 --message "And yesterday?" --wait',
        "sellermind agent show 42",
        "sellermind agent approve 42 1.2.1 --hash 0123456789abcdef",
        'sellermind agent reject 42 1.2.1 --hash 0123456789abcdef --note "Too dear."',
        "sellermind agent trace 42",
        "sellermind agent cancel 42",
        'sellermind agent create price-watch --name "Price watch" --prompt prompt.txt --tool find_orders',
    ),
)
def command() -> None:
    """AI agents: give them tasks, follow their steps, decide about what they want to change."""


for verb in (
    setup.list_,
    setup.create,
    talk.run,
    talk.continue_,
    review.show_,
    review.approve,
    review.reject,
    talk.cancel,
    review.trace,
):
    command.add_command(verb)
