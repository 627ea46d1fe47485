"""`sellermind generate` and the worker of the low queue as real processes, on MariaDB; and a kill -9 in the middle."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select

from schedules.apply import register_search_attributes
from sellermind.settings import CHECKOUT
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.generation import generation_items, generation_tasks, product_images
from sellermind.storage.tables.products import product_descriptions, products
from sellermind.storage.tables.usage import ai_usage_logs
from tests.fixtures.command_line import Ran, in_process
from tests.fixtures.model import ModelServer
from tests.fixtures.patience import PATIENCE, wait_until
from tests.fixtures.product import Product

COMPANY = 7


@dataclass(frozen=True)
class Shop(Product):
    """The product with a model server."""

    model: ModelServer

    @property
    def environment(self) -> dict[str, str]:
        return {
            **super().environment,
            "SELLERMIND_MODEL_URL": self.model.url,
            "SELLERMIND_GENERATION_MODELS": "gpt-4o-mini",
            "SELLERMIND_IMAGE_MODEL": "gpt-image-1",
            "SELLERMIND_MEDIA_FOLDER": str(self.folder / "media"),
        }

    def generate(self, *arguments: str, given: str = "") -> Ran:
        return in_process("generate", *arguments, environment=self.environment, given=given)

    def at_a_terminal(self, *arguments: str) -> str:
        """Run `sellermind generate …` on a terminal of its own; what it drew."""
        terminal = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"
        line = [sys.executable, "-c", terminal, sys.executable, "-m", "ops", "generate", *arguments]
        environment = self.environment | {"TERM": "xterm", "COLUMNS": "100"}
        ran = subprocess.run(
            line, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True, timeout=PATIENCE
        )
        return ran.stdout

    def add_products(self, count: int) -> str:
        """Make products; their ids as the command line takes them."""
        with transaction(self.engine) as connection:
            rows = [{"company_id": COMPANY, "name": "Кружка «Утро»", "article": uuid4().hex} for _ in range(count)]
            made = [connection.execute(insert(products).values(**row)).lastrowid for row in rows]
        return ",".join(map(str, made))

    def count(self, column: object) -> int:
        with reading(self.engine) as connection:
            return int(connection.execute(select(func.count(column))).scalar_one())  # type: ignore[arg-type] # a column


@pytest.fixture
async def shop(product: Product, model_server: ModelServer) -> Shop:
    await register_search_attributes(product.client)
    return Shop(**vars(product), model=model_server)


def test_cards_descriptions_and_pictures_are_made_and_shown(shop: Shop) -> None:
    ids = shop.add_products(3)
    mine = ("--company", str(COMPANY), "--wait")
    with shop.worker("low", "worker"):
        cards = shop.generate("cards", *mine, "--products", ids, "--marketplace", "uzum", "--language", "uz", "--json")
        assert cards.code == 0, cards.err
        assert (cards.json["status"], cards.json["succeeded"], cards.json["progress"]) == ("done", 3, 100)
        with reading(shop.engine) as connection:
            texts = ",".join(map(str, connection.scalars(select(product_descriptions.c.id))))
        words = ("--descriptions", texts, "--prompt", "Sovg'a uchun. Write in Uzbek.")
        assert "3 of 3 made" in shop.generate("descriptions", *mine, *words).out
        assert shop.generate("images", *mine, "--products", "-", given=ids).code == 0
        shop.model.reset(latency_ms=400)
        drawn = shop.at_a_terminal("cards", *mine, "--products", ids)
        assert "━" in drawn
        assert "3 of 3 made, 0 failed" in drawn
    assert (shop.count(product_descriptions.c.id), shop.count(product_images.c.id)) == (9, 3)
    assert len(list(Path(shop.folder / "media").rglob("*.png"))) == 3
    shown = shop.generate("show", str(cards.json["id"]))
    assert "uzum" not in shown.err
    assert shown.out.count("done") == 4
    assert [task["type"] for task in shop.generate("list", "--json").json] == [
        "cards_bulk",
        "images_bulk",
        "descriptions_update",
        "cards_bulk",
    ]


def test_a_partial_task_is_exit_1_and_a_retry_makes_the_rest(shop: Shop) -> None:
    shop.model.fault("content-filter")
    ids = shop.add_products(4)
    with shop.worker("low", "worker"):
        ran = shop.generate("cards", "--company", str(COMPANY), "--products", ids, "--wait", "--json")
        task = str(ran.json["id"])
        assert (ran.code, ran.json["status"], ran.json["succeeded"]) == (1, "partial", 3)
        assert "LlmContentFilter" in ran.sentence
        assert f"retry {task}" in ran.sentence
        (failed, *_) = shop.generate("show", task, "--json").json["items"]
        assert (failed["state"], failed["replies"][0]["finish"]) == ("failed", "content_filter")
        again = shop.generate("retry", task, "--wait", "--json")
        assert (again.code, again.json["status"], again.json["succeeded"]) == (0, "done", 4)
        assert "nothing is missing" in shop.generate("retry", task).out
    assert shop.model.stats()["paid"] == 5


def test_a_task_that_sellermind_s_application_made_is_dispatched_by_the_seed_s_name(shop: Shop) -> None:
    wanted = {"products": [{"id": int(shop.add_products(1)), "name": "Кружка"}], "marketplace": "wb", "language": "ru"}
    with transaction(shop.engine) as connection:
        row = {"company_id": COMPANY, "type": "cards_bulk", "input_data": wanted}
        task = connection.execute(insert(generation_tasks).values(**row)).lastrowid
    dispatch = ("dispatch", "ProcessGenerationTaskJob", "--task", str(task), "--wait", "--json")
    with shop.worker("low", "worker"):
        ran = in_process(*dispatch, environment=shop.environment)
        assert (ran.code, ran.json["status"], ran.json["succeeded"]) == (0, "done", 1)
        again = in_process(*dispatch, environment=shop.environment)
    assert (again.code, again.out) == (5, "")
    shown = f"Task {task} has ended already, as done; nothing is missing: `sellermind generate show {task}`."
    assert again.sentence == shown
    assert shop.model.stats()["paid"] == 1


def test_cancel_stops_a_running_and_a_waiting_task(shop: Shop) -> None:
    waiting = shop.generate("cards", "--company", str(COMPANY), "--products", shop.add_products(40), "--json").json[
        "task"
    ]
    shop.model.reset(latency_ms=300)
    with shop.worker("low", "worker"):
        wait_until(lambda: shop.model.stats()["paid"] >= 3, "the first items are made")
        busy = shop.generate("retry", str(waiting))
        assert (busy.code, "is being worked on" in busy.sentence) == (5, True)
        stopped = shop.generate("cancel", str(waiting), "--wait", "--json")
        assert (stopped.code, stopped.json["status"]) == (0, "cancelled")
        assert 3 <= stopped.json["succeeded"] < 40
    ended = shop.generate("cancel", str(waiting))
    assert (ended.code, "has ended already, as cancelled" in ended.sentence) == (5, True)
    task = ("--task", str(waiting))
    dispatched = in_process("dispatch", "ProcessGenerationTask", *task, environment=shop.environment)
    assert (dispatched.code, f"`sellermind generate retry {waiting}`" in dispatched.sentence) == (5, True)


BAD = [
    (("cards", "--company", "7", "--products", "1,x"), 2, "x is no id: write ids as 1,2,3."),
    (("cards", "--company", "7", "--products", "999999"), 3, "Company 7 has no products 999999; leave them out."),
    (("descriptions", "--company", "7", "--descriptions", "5", "--prompt", "a"), 3, "Company 7 has no descriptions 5"),
    (
        ("descriptions", "--company", "7", "--descriptions", "5", "--prompt", "a" * 5000),
        2,
        "prompt: String should have",
    ),
    (("show", "12345"), 3, "There is no generation task 12345"),
    (("retry", "12345"), 3, "There is no generation task 12345"),
    (("cancel", "12345"), 3, "There is no generation task 12345"),
]


def test_bad_input_is_one_sentence_and_changes_nothing(shop: Shop) -> None:
    for words, code, said in BAD:
        ran = shop.generate(*words)
        assert (ran.code, ran.out) == (code, "")
        assert ran.sentence.startswith(said)
    assert json.loads(shop.generate("list", "--json").out) == []


def test_a_worker_killed_in_the_middle_of_a_batch_pays_for_no_finished_item_again(shop: Shop) -> None:
    shop.model.reset(latency_ms=250)
    ran = shop.generate("cards", "--company", str(COMPANY), "--products", shop.add_products(25), "--json")
    with shop.worker("low", "first") as first:
        wait_until(lambda: shop.model.stats()["paid"] >= 8, "eight items are made")
        first.kill()
        first.wait()
        with shop.worker("low", "second"):
            ended = shop.generate("show", str(ran.json["task"]), "--wait", "--json")
    assert (ended.json["status"], ended.json["succeeded"]) == ("done", 25)
    with reading(shop.engine) as connection:
        answers = [len(replies) for replies in connection.scalars(select(generation_items.c.replies))]
        outcomes = Counter(connection.scalars(select(ai_usage_logs.c.outcome)))
    assert (answers, shop.count(product_descriptions.c.id), outcomes["answered"]) == ([1] * 25, 25, 25)
    # What was under way when the worker died may be billed twice: each such call stands in the books as `lost`, and
    # is repeated under its first Idempotency-Key, for providers that know it.
    billed = shop.model.stats()["paid_by_key"]
    assert len(billed) == 25
    assert 0 < outcomes["lost"] <= 5
    assert sum(billed.values()) <= 25 + outcomes["lost"]
