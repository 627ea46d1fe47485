"""A Wildberries assembly order: its facts, its status, and its JSON forms."""

from dataclasses import dataclass

from sandbox import catalogue
from sandbox.answers import compact
from sandbox.catalogue import Product
from sandbox.dates import moscow_day, rfc3339
from sandbox.dice import Dice
from sandbox.wildberries.supplies import Group, Supply

FINAL = frozenset({"sold", "canceled", "canceled_by_client", "declined_by_client", "defect", "canceled_by_carrier"})
_DAY = 86_400
_B2B = 0.01
_NO_OFFICES = 0.03
_SELLER_DATE = 0.5


@dataclass(slots=True, eq=False)
class Order:
    """One order. What a buyer bought never changes; status, supply and scan price do.

    Attributes:
        key: names the order's own dice.
        created: wall time, epoch seconds.
        price: roubles times 100.
        group: what all orders of one supply must share.
        facts: the JSON fields that never change and that every form has.
        new_facts: the fields that only `/orders/new` has.
    """

    id: int
    key: str
    created: float
    price: int
    group: Group
    facts: bytes
    new_facts: bytes
    supply: Supply | None = None
    scan_price: int | None = None
    supplier_status: str = "new"
    wb_status: str = "waiting"

    @property
    def final(self) -> bool:
        """Whether nothing more can happen to it."""
        return self.wb_status in FINAL

    def as_new(self) -> bytes:
        """Return the order as `/orders/new` shows it (schema OrderNew)."""
        return b'{%b,%b,"scanPrice":null}' % (self.facts, self.new_facts)

    def as_listed(self) -> bytes:
        """Return the order as `/orders` shows it (schema Order): no status, the supply only while it is in one."""
        return b"{%b,%b}" % (self.facts, self._changing())

    def as_status(self) -> bytes:
        """Return the order's row of `/orders/status` (schema OrderStatus)."""
        return b'{"id":%d,%b}' % (self.id, self._status())

    def as_truth(self) -> bytes:
        """Return everything there is to know about the order."""
        return b"{%b,%b,%b,%b}" % (self.facts, self.new_facts, self._changing(), self._status())

    def _changing(self) -> bytes:
        scan_price = b"null" if self.scan_price is None else b"%d" % self.scan_price
        supply = b"" if self.supply is None else b',"supplyId":"%b"' % self.supply.id.encode()
        return b'"scanPrice":%b%b' % (scan_price, supply)

    def _status(self) -> bytes:
        cancellable = not self.final and self.supplier_status in {"new", "confirm"}
        transferable = self.supplier_status == "complete" and self.wb_status == "waiting"
        return b'"isCancellable":%b,"isTransferable":%b,"supplierStatus":"%b","wbStatus":"%b"' % (
            b"true" if cancellable else b"false",
            b"true" if transferable else b"false",
            self.supplier_status.encode(),
            self.wb_status.encode(),
        )


@dataclass(frozen=True, slots=True)
class Basket:
    """What the orders of one purchase share: several pieces bought at once are several orders with one `uid`."""

    uid: str
    created: float
    warehouse_id: int
    office: tuple[str, int]
    currency: int
    comment: str
    b2b: bool


def basket(dice: Dice, created: float, warehouse_id: int) -> Basket:
    """Cast a purchase.

    Args:
        dice: the purchase's own dice.
        created: wall time, epoch seconds.
        warehouse_id: the seller's warehouse that will send it.
    """
    return Basket(
        uid=f"{dice.whole(1_000_000, 200_000_000)}_{dice.hex()}",
        created=created,
        warehouse_id=warehouse_id,
        office=dice.one(catalogue.OFFICES),
        currency=catalogue.currency(dice),
        comment=catalogue.comment(dice),
        b2b=dice.luck() < _B2B,
    )


def place(dice: Dice, order_id: int, key: str, product: Product, bought: Basket) -> Order:
    """Return the order of one piece of a product.

    Args:
        dice: the order's own dice.
        order_id: the id the marketplace gives it.
        key: names the order, for the dice of its later life.
        product: what was bought.
        bought: the purchase it belongs to.
    """
    cross_border = int(bought.currency != catalogue.RUB)
    facts = {"id": order_id, "rid": dice.hex(), "orderUid": bought.uid}
    facts |= _goods(product) | _way(dice, bought) | {"crossBorderType": cross_border}
    price = catalogue.in_currency(product.price, bought.currency)
    facts |= {"price": price, "convertedPrice": product.price}
    facts |= {"currencyCode": bought.currency, "convertedCurrencyCode": catalogue.RUB}
    return Order(
        id=order_id,
        key=key,
        created=bought.created,
        price=product.price,
        group=(product.cargo_type, cross_border, bought.b2b),
        facts=_fields(facts),
        new_facts=_fields(_promises(dice, product, bought.created) | _discount(dice, price, product.price)),
    )


def _goods(product: Product) -> dict[str, object]:
    return {
        "article": product.article,
        "colorCode": product.colour,
        "nmId": product.nm_id,
        "chrtId": product.chrt_id,
        "skus": [product.barcode],
        "cargoType": product.cargo_type,
    }


def _way(dice: Dice, bought: Basket) -> dict[str, object]:
    name, office_id = bought.office
    return {
        "createdAt": rfc3339(bought.created),
        "offices": None if dice.luck() < _NO_OFFICES else [name],
        "warehouseId": bought.warehouse_id,
        "officeId": office_id,
        "deliveryType": "fbs",
        "comment": bought.comment,
        "isZeroOrder": False,
        "options": {"isB2B": bought.b2b},
        "address": None,
    }


def _promises(dice: Dice, product: Product, created: float) -> dict[str, object]:
    return {
        "ddate": moscow_day(created + dice.whole(2, 9) * _DAY),
        "sellerDate": moscow_day(created + _DAY) if dice.luck() < _SELLER_DATE else None,
        "requiredMeta": [],
        "optionalMeta": ["sgtin"] if product.cargo_type == 1 else [],
        "isPickupPointShipmentAllowed": product.cargo_type == 1,
    }


def _discount(dice: Dice, price: int, converted: int) -> dict[str, object]:
    share = dice.between(0.8, 1.0)
    paid = round(price * share)
    return {"salePrice": paid, "finalPrice": paid, "convertedFinalPrice": round(converted * share)}


def _fields(values: dict[str, object]) -> bytes:
    return compact(values)[1:-1]
