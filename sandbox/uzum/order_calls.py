"""The operations of Uzum on shops and orders."""

from collections.abc import Iterable

from multidict import MultiMapping

from sandbox.answers import Answer, compact
from sandbox.market import Call, listed_until
from sandbox.queries import BadQuery, integer
from sandbox.uzum.errors import enveloped, refused
from sandbox.uzum.orders import Order
from sandbox.uzum.seller import Seller

STATUSES = frozenset(
    {
        *("CREATED", "PACKING", "PENDING_DELIVERY", "DELIVERING", "DELIVERED", "ACCEPTED_AT_DP"),
        *("DELIVERED_TO_CUSTOMER_DELIVERY_POINT", "COMPLETED", "CANCELED", "PENDING_CANCELLATION", "RETURNED"),
    }
)
_LARGEST_PAGE, _USUAL_PAGE = 50, 20
_INT32 = 2**31


def shops(seller: Seller, _call: Call) -> Answer:
    """GET /v1/shops: the seller's shops, a bare list."""
    return Answer(200, compact([{"id": shop_id, "name": name} for shop_id, name in seller.shops.items()]))


def orders(seller: Seller, call: Call) -> Answer:
    """GET /v2/fbs/orders: one page of the orders of one status, newest first; without status only CREATED.

    Raises:
        BadQuery: a parameter is missing or wrong.
    """
    wanted = _shops(call.query)
    if not wanted:
        raise BadQuery("shopIds")
    size, page = _within(call.query, "size", 1, _LARGEST_PAGE, _USUAL_PAGE), _within(call.query, "page", 0, _INT32, 0)
    scheme = call.query.get("scheme")
    if scheme not in {None, "FBS", "DBS"}:
        raise BadQuery("scheme")
    if not wanted <= seller.shops.keys():
        return refused(403, "fbs-2-seller-access-denied")
    found = _found(seller, call, wanted)
    if found is None:
        return refused(400, "seller-order-12")
    kept = sorted((order for order in found if scheme in {None, order.scheme}), key=_newest_first)
    rows = [order.as_json() for order in kept[page * size : (page + 1) * size]]
    # What the real one calls the total is bounded by the page.
    return enveloped(b'{"orders":[%b],"totalAmount":%d}' % (b",".join(rows), len(rows)))


def count(seller: Seller, call: Call) -> Answer:
    """GET /v2/fbs/orders/count: how many FBS orders have one status.

    Raises:
        BadQuery: a parameter is wrong.
    """
    wanted = _shops(call.query) or set(seller.shops)
    if not wanted <= seller.shops.keys():
        return refused(403, "fbs-2-seller-access-denied")
    found = _found(seller, call, wanted)
    if found is None:
        return refused(400, "seller-order-12")
    return enveloped(b"%d" % sum(order.scheme == "FBS" for order in found))


def order(seller: Seller, call: Call) -> Answer:
    """GET /v1/fbs/order/{orderId}: one order.

    Raises:
        BadQuery: the id is not an integer.
    """
    found = seller.by_id.get(integer(call.names, "orderId") or 0)
    return refused(400, "seller-order-01") if found is None else enveloped(found.as_json())


def _found(seller: Seller, call: Call, shop_ids: set[int]) -> Iterable[Order] | None:
    """Return the orders of a status, shops and window; None when the window runs backwards.

    Bounds are epoch seconds: one in milliseconds lies in a far future, and finds nothing without a word.
    """
    query = call.query
    status = query.get("status", "CREATED")
    if status not in STATUSES:
        raise BadQuery("status")
    date_from, date_to = integer(query, "dateFrom"), integer(query, "dateTo")
    if date_from is not None and date_to is not None and date_to < date_from:
        return None
    youngest = listed_until(call, seller.clock.now())
    return (
        order
        for order in seller.by_status.get(status, {}).values()
        if order.shop_id in shop_ids
        and (date_from is None or date_from <= order.created)
        and (date_to is None or order.created < date_to + 1)
        and order.created <= youngest
    )


def _shops(query: MultiMapping[str]) -> set[int]:
    shop_ids = {integer({"shopIds": text}, "shopIds") for text in query.getall("shopIds", [])}
    return {shop_id for shop_id in shop_ids if shop_id is not None}


def _within(query: MultiMapping[str], name: str, lowest: int, highest: int, usual: int) -> int:
    value = integer(query, name)
    if value is None:
        return usual
    if not lowest <= value <= highest:
        raise BadQuery(name)
    return value


def _newest_first(order: Order) -> tuple[float, int]:
    return -order.created, -order.id
