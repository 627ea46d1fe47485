"""An Uzum seller: shops, assortment, orders by status, and what is due to happen to them."""

from sandbox.agenda import Agenda, Arrivals
from sandbox.clock import Clock
from sandbox.dice import Dice
from sandbox.options import WorldOptions
from sandbox.uzum import catalogue
from sandbox.uzum.catalogue import Sku
from sandbox.uzum.orders import Order, place

# As with Wildberries: ids of two sellers never meet, orders made by a control call have their own.
_FIRST_ORDER_ID, _IDS_A_SELLER, _FIRST_MADE_ID, _ID_STEP = 70_000_000, 8_000_000, 4_000_000, 7
_FIRST_SHOP_ID = 54_161


class Seller:
    """State, and the small moves that keep it whole; what is done when is in `life`.

    Attributes:
        shops: names by id.
        by_status: the orders of each status, in the order they came to it.
        agenda: what will happen to them.
        arrivals: the purchases still to come.
    """

    def __init__(self, index: int, options: WorldOptions, clock: Clock) -> None:
        dice = Dice(f"{options.seed}/uzum seller {index}")
        repeat, name = divmod(index, len(catalogue.SELLER_NAMES))
        self.name = catalogue.SELLER_NAMES[name] + (f" № {repeat + 1}" if repeat else "")
        self.sid = f"uzum-{dice.hex()[:12]}"
        self.clock = clock
        first = _FIRST_SHOP_ID + index * 10
        self.shops = {first + place: dice.one(catalogue.SHOP_NAMES) for place in range(1 + index % 3)}
        self.by_id: dict[int, Order] = {}
        self.by_status: dict[str, dict[int, Order]] = {}
        self.agenda: Agenda[Order] = Agenda(clock)
        self._key = f"{options.seed}/{self.sid}"
        self.arrivals = Arrivals(f"{self._key}/gaps", 1.0, options, clock.start)
        self._skus = catalogue.skus(dice)
        self._first_id = _FIRST_ORDER_ID + index * _IDS_A_SELLER
        self._arrived = self._made = self._invoices = 0

    def arrive(self, created: float) -> Order:
        """Let an order arrive, stamped with the time it was due."""
        self._arrived += 1
        return self._buy(f"{self._key}/order {self._arrived}", self._first_id + self._arrived * _ID_STEP, created)

    def make(self, now: float) -> Order:
        """Place an order now, because a control call asks for it."""
        self._made += 1
        first = self._first_id + _FIRST_MADE_ID
        return self._buy(f"{self._key}/made {self._made}", first + self._made * _ID_STEP, now)

    def move(self, order: Order, status: str) -> None:
        """Give an order another status."""
        del self.by_status[order.status][order.id]
        order.status = status
        self._stand(order)

    def next_invoice(self) -> int:
        """Return the id of a new invoice."""
        self._invoices += 1
        return self._first_id // 1000 + self._invoices

    def _buy(self, key: str, first_id: int, created: float) -> Order:
        dice = Dice(key)
        bag = [self._line(dice) for _ in range(dice.weighed(((1, 80), (2, 15), (3, 5))))]
        shop_id = dice.one(list(self.shops))
        order = place(dice, first_id + dice.whole(0, _ID_STEP), key, created=created, shop_id=shop_id, bag=bag)
        self.by_id[order.id] = order
        self._stand(order)
        return order

    def _line(self, dice: Dice) -> tuple[Sku, int]:
        return dice.one(self._skus), dice.weighed(((1, 85), (2, 11), (5, 4)))

    def _stand(self, order: Order) -> None:
        self.by_status.setdefault(order.status, {})[order.id] = order
