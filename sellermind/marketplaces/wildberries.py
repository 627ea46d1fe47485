"""Wildberries: the calls our jobs make (specification of 2026-07-23, tests/contract/wildberries-fbs.yaml)."""

import httpx

from sellermind.marketplaces.http import Api, Budget, Call
from sellermind.marketplaces.rows import read_rows, rows_of
from sellermind.marketplaces.rules import ApiRules
from sellermind.marketplaces.tokens import bare
from sellermind.marketplaces.wildberries_orders import read_order
from sellermind.models.limits import WILDBERRIES
from sellermind.models.orders import OrderList

RULES = ApiRules(
    name="Wildberries",
    rate=WILDBERRIES,
    # Retry is the seconds until a try can succeed; X-Ratelimit-Reset, until the whole burst is back, is too long.
    wait_headers=("X-Ratelimit-Retry", "Retry-After"),
    remaining_header="X-Ratelimit-Remaining",
)


class WildberriesClient:
    """One seller's calls to Wildberries. Each is one request; none is ever repeated here."""

    def __init__(self, http: httpx.Client, base_url: str, token: str, budget: Budget) -> None:
        """Use the process's `http` client; a `Bearer ` prefix of the token is taken off.

        Raises:
            AccessRevoked: the token is empty or damaged.
        """
        self._api = Api(http, base_url, bare(token), RULES, budget)

    def new_orders(self) -> OrderList:
        """List all orders that are new at this moment (GET /api/v3/orders/new, which has no parameters and no pages).

        Returns:
            One entry per order id; absence of an order means nothing, it may have gone on to assembly.

        Raises:
            the errors of Api.send; Unreadable also for an answer without a list of orders.
        """
        answer = self._api.send(Call("GET", "/api/v3/orders/new"))
        orders, set_aside = read_rows(rows_of(answer, "orders"), read_order)
        return OrderList(orders=orders, set_aside=set_aside, read_at=answer.read_at)
