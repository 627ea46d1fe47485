"""Canaries: tokens, keys and buyers' data put into the world come out nowhere but where they live.

They live in our database, buyers' data in two tables of it: `uzum_orders`, as the marketplace sent it, and
`agent_messages`, where a person typed it; `agent trace` shows that person's words to people. No tool of an agent and no
command reads the buyers' columns. Histories are not encrypted here: what is not in them need not be hidden.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import httpx
from sqlalchemy import insert, select
from temporalio.api.workflowservice.v1 import DescribeScheduleRequest
from temporalio.client import Client

from ops.audit import LOG
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.agents import agent_messages
from sellermind.storage.tables.products import products
from sellermind.storage.tables.uzum import uzum_orders
from tests.fixtures.agents import calling
from tests.fixtures.collector import Collector
from tests.fixtures.command_line import Ran, sellermind
from tests.fixtures.model import ModelServer
from tests.fixtures.patience import until
from tests.fixtures.ports import free_port
from tests.fixtures.product import Product
from tests.fixtures.serving import serving
from tests.fixtures.typist import Typist
from workflows.catalog import JOBS

MODEL_KEY, CODEC_TOKEN = "canary.model-key.4b7e92", "canary.codec-token.91c3d5"  # forms that no pattern knows
BUYER = (uzum_orders.c.customer_name, uzum_orders.c.customer_phone, uzum_orders.c.delivery_address_full)
TYPED = "+998 90 555-01-77"
PASSING = ("html", "bad-rows", "cut", "server-error", "redirect")
LASTING = ("refused", "unauthorized")
VERBS = (
    *("account list", "account show 1", "account show 2", "account rekey --dry-run", "db check", "db upgrade", "jobs"),
    *("doctor", "schedules list", "schedules check", "workers status", "workers plan", "queue stats", "queue failed"),
    *("queue failed --id sync-new-wildberries-orders/1", "queue failed --id agent-run/2", "queue stuck"),
    *("queue failed --id nothing/1", "generate list", "generate show 1", "agent list", "agent show 1", "agent show 2"),
    *("agent trace 1", "agent trace 2"),
)
MORE_IN_JSON = ("account", "agent", "doctor", "generate", "queue failed")


@dataclass
class Scene:
    """The product with a model server, and everything that came out of it, by where."""

    product: Product
    model: ModelServer
    typist: Typist
    traces: Collector
    metrics: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))
    seen: dict[str, bytes] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What every process gets."""
        return {
            **self.product.environment,
            **self.traces.environment,
            "SELLERMIND_MODEL_URL": self.model.url,
            "SELLERMIND_MODEL_API_KEY": MODEL_KEY,
            "SELLERMIND_MODEL_MODE": "tools",
            "SELLERMIND_CODEC_TOKEN": CODEC_TOKEN,
            "SELLERMIND_LOG_LEVEL": "DEBUG",
            "SELLERMIND_CADENCE": json.dumps({job.name: 86_400 for job in JOBS}),
        }

    def worker_settings(self, number: int) -> dict[str, str]:
        """What a worker gets."""
        return {**self.environment, "SELLERMIND_METRICS_ADDRESS": f"127.0.0.1:{self.metrics[number]}"}

    async def type(self, line: str, *more: str) -> Ran:
        """Run a command line; what it says is seen."""
        ran = await asyncio.to_thread(self.typist.type, (*line.split(), *more), self.environment)
        self.seen[f"{line} ({len(self.seen)})"] = f"{ran.out}{ran.err}".encode()
        return ran

    def found(self, canaries: Mapping[str, str]) -> list[tuple[str, str]]:
        """Which canaries were seen, and where."""
        hidden = {name: canary.encode() for name, canary in canaries.items()}
        return [(name, where) for where, what in self.seen.items() for name, part in hidden.items() if part in what]


async def add_accounts(scene: Scene) -> dict[str, str]:
    """A seller of each marketplace with orders; their tokens, every part of them."""
    parts: dict[str, str] = {}
    for seller in scene.product.sandbox.reset(sellers=1, uzum_sellers=1):
        kind = "uzum" if seller["marketplace"] == "uzum" else "wb"
        line = ("account", "add", "--marketplace", kind, "--name", kind, "--company", "7")
        given = seller["token"]
        ran = await asyncio.to_thread(sellermind, *line, environment=scene.environment, given=given)
        assert ran.code == 0, ran.err
        scene.seen[f"account add {kind}"] = f"{ran.out}{ran.err}".encode()
        scene.product.sandbox.make_orders(seller["sid"], 80)  # of which some name their buyer
        parts |= {f"token of {kind}, part {n}": part for n, part in enumerate(given.split(".")) if len(part) > 8}
    return parts


