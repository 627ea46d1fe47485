"""`make chaos`: twenty minutes of all faults over fifty accounts and two agents."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.model import ModelServer
from tests.fixtures.sandbox import Sandbox
from tests.fixtures.soak import running_site
from tests.fixtures.soak_rounds import soak


@pytest.mark.timeout(2400)
async def test_twenty_minutes_of_faults_lose_nothing_and_leave_nothing_to_do(
    sandbox: Sandbox, start_model_server: Callable[..., ModelServer], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    seed = time.time_ns()
    figure(f"seed {seed}")
    async with running_site(tmp_path, sandbox, start_model_server(), "2g") as site:
        survived = await soak(site, random.Random(seed), seconds=1200, longest=20)  # noqa: S311 (not a secret)
    for line in survived.lines():
        figure(line)
