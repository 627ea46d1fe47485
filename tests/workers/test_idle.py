"""What a worker process costs while it has nothing to do."""

from tests.fixtures.proc import resident_mb
from tests.fixtures.worker_process import Site, started


async def test_the_real_worker_takes_at_most_115_mb(site: Site) -> None:
    async with started(environment=site.environment, module="workers.high") as worker:
        ready = await worker.said("worker ready")
        assert resident_mb(ready["pid"]) <= 115  # Debian's own Python took 112 to 115 with click
