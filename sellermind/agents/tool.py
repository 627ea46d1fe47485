"""What a tool is: a name and a description for the model, typed arguments, and the code behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from sellermind.errors import RecordGone
from sellermind.models.agents import Risk, Scope, Trust
from sellermind.models.language import ToolSpec
from sellermind.models.payload import Payload

Arguments = TypeVar("Arguments", bound=Payload)
Facts = dict[str, Any]
"""JSON that a tool gives back."""


@dataclass(frozen=True)
class Desk:
    """Where a tool works: inside one transaction, on the data of one company."""

    connection: Connection
    scope: Scope
    key: str
    """The same in every attempt of one call: a write marks its effect with it."""

    def accounts(self, wanted: int | None) -> tuple[int, ...]:
        """The accounts of the scope, or the one of them that is wanted.

        Raises:
            RecordGone: it is none of them.
        """
        if wanted is None:
            return self.scope.account_ids
        if wanted not in self.scope.account_ids:
            raise RecordGone(f"There is no account {wanted}.")
        return (wanted,)


@dataclass(frozen=True)
class Tool(Generic[Arguments]):
    """One tool. Its `run` raises RecordGone for ids that the scope does not hold, whoever they belong to."""

    name: str
    description: str
    arguments: type[Arguments]
    run: Callable[[Desk, Arguments], Facts]
    risk: Risk = Risk.READ
    trust: Trust = Trust.UNTRUSTED
    preview: Callable[[Desk, Arguments], Facts] | None = None
    """What would change, for the person who decides; every write has one."""
    reconcile: Callable[[Desk, Arguments], Facts | None] | None = None
    """The result of an earlier attempt whose end nobody saw, or None if it had no effect; every write has one."""

    def __post_init__(self) -> None:
        """Refuse a write that nobody could judge or repeat safely."""
        if self.risk is Risk.WRITE and (self.preview is None or self.reconcile is None):
            raise ValueError(f"the tool {self.name} writes: it needs a preview and a reconcile")

    @property
    def spec(self) -> ToolSpec:
        """The tool as a model sees it."""
        return ToolSpec(name=self.name, description=self.description, parameters=self.arguments.model_json_schema())
