"""Error bodies as the providers write them: OpenAI, llama.cpp behind the same path, Anthropic."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from sandbox.model.chat import Refusal

Form = Literal["openai", "llama", "anthropic"]


@dataclass(frozen=True, slots=True)
class Row:
    """One refusal in each provider's words."""

    status: int
    openai_type: str
    openai_code: str | None
    anthropic_status: int
    anthropic_type: str


REFUSALS = {
    "bad-request": Row(400, "invalid_request_error", None, 400, "invalid_request_error"),
    "unauthorized": Row(401, "invalid_request_error", "invalid_api_key", 401, "authentication_error"),
    "forbidden": Row(403, "invalid_request_error", "unsupported_country_region_territory", 403, "permission_error"),
    "not-found": Row(404, "invalid_request_error", "model_not_found", 404, "not_found_error"),
    "context": Row(400, "invalid_request_error", "context_length_exceeded", 400, "invalid_request_error"),
    "policy": Row(400, "invalid_request_error", "content_policy_violation", 400, "invalid_request_error"),
    "rate-limit": Row(429, "requests", "rate_limit_exceeded", 429, "rate_limit_error"),
    "quota": Row(429, "insufficient_quota", "insufficient_quota", 402, "billing_error"),
    "overloaded": Row(503, "server_error", None, 529, "overloaded_error"),
    "server-error": Row(500, "server_error", None, 500, "api_error"),
}


def status_of(refusal: Refusal, form: Form) -> int:
    """Return the HTTP status of a refusal."""
    row = REFUSALS[refusal.kind]
    return refusal.status or (row.anthropic_status if form == "anthropic" else row.status)


def body_of(refusal: Refusal, form: Form) -> dict[str, Any]:
    """Return the JSON body of a refusal."""
    row = REFUSALS[refusal.kind]
    if form == "anthropic":
        error = {"type": row.anthropic_type, "message": refusal.message}
        return {"type": "error", "error": error, "request_id": f"req_{uuid4().hex[:24]}"}
    if form == "llama":
        kind = "exceed_context_size_error" if refusal.kind == "context" else row.openai_type
        return {"error": {"code": status_of(refusal, form), "message": refusal.message, "type": kind}}
    return {
        "error": {"message": refusal.message, "type": row.openai_type, "param": None, "code": row.openai_code},
    }
