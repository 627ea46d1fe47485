"""The state of one model server: options, script, faults, counters, pictures, and answers given before."""

from collections.abc import Mapping

from sandbox.model.drawing import Pictures
from sandbox.model.faults import ModelFaults
from sandbox.model.options import ModelOptions
from sandbox.model.script import Script
from sandbox.model.stats import ModelStats
from sandbox.model.tokens import Meter


class ModelWorld:
    """Everything that a reset starts anew."""

    def __init__(self, options: ModelOptions) -> None:
        self.reset(options)

    def reset(self, options: ModelOptions) -> None:
        """Begin again with these options."""
        self.options = options
        self.script = Script()
        self.faults = ModelFaults()
        self.stats = ModelStats()
        self.pictures = Pictures()
        self.meter = Meter()
        self.answered: dict[str, Mapping[str, object]] = {}
