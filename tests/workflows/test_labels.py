"""Behaviours 8, 9 and 43: no job writes at a marketplace, and none is for labels, which come in too many forms."""

from tests.fixtures.seller import Seller

LABELS = ("sticker", "label", "print", "barcode")


def asked(seller: Seller) -> list[str]:
    """Every path that the sandbox was asked for."""
    return [line["path"] for line in seller.sandbox.stats()["paths"]]


def written(seller: Seller) -> set[tuple[str, str]]:
    """Method and path of every request but plain reading."""
    rows = seller.sandbox.stats()["paths"]
    return {(row["method"], row["path"]) for row in rows if row["method"] != "GET"}


async def test_no_job_writes_at_wildberries_though_it_asks_statuses_by_post(wildberries: Seller) -> None:
    orders = wildberries.sandbox.make_orders(wildberries.sid, 5)
    for verb in ("assemble", "decline"):
        wildberries.sandbox.do(wildberries.sid, verb, *orders)
        await wildberries.tick()
    assert written(wildberries) == {("POST", "/api/v3/orders/status")}


async def test_no_job_writes_at_uzum(uzum: Seller) -> None:
    orders = uzum.sandbox.make_orders(uzum.sid, 5)
    for verb in ("accept", "cancel"):
        uzum.sandbox.do(uzum.sid, verb, *orders)
        await uzum.tick()
    assert written(uzum) == set()


async def test_no_job_asks_for_labels(wildberries: Seller) -> None:
    orders = wildberries.sandbox.make_orders(wildberries.sid, 5)
    await wildberries.tick()
    wildberries.sandbox.do(wildberries.sid, "assemble", *orders)
    await wildberries.tick()
    paths = asked(wildberries)
    assert any("supplies" in path for path in paths)
    assert [path for path in paths if any(word in path for word in LABELS)] == []


async def test_no_uzum_job_asks_for_labels(uzum: Seller) -> None:
    orders = uzum.sandbox.make_orders(uzum.sid, 5)
    await uzum.tick()
    uzum.sandbox.do(uzum.sid, "accept", *orders)
    await uzum.tick()
    paths = asked(uzum)
    assert any("orders" in path for path in paths)
    assert [path for path in paths if any(word in path for word in LABELS)] == []
