"""Everything a running sandbox holds, and how it is set up anew."""

from sandbox.faults import Faults
from sandbox.options import WorldOptions
from sandbox.stats import Stats
from sandbox.wildberries import Wildberries
from sandbox.world import World


class Stage:
    """The world, the marketplaces in front of it, the faults and the counts."""

    def __init__(self, options: WorldOptions) -> None:
        self.reset(options)

    def reset(self, options: WorldOptions) -> None:
        """Begin again: a new world from these options, full buckets, no faults, no counts."""
        self.options = options
        self.faults = Faults()
        self.stats = Stats()
        self.world = World(options)
        self.wildberries = Wildberries(self.world, self.faults)
