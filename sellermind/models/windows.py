"""Spans of time that a listing is asked for."""

from datetime import timedelta
from typing import Self

from pydantic import AwareDatetime, model_validator

from sellermind.models.payload import Payload


class Window(Payload):
    """From `since` to `until`, both aware."""

    since: AwareDatetime
    until: AwareDatetime

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.since >= self.until:
            raise ValueError("a window ends after it begins")
        return self

    @property
    def length(self) -> timedelta:
        """Its duration."""
        return self.until - self.since
