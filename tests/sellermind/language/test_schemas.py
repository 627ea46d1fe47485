"""Schemas as servers take them: no references, every property required, no repetition that breaks a grammar."""

from collections.abc import Iterator
from typing import Any

import pytest

from sellermind.agents.tool import Tool
from sellermind.agents.toolbox import TOOLS
from sellermind.language.client import PROBE
from sellermind.language.schemas import LONGEST_TEXT, offered, strict, unbounded


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema, itself first."""
    if isinstance(schema, dict):
        yield schema
        for key, inner in schema.items():
            for each in inner.values() if key == "properties" else [inner]:
                yield from parts(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from parts(each)


@pytest.mark.parametrize("tool", TOOLS.values(), ids=lambda tool: tool.name)
def test_a_tool_s_schema_fits_every_kind_of_server(tool: Tool[Any]) -> None:
    spec = tool.spec.parameters
    for schema in (offered(spec), strict(spec)):
        assert all(part.get("maxLength", 0) <= LONGEST_TEXT < 2000 for part in parts(schema))
        assert not any("$ref" in part or "$defs" in part for part in parts(schema))
    for part in parts(strict(spec)):
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"]) != []
        if part.get("type") == "string" and "enum" not in part and "format" not in part:
            assert part["maxLength"] <= LONGEST_TEXT
        if part.get("type") in ("integer", "number"):
            assert {"minimum", "maximum"} <= part.keys(), "a small model counts to 10^15"
        if part.get("type") == "array":
            assert part["maxItems"] <= 100
    assert not any({"maxLength", "maximum", "maxItems"} & part.keys() for part in parts(unbounded(spec)))


def test_a_property_may_be_called_as_a_keyword_is() -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}, "default": {"type": "boolean"}}}
    assert strict(schema)["required"] == ["title", "default"]


def test_the_probe_s_tool_has_an_argument_since_some_servers_refuse_an_object_without() -> None:
    assert PROBE.tools[0].parameters["properties"]
