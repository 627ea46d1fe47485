"""What the control endpoints ask of a marketplace's world."""

from collections.abc import Sequence
from typing import Protocol


class Impossible(LookupError):
    """A control call names something that is not there."""


class Realm(Protocol):
    """The sellers of a marketplace and their orders; asking lets its world move on to now first."""

    def names(self) -> dict[str, str]:
        """Return the names of its sellers by their ids."""

    def card(self, sid: str) -> dict[str, object]:
        """Return a seller's name, id and tokens."""

    def truth(self, sid: str) -> bytes:
        """Return everything there is to know about a seller's orders, as JSON."""

    def make_orders(self, sid: str, count: int) -> list[int]:
        """Place orders now; return their ids."""

    def do(self, sid: str, verb: str, orders: Sequence[int], supplies: Sequence[str]) -> list[int | str]:
        """Do one thing to some orders or supplies; return the ids it was possible for.

        Raises:
            Impossible: there is no such verb.
        """

    def renew_tokens(self, sid: str) -> None:
        """Withdraw a seller's tokens and issue new ones."""

    def move_on(self) -> None:
        """Let everything happen that is due by now."""

    def set_rate(self, rate: float) -> None:
        """Let `rate` orders a minute and seller arrive from now on."""
