"""The Temporal Web UI in a real browser: what an operator sees of a schedule and of a completed sync."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import quote

import pytest
from playwright.async_api import Page, async_playwright, expect
from temporalio.client import Client

from schedules.apply import apply
from tests.fixtures.failing_jobs import TwoSteps
from tests.fixtures.patience import PATIENCE, until
from tests.fixtures.product import ROOT, Product, add_account, differences
from tests.fixtures.serving import serving

CHROMIUM = "/usr/bin/chromium"
SCREENSHOT = ROOT / "var" / "web-ui.png"  # docs/web-ui.png, which the README shows, is a copy
QUIET = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET, chromium_sandbox=False)
        page = await browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(PATIENCE * 1000)
        expect.set_options(timeout=PATIENCE * 1000)
        yield page
        await browser.close()


async def test_an_operator_finds_the_schedule_and_a_completed_sync(
    product: Product, namespace: Client, temporal_ui_url: str, page: Page
) -> None:
    product = replace(
        product, client=namespace, settings=product.settings.model_copy(update={"encrypt_histories": False})
    )
    seller = product.sandbox.sellers()[0]
    account = add_account(product.engine, product.settings, seller, company_id=7)
    product.sandbox.make_orders(seller["sid"], 40)
    await apply(product.client, product.settings.model_copy(update={"cadence": {"SyncNewWildberriesOrders": 2}}))
    with product.worker("high", "only"):
        await until(lambda: not differences(product.engine, account, product.sandbox, seller["sid"]), "orders arrive")
        completed = f'SellerAccountId = {account.id} AND ExecutionStatus = "Completed"'
        async with asyncio.timeout(PATIENCE):
            while (await product.client.count_workflows(completed)).count == 0:
                await asyncio.sleep(0.1)
    site = f"{temporal_ui_url}/namespaces/{product.client.namespace}"

    await page.goto(f"{site}/schedules")
    await expect(page.get_by_role("link", name="SyncNewWildberriesOrders").first).to_be_visible()

    await page.goto(f"{site}/workflows?query={quote(completed)}")
    await page.get_by_role("link", name=f"sync-new-wildberries-orders/{account.id}").first.click()
    await expect(page.get_by_text("pull_new_wildberries_orders").first).to_be_visible()
    await expect(page.get_by_text("Completed").first).to_be_visible()
    SCREENSHOT.parent.mkdir(exist_ok=True)
    assert len(await page.screenshot(path=SCREENSHOT)) > 20_000  # a page, not a blank

    await page.get_by_role("tab", name="Search Attributes").click()
    shown = page.get_by_role("textbox", name="Search Attributes")  # the attributes stand in a code viewer
    for line in (f'"SellerAccountId": {account.id}', '"CompanyId": 7', '"Marketplace": "wb"'):
        await expect(shown).to_contain_text(line)
    await page.get_by_role("tab", name="User Metadata").click()
    summary = page.frame_locator("iframe").first.get_by_text(f"wb · {seller['name']} · new orders")
    await expect(summary).to_be_visible()


async def test_a_person_with_the_codec_s_token_reads_a_sealed_history_in_the_browser(
    product: Product, temporal_ui_url: str, page: Page
) -> None:
    name, token = "a name that only we can read", "a-codec-token-of-some-length"
    handle = await product.client.start_workflow(
        TwoSteps.run, True, id="sealed-1", task_queue="high", static_summary=name
    )
    history = f"{temporal_ui_url}/namespaces/{product.client.namespace}/workflows/{handle.id}"
    codec = {"SELLERMIND_CODEC_TOKEN": token, "SELLERMIND_CODEC_ORIGIN": temporal_ui_url}
    with serving(product.environment | codec) as http:
        endpoint = f"{str(http.base_url).rstrip('/')}/codec"
        settings = {"endpoint": endpoint, "includeCredentials": True, "overrideRemoteCodecConfiguration": True}
        for key, value in settings.items():  # as its page "data encoder" keeps them
            await page.add_init_script(f"localStorage.setItem({key!r}, {json.dumps(json.dumps(value))})")
        await page.goto(f"{history}/{handle.result_run_id}/history")
        await expect(page.get_by_text("sealed-1").first).to_be_visible()
        await expect(page.get_by_text(name)).not_to_be_visible()
        await page.goto(f"{endpoint}/".replace("://", f"://me:{token}@"))
        await expect(page.get_by_text("signed in")).to_be_visible()
        await page.goto(f"{history}/{handle.result_run_id}/history")
        await expect(page.get_by_text(name).first).to_be_visible()
