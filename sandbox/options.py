"""What a world is made of: the command line and `POST /sandbox/reset` give the same options."""

from pydantic import BaseModel, ConfigDict, Field


class WorldOptions(BaseModel):
    """The world's settings; the same options and elapsed time give the same world.

    Attributes:
        sellers: Wildberries sellers.
        uzum_sellers: Uzum sellers.
        seed: all dice are cast from it.
        rate: new orders a minute and seller, on average (Poisson); 0 stands still.
        speed: how many times faster than life orders are assembled, shipped, cancelled and sold; 0 stands still.
        open_orders: unfinished orders each seller has at the start: in every state of their lives, all new at speed 0.
        history_days: the oldest of them is this old.
        clock_offset: the marketplaces' clock is ahead of this machine's by so many seconds, or behind.
        latency_ms: added to every marketplace answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sellers: int = Field(default=3, ge=1, le=1000)
    uzum_sellers: int = Field(default=0, ge=0, le=1000)
    seed: int = Field(default=7, ge=0)
    rate: float = Field(default=2.0, ge=0, le=60_000)
    speed: float = Field(default=1.0, ge=0, le=1_000_000)
    open_orders: int = Field(default=0, ge=0, le=100_000)
    history_days: float = Field(default=20.0, gt=0, le=200)
    clock_offset: float = Field(default=0.0, ge=-86_400, le=86_400)
    latency_ms: int = Field(default=0, ge=0, le=600_000)
