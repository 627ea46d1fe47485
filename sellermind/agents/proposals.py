"""From what a model wishes to the ledger: each call checked, hashed, previewed, and told what it waits for."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from sellermind.agents.tool import Desk, Tool
from sellermind.agents.toolbox import tool_named
from sellermind.errors import RecordGone
from sellermind.models.agent_records import Call, Run, StoredCall
from sellermind.models.agent_runs import APPROVAL_TTL, CallState
from sellermind.models.agents import Approval, Risk, Scope, ToolGrant
from sellermind.models.payload import Payload

MOST_FAULTS = 5


@dataclass(frozen=True)
class Conditions:
    """What a step's calls are judged by."""

    run: Run
    scope: Scope
    turn: int
    step: int
    tainted: bool
    before: Sequence[Call]
    """The run's ledger so far."""


def judge(connection: Connection, conditions: Conditions, wishes: Sequence[StoredCall]) -> list[Call]:
    """Ledger rows for the calls of one answer; a refused one is `failed` already, its `result` says why."""
    used = Counter(call.tool for call in conditions.before if call.state is not CallState.FAILED)
    judged = []
    for wish in wishes:
        call = _judge(connection, conditions, wish, used)
        used[call.tool] += call.state is not CallState.FAILED
        judged.append(call)
    return judged


def canonical(arguments: dict[str, Any]) -> str:
    """Arguments as text, the same for the same arguments: what is hashed, shown and carried out."""
    return json.dumps(arguments, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(tool: str, arguments: dict[str, Any]) -> str:
    """Hash of a call: an approval is for this and nothing else."""
    return hashlib.sha256(f"{tool}\n{canonical(arguments)}".encode()).hexdigest()


def refusal(code: str, **details: Any) -> str:
    """The result of a call that was not carried out."""
    return json.dumps({"error": code, **details}, ensure_ascii=False)


def _judge(connection: Connection, conditions: Conditions, wish: StoredCall, used: Counter[str]) -> Call:
    grant = next((grant for grant in conditions.run.setup.tools if grant.name == wish.tool), None)
    tool = tool_named(wish.tool)
    if tool is None or grant is None:
        names = sorted(grant.name for grant in conditions.run.setup.tools)
        return _refused(conditions, wish, "ToolNotAllowed", refusal("unknown_tool", tools=names))
    if grant.max_calls is not None and used[wish.tool] >= grant.max_calls:
        return _refused(conditions, wish, "ToolNotAllowed", refusal("no_calls_left"))
    if used.total() >= conditions.run.budget.tool_calls:
        return _refused(conditions, wish, "BudgetExceeded", refusal("no_calls_left"))
    try:
        arguments = tool.arguments.model_validate(wish.args)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors()[:MOST_FAULTS]]
        return _refused(conditions, wish, "ToolArgsInvalid", refusal("invalid_arguments", faults=faults))
    call = _entered(conditions, wish, tool, arguments)
    needs = _needs_person(tool.risk, grant, tainted=conditions.tainted)
    return _previewed(Desk(connection, conditions.scope, call.key), call, arguments, tool=tool, needs_person=needs)


def _previewed(desk: Desk, call: Call, arguments: Payload, *, tool: Tool[Any], needs_person: bool) -> Call:
    """The call with what it would change, waiting for a person where it must."""
    try:
        preview = tool.preview(desk, arguments) if tool.preview else None
    except RecordGone as gone:
        refused = {"state": CallState.FAILED, "error_code": "RecordGone"}
        return call.model_copy(update={**refused, "result": refusal("not_found", message=gone.message)})
    if not needs_person:
        return call.model_copy(update={"preview": preview})
    waits = {"state": CallState.AWAITING_APPROVAL, "expires_at": datetime.now(UTC) + APPROVAL_TTL}
    return call.model_copy(update={"preview": preview, **waits})


def _needs_person(risk: Risk, grant: ToolGrant, *, tainted: bool) -> bool:
    if grant.approval is Approval.ALWAYS:
        return True
    return risk is Risk.WRITE and (grant.approval is Approval.AUTO or tainted)


def _entered(conditions: Conditions, wish: StoredCall, tool: Tool[Any], checked: Payload) -> Call:
    arguments = checked.model_dump(mode="json")
    return Call(
        call_id=wish.call_id,
        turn=conditions.turn,
        step=conditions.step,
        tool=wish.tool,
        risk=tool.risk,
        args=arguments,
        args_hash=digest(wish.tool, arguments),
        state=CallState.PROPOSED,
        key=_key(conditions, wish),
    )


def _refused(conditions: Conditions, wish: StoredCall, code: str, result: str) -> Call:
    arguments = wish.args or {}
    return Call(
        call_id=wish.call_id,
        turn=conditions.turn,
        step=conditions.step,
        tool=wish.tool[:100],
        risk=Risk.READ,
        args=arguments,
        args_hash=digest(wish.tool, arguments),
        state=CallState.FAILED,
        key=_key(conditions, wish),
        result=result,
        error_code=code,
    )


def _key(conditions: Conditions, wish: StoredCall) -> str:
    return f"agent-run/{conditions.run.id}/{wish.call_id}"
