"""JSON schemas as a model server sees them: which it takes, and a value that matches one."""

from collections.abc import Iterator
from typing import Any

from sandbox.model.chat import Schema, require
from sandbox.model.words import Words

_MOST_ITEMS = 3
_DEEPEST = 12
_LONG, _SHORT = 400, 100  # of a text without a bound of its own, at the top and inside lists
_TRIES = 10  # for an item of a list that is not there yet


def check_strict(schema: Schema, where: str, *, refused: frozenset[str], all_required: bool = True) -> None:
    """Refuse a schema that the provider's constrained decoding does not take.

    Args:
        schema: the caller's schema.
        where: how the provider names its place in the message.
        refused: keywords the provider does not know.
        all_required: every property of an object must be listed in `required` (OpenAI's strict mode).

    Raises:
        Refusal: as a 400 of the provider.
    """
    for part in _parts(schema):
        unknown = sorted(refused & part.keys())
        require(not unknown, f"Invalid schema for {where}: {', '.join(unknown)} is not permitted.")
        if "properties" not in part:
            continue
        closed = part.get("additionalProperties") is False
        require(closed, f"Invalid schema for {where}: 'additionalProperties' must be supplied and be false.")
        missing = sorted(part["properties"].keys() - set(part.get("required", ())))
        require(not (all_required and missing), f"Invalid schema for {where}: 'required' lacks {', '.join(missing)}.")


def value(schema: Schema, words: Words, *, optional: bool = True) -> Any:
    """Return a value that matches a schema.

    Args:
        schema: the caller's schema, with its `$defs`.
        words: where texts, numbers and dates come from.
        optional: fill the properties that are neither required nor named by the question too.
    """
    return _Builder(schema, words, optional=optional).build(schema, "", 0)


class _Builder:
    def __init__(self, root: Schema, words: Words, *, optional: bool) -> None:
        self._definitions = root.get("$defs", {})
        self._words = words
        self._optional = optional

    def build(self, schema: Schema, name: str, depth: int) -> Any:
        schema = self._resolve(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._words.pick(schema["enum"])
        kind = schema.get("type", "object" if "properties" in schema else "string")
        kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        return self._scalar(kind, schema, name, _LONG if depth <= 1 else _SHORT)

    def _resolve(self, schema: Schema) -> Schema:
        """Follow references; of alternatives take the first that is not null."""
        while True:
            if "$ref" in schema:
                schema = self._definitions[schema["$ref"].rsplit("/", 1)[-1]]
                continue
            choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
            if not choices:
                return schema
            schema = next((one for one in choices if one.get("type") != "null"), choices[0])

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        wanted = {
            name: part
            for name, part in schema.get("properties", {}).items()
            if name in required or self._words.names(name) or (self._optional and depth < _DEEPEST)
        }
        return {name: self.build(part, name, depth + 1) for name, part in wanted.items()}

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        size = max(schema.get("minItems", 0), min(_MOST_ITEMS, schema.get("maxItems", _MOST_ITEMS)))
        items: Schema = schema.get("items") or {"type": "string"}
        values: list[Any] = []
        for _ in range(size):
            tries = (self.build(items, name, depth + 1) for _ in range(_TRIES))
            values.append(next((one for one in tries if one not in values), None) or self.build(items, name, depth + 1))
        return values

    def _scalar(self, kind: str, schema: Schema, name: str, longest: int) -> Any:
        if kind in ("integer", "number"):
            lowest, highest = schema.get("minimum", 0), schema.get("maximum", 10**6)
            return min(max(self._words.number(name), lowest), highest)
        if kind == "boolean":
            return True
        if kind == "null":
            return None
        if schema.get("format") in ("date", "date-time"):
            return self._words.date(name, schema["format"])
        return self._words.text(name, schema.get("minLength", 0), schema.get("maxLength", longest))


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema inside a schema, itself first; names of properties are no keywords."""
    if not isinstance(schema, dict):
        return
    yield schema
    for key, inner in schema.items():
        if key in ("properties", "$defs"):
            for part in inner.values():
                yield from _parts(part)
        elif key in ("items", "additionalProperties"):
            yield from _parts(inner)
        elif key in ("anyOf", "oneOf", "allOf"):
            for part in inner:
                yield from _parts(part)
