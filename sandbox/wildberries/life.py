"""When things happen to Wildberries orders and supplies: after each deed the dice say what follows, and how soon.

The dice of an order are named after the order, so its life does not depend on who looked at it, or when.
"""

from dataclasses import dataclass

from sandbox.dice import Dice
from sandbox.wildberries.deeds import ORDER_DEEDS, SUPPLY_DEEDS
from sandbox.wildberries.orders import Order
from sandbox.wildberries.seller import Seller, Subject
from sandbox.wildberries.supplies import Supply

HOUR = 3_600.0
FULL_SUPPLY = 250
# The share of orders that take a turn; the rest goes the straight way.
_DECLINED, _CANCELLED_NEW, _CANCELLED_PACKED, _CANCELLED_SENT = 0.05, 0.02, 0.03, 0.02
_TRANSFERRED, _LOST_IN_BOX, _POSTPONED, _SPOILT, _REFUSED, _CARRIER_CANCELS = 0.03, 0.01, 0.04, 0.01, 0.14, 0.05
_ENDINGS = frozenset({"decline", "cancel", "cancel_by_client", "cancel_by_carrier", "sell", "refuse", "spoil"})


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment by both clocks: `wall` for stamps, `life` for what follows."""

    wall: float
    life: float


def advance(seller: Seller, now: float) -> None:
    """Let everything happen to a seller that is due by `now` (wall time, epoch seconds), in its order."""
    while True:
        event = seller.agenda.next()
        if min(event, seller.arrivals.next) > now:
            return
        if seller.arrivals.next <= event:
            for order in seller.arrive():
                begin(seller, order)
            continue
        life, verb, subject = seller.agenda.pop()
        act(seller, verb, subject, Moment(seller.clock.wall(life), life))


def act(seller: Seller, verb: str, subject: Subject, now: Moment) -> bool:
    """Do one thing to an order or a supply, and schedule what follows from it.

    Args:
        seller: whose it is.
        verb: a key of `ORDER_DEEDS` for an order; of `SUPPLY_DEEDS` for a supply.
        subject: the order or supply.
        now: when.

    Returns:
        Whether it was possible: an order that was cancelled meanwhile is not packed.
    """
    if isinstance(subject, Supply):
        done = SUPPLY_DEEDS[verb](seller, subject, now.wall)
    else:
        done = ORDER_DEEDS[verb](seller, subject, now.wall)
    if done:
        _follow(seller, verb, subject, now.life)
    return done


def begin(seller: Seller, order: Order) -> None:
    """Schedule how a new order's first hours go: declined within one, cancelled by the seller, or packed."""
    dice = Dice(f"{order.key}/begin")
    luck = dice.luck()
    packed = 300 + dice.wait(3 * HOUR)
    if order.created + packed < seller.clock.start:
        # It is open at the start, so it was not given up before.
        luck = 1.0
    now = seller.clock.life(order.created)
    if luck < _DECLINED:
        _later(seller, order, "decline", now, dice.between(60, HOUR))
    elif luck < _DECLINED + _CANCELLED_NEW:
        _later(seller, order, "cancel", now, packed)
    else:
        _later(seller, order, "assemble", now, packed)


def _follow(seller: Seller, verb: str, subject: Subject, now: float) -> None:
    if isinstance(subject, Supply):
        if subject.closed is not None:
            (_after_closing if verb == "close" else _after_scan)(seller, subject, now)
    elif verb in {"assemble", "transfer"}:
        _after_packing(seller, subject, now)
    elif verb == "sort":
        _after_sorting(seller, subject, now)
    elif verb == "arrive":
        _after_arrival(seller, subject, now)


def _after_packing(seller: Seller, order: Order, now: float) -> None:
    supply = order.supply
    if supply is None:
        return
    if len(supply.order_ids) == 1:
        _later(seller, supply, "close", now, Dice(f"{seller.sid}/{supply.id}/made").between(8, 24) * HOUR)
    elif len(supply.order_ids) == FULL_SUPPLY:
        _later(seller, supply, "close", now, 0)
    dice = Dice(f"{order.key}/packed {supply.id}")
    luck = dice.luck()
    if luck < _CANCELLED_PACKED:
        verb = "cancel" if luck < _CANCELLED_PACKED / 3 else "cancel_by_client"
        _later(seller, order, verb, now, dice.wait(2 * HOUR))


def _after_closing(seller: Seller, supply: Supply, now: float) -> None:
    dice = Dice(f"{seller.sid}/{supply.id}/closed")
    _later(seller, supply, "scan", now, dice.between(3, 20) * HOUR)
    for order_id in supply.order_ids:
        order = seller.by_id[order_id]
        luck = dice.luck()
        if supply.carrier:
            _later(seller, order, "hand_to_carrier", now, 0)
            verb = "cancel_by_carrier" if luck < _CARRIER_CANCELS else "carrier_accepts"
            _later(seller, order, verb, now, dice.between(1, 3) * HOUR)
        elif luck < _TRANSFERRED:
            _later(seller, order, "transfer", now, dice.between(0.2, 3) * HOUR)
        elif luck < _TRANSFERRED + _CANCELLED_SENT:
            _later(seller, order, "cancel_by_client", now, dice.between(1, 40) * HOUR)


def _after_scan(seller: Seller, supply: Supply, now: float) -> None:
    dice = Dice(f"{seller.sid}/{supply.id}/scanned")
    for order_id in supply.order_ids:
        order = seller.by_id[order_id]
        if dice.luck() < _LOST_IN_BOX:
            _later(seller, order, "transfer", now, dice.between(4, 12) * HOUR)
        else:
            _later(seller, order, "sort", now, dice.between(0, 2) * HOUR)


def _after_sorting(seller: Seller, order: Order, now: float) -> None:
    dice = Dice(f"{order.key}/sorted")
    luck = dice.luck()
    way = dice.between(12, 90) * HOUR
    if luck < _SPOILT:
        _later(seller, order, "spoil", now, way / 2)
    elif luck < _SPOILT + _POSTPONED:
        _later(seller, order, "postpone", now, way)
        _later(seller, order, "arrive", now, way + 24 * HOUR)
    else:
        _later(seller, order, "arrive", now, way)


def _after_arrival(seller: Seller, order: Order, now: float) -> None:
    dice = Dice(f"{order.key}/arrived")
    verb = "refuse" if dice.luck() < _REFUSED else "sell"
    _later(seller, order, verb, now, dice.between(1, 96) * HOUR)


def _later(seller: Seller, subject: Subject, verb: str, now: float, seconds: float) -> None:
    life = now + seconds
    start = seller.clock.start
    # An order that is there at the start ends after it: the world begins with as many open orders as were asked for.
    if verb in _ENDINGS and subject.created < start and life < start:
        life = start + life % (6 * HOUR)
    seller.agenda.schedule(life, verb, subject)
