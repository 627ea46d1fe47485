"""Behaviour 43: labels come in too many forms, and no job is for them."""

from tests.fixtures.seller import Seller

LABELS = ("sticker", "label", "print", "barcode")


def asked(seller: Seller) -> list[str]:
    """Every path that the sandbox was asked for."""
    return [line["path"] for line in seller.sandbox.stats()["paths"]]


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
