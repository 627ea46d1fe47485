"""Generation tasks and items as rows; SellerMind's own tables adopted without touching a row."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, text

from sellermind.errors import Misconfigured, RecordGone, Refused
from sellermind.models.generation import (
    CardsInput,
    GenerationType,
    ItemState,
    ModelReply,
    ProductRef,
    TaskStatus,
    WholeDescription,
)
from sellermind.models.products import Language, Shelf
from sellermind.storage import generation, generation_items, product_texts, products, schema
from sellermind.storage.engine import build_engine, transaction
from sellermind.storage.media import MediaFolder, kind_of
from sellermind.storage.tables.generation import generation_tasks
from sellermind.storage.tables.products import product_descriptions
from sellermind.storage.tables.products import products as product_table

COMPANY = 7
WANTED = CardsInput(products=(ProductRef(id=1), ProductRef(id=2)))
ENUM = "ENUM('pending','in_progress','done','failed')"


def add_product(engine: Engine, company_id: int = COMPANY) -> int:
    with transaction(engine) as connection:
        row = {"company_id": company_id, "name": "Кружка", "article": f"A-{company_id}"}
        return int(connection.execute(insert(product_table).values(**row)).lastrowid)


def planned(engine: Engine) -> tuple[int, list[int]]:
    with transaction(engine) as connection:
        task = generation.create(connection, COMPANY, GenerationType.CARDS, WANTED)
        generation.begin(connection, task)
        for _ in range(2):  # a retried activity plans again
            generation_items.plan(
                connection, task, [("product:1", 1, None), ("product:2", 2, None), ("product:1", 1, None)]
            )
        return task, generation_items.pending(connection, task, 10)


def test_planning_twice_makes_each_item_once(database: Engine) -> None:
    task, items = planned(database)
    assert len(items) == 2
    with transaction(database) as connection:
        assert generation.get(connection, task).total == 2
        assert not generation.wants_user(connection)


def test_a_settled_item_counts_once_and_a_done_one_never_fails(database: Engine) -> None:
    task, (first, second) = planned(database)
    with transaction(database) as connection:
        reply = ModelReply(asked="m", model="m", text="{}", finish="stop")
        item = generation_items.keep_reply(connection, first, reply, 120)
        generation_items.settle(connection, item, {"description_id": 5})
        generation_items.fail(connection, first, "LlmTimeout", "late")
        generation_items.fail(connection, second, "LlmTimeout", "late")
        report = generation.finish(connection, task, cancelled=False, reason=None)
        row = connection.execute(generation_tasks.select()).one()
    assert (report.status, report.succeeded, report.failed, report.cost_micros) == (TaskStatus.PARTIAL, 1, 1, 120)
    assert (row.progress, row.output_data["successful"]) == (100, 1)
    assert row.output_data["details"] == [
        {"product_id": 1, "success": True, "description_id": 5},
        {"product_id": 2, "success": False, "error": "LlmTimeout"},
    ]


def test_reopening_forgets_answers_that_are_of_no_use_and_keeps_the_others(database: Engine) -> None:
    task, (first, second) = planned(database)
    with transaction(database) as connection:
        for item, error in ((first, "LlmInvalidOutput"), (second, "LlmUnreachable")):
            reply = ModelReply(asked="m", model="m", text="https://pictures.example/1.png", finish="stop")
            generation_items.keep_reply(connection, item, reply, None)
            generation_items.fail(connection, item, error, "why")
        assert generation.reopen(connection, task) == 2
        left = [generation_items.get(connection, item) for item in (first, second)]
    assert [(item.state, len(item.replies)) for item in left] == [(ItemState.PENDING, 0), (ItemState.PENDING, 1)]


def test_a_cancelled_task_is_not_begun(database: Engine) -> None:
    task, _ = planned(database)
    with transaction(database) as connection:
        assert generation.cancel_waiting(connection, task)
        assert not generation.cancel_waiting(connection, task)
    with pytest.raises(Refused, match="retry"), transaction(database) as connection:
        generation.begin(connection, task)


def test_versions_count_up_by_marketplace_and_language_and_are_written_once(database: Engine) -> None:
    product_id = add_product(database)
    made = []
    with transaction(database) as connection:
        product = products.find(connection, COMPANY, product_id=product_id, locked=True)
        for by, language in (("a", "ru"), ("b", "ru"), ("c", "uz"), ("b", "ru")):
            texts = WholeDescription(
                product_id=product_id, marketplace=Shelf.UZUM, language=Language(language), title=by
            )
            made.append(product_texts.add(connection, product, texts, by))
        rows = connection.execute(product_descriptions.select()).all()
    assert made[1] == made[3]
    assert [(row.made_by, row.version) for row in rows] == [("a", 1), ("b", 2), ("c", 1)]


def test_another_company_s_description_is_as_good_as_missing(database: Engine) -> None:
    product_id = add_product(database, COMPANY + 1)
    with transaction(database) as connection:
        product = products.find(connection, COMPANY + 1, product_id=product_id, locked=True)
        texts = WholeDescription(product_id=product_id, marketplace=Shelf.UZUM, language=Language.RUSSIAN, title="T")
        description = product_texts.add(connection, product, texts, "a").id
        assert products.there(connection, COMPANY, [product_id]) == set()
        assert product_texts.products_of(connection, COMPANY, [description]) == {}
        for asked in (description, description + 1):
            with pytest.raises(RecordGone):
                product_texts.get(connection, COMPANY, asked)


def test_a_description_for_another_marketplace_is_refused_by_name(database: Engine) -> None:
    product_id = add_product(database)
    row = {"product_id": product_id, "marketplace": "ozon", "language": "ru", "title": "T"}
    with transaction(database) as connection:
        made = connection.execute(insert(product_descriptions).values(**row)).lastrowid
        with pytest.raises(Refused, match="ozon/ru"):
            product_texts.get(connection, COMPANY, made)


def test_sellermind_s_own_tasks_are_adopted_as_they_are(mariadb_url: str) -> None:
    engine = build_engine(mariadb_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE generation_tasks (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,"
                " company_id BIGINT UNSIGNED NOT NULL, user_id BIGINT UNSIGNED NOT NULL, type VARCHAR(50) NOT NULL,"
                f" status {ENUM} NOT NULL DEFAULT 'pending', input_data JSON, output_data JSON,"
                " progress TINYINT UNSIGNED NOT NULL DEFAULT 0, error_message TEXT,"
                " created_at TIMESTAMP NULL, updated_at TIMESTAMP NULL, KEY (company_id, status))"
            )
        )
        values = {"company_id": 7, "user_id": 3, "type": "cards_bulk", "input": json.dumps({"products": [{"id": 1}]})}
        for status in ("pending", "failed"):
            connection.execute(
                text(
                    "INSERT INTO generation_tasks (company_id, user_id, type, status, input_data) "
                    "VALUES (:company_id, :user_id, :type, :status, :input)"
                ),
                values | {"status": status},
            )
    schema.upgrade(engine)
    with transaction(engine) as connection:
        tasks = generation.newest(connection, 10)
        assert [(task.id, task.status, task.user_id) for task in tasks] == [(2, "failed", 3), (1, "pending", 3)]
        generation.reopen(connection, 2)
        generation.begin(connection, 2)
        assert generation.finish(connection, 2, cancelled=True, reason=None).status is TaskStatus.CANCELLED
        assert generation.wants_user(connection)
        assert generation.create(connection, COMPANY, GenerationType.CARDS, WANTED, user_id=3) == 3
    engine.dispose()


PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20 + b"IEND\xaeB`\x82"


def test_a_picture_is_stored_once_under_its_hash(tmp_path: Path) -> None:
    folder = MediaFolder(tmp_path / "media")
    folder.check()
    stored = {folder.put(7, PNG) for _ in range(2)}
    (one,) = stored
    assert (one.sha256, one.size) == (sha256(PNG).hexdigest(), len(PNG))
    assert [path.relative_to(tmp_path / "media").as_posix() for path in tmp_path.rglob("*.*")] == [one.key]


def test_what_is_no_whole_picture_is_known_by_its_bytes() -> None:
    jpeg, webp = b"\xff\xd8\xff..\xff\xd9", b"RIFF\x08\x00\x00\x00WEBPabcd"
    assert [kind_of(content) for content in (PNG, jpeg, webp)] == ["png", "jpg", "webp"]
    assert [kind_of(content) for content in (PNG[:-1], jpeg[:-1], webp[:-1], b"<html>", b"")] == [None] * 5


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="SELLERMIND_MEDIA_FOLDER"):
        MediaFolder(tmp_path / "file" / "media").check()
