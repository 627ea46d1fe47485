"""What can be done to Wildberries orders and supplies: each deed checks that it is possible and changes the state.

new ── assemble ──> confirm ── close the supply ──> complete ── scan ──> sorted ── arrive ──> ready ── sell ──> sold
 │ decline, cancel     │ cancel, cancel_by_client    │ transfer: back to confirm       │ refuse, spoil
"""

from collections.abc import Callable

from sandbox.wildberries.orders import Order
from sandbox.wildberries.seller import Seller
from sandbox.wildberries.supplies import Supply

_UNDERWAY = frozenset({"waiting", "sorted", "postponed_delivery", "ready_for_pickup"})
_WITH_CARRIER = frozenset({"sent_to_carrier", "accepted_by_carrier"})
_ORDERS_A_BOX = 30


def _assemble(seller: Seller, order: Order, now: float) -> bool:
    if order.supplier_status != "new":
        return False
    del seller.new[order.id]
    _put(seller, order, now)
    return True


def _decline(seller: Seller, order: Order, _now: float) -> bool:
    return order.supplier_status == "new" and _end_before_sending(seller, order, "declined_by_client")


def _cancel(seller: Seller, order: Order, _now: float) -> bool:
    return order.supplier_status in {"new", "confirm"} and _end_before_sending(seller, order, "canceled")


def _cancel_by_client(seller: Seller, order: Order, _now: float) -> bool:
    if order.supplier_status == "confirm":
        return _end_before_sending(seller, order, "canceled_by_client")
    return _move(order, _UNDERWAY, "canceled_by_client")


def _transfer(seller: Seller, order: Order, now: float) -> bool:
    """Take an order that Wildberries has not scanned back into assembly, in another supply."""
    if order.supplier_status != "complete" or order.wb_status != "waiting":
        return False
    _take_out(order)
    _put(seller, order, now)
    return True


def _hand_to_carrier(_seller: Seller, order: Order, _now: float) -> bool:
    return _move(order, frozenset({"waiting"}), "sent_to_carrier")


def _carrier_accepts(_seller: Seller, order: Order, _now: float) -> bool:
    return _move(order, frozenset({"sent_to_carrier"}), "accepted_by_carrier")


def _cancel_by_carrier(_seller: Seller, order: Order, _now: float) -> bool:
    if not _move(order, _WITH_CARRIER, "canceled_by_carrier"):
        return False
    order.supplier_status = "cancel_carrier"
    return True


def _sort(_seller: Seller, order: Order, _now: float) -> bool:
    if not _move(order, _WITH_CARRIER | {"waiting"}, "sorted"):
        return False
    order.scan_price = order.price
    return True


def _postpone(_seller: Seller, order: Order, _now: float) -> bool:
    return _move(order, frozenset({"sorted"}), "postponed_delivery")


def _arrive(_seller: Seller, order: Order, _now: float) -> bool:
    return _move(order, frozenset({"sorted", "postponed_delivery"}), "ready_for_pickup")


def _sell(_seller: Seller, order: Order, _now: float) -> bool:
    return _move(order, frozenset({"ready_for_pickup"}), "sold")


def _refuse(_seller: Seller, order: Order, _now: float) -> bool:
    return _move(order, frozenset({"ready_for_pickup"}), "canceled_by_client")


def _spoil(_seller: Seller, order: Order, _now: float) -> bool:
    return _move(order, _UNDERWAY, "defect")


def _close(seller: Seller, supply: Supply, now: float) -> bool:
    """The seller hands a supply over: its orders are complete. One that stayed empty is deleted instead."""
    if supply.closed is not None or supply.deleted:
        return False
    if supply.group is not None and seller.open_supplies.get(supply.group) is supply:
        del seller.open_supplies[supply.group]
    if not supply.order_ids:
        seller.delete_supply(supply)
        return True
    supply.closed = now
    boxes = min(len(supply.order_ids) // 2, 1 + len(supply.order_ids) // _ORDERS_A_BOX)
    supply.boxes = [f"WB-TRBX-{int(supply.id[6:]) % 1_000_000:06d}{box:02d}" for box in range(1, boxes + 1)]
    for order_id in supply.order_ids:
        seller.by_id[order_id].supplier_status = "complete"
    return True


def _scan(_seller: Seller, supply: Supply, now: float) -> bool:
    if supply.closed is None or supply.scanned is not None:
        return False
    supply.scanned = now
    return True


OrderDeed = Callable[[Seller, Order, float], bool]
ORDER_DEEDS: dict[str, OrderDeed] = {
    "assemble": _assemble,
    "decline": _decline,
    "cancel": _cancel,
    "cancel_by_client": _cancel_by_client,
    "transfer": _transfer,
    "hand_to_carrier": _hand_to_carrier,
    "carrier_accepts": _carrier_accepts,
    "cancel_by_carrier": _cancel_by_carrier,
    "sort": _sort,
    "postpone": _postpone,
    "arrive": _arrive,
    "sell": _sell,
    "refuse": _refuse,
    "spoil": _spoil,
}


SupplyDeed = Callable[[Seller, Supply, float], bool]
SUPPLY_DEEDS: dict[str, SupplyDeed] = {"close": _close, "scan": _scan}


def _put(seller: Seller, order: Order, now: float) -> None:
    supply = seller.open_supply(order.group, now)
    supply.order_ids[order.id] = None
    order.supply = supply
    order.supplier_status = "confirm"


def _take_out(order: Order) -> None:
    if order.supply is not None:
        del order.supply.order_ids[order.id]
        order.supply = None


def _end_before_sending(seller: Seller, order: Order, wb_status: str) -> bool:
    order.supplier_status, order.wb_status = "cancel", wb_status
    seller.new.pop(order.id, None)
    _take_out(order)
    return True


def _move(order: Order, before: frozenset[str], after: str) -> bool:
    if order.supplier_status != "complete" or order.wb_status not in before:
        return False
    order.wb_status = after
    return True
