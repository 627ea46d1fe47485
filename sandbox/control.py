"""The control endpoints under /sandbox/: truth, faults, and the strings of the world. No auth: loopback only."""

from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sandbox.answers import Answer, Asked, compact
from sandbox.faults import Fault
from sandbox.limits import SECOND, UZUM_PER_DAY, Limit
from sandbox.options import WorldOptions
from sandbox.realm import Impossible
from sandbox.routes import Routes
from sandbox.stage import Stage

_CHANGES = TypeAdapter(dict[str, float])
Wanted = TypeVar("Wanted", bound=BaseModel)
Operation = Callable[[Stage, Asked], Answer]


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MakeOrders(_Wish):
    """POST /sandbox/orders: place orders now."""

    seller: str
    count: int = Field(default=1, ge=1, le=100_000)


class Deed(_Wish):
    """POST /sandbox/deeds: do one thing to some orders or supplies of a seller."""

    seller: str
    verb: str
    orders: tuple[int, ...] = ()
    supplies: tuple[str, ...] = ()


class Renew(_Wish):
    """POST /sandbox/tokens: withdraw a seller's tokens and issue new ones."""

    seller: str


class Pace(_Wish):
    """POST /sandbox/world: how the world moves; what is not given stays.

    Attributes:
        rate: new orders a minute and seller.
        speed: life seconds in a second; 0 stands still.
        skip_seconds: set the marketplace's clock ahead by this.
        live_seconds: let so much life happen at once; the clock stays.
    """

    rate: float | None = Field(default=None, ge=0, le=60_000)
    speed: float | None = Field(default=None, ge=0, le=1_000_000)
    skip_seconds: float = Field(default=0, ge=0)
    live_seconds: float = Field(default=0, ge=0)


class Bound(_Wish):
    """POST /sandbox/limits: give every seller of a marketplace a bucket of this size, full.

    Attributes:
        per_day: Uzum's daily quota.
    """

    marketplace: Literal["wildberries", "uzum"] = "wildberries"
    per_minute: int = Field(ge=1, le=60_000_000)
    burst: int = Field(ge=1)
    per_day: int = Field(default=UZUM_PER_DAY, ge=0)


def answer(stage: Stage, asked: Asked) -> Answer:
    """Answer a control request; a wrong one gets 400 or 404 with the reason in `error`."""
    match = _ROUTES.find(asked.method, asked.path)
    if match is None:
        return _problem(404, f"No {asked.method} {asked.path}. There are: {', '.join(_NAMES)}.")
    try:
        return match.handler(stage, asked)
    except ValidationError as error:
        return _problem(400, "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()))
    except Impossible as error:
        return _problem(404, f"There is no {error}.")


def _problem(status: int, text: str) -> Answer:
    return Answer(status, compact({"error": text}))


def _wish(model: type[Wanted], asked: Asked) -> Wanted:
    return model.model_validate_json(asked.body or b"{}")


def _sellers(stage: Stage, _asked: Asked) -> Answer:
    return Answer(200, compact({"sellers": [realm.card(sid) for realm, sid in stage.everybody()]}))


def _renew_tokens(stage: Stage, asked: Asked) -> Answer:
    realm, sid = stage.find(_wish(Renew, asked).seller)
    realm.renew_tokens(sid)
    return Answer(200, compact(realm.card(sid)))


def _truth(stage: Stage, asked: Asked) -> Answer:
    name = asked.query.get("seller")
    wanted = stage.everybody() if name is None else [stage.find(name)]
    return Answer(200, b'{"sellers":[%b]}' % b",".join([realm.truth(sid) for realm, sid in wanted]))


def _make_orders(stage: Stage, asked: Asked) -> Answer:
    wish = _wish(MakeOrders, asked)
    realm, sid = stage.find(wish.seller)
    return Answer(201, compact({"ids": realm.make_orders(sid, wish.count)}))


def _do(stage: Stage, asked: Asked) -> Answer:
    wish = _wish(Deed, asked)
    realm, sid = stage.find(wish.seller)
    return Answer(200, compact({"done": realm.do(sid, wish.verb, wish.orders, wish.supplies)}))


def _add_fault(stage: Stage, asked: Asked) -> Answer:
    fault = _wish(Fault, asked)
    stage.faults.add(fault, None if fault.seller is None else stage.find(fault.seller)[1])
    return Answer(201, compact({"faults": stage.faults.listed()}))


def _list_faults(stage: Stage, _asked: Asked) -> Answer:
    return Answer(200, compact({"faults": stage.faults.listed()}))


def _clear_faults(stage: Stage, _asked: Asked) -> Answer:
    stage.faults.clear()
    return Answer(204)


def _stats(stage: Stage, _asked: Asked) -> Answer:
    return Answer(200, compact(stage.stats.report()))


def _clear_stats(stage: Stage, _asked: Asked) -> Answer:
    stage.stats.clear()
    return Answer(204)


def _world(stage: Stage, _asked: Asked) -> Answer:
    clock = stage.clock
    pace = {"now": clock.now(), "life": clock.life(clock.now()), "start": clock.start, "speed": clock.speed}
    return Answer(200, compact({"options": stage.options.model_dump(), **pace}))


def _set_pace(stage: Stage, asked: Asked) -> Answer:
    pace = _wish(Pace, asked)
    stage.move_on()
    if pace.rate is not None:
        stage.set_rate(pace.rate)
    if pace.speed is not None:
        stage.clock.set_speed(pace.speed)
    stage.clock.live(pace.live_seconds)
    stage.clock.skip(pace.skip_seconds)
    return _world(stage, asked)


def _set_limit(stage: Stage, asked: Asked) -> Answer:
    bound = _wish(Bound, asked)
    limit = Limit(interval_ns=60 * SECOND // bound.per_minute, burst=bound.burst)
    if bound.marketplace == "wildberries":
        stage.wildberries.set_limit(limit)
    else:
        stage.uzum.set_limit(limit, bound.per_day)
    return Answer(204)


def _reset(stage: Stage, asked: Asked) -> Answer:
    changes = _CHANGES.validate_json(asked.body or b"{}")
    stage.reset(WorldOptions.model_validate(stage.options.model_dump() | changes))
    return _sellers(stage, asked)


OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("GET", "/sandbox/sellers"): _sellers,
    ("POST", "/sandbox/tokens"): _renew_tokens,
    ("GET", "/sandbox/truth"): _truth,
    ("POST", "/sandbox/orders"): _make_orders,
    ("POST", "/sandbox/deeds"): _do,
    ("GET", "/sandbox/faults"): _list_faults,
    ("POST", "/sandbox/faults"): _add_fault,
    ("DELETE", "/sandbox/faults"): _clear_faults,
    ("GET", "/sandbox/stats"): _stats,
    ("DELETE", "/sandbox/stats"): _clear_stats,
    ("GET", "/sandbox/world"): _world,
    ("POST", "/sandbox/world"): _set_pace,
    ("POST", "/sandbox/limits"): _set_limit,
    ("POST", "/sandbox/reset"): _reset,
}
_ROUTES = Routes(OPERATIONS)
_NAMES = sorted({f"{method} {path}" for method, path in OPERATIONS})
