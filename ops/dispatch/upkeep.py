"""`sellermind dispatch RemoveOldRows`: the daily removal of old rows, now."""

from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import WorkflowAlreadyStartedError

from ops import audit
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import numbered, show
from ops.temporal import ask
from schedules import retention
from sellermind.models.retention import RemovedRows
from sellermind.settings import Settings, load
from workflows.remove_old_rows import RemoveOldRows

JOB = RemoveOldRows.__name__


def remove(*, wait: bool, as_json: bool) -> None:
    """Start it, and wait for its end if asked to.

    Raises:
        VerbFailed: it was started by hand before and is at work (REFUSED); it was waited for and failed (FAILED).
    """
    settings = load()
    try:
        workflow_id, report = ask(lambda client: _start(client, settings, wait=wait))
    except WorkflowAlreadyStartedError as error:
        raise VerbFailed(ExitCode.REFUSED, f"{error.workflow_id} is at work.") from error
    except WorkflowFailureError as error:
        fix = f"`sellermind queue failed --type {JOB}` tells why"
        raise VerbFailed(ExitCode.FAILED, f"{JOB} failed; what is removed stays so; {fix}.") from error
    answer = {"job": JOB, "workflow_id": workflow_id, "removed": report.removed if report else None}
    show(answer, told(report) if report else f"started: {workflow_id} on queue low", as_json=as_json)


def told(report: RemovedRows) -> str:
    """`removed: 120 sync logs, 1 order event`."""
    kinds = [numbered(count, kind.value.replace("_", " ").removesuffix("s")) for kind, count in report.removed.items()]
    return f"removed: {', '.join(kinds)}" if kinds else "all rows stay, by the settings"


async def _start(client: Client, settings: Settings, *, wait: bool) -> tuple[str, RemovedRows | None]:
    await standstill.refuse(client)
    handle = await retention.start(client, settings)
    audit.record("dispatch", job=JOB)
    return handle.id, await handle.result() if wait else None
