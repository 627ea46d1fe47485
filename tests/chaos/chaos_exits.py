"""Two hundred runs of a verb that talks to Temporal, four at a time: each ends well and says nothing beside its answer.

The SDK's core may crash while the interpreter goes down, after a right answer; the command line
ends its process before.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.fixtures.command_line import Ran, sellermind
from tests.fixtures.product import Product

RUNS = 200
AT_ONCE = 4


def test_two_hundred_runs_of_a_verb_all_end_well(product: Product) -> None:
    def one(_number: int) -> Ran:
        return sellermind("queue", "stats", "--json", environment=product.environment)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        runs = list(threads.map(one, range(RUNS)))
    assert Counter((ran.code, ran.err, ran.json["driver"]) for ran in runs) == {(0, "", "temporal"): RUNS}
