"""An Uzum order: what was bought, where it stands, and its JSON form."""

from dataclasses import dataclass, field

from sandbox.answers import compact
from sandbox.dates import rfc3339
from sandbox.dice import Dice
from sandbox.uzum import catalogue
from sandbox.uzum.catalogue import Sku

HOUR = 3_600
FINAL = frozenset({"COMPLETED", "CANCELED", "RETURNED"})
# The dates an order collects on its way; null until then.
DATES = (
    *("acceptedDate", "deliveringDate", "deliveryDate", "deliveredToDeliveryPointDate"),
    *("completedDate", "dateCancelled", "returnDate"),
)
_FIRST_INVOICE = 120_000_000_000


@dataclass(slots=True, eq=False)
class Order:
    """One order. What was bought never changes; status, dates, invoice and cancel reason do.

    Attributes:
        key: names the order's own dice.
        created: wall time, epoch seconds.
        facts: the JSON fields that never change.
        items: the same of each item.
        dates: when it came so far, by the name of the date.
        in_millis: its shop's orders carry dateCreated as epoch milliseconds instead of text.
    """

    id: int
    key: str
    created: float
    shop_id: int
    scheme: str
    facts: bytes
    items: tuple[bytes, ...]
    amounts: tuple[int, ...]
    in_millis: bool
    status: str = "CREATED"
    dates: dict[str, float] = field(default_factory=dict)
    invoice: int | None = None
    cancel_reason: str | None = None

    @property
    def final(self) -> bool:
        """Whether nothing more can happen to it, but for a return."""
        return self.status in FINAL

    def as_json(self) -> bytes:
        """Return the order as the API shows it (schema Order)."""
        created = int(self.created) * 1000 if self.in_millis else rfc3339(self.created)
        return self._whole(created)

    def as_truth(self) -> bytes:
        """Return everything there is to know about the order; dates as text."""
        return self._whole(rfc3339(self.created))

    def _whole(self, created: int | str) -> bytes:
        standing: dict[str, object] = {"status": self.status, "dateCreated": created}
        standing |= {name: rfc3339(self.dates[name]) if name in self.dates else None for name in DATES}
        standing["invoiceNumber"] = None if self.invoice is None else _FIRST_INVOICE + self.invoice
        standing["cancelReason"] = self.cancel_reason
        items = b",".join(self._item(facts, amount) for facts, amount in zip(self.items, self.amounts, strict=True))
        return b'{%b,%b,"orderItems":[%b]}' % (self.facts, compact(standing)[1:-1], items)

    def _item(self, facts: bytes, amount: int) -> bytes:
        cancelled = self.status == "CANCELED"
        standing = {
            "status": "CANCELED" if cancelled else "TO_WITHDRAW" if self.status == "COMPLETED" else "PROCESSING",
            "cancelled": amount if cancelled else 0,
            "amountReturns": amount if self.status == "RETURNED" else 0,
        }
        return b"{%b,%b}" % (facts, compact(standing)[1:-1])


def place(dice: Dice, order_id: int, key: str, *, created: float, shop_id: int, bag: list[tuple[Sku, int]]) -> Order:
    """Return a new order.

    Args:
        dice: the order's own.
        order_id: the id the marketplace gives it.
        key: names the order, for the dice of its later life.
        created: wall time, epoch seconds.
        shop_id: which of the seller's shops.
        bag: what was bought, and how many of each.
    """
    scheme = dice.weighed((("FBS", 94), ("DBS", 6)))
    facts = {
        "id": order_id,
        "scheme": scheme,
        "shopId": shop_id,
        "price": sum(sku.price * amount for sku, amount in bag),
        "acceptUntil": rfc3339(created + 24 * HOUR),
        "deliverUntil": rfc3339(created + 72 * HOUR),
        "identifierRequired": False,
        "place": None,
        "stock": _stock(dice),
        "timeSlot": None,
        "dropOffPoint": None,
        "deliveryInfo": _buyer(dice) if scheme == "DBS" else None,
    }
    return Order(
        id=order_id,
        key=key,
        created=created,
        shop_id=shop_id,
        scheme=scheme,
        facts=compact(facts)[1:-1],
        items=tuple(_item(order_id, place, line, shop_id=shop_id, created=created) for place, line in enumerate(bag)),
        amounts=tuple(amount for _, amount in bag),
        in_millis=shop_id % 2 == 0,
    )


def _item(order_id: int, place: int, line: tuple[Sku, int], *, shop_id: int, created: float) -> bytes:
    sku, amount = line
    item = {
        "id": order_id * 10 + place,
        "orderId": order_id,
        "shopId": shop_id,
        "date": int(created) * 1000,
        "skuTitle": sku.code,
        "sellerSkuCode": sku.code,
        "skuId": sku.sku_id,
        "productId": sku.product_id,
        "barcode": sku.barcode,
        "productTitle": sku.title,
        "sellerPrice": sku.price,
        "amount": amount,
        "commission": sku.price // 10,
        "sellerProfit": sku.price * 85 // 100,
        "purchasePrice": 0,
        "logisticDeliveryFee": 6000,
        "withdrawnProfit": 0,
    }
    return compact(item)[1:-1]


def _stock(dice: Dice) -> dict[str, object]:
    stock_id, title, address = dice.one(catalogue.STOCKS)
    return {"id": stock_id, "title": title, "address": address, "timeFrom": "09:00", "timeTo": "20:00"}


def _buyer(dice: Dice) -> dict[str, object]:
    name, phone, address = dice.one(catalogue.BUYERS)
    return {
        "deliveryAddress": address,
        "customerFullname": name,
        "customerPhone": phone,
        "deliveryComment": None,
        "address": {"fullAddress": address},
    }
