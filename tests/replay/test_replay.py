"""Recorded histories still replay: a change that would break a run open at its deployment fails here."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from sellermind.temporal import DATA_CONVERTER
from tests.fixtures.histories import HISTORIES
from tests.fixtures.one_step_more import OneStepMore
from workflows.catalog import WORKFLOWS

RECORDED = sorted(HISTORIES.glob("*/*.json"))


def read(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(f"{path.parent.name}/{path.stem}", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_a_recorded_history_still_replays(path: Path) -> None:
    await Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER).replay_workflow(read(path))


def test_every_workflow_type_has_a_recorded_history() -> None:
    assert {path.parent.name for path in RECORDED} == {kind.__name__ for kind in WORKFLOWS}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_a_step_added_without_patched_is_caught(path: Path) -> None:
    replayer = Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER, interceptors=[OneStepMore()])
    result = await replayer.replay_workflow(read(path), raise_on_replay_failure=False)
    assert "TMPRL1100" in str(result.replay_failure)
