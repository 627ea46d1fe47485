"""The base of everything that travels through workflow history."""

from pydantic import BaseModel, ConfigDict


class Payload(BaseModel):
    """Frozen; a field added with a default leaves recorded histories readable."""

    model_config = ConfigDict(frozen=True, extra="ignore")
