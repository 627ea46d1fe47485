"""Everything a running sandbox holds, and how it is set up anew."""

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.options import WorldOptions
from sandbox.realm import Impossible, Realm
from sandbox.stats import Stats
from sandbox.uzum import world as uzum_world
from sandbox.uzum.api import Uzum
from sandbox.wildberries import world as wildberries_world
from sandbox.wildberries.api import Wildberries


class Stage:
    """The worlds, the marketplaces in front of them, the faults and the counts."""

    def __init__(self, options: WorldOptions) -> None:
        self.reset(options)

    def reset(self, options: WorldOptions) -> None:
        """Begin again: new worlds from these options, full buckets, no faults, no counts."""
        self.options = options
        self.faults = Faults()
        self.stats = Stats()
        self.clock = Clock(options.speed, offset=options.clock_offset)
        wildberries, uzum = wildberries_world.World(options, self.clock), uzum_world.World(options, self.clock)
        self.wildberries, self.uzum = Wildberries(wildberries, self.faults), Uzum(uzum, self.faults)
        self._realms: tuple[Realm, ...] = (wildberries, uzum)

    def everybody(self) -> list[tuple[Realm, str]]:
        """Return all sellers: the realm and the id of each, Wildberries first."""
        return [(realm, sid) for realm in self._realms for sid in realm.names()]

    def find(self, name: str) -> tuple[Realm, str]:
        """Return a seller by id, name or place in the list (0 is the first).

        Raises:
            Impossible: there is none.
        """
        everybody = self.everybody()
        if name.isascii() and name.isdecimal() and int(name) < len(everybody):
            return everybody[int(name)]
        for realm in self._realms:
            for sid, shown in realm.names().items():
                if name in {sid, shown}:
                    return realm, sid
        raise Impossible(f"seller {name!r}")

    def move_on(self) -> None:
        """Let everything happen that is due by now."""
        for realm in self._realms:
            realm.move_on()

    def set_rate(self, rate: float) -> None:
        """Let `rate` orders a minute and seller arrive from now on."""
        for realm in self._realms:
            realm.set_rate(rate)
