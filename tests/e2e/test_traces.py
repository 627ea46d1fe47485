"""Traces, by a real OTLP receiver: one sync is one trace, from its start to its requests and statements."""

import asyncio
import json

from schedules.apply import register_search_attributes
from tests.fixtures.collector import Collector
from tests.fixtures.command_line import sellermind
from tests.fixtures.patience import until
from tests.fixtures.product import Product, add_account

JOB = "SyncNewWildberriesOrders"
ACTIVITY = "pull_new_wildberries_orders"


async def test_a_dispatched_sync_is_one_trace_with_its_requests_and_statements_and_no_secret(
    product: Product, collector: Collector
) -> None:
    await register_search_attributes(product.client)
    seller = product.sandbox.sellers()[0]
    product.sandbox.make_orders(seller["sid"], 2)
    account = add_account(product.engine, product.settings, seller)
    environment = product.environment | collector.environment
    with product.worker("high", "traced", **collector.environment):
        done = await asyncio.to_thread(
            sellermind, "dispatch", JOB, "--account", str(account.id), "--wait", environment=environment
        )
        assert done.code == 0, done.err
        await until(lambda: bool(collector.under(f"RunActivity:{ACTIVITY}")), "the activity's spans arrived")
        await until(lambda: any(s.name == f"RunWorkflow:{JOB}" for s in collector.spans()), "the run's span arrived")
    spans = [span for span in collector.spans() if not span.name.startswith("QueryWorkflow")]
    assert len({span.trace_id for span in spans}) == 1
    (root,) = [span for span in spans if not span.parent_span_id]
    assert root.name == f"StartWorkflow:{JOB}"
    assert {span.name for span in collector.under(root.name)} == {f"RunWorkflow:{JOB}"}
    below = {span.name for span in collector.under(f"RunActivity:{ACTIVITY}")}
    assert {"GET /api/v3/orders/new", "INSERT wb_orders", "SELECT marketplace_accounts"} <= below
    assert seller["token"].encode() not in b"".join(collector.received)
    log = (product.folder / "traced.log").read_text().splitlines()
    assert all("trace_id" in line or "workflow_id" not in line for line in map(json.loads, log))
