"""The operations of Wildberries on assembly orders, and /ping."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from sandbox.answers import Answer, compact
from sandbox.dates import moscow_time
from sandbox.market import Call, listed_until
from sandbox.queries import BadQuery, integer
from sandbox.wildberries.errors import service_error
from sandbox.wildberries.orders import Order
from sandbox.wildberries.paging import page
from sandbox.wildberries.seller import Seller

_DAY = 86_400
_WINDOW = 30 * _DAY
_MEMORY = 90 * _DAY
_MOST_IDS = 1000
_INT64 = 2**63


def orders_new(seller: Seller, call: Call) -> Answer:
    """GET /api/v3/orders/new: every order nobody has taken into assembly yet."""
    listed: Iterable[Order] = seller.new.values()
    if call.faults:
        youngest = listed_until(call, seller.clock.now())
        listed = [order for order in listed if order.created <= youngest]
    return Answer(200, b'{"orders":[%b]}' % b",".join([order.as_new() for order in listed]))


def orders(seller: Seller, call: Call) -> Answer:
    """GET /api/v3/orders: orders of at most 30 days, created within the last three months, without status.

    Raises:
        BadQuery: a parameter is wrong.
    """
    now = int(seller.clock.now())
    date_from, date_to = integer(call.query, "dateFrom"), integer(call.query, "dateTo")
    if date_to is None:
        date_to = now if date_from is None else min(now, date_from + _WINDOW)
    if date_from is None:
        date_from = date_to - _WINDOW
    if not 0 <= date_to - date_from <= _WINDOW:
        raise BadQuery("dateFrom")
    first = bisect_left(seller.orders, max(date_from, now - _MEMORY), key=_created)
    last = bisect_right(seller.orders, min(date_to, listed_until(call, now)), key=_created)
    found = page(call, seller.orders, first, last)
    rows = b",".join([order.as_listed() for order in found.rows])
    return Answer(200, b'{"next":%d,"orders":[%b]}' % (found.next, rows))


def orders_status(seller: Seller, call: Call) -> Answer:
    """POST /api/v3/orders/status: the statuses of up to 1,000 orders; ids of others are left out."""
    try:
        body = json.loads(call.body)
    except (ValueError, RecursionError):
        return service_error(400, "IncorrectRequestBody")
    ids = body.get("orders") if isinstance(body, dict) else None
    if not isinstance(ids, list) or not all(type(order_id) is int and -_INT64 <= order_id < _INT64 for order_id in ids):
        return service_error(400, "IncorrectRequestBody")
    if not 1 <= len(ids) <= _MOST_IDS:
        return service_error(400, "IncorrectParameter")
    known = [seller.by_id[order_id] for order_id in dict.fromkeys(ids) if order_id in seller.by_id]
    return Answer(200, b'{"orders":[%b]}' % b",".join([order.as_status() for order in known]))


def ping(seller: Seller, _call: Call) -> Answer:
    """GET /ping: the token and the host are right."""
    return Answer(200, compact({"TS": moscow_time(seller.clock.now()), "Status": "OK"}))


def _created(order: Order) -> int:
    return int(order.created)
