"""Our Wildberries client against its specification: served by Prism, and compared field by field."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped] # comes with schemathesis, without stubs
from pydantic import BaseModel
from temporalio.exceptions import ApplicationError

from sellermind.errors import AccessRevoked, MethodRefused, Refused, Throttled, Unavailable
from sellermind.marketplaces.http import build_http_client
from sellermind.marketplaces.wildberries import WildberriesClient
from sellermind.marketplaces.wildberries_orders import OrderRow
from tests.fixtures.prism import CONTRACT
from tests.sellermind.marketplaces.raw_server import CountingBudget


class Preference:
    """What Prism is asked to answer; sent by the test's HTTP client, of which ours knows nothing."""

    def __init__(self) -> None:
        self.header = ""

    def __call__(self, request: httpx.Request) -> None:
        if self.header:
            request.headers["Prefer"] = self.header


@pytest.fixture(scope="module")
def prefer() -> Preference:
    return Preference()


@pytest.fixture(scope="module")
def preferring_http(prefer: Preference) -> Iterator[httpx.Client]:
    with build_http_client() as client:
        client.event_hooks = {"request": [prefer]}
        yield client


@pytest.fixture
def client(
    wildberries_prism: str, preferring_http: httpx.Client, prefer: Preference, budget: CountingBudget
) -> Iterator[WildberriesClient]:
    yield WildberriesClient(preferring_http, wildberries_prism, "test-token", budget)
    prefer.header = ""


def test_the_orders_of_the_specification_are_read(client: WildberriesClient, budget: CountingBudget) -> None:
    found = client.new_orders()
    assert found.set_aside == ()
    assert [order.external_order_id for order in found.orders] == ["5632423001", "5632423002"]
    assert found.orders[0].ordered_at == datetime(2026, 11, 20, 7, 56, 29, tzinfo=UTC)
    assert budget.told == [("take", 1), ("learn_remaining", 19)]


def test_no_orders_are_no_orders(client: WildberriesClient, prefer: Preference) -> None:
    prefer.header = "example=empty"
    assert client.new_orders().orders == ()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (401, AccessRevoked),
        (402, Refused),
        (403, MethodRefused),
        (429, Throttled),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
    ],
)
def test_every_error_of_the_specification_has_its_name(
    client: WildberriesClient, prefer: Preference, code: int, name: type[ApplicationError]
) -> None:
    prefer.header = f"code={code}"
    with pytest.raises(name, match=f"Wildberries GET /api/v3/orders/new: {code} "):
        client.new_orders()


def test_a_missing_token_is_refused_by_the_specification(wildberries_prism: str, preferring_http: httpx.Client) -> None:
    assert preferring_http.get(f"{wildberries_prism}/api/v3/orders/new").status_code == 401


SPEC = yaml.safe_load((CONTRACT / "wildberries-fbs.yaml").read_text())["components"]["schemas"]


def kinds(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The types a schema allows, each with the part that defines it; null left out."""
    schema = definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    parts = [kinds(part, definitions) for part in schema.get("anyOf", [])] or [{schema.get("type", ""): schema}]
    return {kind: part for found in parts for kind, part in found.items() if kind != "null"}


def differences(ours: dict[str, Any], defs: dict[str, Any], theirs: dict[str, Any], at: str) -> Iterator[str]:
    """Where a schema of ours reads a field that the specification lacks, or has with another type."""
    theirs_by_kind, ours_by_kind = kinds(theirs, SPEC), kinds(ours, defs)
    for kind, part in theirs_by_kind.items():
        mine = ours_by_kind.get(kind) or ours_by_kind.get("number" if kind == "integer" else kind)
        if mine is None:
            yield f"{at}: {kind} in the specification, {list(ours_by_kind)} in ours"
        elif kind == "array":
            yield from differences(mine["items"], defs, part["items"], f"{at}[]")
        elif kind == "object":
            for name, field in mine["properties"].items():
                if name not in part["properties"]:
                    yield f"{at}.{name}: not in the specification"
                else:
                    yield from differences(field, defs, part["properties"][name], f"{at}.{name}")


@pytest.mark.parametrize(("model", "schema"), [(OrderRow, "OrderNew"), (OrderRow, "Order")])
def test_every_field_we_read_is_in_the_specification_with_its_type(model: type[BaseModel], schema: str) -> None:
    ours = model.model_json_schema(by_alias=True)
    assert list(differences(ours, ours.get("$defs", {}), SPEC[schema], schema)) == []
