"""The Uzum world: its sellers and their tokens."""

from collections.abc import Sequence

from sandbox.agenda import times_before
from sandbox.answers import compact
from sandbox.clock import Clock
from sandbox.dice import Dice
from sandbox.options import WorldOptions
from sandbox.realm import Impossible
from sandbox.uzum import life
from sandbox.uzum.seller import Seller

FULL, PRODUCTS_ONLY = "full", "products_only"


class World:
    """Sellers and their orders; asking for a seller lets its world move on to now first (a `Realm`)."""

    def __init__(self, options: WorldOptions, clock: Clock) -> None:
        self.clock = clock
        self._seed = options.seed
        sellers = [Seller(index, options, clock) for index in range(options.uzum_sellers)]
        self._by_sid = {seller.sid: seller for seller in sellers}
        self._renewals = dict.fromkeys(self._by_sid, 0)
        self._tokens: dict[str, dict[str, str]] = {}
        self._rights: dict[str, tuple[str, str]] = {}
        for seller in sellers:
            self._issue(seller.sid)
            _live_through_history(seller, options)

    def seller(self, sid: str) -> Seller:
        """Return a seller as it is now.

        Raises:
            KeyError: no seller has this id.
        """
        seller = self._by_sid[sid]
        life.advance(seller, self.clock.now())
        return seller

    def read(self, token: str) -> tuple[str, str] | None:
        """Return whose a token is and what it may do (`FULL` or `PRODUCTS_ONLY`), None when nobody has it."""
        return self._rights.get(token)

    def names(self) -> dict[str, str]:
        """Return the names of the sellers by their ids."""
        return {sid: seller.name for sid, seller in self._by_sid.items()}

    def card(self, sid: str) -> dict[str, object]:
        """Return a seller's name, id, shops and tokens, and how many orders it has."""
        seller, tokens = self.seller(sid), self._tokens[sid]
        return {
            "marketplace": "uzum",
            "name": seller.name,
            "sid": sid,
            "shops": [{"id": shop_id, "name": name} for shop_id, name in seller.shops.items()],
            "orders": len(seller.by_id),
            "new_orders": len(seller.by_status.get("CREATED", {})),
            "token": tokens[FULL],
            "tokens": tokens,
        }

    def truth(self, sid: str) -> bytes:
        """Return all orders of a seller as JSON."""
        seller = self.seller(sid)
        names = compact({"marketplace": "uzum", "name": seller.name, "sid": sid, "at": self.clock.now()})
        orders = b",".join(order.as_truth() for order in seller.by_id.values())
        return b'%b,"orders":[%b],"supplies":[]}' % (names[:-1], orders)

    def make_orders(self, sid: str, count: int) -> list[int]:
        """Place orders now; return their ids."""
        seller = self.seller(sid)
        made = [seller.make(self.clock.now()) for _ in range(count)]
        for order in made:
            life.begin(seller, order)
        return [order.id for order in made]

    def do(self, sid: str, verb: str, orders: Sequence[int], supplies: Sequence[str]) -> list[int | str]:
        """Do one thing to some orders; return the ids it was possible for.

        Raises:
            Impossible: there is no such verb, or supplies are named: Uzum has none.
        """
        if verb not in life.DEEDS or supplies:
            raise Impossible(f"verb {verb!r} for what was named")
        seller, wall = self.seller(sid), self.clock.now()
        known = [seller.by_id[order] for order in orders if order in seller.by_id]
        return [order.id for order in known if life.act(seller, verb, order, wall, self.clock.life(wall))]

    def renew_tokens(self, sid: str) -> None:
        """Withdraw a seller's tokens and issue new ones."""
        for token in self._tokens[sid].values():
            del self._rights[token]
        self._renewals[sid] += 1
        self._issue(sid)

    def move_on(self) -> None:
        """Let everything happen that is due by now."""
        for sid in self._by_sid:
            self.seller(sid)

    def set_rate(self, rate: float) -> None:
        """Let `rate` orders a minute and seller arrive from now on."""
        for seller in self._by_sid.values():
            seller.arrivals.set_rate(rate, self.clock.now())

    def _issue(self, sid: str) -> None:
        dice = Dice(f"{self._seed}/{sid}/tokens {self._renewals[sid]}")
        self._tokens[sid] = {right: f"{dice.hex()}{dice.hex()}" for right in (FULL, PRODUCTS_ONLY)}
        self._rights |= {token: (sid, right) for right, token in self._tokens[sid].items()}


def _live_through_history(seller: Seller, options: WorldOptions) -> None:
    start = seller.clock.start
    for created in times_before(f"{options.seed}/{seller.sid}/history", options, start):
        life.advance(seller, created)
        life.begin(seller, seller.arrive(created))
    life.advance(seller, start)
