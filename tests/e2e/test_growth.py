"""A large reconcile costs no more memory and history than a small one. 50,000: `make chaos`."""

from collections.abc import Callable

from tests.fixtures.growth import reconcile
from tests.fixtures.product import Product


async def test_five_thousand_orders_take_eleven_events_and_a_page_of_memory(
    product: Product, figure: Callable[[str], None]
) -> None:
    cost = await reconcile(product, 5_000)
    figure(str(cost))
    assert cost.events <= 11
    assert cost.grown_mb < 60
