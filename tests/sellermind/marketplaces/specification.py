"""Our row models beside a specification's schemas, field by field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

Schema = dict[str, Any]


class Specification:
    """The schemas of one OpenAPI file."""

    def __init__(self, path: Path) -> None:
        self._schemas: Schema = yaml.safe_load(path.read_text())["components"]["schemas"]

    def differences(self, model: type[BaseModel], schema: str) -> list[str]:
        """Where a model reads a field that the schema lacks, or has with another type."""
        ours = model.model_json_schema(by_alias=True)
        return list(self._differences(ours, ours.get("$defs", {}), self._schemas[schema], schema))

    def _differences(self, ours: Schema, definitions: Schema, theirs: Schema, at: str) -> Iterator[str]:
        our_kinds = _kinds(ours, definitions)
        for kind, part in _kinds(theirs, self._schemas).items():
            mine = our_kinds.get(kind) or our_kinds.get("number" if kind == "integer" else kind)
            if mine is None:
                yield f"{at}: {kind} in the specification, {list(our_kinds)} in ours"
            elif kind == "array":
                yield from self._differences(mine["items"], definitions, part["items"], f"{at}[]")
            elif kind == "object" and not part.get("additionalProperties"):
                yield from self._field_differences(mine, definitions, part, at)

    def _field_differences(self, ours: Schema, definitions: Schema, theirs: Schema, at: str) -> Iterator[str]:
        for name, field in ours["properties"].items():
            if name not in theirs["properties"]:
                yield f"{at}.{name}: not in the specification"
            else:
                yield from self._differences(field, definitions, theirs["properties"][name], f"{at}.{name}")


def _kinds(schema: Schema, definitions: Schema) -> dict[str, Schema]:
    """The types a schema allows, each with the part that defines it; null left out."""
    schema = definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    choices = schema.get("anyOf") or schema.get("oneOf") or []
    parts = [_kinds(part, definitions) for part in choices] or [{schema.get("type", ""): schema}]
    return {kind: part for found in parts for kind, part in found.items() if kind != "null"}
