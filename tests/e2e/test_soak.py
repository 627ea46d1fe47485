"""Two minutes of all faults over fifty accounts and two agents. Twenty: `make chaos`."""

import pytest

from tests.fixtures.soak_rounds import Soak


@pytest.mark.timeout(1800)
async def test_two_minutes_of_faults_lose_nothing_and_leave_nothing_to_do(soak: Soak) -> None:
    await soak(seconds=90, longest=6, disk="600m")
