"""Workflow ids from business keys, and back. An id is a lock: Temporal runs one workflow per id at a time."""

import re


def kebab(workflow_type: str) -> str:
    """`SyncUzumOrders` → `sync-uzum-orders`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", workflow_type).lower()


def account_job(workflow_type: str, account_id: int) -> str:
    """Id of a job for one account, whoever starts it: `sync-new-wildberries-orders/7`."""
    return f"{kebab(workflow_type)}/{account_id}"


def fan_out(workflow_type: str) -> str:
    """Id of the workflow that starts a job for every account; the schedule appends the tick's time."""
    return f"sync-all-accounts/{kebab(workflow_type)}"


def generation_task(task_id: int) -> str:
    """Id of the work on one generation task: `generation-task/42`."""
    return f"generation-task/{task_id}"


def agent_run(run_id: int) -> str:
    """Id of the conversation of one agent's run: `agent-run/42`."""
    return f"agent-run/{run_id}"


def resume_queue(queue: str) -> str:
    """Id of the planned end of a queue's pause: `resume-queue/high`."""
    return f"resume-queue/{queue}"


def account_of(workflow_id: str) -> int | None:
    """The account a workflow id names, or None if it names none."""
    found = re.search(r"/(\d+)$", workflow_id)
    return int(found[1]) if found else None
