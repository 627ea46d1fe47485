"""Others' tools hold the sandbox to the marketplaces' specifications: Prism as a proxy, and schemathesis."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from sandbox.uzum.order_calls import STATUSES
from tests.fixtures.patience import PATIENCE
from tests.fixtures.prism import CONTRACT, prism
from tests.fixtures.sandbox import Sandbox

WILDBERRIES = CONTRACT / "wildberries-fbs.yaml"
UZUM = CONTRACT / "uzum-seller.yaml"
UZUM_OPERATIONS = ("getShops", "getFbsOrdersV2", "getOrderCountV2", "getFbsOrder")
UNBOUND = "checks.positive_data_acceptance.enabled = false"
OPERATIONS = (
    *("getPing", "getV3OrdersNew", "getV3Orders", "postV3OrdersStatus", "getV3Supplies", "getV3SuppliesSupplyId"),
    *("getV3SuppliesSupplyIdOrderIds", "getV3SuppliesOrdersReshipment"),
)


@pytest.fixture
def lively(sandbox: Sandbox) -> Sandbox:
    """A seller of each marketplace with orders in every state, and no limit that would hide them."""
    sandbox.reset(sellers=1, uzum_sellers=1, open_orders=600, speed=0)
    for _ in range(6):
        sandbox.world(live_seconds=6 * 3600)
    sandbox.make_orders("0", 20)
    for marketplace in ("wildberries", "uzum"):
        sandbox.limit(per_minute=6_000_000, burst=1_000_000, per_day=1_000_000, marketplace=marketplace)
    return sandbox


def test_prism_finds_no_violation_in_wildberries_answers(lively: Sandbox, tmp_path: Path) -> None:
    token = lively.sellers()[0]["token"]
    truth = lively.truth("0")
    ids, supply = [order["id"] for order in truth["orders"]], truth["supplies"][0]["id"]
    with (
        prism(tmp_path / "prism.log", "proxy", WILDBERRIES, lively.base_url) as url,
        httpx.Client(base_url=url, headers={"Authorization": token}, timeout=PATIENCE) as http,
    ):
        answers = [
            http.get("/ping"),
            http.get("/api/v3/orders/new"),
            http.get("/api/v3/orders", params={"limit": 1000, "next": 0}),
            http.get("/api/v3/orders", params={"limit": 7, "next": 13_000_003}),
            http.post("/api/v3/orders/status", json={"orders": ids}),
            http.get("/api/v3/supplies", params={"limit": 1000, "next": 0}),
            http.get("/api/v3/supplies", params={"limit": 3, "next": 0}),
            http.get(f"/api/v3/supplies/{supply}"),
            http.get(f"/api/marketplace/v3/supplies/{supply}/order-ids"),
            http.get("/api/v3/supplies/orders/reshipment"),
            http.get("/api/v3/supplies/WB-GI-1"),
            http.get("/api/v3/orders/new", headers={"Authorization": "not-a-token"}),
            http.get("/api/v3/orders", params={"limit": 10, "next": 0, "dateFrom": 1, "dateTo": 9_000_000}),
        ]
    assert [(answer.status_code, answer.headers.get("sl-violations")) for answer in answers] == [
        *[(200, None)] * 10,
        (404, None),
        (401, None),
        (400, None),
    ]


def test_prism_finds_no_violation_in_uzum_answers(lively: Sandbox, tmp_path: Path) -> None:
    seller = lively.sellers()[-1]
    shops = [shop["id"] for shop in seller["shops"]]
    order = lively.truth(seller["sid"])["orders"][0]["id"]
    with (
        prism(tmp_path / "prism.log", "proxy", UZUM, f"{lively.base_url}/api/seller-openapi") as url,
        httpx.Client(base_url=url, headers={"Authorization": seller["token"]}, timeout=PATIENCE) as http,
    ):
        answers = [
            http.get("/v1/shops"),
            *(http.get("/v2/fbs/orders", params={"shopIds": shops, "status": one, "size": 50}) for one in STATUSES),
            http.get("/v2/fbs/orders/count", params={"shopIds": shops, "status": "PACKING"}),
            http.get(f"/v1/fbs/order/{order}"),
            http.get("/v1/fbs/order/1"),
            http.get("/v2/fbs/orders", params={"shopIds": [1]}),
            http.get("/v1/shops", headers={"Authorization": f"Bearer {seller['token']}"}),
        ]
    assert [(answer.status_code, answer.headers.get("sl-violations")) for answer in answers] == [
        *[(200, None)] * 14,
        (400, None),
        *[(403, None)] * 2,
    ]


def test_schemathesis_finds_no_fault_in_uzum(lively: Sandbox, tmp_path: Path) -> None:
    config = tmp_path / "schemathesis.toml"
    # The schema cannot say that a shop must be the token's own, an order must exist, and a window must not run back.
    names = ("GET /v2/fbs/orders", "GET /v2/fbs/orders/count", "GET /v1/fbs/order/{orderId}")
    config.write_text("".join(f'[[operations]]\ninclude-name = "{name}"\n{UNBOUND}\n' for name in names))
    url, token = f"{lively.base_url}/api/seller-openapi", lively.sellers()[-1]["token"]
    explored = schemathesis(UZUM, url, token, config, UZUM_OPERATIONS)
    assert explored.returncode == 0, explored.stdout[-6000:]


def test_schemathesis_finds_no_fault_in_wildberries(lively: Sandbox, tmp_path: Path) -> None:
    config = tmp_path / "schemathesis.toml"
    # The schemas let through what the operations' texts do not: a window over 30 days, a request without its body.
    names = ("GET /api/v3/orders", "POST /api/v3/orders/status")
    config.write_text("".join(f'[[operations]]\ninclude-name = "{name}"\n{UNBOUND}\n' for name in names))
    explored = schemathesis(WILDBERRIES, lively.base_url, lively.sellers()[0]["token"], config, OPERATIONS)
    assert explored.returncode == 0, explored.stdout[-6000:]


def schemathesis(
    spec: Path, url: str, token: str, config: Path, operations: tuple[str, ...]
) -> "subprocess.CompletedProcess[str]":
    """Let schemathesis ask every way it knows, the same ways in every run."""
    command = [str(Path(sys.executable).parent / "schemathesis"), f"--config-file={config}", "run", str(spec)]
    command += [f"--url={url}", f"--header=Authorization: {token}", "--max-examples=12", "--seed=1", "--no-color"]
    # Not every operation of a path is there, so Allow names fewer methods than the specification.
    command += ["--exclude-checks=allow_header_conformance"]
    command += [f"--include-operation-id={operation}" for operation in operations]
    return subprocess.run(command, cwd=config.parent, capture_output=True, text=True, timeout=PATIENCE, check=False)
