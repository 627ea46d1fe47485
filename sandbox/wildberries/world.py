"""The Wildberries world: its sellers and their tokens."""

from collections.abc import Sequence

from sandbox.agenda import times_before
from sandbox.answers import compact
from sandbox.clock import Clock
from sandbox.options import WorldOptions
from sandbox.realm import Impossible
from sandbox.wildberries import life
from sandbox.wildberries.deeds import ORDER_DEEDS, SUPPLY_DEEDS
from sandbox.wildberries.keyring import Keyring
from sandbox.wildberries.life import Moment
from sandbox.wildberries.seller import Seller, Subject


class World:
    """Sellers and their orders; asking for a seller lets its world move on to now first (a `Realm`)."""

    def __init__(self, options: WorldOptions, clock: Clock) -> None:
        self.clock = clock
        self.keyring = Keyring(options.seed, clock.start)
        sellers = [Seller(index, options, clock) for index in range(options.sellers)]
        self._by_sid = {seller.sid: seller for seller in sellers}
        for seller in sellers:
            self.keyring.issue(seller.sid)
            _live_through_history(seller, options)

    def seller(self, sid: str) -> Seller:
        """Return a seller as it is now.

        Raises:
            KeyError: no seller has this sid.
        """
        seller = self._by_sid[sid]
        life.advance(seller, self.clock.now())
        return seller

    def sellers(self) -> list[Seller]:
        """Return all sellers as they are now."""
        return [self.seller(sid) for sid in self._by_sid]

    def names(self) -> dict[str, str]:
        """Return the names of the sellers by their sids."""
        return {sid: seller.name for sid, seller in self._by_sid.items()}

    def card(self, sid: str) -> dict[str, object]:
        """Return a seller's name, sid and tokens, and how many orders it has."""
        seller, tokens = self.seller(sid), self.keyring.issue(sid)
        return {
            "marketplace": "wildberries",
            "name": seller.name,
            "sid": sid,
            "orders": len(seller.orders),
            "new_orders": len(seller.new),
            "token": tokens["personal"],
            "tokens": tokens,
        }

    def truth(self, sid: str) -> bytes:
        """Return all orders and supplies of a seller, with statuses, as JSON."""
        seller = self.seller(sid)
        names = compact({"marketplace": "wildberries", "name": seller.name, "sid": sid, "at": self.clock.now()})
        orders = b",".join(order.as_truth() for order in seller.orders)
        supplies = b",".join(supply.as_truth() for supply in seller.supplies if not supply.deleted)
        return b'%b,"orders":[%b],"supplies":[%b]}' % (names[:-1], orders, supplies)

    def make_orders(self, sid: str, count: int) -> list[int]:
        """Place orders now; return their ids."""
        seller = self.seller(sid)
        made = seller.make(count, self.clock.now())
        for order in made:
            life.begin(seller, order)
        return [order.id for order in made]

    def do(self, sid: str, verb: str, orders: Sequence[int], supplies: Sequence[str]) -> list[int | str]:
        """Do one thing to some orders, or some supplies; return the ids it was possible for.

        Raises:
            Impossible: there is no such verb.
        """
        seller = self.seller(sid)
        if verb not in (SUPPLY_DEEDS if supplies else ORDER_DEEDS):
            raise Impossible(f"verb {verb!r} for what was named")
        subjects: list[Subject] = [seller.by_id[order] for order in orders if order in seller.by_id]
        subjects += [seller.supplies_by_id[supply] for supply in supplies if supply in seller.supplies_by_id]
        wall = self.clock.now()
        now = Moment(wall, self.clock.life(wall))
        return [subject.id for subject in subjects if life.act(seller, verb, subject, now)]

    def renew_tokens(self, sid: str) -> None:
        """Withdraw a seller's tokens and issue new ones."""
        self.keyring.renew(sid)

    def move_on(self) -> None:
        """Let everything happen that is due by now."""
        self.sellers()

    def set_rate(self, rate: float) -> None:
        """Let `rate` orders a minute and seller arrive from now on."""
        for seller in self.sellers():
            seller.arrivals.set_rate(rate, self.clock.now())


def _live_through_history(seller: Seller, options: WorldOptions) -> None:
    start = seller.clock.start
    for created in times_before(f"{options.seed}/{seller.sid}/history", options, start):
        life.advance(seller, created)
        life.begin(seller, seller.order_from_the_past(created))
    life.advance(seller, start)