async def sync(scene: Scene) -> None:
    """Every sync once with everything that passes, then one that fails, then with a token that is refused."""
    for fault in PASSING:
        scene.product.sandbox.fault(fault, after=1, count=1)
    for job in JOBS:
        account = 2 if "Uzum" in job.name else 1
        assert (await scene.type(f"dispatch {job.name} --account {account} --wait")).code == 0
    for fault in LASTING:
        scene.product.sandbox.fault(fault, count=1)
        assert (await scene.type("dispatch SyncNewWildberriesOrders --account 1 --wait")).code == 1


async def use_models(scene: Scene) -> None:
    """An agent that looks at orders, one whose key is refused, and a card."""
    scene.model.script(calling("find_orders"), {"text": "Twelve."})
    ask = ("agent run general-assistant --company 7 --wait --message", f"Whose order is it? She has {TYPED}.")
    assert (await scene.type(*ask)).code == 0
    scene.model.fault("unauthorized", count=9)
    assert (await scene.type(*ask)).code == 1
    scene.model.clear()
    with transaction(scene.product.engine) as connection:
        row = {"company_id": 7, "name": "Кружка", "article": "MUG-1"}
        product = connection.execute(insert(products).values(**row)).lastrowid
    assert (await scene.type(f"generate cards --company 7 --products {product} --wait")).code == 0


async def look(scene: Scene) -> None:
    """Every command, and its JSON where that holds more; every page, metric, log and trace."""
    for verb in VERBS:
        await scene.type(verb)
        if verb.startswith(MORE_IN_JSON):
            await scene.type(verb, "--json")
    with serving(scene.environment) as served:
        for page in ("/api/health/queue", "/readyz", "/metrics", "/codec/"):
            scene.seen[page] = served.get(page).content
    async with httpx.AsyncClient() as http:
        for port in scene.metrics:
            scene.seen[f"metrics {port}"] = (await http.get(f"http://127.0.0.1:{port}/metrics")).content
    for log in scene.product.folder.glob("*.log"):
        scene.seen[log.name] = log.read_bytes()
    scene.seen["audit"] = LOG.read_bytes()
    scene.seen["traces"] = b"".join(scene.traces.received)


async def read_histories(scene: Scene, client: Client) -> None:
    """Every event and description of every run and schedule, as the server sends it."""
    async for run in client.list_workflows():
        handle = client.get_workflow_handle(run.id, run_id=run.run_id)
        history = await handle.fetch_history()
        described = (await handle.describe()).raw_description.SerializeToString()
        scene.seen[f"history of {run.id} {run.run_id}"] = described + b"".join(
            event.SerializeToString() for event in history.events
        )
    for job in JOBS:
        asked = DescribeScheduleRequest(namespace=client.namespace, schedule_id=job.name)
        answer = await client.workflow_service.describe_schedule(asked)
        scene.seen[f"schedule {job.name}"] = answer.SerializeToString()


async def test_a_canary_comes_out_nowhere(
    product: Product, model_server: ModelServer, typist: Typist, collector: Collector
) -> None:
    plain = product.settings.model_copy(update={"encrypt_histories": False})
    scene = Scene(replace(product, settings=plain), model_server, typist, collector)
    assert (await scene.type("schedules apply")).code == 0
    tokens = await add_accounts(scene)
    with (
        scene.product.worker("high", "high", **scene.worker_settings(0)),
        scene.product.worker("low", "low", **scene.worker_settings(1)),
    ):
        await sync(scene)
        await use_models(scene)
        await until(lambda: any(span.name.startswith("chat") for span in collector.spans()), "traces of models arrived")
        await look(scene)
        await read_histories(scene, product.client)
    with reading(product.engine) as connection:
        buyers = connection.execute(select(*BUYER)).mappings().all()
        typed = connection.scalars(select(agent_messages.c.content)).all()
    people = {f"{column} {text}": text for buyer in buyers for column, text in buyer.items() if text}
    assert {column.name for column in BUYER} == {name.partition(" ")[0] for name in people}
    assert any(TYPED in text for text in typed)
    keys = {"the model's key": MODEL_KEY, "the codec's token": CODEC_TOKEN, "what a person typed": TYPED}
    keys["our key"] = product.environment["SELLERMIND_SECRET_KEYS"]
    everywhere = {where.split()[0] for _, where in scene.found({"control": "SyncNewWildberriesOrders"})}
    assert {"history", "schedule", "metrics", "high.log", "traces", "queue", "account"} <= everywhere
    found = scene.found(tokens | people | keys)
    assert [
        (name, where) for name, where in found if (name, where.split()[1]) != ("what a person typed", "trace")
    ] == []
