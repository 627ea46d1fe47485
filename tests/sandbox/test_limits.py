"""The rate bucket, to the nanosecond."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.limits import SECOND, WILDBERRIES_FBS, Bucket

STEP = SECOND // 5


def test_a_rested_bucket_gives_twenty_at_once_and_then_one_per_200_ms() -> None:
    bucket = Bucket(WILDBERRIES_FBS)

    assert [bucket.take(0) for _ in range(21)] == [True] * 20 + [False]
    assert not bucket.take(STEP - 1)
    assert bucket.take(STEP)
    assert not bucket.take(STEP)


def test_a_minute_gives_the_burst_and_three_hundred() -> None:
    bucket = Bucket(WILDBERRIES_FBS)

    assert sum(bucket.take(now) for now in range(0, 60 * SECOND, SECOND // 1000)) == 20 + 299


def test_it_tells_what_remains_how_long_to_wait_and_when_it_is_full() -> None:
    bucket = Bucket(WILDBERRIES_FBS)
    assert (bucket.remaining(0), bucket.retry_after(0), bucket.full_after(0)) == (20, 0, 0)

    bucket.take(0)
    bucket.charge(9, 0)
    assert (bucket.remaining(0), bucket.retry_after(0), bucket.full_after(0)) == (10, 0, 2)

    bucket.charge(20, 0)
    assert (bucket.remaining(0), bucket.retry_after(0), bucket.full_after(0)) == (0, 3, 6)
    assert not bucket.take(2 * SECOND + STEP - 1)
    assert bucket.take(2 * SECOND + STEP)


@given(st.lists(st.integers(min_value=0, max_value=SECOND), max_size=200))
def test_no_window_ever_lets_more_through_than_burst_and_rate(gaps: list[int]) -> None:
    bucket, now, taken = Bucket(WILDBERRIES_FBS), 0, []
    for gap in gaps:
        now += gap
        if bucket.take(now):
            taken.append(now)

    for first, start in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= 20 + (taken[last] - start) // STEP
