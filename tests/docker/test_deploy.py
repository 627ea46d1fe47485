"""docker/deploy.sh under a real supervisord with load on: orders keep coming, and none is lost, and no run fails."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import func, select

from ops.maintenance import standstill
from schedules.apply import apply
from sellermind.models.accounts import AccountRef
from sellermind.storage.engine import reading
from sellermind.storage.tables.orders import order_events
from tests.fixtures.command_line import Ran
from tests.fixtures.docker_files import DOCKER, TOOLS
from tests.fixtures.patience import PATIENCE, until
from tests.fixtures.product import Product, add_account, differences
from tests.fixtures.supervisor import PROCESSES, ctl, logged, supervisord
from workflows.catalog import JOBS

SOON = {"SyncNewWildberriesOrders": 1}
BACK = "deploy: stopped while upgrading the tables. The service is up again, with the code that was running.\n"


async def begun(folder: Path, environment: Mapping[str, str], *arguments: str) -> asyncio.subprocess.Process:
    """Start docker/deploy.sh in a process group of its own."""
    return await asyncio.create_subprocess_exec(
        *(str(DOCKER / "deploy.sh"), *arguments),
        cwd=folder,
        env={**environment, "PATH": f"{TOOLS}:{environment['PATH']}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def deployed(folder: Path, environment: Mapping[str, str], *arguments: str) -> Ran:
    """Run docker/deploy.sh to its end."""
    process = await begun(folder, environment, *arguments)
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def orders_coming(product: Product, accounts: Mapping[str, AccountRef]) -> AsyncIterator[list[int]]:
    """Place orders of every seller for the length of a block; the list grows by their ids."""
    made: list[int] = []

    async def place() -> None:
        while True:
            for sid in accounts:
                made.extend(await asyncio.to_thread(product.sandbox.make_orders, sid, 3))
            await asyncio.sleep(0.5)

    placing = asyncio.create_task(place())
    try:
        yield made
    finally:
        placing.cancel()
        await asyncio.wait([placing])


async def is_down(product: Product) -> bool:
    """Whether starts are refused."""
    return await standstill.current(product.client) is not None


async def pids(folder: Path) -> set[str]:
    """The process ids of all workers."""
    found = [await ctl(folder, "pid", f"{name.rpartition('_')[0]}:{name}") for name in PROCESSES]
    return {pid.strip() for pid in found}


async def start(product: Product) -> dict[str, AccountRef]:
    """Two sellers' accounts, and one job that ticks every second."""
    accounts = {
        seller["sid"]: add_account(product.engine, product.settings, seller) for seller in product.sandbox.sellers()[:2]
    }
    seldom = {job.name: 86_400 for job in JOBS}
    await apply(product.client, product.settings.model_copy(update={"cadence": seldom | SOON}))
    return accounts


async def killed_while_it_drains(product: Product, folder: Path, environment: Mapping[str, str]) -> None:
    """A deploy that ends with kill -9 when everything is paused."""
    process = await begun(folder, environment, "supervisor", "5m")
    async with asyncio.timeout(PATIENCE):
        while not await is_down(product):
            await asyncio.sleep(0.05)
    process.kill()
    await process.communicate()


def all_is_there(product: Product, accounts: Mapping[str, AccountRef]) -> bool:
    """Whether the tables are what the sandbox says."""
    return not any(differences(product.engine, account, product.sandbox, sid) for sid, account in accounts.items())


async def test_a_deploy_under_load_loses_nothing_and_fails_no_run_also_after_a_failed_and_a_killed_one(
    product: Product, tmp_path: Path
) -> None:
    accounts = await start(product)
    environment = {**product.environment, "SELLERMIND_CADENCE": json.dumps(SOON)}
    async with supervisord(tmp_path, environment, r"workers.\1"):
        await asyncio.gather(*(logged(tmp_path, name, "worker ready") for name in PROCESSES))
        product.sandbox.fault("latency", delay=1.0)  # so that steps are at work whenever `down` comes
        old = await pids(tmp_path)
        async with orders_coming(product, accounts) as made:
            broken = {**environment, "SELLERMIND_DATABASE_URL": "mysql+pymysql://nobody@127.0.0.1:9/none"}
            stopped = await deployed(tmp_path, broken, "supervisor", "5m")
            assert stopped.code != 0
            assert stopped.err.endswith(BACK), stopped
            assert (await is_down(product), await pids(tmp_path)) == (False, old)

            await killed_while_it_drains(product, tmp_path, environment)
            done = await deployed(tmp_path, environment, "supervisor", "5m")
            assert done.code == 0, done
            assert (await is_down(product), await pids(tmp_path) & old) == (False, set())
        product.sandbox.clear()
        await until(lambda: all_is_there(product, accounts), "every order is in the table")
    with reading(product.engine) as connection:
        assert connection.execute(select(func.count()).select_from(order_events)).scalar_one() == len(made) > 0
    bad = 'ExecutionStatus IN ("Failed", "TimedOut", "Terminated", "Canceled")'
    assert (await product.client.count_workflows(bad)).count == 0


async def test_a_deploy_without_its_workers_changes_nothing_and_says_so(product: Product, tmp_path: Path) -> None:
    nobody = await deployed(tmp_path, product.environment, "supervisor")
    assert nobody.code != 0
    assert nobody.err.endswith("deploy: stopped while looking for the workers of supervisor. Nothing was changed.\n")
    assert (await deployed(tmp_path, product.environment)).code == 2
