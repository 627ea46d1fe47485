"""The failures of language models that this service can name; as in sellermind/errors.py the class name is the type.

Transient ones are retried by the activity's policy; of the permanent ones, the workflow decides which deserve another
question (more room, a shorter transcript, the next model of the chain).
"""

from sellermind.errors import Permanent, Transient


class LlmRateLimited(Transient):
    """429: the provider asks us to wait."""


class LlmOverloaded(Transient):
    """5xx or Anthropic's overloaded_error: the provider has no room now."""


class LlmTimeout(Transient):
    """No whole answer in time. The call may have been paid for."""


class LlmUnreachable(Transient):
    """The connection failed or broke. A broken one may have been paid for."""


class LlmUnreadable(Transient):
    """200, and no JSON: a gateway's page, or an answer that was cut. It may have been paid for."""


class LlmFormRefused(Transient):
    """The server takes no request with that kind of form; the next attempt asks with a plainer one."""


class LlmQuotaExhausted(Permanent):
    """The provider's account has no money or no quota left."""


class LlmContextTooLong(Permanent):
    """The transcript does not fit into the model's context."""


class LlmContentFilter(Permanent):
    """The model or its provider refused to answer."""


class LlmTruncated(Permanent):
    """The answer was cut at max_tokens; nothing of it may be carried out."""


class LlmInvalidOutput(Permanent):
    """The answer is empty, or not of the form that was asked for."""


class LlmAuth(Permanent):
    """401 or 403: the key is missing, wrong or lacks a right."""


class LlmBadRequest(Permanent):
    """Any other 4xx: the model or the form of the request is wrong."""


class BudgetExceeded(Permanent):
    """The run or its company has nothing left to spend; a higher limit lets it go on."""
