"""JSON schemas as the providers take them, made from the ones that pydantic makes."""

from typing import Any

# llama.cpp makes a grammar of a schema and refuses, in many of its versions, the whole request for one repetition of
# 2,000 or more (ggml-org/llama.cpp issues 25746 and 27087), or for an object without properties (25923).
LONGEST_TEXT = 1990
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


def offered(schema: dict[str, Any]) -> dict[str, Any]:
    """A tool's schema as models are offered it: the bounds that only long texts have are left to our own check."""
    made: dict[str, Any] = _walk(inlined(schema), _without_long_bounds)
    return made


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


def _without_long_bounds(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != "maxLength" or value <= LONGEST_TEXT}


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
