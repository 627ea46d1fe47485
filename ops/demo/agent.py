"""The demo's agent: asked about the first orders, it waits for a person, whom the board shows what to type."""

import json
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from sqlalchemy import Engine, insert, select

from ops.agents import views
from ops.demo.stack import Stack
from ops.outcome import VerbFailed
from sandbox.catalogue import title_of
from sellermind.models.agent_runs import RunStatus
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.orders import wb_orders
from sellermind.storage.tables.products import products

AGENT = "card-expert"
WORKER = "workers.low"
QUESTION = (
    "Какие заказы пришли на артикул {article}? Посмотри товар {product_id}, предложи для него новое описание "
    "и сохрани его."
)
WAITS = RunStatus.WAITING_APPROVAL.value


class DemoAgent:
    """One run, from the first order to its end; it never holds up the board."""

    def __init__(self, stack: Stack, engine: Engine, company_id: int, threads: ThreadPoolExecutor) -> None:
        self._stack = stack
        self._engine = engine
        self._company_id = company_id
        self._threads = threads
        self._asked = False
        self._asking: Future[str] | None = None
        self._run_id: int | None = None
        self._status = "not asked yet: it begins with the first order"

    def look(self) -> None:
        """Ask as soon as there is an order and a worker; then tell what changed since the last look."""
        if self._run_id is not None:
            self._follow(views.view(self._engine, self._run_id))
        elif self._asking is not None and self._asking.done():
            self._hear(self._asking)
        elif not self._asked and self._stack.polls(WORKER) and (article := self._first_article()) is not None:
            self._asked = True
            self._asking = self._threads.submit(self._stack.verb, *self._question(article))

    def told(self) -> str:
        """How the run stands, in a sentence."""
        self.look()
        waits = ", with the command above to approve it" if self._status == WAITS else ""
        return f"The agent's run{'' if self._run_id is None else f' {self._run_id}'}: {self._status}{waits}."

    def _first_article(self) -> str | None:
        query = select(wb_orders.c.article).where(wb_orders.c.article.is_not(None)).order_by(wb_orders.c.id).limit(1)
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()

    def _question(self, article: str) -> Sequence[str]:
        """The verb that asks about an article, once it is a product of SellerMind's."""
        row = {"company_id": self._company_id, "name": title_of(article), "article": article}
        with transaction(self._engine) as connection:
            product_id = connection.execute(insert(products).values(**row)).lastrowid
        message = QUESTION.format(article=article, product_id=product_id)
        return ("agent", "run", AGENT, "--company", str(self._company_id), "--message", message, "--json")

    def _hear(self, asking: Future[str]) -> None:
        """Note which run it became; one that could not be started is told once, and the demo goes on."""
        self._asking = None
        try:
            self._run_id = json.loads(asking.result())["id"]
        except VerbFailed as failure:
            self._status = "not started"
            self._stack.board.say(str(failure))
        else:
            self._status = RunStatus.PENDING.value
            self._stack.board.say(f"An agent is asked about the orders: run {self._run_id}.")

    def _follow(self, run: views.RunView) -> None:
        if run.status == self._status:
            return
        self._status = run.status
        if run.status == WAITS:
            self._show_waiting(run)
        elif run.error or run.answer:
            said = " ".join((run.error or run.answer or "").split())
            self._stack.board.say(f"The agent's run {run.id} is {run.status}: {said[:200]}")

    def _show_waiting(self, run: views.RunView) -> None:
        """What it wants to do, and what a person types in another terminal to see and to allow it."""
        call, typed = run.waiting[0], self._stack.typed
        self._stack.board.announce(
            f"The agent's run {run.id} waits for you: {call.tool} changes a product's card. In a second terminal:",
            f"  see it          {typed('agent', 'show', str(run.id))}",
            f"  approve it      {typed('agent', 'approve', str(run.id), call.call_id, '--hash', call.hash)}",
        )
