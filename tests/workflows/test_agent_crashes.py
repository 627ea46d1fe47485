"""A worker process is killed with -9 at every point where something could happen twice or be lost."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, select
from temporalio.client import Client, WorkflowFailureError

from schedules import agents as starts
from sellermind.models.agent_records import Run
from sellermind.models.agent_runs import CallState, RunStatus
from sellermind.models.agents import Approval, ToolGrant
from sellermind.storage.tables.agents import agent_task_runs
from sellermind.storage.tables.products import products
from tests.fixtures.agent_worker import worker
from tests.fixtures.agents import TEXT, Office, calling, open_office
from tests.fixtures.model import ModelServer
from tests.fixtures.patience import until
from tests.fixtures.proxy import Proxy, Weather, proxy_to

pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


@pytest.fixture
async def office(
    namespace: Client, database: Engine, start_model_server: Callable[..., ModelServer]
) -> AsyncIterator[Office]:
    # A model server of its own: the answer that nobody waits for any more must not count in another test.
    async with open_office(namespace, database, start_model_server(), working=False) as office:
        yield office


class Held:
    """A row that whoever wants to write it waits for, until it is released."""

    def __init__(self, engine: Engine, table: Table, row_id: int) -> None:
        self._connection = engine.connect()
        self._connection.begin()
        self._connection.execute(select(table).where(table.c.id == row_id).with_for_update()).one()

    def release(self) -> None:
        """Let the others go on."""
        self._connection.close()


def saving(office: Office, name: str) -> tuple[Run, Held]:
    """A run that saves a description without asking, and its product's row, held."""
    product = office.add_product(name)
    office.model.script({**calling("save_description", product_id=product, **TEXT), "contains": name})
    grants = (ToolGrant(name="save_description", approval=Approval.NEVER),)
    return office.task(name, office.hire("writer", tools=grants)), Held(office.engine, products, product)


@dataclass(frozen=True)
class Cast:
    """Six runs, each killed at another point."""

    office: Office
    thinking: Run
    answered: Run
    before: Run
    before_row: Held
    after: Run
    after_row: Held
    unreported: Run
    unreported_row: Held
    person: Run

    @property
    def everyone(self) -> tuple[Run, ...]:
        return (self.thinking, self.answered, *self.writing)

    @property
    def writing(self) -> tuple[Run, ...]:
        return (self.before, self.after, self.unreported, self.person)

    async def wake(self, *runs: Run) -> None:
        """Start runs, as `agent run` does."""
        await asyncio.gather(*(starts.wake(self.office.client, run, f"task:{run.task_id}") for run in runs))

    async def until_writing(self) -> None:
        """Wait until the writes are under way, each held up by its row."""
        for run in (self.before, self.after, self.unreported):
            await until(partial(self._is_writing, run), "its call is under way")

    def _is_writing(self, run: Run) -> bool:
        return {call.state for call in self.office.calls(run)} == {CallState.RUNNING}


def assemble(office: Office) -> Cast:
    """The runs, not yet started; the model is slow for two of them."""
    office.model.fault("latency", delay=60, contains="A думает")
    office.model.fault("latency", delay=3, contains="B отвечено")
    asked = {"product_id": office.add_product(), **TEXT}
    office.model.script({**calling("save_description", **asked), "contains": "F ждёт"})
    before, before_row = saving(office, "C до дела")
    after, after_row = saving(office, "D дело сделано")
    unreported, unreported_row = saving(office, "E не доложено")
    return Cast(
        office=office,
        thinking=office.task("A думает"),
        answered=office.task("B отвечено"),
        before=before,
        before_row=before_row,
        after=after,
        after_row=after_row,
        unreported=unreported,
        unreported_row=unreported_row,
        person=office.task("F ждёт человека"),
    )


async def kill_at_every_point(cast: Cast, process: "subprocess.Popen[bytes]", proxy: Proxy) -> Held:
    """Bring every run to its point, then kill the worker; the row that keeps one effect from being committed."""
    office = cast.office
    await cast.wake(cast.thinking, *cast.writing)
    await office.waits(cast.person)
    await cast.until_writing()
    after_run_row = Held(office.engine, agent_task_runs, cast.after.id)
    cast.after_row.release()  # its effect is done now, and cannot be committed
    await cast.wake(cast.answered)
    await until(lambda: office.model.stats()["running"] == 2, "two are asked")
    proxy.weather = Weather(requests_held=True)
    cast.unreported_row.release()
    await until(lambda: office.calls(cast.unreported)[0].state is CallState.SUCCEEDED, "its call is done")
    await until(lambda: office.messages(cast.answered)[-1].kind == "model", "the answer is stored")
    process.send_signal(signal.SIGKILL)
    process.wait()
    return after_run_row


async def test_after_kill_9_at_any_point_every_effect_happened_once_and_no_stored_answer_is_paid_again(
    office: Office, tmp_path: Path
) -> None:
    cast, target = assemble(office), office.client.service_client.config.target_host
    with proxy_to(target) as proxy, worker(office, proxy.address, tmp_path, "first") as first:
        await until((tmp_path / "first").exists, "the worker polls")
        after_run_row = await kill_at_every_point(cast, first, proxy)
    cast.before_row.release()
    after_run_row.release()
    with worker(office, target, tmp_path, "second"):
        await office.decide(cast.person, office.calls(cast.person)[0])
        await asyncio.gather(*(starts.handle(office.client, run.id).result() for run in cast.everyone))

    assert {office.run(run.id).status for run in cast.everyone} == {RunStatus.SUCCESS}
    calls = [office.calls(run)[0] for run in cast.writing]
    assert sorted(row.made_by for row in office.descriptions()) == sorted(call.key for call in calls)
    assert [call.attempts for call in calls] == [2, 2, 1, 1]
    whole = ["system", "user", "model", "tool", "model"]
    assert [[kind for kind, _ in office.said(run)] for run in cast.writing] == [whole] * 4
    said = [[kind for kind, _ in office.said(run)] for run in (cast.thinking, cast.answered)]
    assert said == [["system", "user", "model"]] * 2
    # Of the call that was under way at the kill nobody can know the price; it is in the books all the same.
    assert paid(office, cast.thinking) == ["lost", "answered"]
    assert paid(office, cast.answered) == ["answered"]
    assert [paid(office, run) for run in cast.writing] == [["answered", "answered"]] * 4


async def test_a_call_under_way_at_kill_9_is_closed_in_the_books_when_its_run_is_cancelled(
    office: Office, tmp_path: Path
) -> None:
    office.model.fault("latency", delay=60, count=None)
    run, target = office.task("Сколько заказов?"), office.client.service_client.config.target_host
    with worker(office, target, tmp_path, "first") as first:
        handle = await office.start(run)
        await until(lambda: office.model.stats()["running"] == 1, "it is asked")
        assert office.budget().reserved_tokens > 0
        first.send_signal(signal.SIGKILL)
    await handle.cancel()
    with worker(office, target, tmp_path, "second"), pytest.raises(WorkflowFailureError):
        await handle.result()
    # The second worker may ask once more before it hears of the cancellation.
    assert (office.run(run.id).status, set(paid(office, run))) == (RunStatus.CANCELLED, {"lost"})
    day = office.budget()
    assert (day.reserved_micros, day.reserved_tokens, day.spent_tokens) == (0, 0, 0)


def paid(office: Office, run: Run) -> list[str]:
    """How each model call of a run ended."""
    return [row.outcome for row in office.usage() if row.agent_task_run_id == run.id]
