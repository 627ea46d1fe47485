"""What a worker process costs while it has nothing to do."""

from tests.fixtures.proc import resident_mb
from tests.fixtures.worker_process import Site, started


async def test_no_large_library_has_crept_into_the_real_worker(site: Site) -> None:
    """Machines and Pythons differ by 8 MB (107 to 115 were seen; the bar is the bench's), OpenTelemetry alone is 20."""
    async with started(environment=site.environment, module="workers.high") as worker:
        ready = await worker.said("worker ready")
        assert resident_mb(ready["pid"]) <= 125
