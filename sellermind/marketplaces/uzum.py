"""Uzum: the calls our jobs make (tests/contract/uzum-seller.yaml, written from public evidence)."""

from collections.abc import Sequence
from typing import Any

import httpx

from sellermind.errors import Unreadable
from sellermind.marketplaces.bodies import excerpt
from sellermind.marketplaces.http import Answer, Api, Budget, Call
from sellermind.marketplaces.paging import next_number
from sellermind.marketplaces.rows import read_rows
from sellermind.marketplaces.rules import ApiRules
from sellermind.marketplaces.times import epoch_seconds
from sellermind.marketplaces.tokens import bare
from sellermind.marketplaces.uzum_orders import read_order, read_shop
from sellermind.models.limits import UZUM
from sellermind.models.uzum_orders import UzumOrderPage, UzumShopList
from sellermind.models.windows import Window

RULES = ApiRules(
    name="Uzum",
    rate=UZUM,
    wait_headers=("Retry-After",),
    remaining_header="X-RateLimit-Remaining",
    # Token not found, seller blocked. Any other 403 is a missing right, a foreign shop or a path that does not exist.
    revoking_403_codes=frozenset({"forbidden-001", "storage-service-04"}),
    cost_header="X-RateLimit-Requested-Tokens",
    daily_header="X-RateLimit-Remaining-Per-Day",
)
PAGE_SIZE = 50
LIST_KEYS = ("orders", "list", "orderList")
"""Under which the list of orders has been seen."""


class UzumClient:
    """One seller's calls to Uzum. Each is one request that is never repeated here, and raises as Api.send does.

    An answer of another shape than documented is Unreadable; a single row that is, is set aside.
    """

    def __init__(self, http: httpx.Client, base_url: str, token: str, budget: Budget) -> None:
        """Use the process's `http` client; a `Bearer ` prefix of the token is taken off, Uzum knows no such token.

        Raises:
            AccessRevoked: the token is empty or damaged.
        """
        self._api = Api(http, base_url, bare(token), RULES, budget)

    def shops(self) -> UzumShopList:
        """List the shops of the token's owner (GET /v1/shops)."""
        shops, set_aside = read_rows(_list_of(self._api.send(Call("GET", "/v1/shops")), ("shops",)), read_shop)
        return UzumShopList(shops=shops, set_aside=set_aside)

    def orders(self, shop_ids: Sequence[str], status: str, page: int, window: Window | None) -> UzumOrderPage:
        """List a page of up to 50 orders of one status (GET /v2/fbs/orders).

        Args:
            shop_ids: one or more shops; sent as a repeated key, the only form that Uzum understands.
            status: one of UZUM_STATUSES; without one Uzum lists only CREATED, or nothing.
            page: 0, then `next` of the page before.
            window: when they were created; None for all.

        Raises:
            ValueError: no shops.
        """
        if not shop_ids:
            raise ValueError("Uzum lists the orders of named shops only")
        params: tuple[tuple[str, str | int], ...] = tuple(("shopIds", shop_id) for shop_id in shop_ids)
        params += (("status", status), ("page", page), ("size", PAGE_SIZE))
        if window:
            params += (("dateFrom", epoch_seconds(window.since)), ("dateTo", epoch_seconds(window.until)))
        answer = self._api.send(Call("GET", "/v2/fbs/orders", params))
        found = _list_of(answer, LIST_KEYS)
        orders, set_aside = read_rows(found, read_order)
        following = next_number(page, len(found), PAGE_SIZE)
        return UzumOrderPage(orders=orders, set_aside=set_aside, read_at=answer.read_at, next=following)


def _list_of(answer: Answer, keys: tuple[str, ...]) -> list[Any]:
    """Give the list in an answer: bare, in the envelope's payload, or under one of `keys` there; empty for null.

    Raises:
        Unreadable: no list there, or an envelope that reports errors and came with 200 all the same.
    """
    payload = _payload(answer)
    if isinstance(payload, dict):
        payload = next((payload[key] for key in keys if key in payload), payload or None)
    if payload is None or isinstance(payload, list):
        return payload or []
    raise Unreadable(f"{answer.title}: no list in the answer")


def _payload(answer: Answer) -> Any:
    """Take an answer out of its envelope {payload, errors, timestamp, trace, error}, if it is in one."""
    body = answer.body
    if not isinstance(body, dict):
        return body
    errors, error = body.get("errors"), body.get("error")
    if body.get("payload") is None and (errors or error not in (None, "", "null")):
        code = errors[0].get("code") if isinstance(errors, list) and errors and isinstance(errors[0], dict) else error
        raise Unreadable(f"{answer.title}: 200 with the error {excerpt(str(code), 80)}")
    return body.get("payload", body)
