"""What kind of model server the sandbox plays."""

from pydantic import BaseModel, ConfigDict, Field


class ModelOptions(BaseModel):
    """Options of `python -m sandbox.model` and of `POST /sandbox/reset`.

    Attributes:
        key: the API key that callers must send; None takes any caller, as a local server does.
        models: names it serves; empty serves every name.
        ignores_tools: answers in plain text whatever tools are offered, and llama.cpp's error bodies.
        honours_json_schema: a reply to a request with a JSON schema matches it; else the schema is ignored.
        refuses: fields of a chat request (`tools`) and types of `response_format` (`json_schema`) that are answered by
            400, as by a server that does not know them.
        honours_idempotency: the same Idempotency-Key gets the same answer and is paid once.
        context_tokens: a longer transcript is refused.
        image_seconds: an image's URL answers for so long.
        latency_ms: added to every answer of the model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str | None = None
    models: tuple[str, ...] = ()
    ignores_tools: bool = False
    honours_json_schema: bool = True
    refuses: tuple[str, ...] = ()
    honours_idempotency: bool = False
    context_tokens: int = Field(default=128_000, ge=16)
    image_seconds: float = Field(default=3600, ge=0)
    latency_ms: int = Field(default=0, ge=0, le=600_000)
