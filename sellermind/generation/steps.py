"""The next question for an item, out of the answers it has: at most four to one model, then it gives up."""

from collections.abc import Sequence

from sellermind.generation.prompts import FIRST_MAX_TOKENS, repair_request
from sellermind.model_errors import LlmContentFilter, LlmInvalidOutput, LlmTruncated
from sellermind.models.generation import ModelReply
from sellermind.models.language import Finish, ModelRequest

ROOMS = (FIRST_MAX_TOKENS, 2 * FIRST_MAX_TOKENS)
MOST_INVALID = 2
"""An answer and its one repair."""


def next_request(first: ModelRequest, replies: Sequence[ModelReply]) -> ModelRequest:
    """What to ask a model after its answers so far, none of which was good.

    Args:
        first: the question without history.
        replies: this model's answers, in order.

    Raises:
        LlmContentFilter: it refused.
        LlmTruncated: its answer was cut even with twice the room.
        LlmInvalidOutput: the repair did not help either.
    """
    if not replies:
        return first
    last = replies[-1]
    cut = sum(reply.finish == "length" for reply in replies)
    invalid = len(replies) - cut
    if last.finish == "content_filter":
        raise LlmContentFilter(f"{last.model} refuses to write about this product.")
    if cut >= len(ROOMS):
        raise LlmTruncated(f"The answer of {last.model} does not fit into {ROOMS[-1]} tokens.")
    if invalid >= MOST_INVALID:
        raise LlmInvalidOutput(f"{last.model}: {' '.join(last.problems)}")
    request = first.model_copy(update={"max_tokens": ROOMS[cut]})
    return request if last.finish == "length" else repair_request(request, last.text, list(last.problems))


def is_last(replies: Sequence[ModelReply], finish: Finish) -> bool:
    """Whether an answer that ended so is the last that its model is asked for, its earlier ones being these."""
    return finish == "stop" and sum(reply.finish != "length" for reply in replies) + 1 >= MOST_INVALID
