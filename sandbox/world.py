"""The Wildberries world: its sellers, their tokens, and its clock."""

import time
from collections.abc import Callable

from sandbox import life
from sandbox.clock import Clock
from sandbox.dice import Dice
from sandbox.keyring import DAY, Keyring
from sandbox.options import WorldOptions
from sandbox.seller import Seller


class World:
    """Sellers and their orders; asking for a seller lets its world move on to now first."""

    def __init__(self, options: WorldOptions, source: Callable[[], float] = time.time) -> None:
        self.options = options
        self.clock = Clock(options.speed, source)
        self.keyring = Keyring(options.seed, self.clock.start)
        self._sellers = [Seller(index, options, self.clock) for index in range(options.sellers)]
        self._by_sid = {seller.sid: seller for seller in self._sellers}
        for seller in self._sellers:
            self.keyring.issue(seller.sid)
            self._live_through_history(seller)

    def sellers(self) -> list[Seller]:
        """Return all sellers as they are now."""
        return [self.seller(seller.sid) for seller in self._sellers]

    def seller(self, sid: str) -> Seller:
        """Return a seller as it is now.

        Raises:
            KeyError: no seller has this sid.
        """
        seller = self._by_sid[sid]
        life.advance(seller, self.clock.now())
        return seller

    def find(self, name: str) -> Seller:
        """Return a seller by sid, name or number (0 is the first), as it is now.

        Raises:
            KeyError: there is none.
        """
        if name.isascii() and name.isdecimal() and int(name) < len(self._sellers):
            return self.seller(self._sellers[int(name)].sid)
        return self.seller(next((seller.sid for seller in self._sellers if seller.name == name), name))

    def set_rate(self, rate: float) -> None:
        """Let orders arrive at another rate (a minute and seller) from now on."""
        for seller in self.sellers():
            seller.set_rate(rate, self.clock.now())

    def set_speed(self, speed: float) -> None:
        """Let lives go at another pace from now on."""
        self.sellers()
        self.clock.set_speed(speed)

    def live(self, seconds: float) -> None:
        """Let everything happen at once that life has in store for the next `seconds` of life time."""
        self.sellers()
        self.clock.live(seconds)

    def skip(self, seconds: float) -> None:
        """Set the marketplace's clock ahead; what is due by then happens."""
        self.clock.skip(seconds)

    def _live_through_history(self, seller: Seller) -> None:
        options, start = self.options, self.clock.start
        dice = Dice(f"{options.seed}/{seller.sid}/history")
        # Most open orders are young: the cube leaves an eighth of them in the older half of the days.
        ages = (options.history_days * DAY * dice.luck() ** 3 for _ in range(options.open_orders))
        for created in sorted(start - age for age in ages):
            life.advance(seller, created)
            life.begin(seller, seller.order_from_the_past(created))
        life.advance(seller, start)
