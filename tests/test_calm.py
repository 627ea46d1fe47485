"""The guard against threads that outlive their tests sees one."""

from threading import Event, Thread

from tests.fixtures.calm import is_calm
from tests.fixtures.patience import wait_until


def test_a_thread_in_a_loop_is_seen_until_it_ends() -> None:
    over = Event()

    def spin() -> None:
        while not over.is_set():
            pass

    spinning = Thread(target=spin)
    spinning.start()
    try:
        wait_until(lambda: not is_calm(), "it is seen")
    finally:
        over.set()
        spinning.join()
    wait_until(is_calm, "it has ended")
