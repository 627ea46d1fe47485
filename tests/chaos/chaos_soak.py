"""`make chaos`: twenty minutes of all faults over fifty accounts and two agents."""

import pytest

from tests.fixtures.soak_rounds import Soak


@pytest.mark.timeout(2400)
async def test_twenty_minutes_of_faults_lose_nothing_and_leave_nothing_to_do(soak: Soak) -> None:
    await soak(seconds=1200, longest=20, disk="2g")
