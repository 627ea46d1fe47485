"""A Wildberries seller: its assortment, orders and supplies, and what is due to happen to them."""

from uuid import UUID

from sandbox import catalogue
from sandbox.agenda import Agenda, Arrivals
from sandbox.clock import Clock
from sandbox.dice import Dice
from sandbox.options import WorldOptions
from sandbox.wildberries.orders import Order, basket, place
from sandbox.wildberries.supplies import Group, Supply

_PIECES, _MEAN_PIECES = ((1, 88), (2, 8), (3, 4)), 1.16
# Ids of two sellers never meet, and orders made by a control call have ids of their own: an order that arrives by
# itself is the same whether or not a test made others before it.
_FIRST_ORDER_ID, _IDS_A_SELLER, _FIRST_MADE_ID = 5_200_000_000, 20_000_000, 10_000_000
_ID_STEP = 13
_FIRST_SUPPLY_NUMBER, _SUPPLIES_A_SELLER = 91_000_000, 100_000
_CARRIER = 0.1

Subject = Order | Supply


class Seller:
    """State, and the small moves that keep it whole; what is done when is in `life`.

    Attributes:
        orders: all orders by creation; only ever appended to, so a place in it is a cursor.
        new: the orders `/orders/new` shows.
        open_supplies: the supply that takes the next order of a group.
        agenda: what will happen to them.
        arrivals: the purchases still to come.
    """

    def __init__(self, index: int, options: WorldOptions, clock: Clock) -> None:
        dice = Dice(f"{options.seed}/seller {index}")
        repeat, name = divmod(index, len(catalogue.SELLER_NAMES))
        self.name = catalogue.SELLER_NAMES[name] + (f" № {repeat + 1}" if repeat else "")
        self.sid = str(UUID(hex=dice.hex(), version=4))
        self.clock = clock
        self.orders: list[Order] = []
        self.by_id: dict[int, Order] = {}
        self.new: dict[int, Order] = {}
        self.supplies: list[Supply] = []
        self.supplies_by_id: dict[str, Supply] = {}
        self.open_supplies: dict[Group, Supply] = {}
        self._key = f"{options.seed}/{self.sid}"
        self._warehouse_id = dice.whole(600_000, 1_600_000)
        self._products = catalogue.products(dice)
        self._first_id = _FIRST_ORDER_ID + index * _IDS_A_SELLER
        self._first_supply = _FIRST_SUPPLY_NUMBER + index * _SUPPLIES_A_SELLER
        self._purchases = self._arrived = self._made = self._supplies_made = 0
        self.agenda: Agenda[Subject] = Agenda(clock)
        self.arrivals = Arrivals(f"{self._key}/gaps", _MEAN_PIECES, options, clock.start)

    def arrive(self) -> list[Order]:
        """Let the next purchase arrive: an order for each piece, stamped with the time it was due."""
        return self._buy(self.arrivals.pass_on(), pieces=None)

    def order_from_the_past(self, created: float) -> Order:
        """Place an order that was there before the start."""
        return self._buy(created, pieces=1)[0]

    def make(self, count: int, now: float) -> list[Order]:
        """Place orders now, because a control call asks for them."""
        made = []
        for _ in range(count):
            key = f"{self._key}/made {self._made}"
            dice = Dice(key)
            order_id = self._first_id + _FIRST_MADE_ID + self._made * _ID_STEP + dice.whole(0, _ID_STEP)
            self._made += 1
            bought = basket(dice, now, self._warehouse_id)
            made.append(self._keep(place(dice, order_id, key, dice.one(self._products), bought)))
        return made

    def open_supply(self, group: Group, now: float) -> Supply:
        """Return the supply that takes orders of this group; make it when there is none."""
        if group not in self.open_supplies:
            self.open_supplies[group] = self.make_supply(now)
            self.open_supplies[group].group = group
        return self.open_supplies[group]

    def make_supply(self, now: float) -> Supply:
        """Make an empty supply."""
        self._supplies_made += 1
        number = self._first_supply + self._supplies_made
        supply = Supply(id=f"WB-GI-{number}", name=f"Поставка № {self._supplies_made}", created=now)
        supply.carrier = Dice(f"{self._key}/{supply.id}").luck() < _CARRIER
        self.supplies.append(supply)
        self.supplies_by_id[supply.id] = supply
        return supply

    def delete_supply(self, supply: Supply) -> None:
        """Delete a supply, as a seller does with one that stayed empty."""
        supply.deleted = True
        del self.supplies_by_id[supply.id]

    def _buy(self, created: float, pieces: int | None) -> list[Order]:
        key = f"{self._key}/purchase {self._purchases}"
        self._purchases += 1
        dice = Dice(key)
        bought = basket(dice, created, self._warehouse_id)
        product = dice.one(self._products)
        count = pieces or dice.weighed(_PIECES)
        bag = []
        for piece in range(count):
            order_id = self._first_id + self._arrived * _ID_STEP + dice.whole(0, _ID_STEP)
            self._arrived += 1
            bag.append(self._keep(place(dice, order_id, f"{key}/{piece}", product, bought)))
        return bag

    def _keep(self, order: Order) -> Order:
        self.orders.append(order)
        self.by_id[order.id] = order
        self.new[order.id] = order
        return order
