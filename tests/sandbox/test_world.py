"""The world: reproducible from its seed, whole at every moment."""

from collections.abc import Iterator

import pytest

from sandbox.clock import Clock
from sandbox.options import WorldOptions
from sandbox.wildberries import life
from sandbox.wildberries.deeds import ORDER_DEEDS
from sandbox.wildberries.seller import Seller
from sandbox.wildberries.world import World

HOUR = 3600.0
START = 1_795_500_000.0


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def picture(world: World) -> list[tuple[list[bytes], list[bytes]]]:
    sellers = world.sellers()
    return [([o.as_truth() for o in s.orders], [p.as_truth() for p in s.supplies]) for s in sellers]


def grown(hours: Iterator[float], **options: float) -> World:
    time = Time()
    chosen = WorldOptions.model_validate({"rate": 1, "open_orders": 40, **options})
    world = World(chosen, Clock(chosen.speed, time))
    for hour in hours:
        time.now = START + hour * HOUR
        world.sellers()
    return world


def test_the_same_seed_and_time_give_the_same_world_whoever_looked_in_between() -> None:
    assert picture(grown(iter([30.0]))) == picture(grown(iter([0.1, 7.0, 7.001, 29.9, 30.0])))


def test_another_seed_gives_another_world() -> None:
    assert picture(grown(iter([1.0]))) != picture(grown(iter([1.0]), seed=8))


def test_orders_made_by_a_control_call_do_not_change_those_that_arrive() -> None:
    plain, disturbed = grown(iter([1.0])), grown(iter([1.0]))
    made = {order.id for order in disturbed.sellers()[0].make(5, START + HOUR)}
    for world in (plain, disturbed):
        world.clock.skip(9 * HOUR)

    others = [order.as_new() for order in disturbed.sellers()[0].orders if order.id not in made]
    assert others == [order.as_new() for order in plain.sellers()[0].orders]


def test_speed_shortens_lives_and_leaves_the_clock() -> None:
    fast = grown(iter([0.5]), speed=100)
    slow = grown(iter([0.5]), speed=1)

    assert [o.as_new() for o in fast.sellers()[0].orders] == [o.as_new() for o in slow.sellers()[0].orders]
    gone = [sum(order.final for order in world.sellers()[0].orders) for world in (fast, slow)]
    assert gone[0] > 10 + gone[1]


def test_lives_can_run_ahead_while_the_clock_stands() -> None:
    world = grown(iter([0.0]), rate=0, speed=0)
    seller = world.sellers()[0]
    assert len(seller.new) == 40

    world.clock.live(400 * HOUR)
    seller = world.sellers()[0]
    assert all(order.final for order in seller.orders)
    assert all(order.created <= START for order in seller.orders)
    assert all(supply.closed in {None, START} for supply in seller.supplies)


@pytest.mark.parametrize("open_orders", [1, 40, 700])
def test_as_many_orders_are_open_at_the_start_as_were_asked_for(open_orders: int) -> None:
    world = grown(iter([0.0]), rate=0, open_orders=open_orders)

    for seller in world.sellers():
        assert sum(not order.final for order in seller.orders) == open_orders


def test_every_turn_of_a_life_is_taken_by_some_order() -> None:
    seen: set[tuple[str, str]] = set()
    world = grown(iter([0.0]), rate=0, speed=0, sellers=4, open_orders=800)
    for _ in range(80):
        world.clock.live(3 * HOUR)
        seen |= {(order.supplier_status, order.wb_status) for seller in world.sellers() for order in seller.orders}

    assert {supplier for supplier, _ in seen} == {"new", "confirm", "complete", "cancel", "cancel_carrier"}
    assert {wb for _, wb in seen} == {
        *("waiting", "sorted", "sold", "canceled", "canceled_by_client", "declined_by_client", "defect"),
        *("ready_for_pickup", "postponed_delivery", "accepted_by_carrier", "sent_to_carrier", "canceled_by_carrier"),
    }


def test_supplies_and_orders_always_agree() -> None:
    world = grown(iter([0.0]), speed=50, rate=5, open_orders=200)
    for _ in range(40):
        world.clock.skip(600)
        for seller in world.sellers():
            agree(seller)


def agree(seller: Seller) -> None:
    assert seller.new == {order.id: order for order in seller.orders if order.supplier_status == "new"}
    for supply in seller.supplies:
        orders = [seller.by_id[order_id] for order_id in supply.order_ids]
        assert all(order.supply is supply and order.group == supply.group for order in orders)
        if supply.closed is None:
            assert all(order.supplier_status == "confirm" for order in orders)
        else:
            assert all(order.supplier_status in {"complete", "cancel_carrier"} for order in orders)
            assert 2 * len(supply.boxes) <= len(supply.order_ids) + 2
    held = sum(len(supply.order_ids) for supply in seller.supplies)
    assert held == sum(order.supply is not None for order in seller.orders)


def test_a_transferred_order_goes_back_to_assembly_in_another_supply() -> None:
    world = grown(iter([0.0]), rate=0, speed=0, sellers=1, open_orders=0)
    seller = world.sellers()[0]
    (order,) = seller.make(1, START)
    for verb in ("assemble", "transfer"):
        ORDER_DEEDS[verb](seller, order, START)
    first = order.supply
    assert first is not None
    assert order.supplier_status == "confirm"

    now = life.Moment(START, START)
    life.act(seller, "close", first, now)
    assert order.supplier_status == "complete"
    assert life.act(seller, "transfer", order, now)
    assert order.supplier_status == "confirm"
    assert order.supply is not first
