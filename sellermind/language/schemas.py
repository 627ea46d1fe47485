"""JSON schemas as the providers take them, made from the ones that pydantic makes."""

from typing import Any

# A grammar that repeats a character two thousand times is what llama.cpp still takes.
LONGEST_TEXT = 2000
_NOT_FOR_GRAMMARS = frozenset({"title", "default", "pattern", "examples", "description"})
_FORMATS = frozenset({"date", "date-time"})  # all grammars know them
_BOUNDS = frozenset(
    {"minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
) | frozenset({"multipleOf", "minItems", "maxItems", "uniqueItems"})


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its definitions written out in place: some servers do not follow `$ref`.

    Args:
        schema: not recursive.
    """
    definitions = schema.get("$defs", {})

    def resolve(node: Any) -> Any:
        if isinstance(node, list):
            return [resolve(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return resolve(definitions[node["$ref"].rsplit("/", 1)[-1]])
        return {key: resolve(value) for key, value in node.items() if key != "$defs"}

    resolved: dict[str, Any] = resolve(schema)
    return resolved


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema for constrained decoding: every property required, none besides, no text without a bound."""
    made: dict[str, Any] = _walk(inlined(schema), _strict_node)
    return made


def unbounded(schema: dict[str, Any]) -> dict[str, Any]:
    """The strict schema without sizes: Anthropic's grammar knows shapes only and refuses the rest."""
    made: dict[str, Any] = _walk(strict(schema), lambda node: {k: v for k, v in node.items() if k not in _BOUNDS})
    return made


def _walk(node: Any, change: Any) -> Any:
    """Apply `change` to every schema in the schema; the names of properties are no keywords."""
    if isinstance(node, list):
        return [_walk(each, change) for each in node]
    if not isinstance(node, dict):
        return node
    changed = change(node)
    return {
        key: {name: _walk(each, change) for name, each in value.items()}
        if key == "properties"
        else _walk(value, change)
        if key in ("items", "anyOf", "oneOf", "additionalProperties")
        else value
        for key, value in changed.items()
    }


def _strict_node(node: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in node.items() if key not in _NOT_FOR_GRAMMARS}
    if kept.get("format") not in _FORMATS:
        kept.pop("format", None)
    if "const" in kept:
        kept["enum"] = [kept.pop("const")]
    if kept.get("type") == "object":
        kept["additionalProperties"] = False
        kept["required"] = list(kept.get("properties", {}))
    if kept.get("type") == "string" and "enum" not in kept and "format" not in kept:
        kept["maxLength"] = min(kept.get("maxLength", LONGEST_TEXT), LONGEST_TEXT)
    return kept
