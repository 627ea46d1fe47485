"""The operations of Wildberries on supplies."""

from sandbox.answers import Answer, compact
from sandbox.market import Call
from sandbox.wildberries.errors import service_error
from sandbox.wildberries.paging import page
from sandbox.wildberries.seller import Seller


def supplies(seller: Seller, call: Call) -> Answer:
    """GET /api/v3/supplies: every supply, oldest first.

    Raises:
        BadQuery: a parameter is wrong.
    """
    found = page(call, seller.supplies, is_gone=lambda supply: supply.deleted)
    rows = b",".join([supply.as_json() for supply in found.rows])
    return Answer(200, b'{"next":%d,"supplies":[%b]}' % (found.next, rows))


def supply(seller: Seller, call: Call) -> Answer:
    """GET /api/v3/supplies/{supplyId}: one supply."""
    found = seller.supplies_by_id.get(call.names["supplyId"])
    return service_error(404, "NotFound") if found is None else Answer(200, found.as_json())


def order_ids(seller: Seller, call: Call) -> Answer:
    """GET /api/marketplace/v3/supplies/{supplyId}/order-ids: what is in it now."""
    found = seller.supplies_by_id.get(call.names["supplyId"])
    if found is None:
        return service_error(404, "NotFound")
    return Answer(200, compact({"orderIds": list(found.order_ids)}))


def boxes(seller: Seller, call: Call) -> Answer:
    """GET /api/v3/supplies/{supplyId}/trbx: the ids of its boxes."""
    found = seller.supplies_by_id.get(call.names["supplyId"])
    if found is None:
        return service_error(404, "NotFound")
    return Answer(200, compact({"trbxes": [{"id": box} for box in found.boxes]}))


def reshipment(seller: Seller, _call: Call) -> Answer:
    """GET /api/v3/supplies/orders/reshipment: orders that Wildberries did not find in an accepted supply."""
    waiting = [
        {"supplyID": order.supply.id, "orderID": order.id}
        for order in seller.orders
        if order.supply is not None and order.supply.scanned is not None and order.wb_status == "waiting"
    ]
    return Answer(200, compact({"orders": waiting}))
