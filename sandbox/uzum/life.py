"""What happens to Uzum orders, and when.

CREATED ─ accept ─> PACKING ─ hand_over ─> PENDING_DELIVERY ─ ship ─> DELIVERING ─ reach_point ─> ACCEPTED_AT_DP
  │ cancel             │ ask_cancel              │ ask_cancel            │ deliver (DBS)            │ wait_pickup
CANCELED <─ cancel ─ PENDING_CANCELLATION <──────┘                   DELIVERED ─ complete ─┐   DELIVERED_TO_…_POINT
                                                      RETURNED <─ give_back ─ COMPLETED <──┴─ complete ─┘
"""

from dataclasses import dataclass

from sandbox.dice import Dice
from sandbox.uzum.catalogue import CANCEL_REASONS
from sandbox.uzum.orders import Order
from sandbox.uzum.seller import Seller

HOUR = 3_600.0
_READY = "DELIVERED_TO_CUSTOMER_DELIVERY_POINT"
# The share of orders that take a turn; the rest goes the straight way.
_CANCELLED_NEW, _CANCELLED_PACKED, _NOT_FETCHED, _SENT_BACK = 0.06, 0.03, 0.08, 0.05
_ENDINGS = frozenset({"cancel", "complete", "give_back"})


@dataclass(frozen=True, slots=True)
class Deed:
    """A move from some statuses to another, and the date it sets."""

    before: frozenset[str]
    after: str
    date: str | None = None


DEEDS: dict[str, Deed] = {
    "accept": Deed(frozenset({"CREATED"}), "PACKING", "acceptedDate"),
    "hand_over": Deed(frozenset({"PACKING"}), "PENDING_DELIVERY"),
    "ship": Deed(frozenset({"PENDING_DELIVERY"}), "DELIVERING", "deliveringDate"),
    "reach_point": Deed(frozenset({"DELIVERING"}), "ACCEPTED_AT_DP"),
    "wait_pickup": Deed(frozenset({"ACCEPTED_AT_DP"}), _READY, "deliveredToDeliveryPointDate"),
    "deliver": Deed(frozenset({"DELIVERING"}), "DELIVERED", "deliveryDate"),
    "complete": Deed(frozenset({_READY, "DELIVERED"}), "COMPLETED", "completedDate"),
    "ask_cancel": Deed(frozenset({"PACKING", "PENDING_DELIVERY"}), "PENDING_CANCELLATION"),
    "cancel": Deed(frozenset({"CREATED", "PENDING_CANCELLATION"}), "CANCELED", "dateCancelled"),
    "give_back": Deed(frozenset({_READY, "COMPLETED"}), "RETURNED", "returnDate"),
}


@dataclass(frozen=True, slots=True)
class _Step:
    """What follows a deed: another, after so many hours."""

    verb: str
    least: float
    most: float


def advance(seller: Seller, now: float) -> None:
    """Let everything happen to a seller that is due by `now` (wall time, epoch seconds), in its order."""
    while True:
        event = seller.agenda.next()
        if min(event, seller.arrivals.next) > now:
            return
        if seller.arrivals.next <= event:
            begin(seller, seller.arrive(seller.arrivals.pass_on()))
            continue
        life, verb, order = seller.agenda.pop()
        act(seller, verb, order, seller.clock.wall(life), life)


def begin(seller: Seller, order: Order) -> None:
    """Schedule the first hours of a new order."""
    dice = Dice(f"{order.key}/begin")
    born_open = order.created < seller.clock.start
    step = _Step("accept", 0.1, 8) if born_open or dice.luck() >= _CANCELLED_NEW else _Step("cancel", 0.05, 1)
    _later(seller, order, dice, step, seller.clock.life(order.created))


def act(seller: Seller, verb: str, order: Order, wall: float, life: float) -> bool:
    """Do one thing to an order, and schedule what follows from it.

    Args:
        seller: whose it is.
        verb: a key of `DEEDS`.
        order: the order.
        wall: wall time of the deed, epoch seconds.
        life: its life time.

    Returns:
        Whether it was possible.
    """
    deed = DEEDS[verb]
    if order.status not in deed.before:
        return False
    seller.move(order, deed.after)
    if deed.date is not None:
        order.dates[deed.date] = wall
    if verb == "hand_over":
        order.invoice = seller.next_invoice()
    dice = Dice(f"{order.key}/{verb}")
    if verb in {"cancel", "ask_cancel"} and order.cancel_reason is None:
        order.cancel_reason = dice.one(CANCEL_REASONS)
    for step in _following(verb, order, dice.luck()):
        _later(seller, order, dice, step, life)
    return True


def _following(verb: str, order: Order, luck: float) -> tuple[_Step, ...]:
    if verb == "accept":
        return (_Step("hand_over", 2, 10), _Step("ask_cancel", 1, 4)) if luck < _CANCELLED_PACKED else _HAND_OVER
    if verb == "ship":
        return _DELIVER if order.scheme == "DBS" else _REACH_POINT
    if verb == "wait_pickup" and luck < _NOT_FETCHED:
        return (_Step("give_back", 120, 160),)
    if verb == "complete":
        return (_Step("give_back", 10, 200),) if luck < _SENT_BACK else ()
    return _NEXT.get(verb, ())


_HAND_OVER, _DELIVER, _REACH_POINT = (
    (_Step("hand_over", 2, 10),),
    (_Step("deliver", 10, 60),),
    (_Step("reach_point", 8, 40),),
)
_NEXT: dict[str, tuple[_Step, ...]] = {
    "hand_over": (_Step("ship", 2, 16),),
    "reach_point": (_Step("wait_pickup", 6, 30),),
    "wait_pickup": (_Step("complete", 2, 110),),
    "deliver": (_Step("complete", 1, 20),),
    "ask_cancel": (_Step("cancel", 1, 12),),
}


def _later(seller: Seller, order: Order, dice: Dice, step: _Step, now: float) -> None:
    life, start = now + dice.between(step.least, step.most) * HOUR, seller.clock.start
    # An order that is there at the start ends after it: the world begins with as many open orders as were asked for.
    if step.verb in _ENDINGS and order.created < start and life < start:
        life = start + life % (6 * HOUR)
    seller.agenda.schedule(life, step.verb, order)
