"""A call of a language model and its answer, whatever provider stands behind it."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from sellermind.models.payload import Payload

DEFAULT_MODEL = "default"
"""The name by which an agent asks for the model that the installation is set up with."""


class Provider(StrEnum):
    """Wire forms that we speak."""

    OPENAI = "openai"
    """Chat completions, as OpenAI and every compatible server offer them."""
    ANTHROPIC = "anthropic"
    """Messages, as Anthropic offers them."""


class Mode(StrEnum):
    """How a model is offered tools."""

    TOOLS = "tools"
    """Natively: tools go into the request, calls come back."""
    ACTION = "action"
    """As a JSON schema that the answer must match: one action, a tool call or the answer."""


class FormAs(StrEnum):
    """How a server is told the form that an answer must have, the strictest first."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    """The schema in words."""
    TEXT = "text"
    """The schema in words, and nothing that the server would have to know."""


class ModelServer(Payload):
    """One model in the configuration (SELLERMIND_MODELS); its name there is what agents ask for."""

    provider: Provider = Provider.OPENAI
    url: str = ""
    """Base URL; empty: SELLERMIND_MODEL_URL for OpenAI's form, https://api.anthropic.com/v1 for Anthropic's."""
    model: str | None = None
    """The provider's name of the model, where it differs from ours."""
    key: str | None = None
    """Entry of SELLERMIND_MODEL_KEYS; None: SELLERMIND_MODEL_API_KEY."""
    mode: Mode | None = None
    """None: asked of the server once."""
    max_tokens_parameter: Literal["max_tokens", "max_completion_tokens"] | None = None
    """None: `max_completion_tokens` at OpenAI itself, `max_tokens` elsewhere."""
    takes_temperature: bool = True
    context_tokens: int | None = Field(default=None, ge=1)
    """What it can read at once; None: nobody said, and its own refusal tells."""
    sees: bool = False
    """Whether it takes pictures; one that does looks at a product before it writes about it."""
    input_price: int | None = Field(default=None, ge=0)
    """Micro-dollars for a million tokens; None: the price table's (sellermind/language/prices.py)."""
    cached_price: int | None = Field(default=None, ge=0)
    output_price: int | None = Field(default=None, ge=0)


class ToolSpec(Payload):
    """A tool as a model sees it."""

    name: str
    description: str
    parameters: dict[str, Any]
    """JSON schema of its arguments, every string and list bounded."""


class AskedCall(Payload):
    """A tool call that a model asks for. `arguments` is None when they were no JSON object."""

    id: str
    """The provider's id, for the wire only."""
    tool: str
    arguments: dict[str, Any] | None


class ChatMessage(Payload):
    """One message of a transcript; a `tool` message answers the call named by `call_id`."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str = ""
    calls: tuple[AskedCall, ...] = ()
    call_id: str | None = None
    tool: str | None = None


class OutputSchema(Payload):
    """The form that an answer must have."""

    name: str
    definition: dict[str, Any]
    """JSON schema, as pydantic makes it."""


class Picture(Payload):
    """A picture that goes along with a question."""

    media_type: Literal["image/jpeg", "image/png", "image/webp"]
    content: bytes


class ModelRequest(Payload):
    """One question to a model."""

    messages: tuple[ChatMessage, ...]
    max_tokens: int = Field(ge=1)
    """Always sent: a small model may never stop by itself."""
    tools: tuple[ToolSpec, ...] = ()
    form: OutputSchema | None = None
    """For an answer of a given form; not together with tools."""
    picture: Picture | None = Field(default=None, exclude=True, repr=False)
    """Shown with the user's first message; left out wherever a request is written down."""
    must_call: bool = False
    temperature: float | None = None
    key: str = ""
    """Sent as Idempotency-Key: providers that know it do not bill a repeated call twice."""


Tokens = Annotated[int, Field(ge=0, le=10**8)]
"""As many as one call can count; more is no count, and would not fit the columns of usage."""


class TokenUsage(Payload):
    """Tokens of one call; the cached ones are part of the input's."""

    input: int = 0
    output: int = 0
    cached: int = 0


Finish = Literal["stop", "tool_calls", "length", "content_filter"]


class ModelAnswer(Payload):
    """What came back, and what it used."""

    provider: Provider
    model: str
    """The model that really answered, by the provider's own name."""
    text: str = ""
    calls: tuple[AskedCall, ...] = ()
    finish: Finish
    usage: TokenUsage = TokenUsage()
    latency_ms: int = 0
    valid: bool = True
    """False: the text should have been an action, and was not."""
