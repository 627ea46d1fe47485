"""`sellermind agent …`: AI agents that work on a seller's own data, with a person in charge."""

import click

from ops import agent_review, agent_setup, agent_talk
from ops.output import examples


@click.group(
    "agent",
    epilog=examples(
        "sellermind agent list",
        'sellermind agent run general-assistant --company 7 --message "How many new orders?" --wait',
        'sellermind agent continue 42 --message "And yesterday?" --wait',
        "sellermind agent show 42",
        "sellermind agent approve 42 1.2.1 --hash 0123456789abcdef",
        "sellermind agent trace 42",
    ),
)
def command() -> None:
    """AI agents: give them tasks, follow their steps, decide about what they want to change."""


for verb in (
    agent_setup.list_,
    agent_setup.create,
    agent_talk.run,
    agent_talk.continue_,
    agent_review.show_,
    agent_review.approve,
    agent_review.reject,
    agent_talk.cancel,
    agent_review.trace,
):
    command.add_command(verb)
