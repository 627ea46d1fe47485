"""Agents: how one is set up, and what its tools may do."""

import hashlib
from enum import StrEnum

from pydantic import Field

from sellermind.models.language import DEFAULT_MODEL
from sellermind.models.payload import Payload


class Risk(StrEnum):
    """What a tool can do to the seller's data."""

    READ = "read"
    PROPOSE = "propose"
    """Prepares a change and shows it; changes nothing."""
    WRITE = "write"


class Trust(StrEnum):
    """Whose words a tool's result holds."""

    OWN = "own"
    """Numbers and states that we computed."""
    UNTRUSTED = "untrusted"
    """Texts that buyers, suppliers or a marketplace may have written: they can hold instructions."""


class Approval(StrEnum):
    """When a person must agree to a tool call."""

    NEVER = "never"
    """Not for trusted turns; once untrusted text is in the conversation a write needs a person all the same."""
    AUTO = "auto"
    """For every write."""
    ALWAYS = "always"


class ToolGrant(Payload):
    """A tool that an agent may use."""

    name: str
    approval: Approval = Approval.AUTO
    max_calls: int | None = Field(default=None, ge=0)
    """In one run."""


class RunBudget(Payload):
    """What one run may use, over all its turns. Waiting for a person costs nothing."""

    steps: int = Field(default=25, ge=0)
    tool_calls: int = Field(default=40, ge=0)
    tokens_input: int = Field(default=200_000, ge=0)
    tokens_output: int = Field(default=20_000, ge=0)
    micros: int = Field(default=500_000, ge=0)
    active_seconds: int = Field(default=300, ge=0)


class AgentSetup(Payload):
    """All that decides how an agent behaves; a run keeps the one it began with."""

    system_prompt: str = Field(min_length=1, max_length=50_000)
    models: tuple[str, ...] = Field(default=(DEFAULT_MODEL,), min_length=1, max_length=5)
    """Asked in this order: the next one when one fails for good."""
    tools: tuple[ToolGrant, ...] = ()
    budget: RunBudget = RunBudget()
    max_tokens: int = Field(default=1500, ge=16, le=32_000)
    """Of one answer."""

    @property
    def sha256(self) -> str:
        """Hash of the whole setup."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Agent(Payload):
    """One row of `agents`."""

    id: int
    slug: str
    name: str
    description: str = ""
    company_id: int | None = None
    is_active: bool = True
    version: int | None = None


class Scope(Payload):
    """Whose data a run may see. It comes from the run's row, never from a model."""

    company_id: int
    account_ids: tuple[int, ...]
    run_id: int
