"""One step of a run: what the model is asked, and what becomes of its answer. All inside the caller's transaction."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection
from temporalio.exceptions import ApplicationError

from sellermind.agents import proposals
from sellermind.agents.limits import leeway
from sellermind.agents.toolbox import tool_named
from sellermind.agents.transcript import INVALID, chat, tainted
from sellermind.errors import Refused
from sellermind.model_errors import LlmContentFilter, LlmInvalidOutput, LlmTruncated
from sellermind.models.agent_records import Call, Message, Run, StoredCall, Turn
from sellermind.models.agent_runs import AskModel, CallRef, CallState, RunStatus, StepOutcome
from sellermind.models.agents import Risk
from sellermind.models.language import ModelAnswer, ModelRequest, ToolSpec
from sellermind.storage import agent_messages, agent_runs, agent_tools, agent_turns

MOST_CALLS = 20
"""In one answer; a model that wants more is out of its mind."""
MOST_INVALID = 2
"""So many answers in a row may be invalid before the next model is asked."""
LONGEST_VALUE = 20
LONGEST_LABEL = 100
LONGEST_ANSWER = 20_000
MEND = "That was no valid answer. Give your answer as text, or call one of your tools."


@dataclass(frozen=True)
class Question:
    """A step that is ready to be asked."""

    run: Run
    model: str
    request: ModelRequest


def prepare(connection: Connection, ask: AskModel, workflow_run_id: str) -> Question | StepOutcome:
    """The question of a step, or the outcome of its answer that was stored already.

    Args:
        connection: inside a transaction.
        ask: the step.
        workflow_run_id: this execution; a step that another one has answered is asked anew, its rows superseded.

    Raises:
        RecordGone: there is no such run.
        BudgetExceeded: the run has nothing left.
    """
    run = agent_runs.lock(connection, ask.run_id)
    turn = agent_turns.get(connection, run.id, ask.turn)
    stored = agent_messages.answer(connection, run.id, ask.turn, ask.step)
    if stored is not None and workflow_run_id in (stored.workflow_run_id, turn.workflow_run_id):
        return outcome_of(connection, run, stored)
    if stored is not None:  # somebody reset the workflow to before this step
        agent_messages.supersede(connection, run.id, ask.turn, ask.step)
        agent_turns.branch(connection, run.id, ask.turn, workflow_run_id)
    elif turn.state != agent_turns.OPEN:
        agent_turns.own(connection, run.id, ask.turn, workflow_run_id)
        agent_runs.set_status(connection, run.id, RunStatus.RUNNING)
    allowed = leeway(run, agent_tools.of_run(connection, run.id), ask.turn)
    messages = agent_messages.transcript(connection, run.id)
    if allowed.notice and not any(m.turn == ask.turn and m.ref == allowed.reason for m in messages):
        notice = Message(turn=ask.turn, step=ask.step, kind="notice", content=allowed.notice, ref=allowed.reason)
        agent_messages.append(connection, run.id, notice)
        messages.append(notice)
    request = ModelRequest(
        messages=chat(run, messages, compact=ask.compact),
        tools=_specs(run) if allowed.tools else (),
        max_tokens=run.setup.max_tokens * (2 if ask.longer else 1),
    )
    return Question(run=run, model=run.setup.models[ask.model], request=request)


def shortened(connection: Connection, question: Question) -> Question:
    """The question with the results of tools cut, the older ones most."""
    messages = chat(question.run, agent_messages.transcript(connection, question.run.id), compact=True)
    return replace(question, request=question.request.model_copy(update={"messages": messages}))


def keep(
    connection: Connection, ask: AskModel, workflow_run_id: str, answer: ModelAnswer, cost: int | None
) -> StepOutcome | ApplicationError:
    """Store a step's answer with its tool calls, in the transaction that settles its price.

    Args:
        connection: inside a transaction.
        ask: the step.
        workflow_run_id: this execution.
        answer: what the model said.
        cost: in micro-dollars, or None.

    Returns:
        The outcome; or why the answer is not kept, to be raised once its price is in the books.
    """
    run = agent_runs.lock(connection, ask.run_id)
    agent_runs.add_step(connection, run.id, answer.usage, cost, answer.latency_ms)
    turn = agent_turns.get(connection, run.id, ask.turn)
    messages = agent_messages.transcript(connection, run.id)
    mine = [message for message in messages if message.turn == ask.turn]
    if _insists(answer, mine):
        answer = answer.model_copy(update={"valid": True})
    failure = _failure(answer, turn, mine)
    if failure is not None:
        return failure
    message = _said(ask, turn, workflow_run_id, answer)
    agent_messages.append(connection, run.id, message)
    if message.finish == INVALID:
        mend = message.model_copy(update={"kind": "notice", "content": MEND, "ref": INVALID, "calls": ()})
        agent_messages.append(connection, run.id, mend)
    _enter(connection, run, ask, message.calls, tainted=tainted(messages), workflow_run_id=workflow_run_id)
    return outcome_of(connection, agent_runs.get(connection, run.id), message)


def _said(ask: AskModel, turn: Turn, workflow_run_id: str, answer: ModelAnswer) -> Message:
    """An answer as its message; its calls get ids that no other branch of the turn has."""
    branch = f"b{turn.branch}" if turn.branch else ""
    wishes = (
        StoredCall(call_id=f"{ask.turn}.{ask.step}.{n}{branch}", tool=_name(call.tool), args=call.arguments)
        for n, call in enumerate(answer.calls[:MOST_CALLS], start=1)
    )
    return Message(
        turn=ask.turn,
        step=ask.step,
        kind="model",
        content=answer.text[:LONGEST_ANSWER],
        calls=tuple(wishes),
        finish=answer.finish if _is_valid(answer) else INVALID,
        provider=answer.provider.value,
        model=answer.model[:100],
        workflow_run_id=workflow_run_id,
    )


def outcome_of(connection: Connection, run: Run, message: Message) -> StepOutcome:
    """What a stored answer came to, as its calls stand now."""
    ledger = {call.call_id: call for call in agent_tools.of_run(connection, run.id)}
    calls = tuple(_reference(ledger[call.call_id]) for call in message.calls)
    return StepOutcome(calls=calls, answered=not calls and message.finish != INVALID, spent=run.spent)


def _enter(
    connection: Connection,
    run: Run,
    ask: AskModel,
    wishes: Sequence[StoredCall],
    *,
    tainted: bool,
    workflow_run_id: str,
) -> None:
    """Put an answer's calls into the ledger; those that are refused get their message at once."""
    conditions = proposals.Conditions(
        run=run,
        scope=agent_runs.scope(connection, run),
        turn=ask.turn,
        step=ask.step,
        tainted=tainted,
        before=agent_tools.of_run(connection, run.id),
    )
    calls = proposals.judge(connection, conditions, wishes)
    agent_tools.add(connection, run.id, calls)
    for call in calls:
        if call.state is CallState.FAILED:
            agent_messages.append(connection, run.id, result_message(call, workflow_run_id))


def result_message(call: Call, workflow_run_id: str) -> Message:
    """The message that tells the model how a call ended."""
    tool = tool_named(call.tool)
    return Message(
        turn=call.turn,
        step=call.step,
        kind="tool",
        content=call.result or "",
        ref=call.call_id,
        tool=call.tool,
        workflow_run_id=workflow_run_id,
        **({"trust": tool.trust} if tool and call.state is CallState.SUCCEEDED else {}),
    )


def _failure(answer: ModelAnswer, turn: Turn, messages: Sequence[Message]) -> ApplicationError | None:
    """Why an answer is not kept, if it is not."""
    if turn.state != agent_turns.OPEN:
        return Refused(f"Turn {turn.turn} was closed while the model was asked.")
    if answer.finish == "length":
        return LlmTruncated("The answer was cut at its limit of tokens.")
    if answer.finish == "content_filter":
        return LlmContentFilter("The model refused to answer.")
    said = [message.finish == INVALID for message in messages if message.kind == "model"]
    if not _is_valid(answer) and said[-MOST_INVALID:] == [True] * MOST_INVALID:
        return LlmInvalidOutput(f"{answer.model} gave {MOST_INVALID + 1} invalid answers in a row.")
    return None


def _insists(answer: ModelAnswer, messages: Sequence[Message]) -> bool:
    """Whether a model that was told how to call tools says plain words again: they are its answer, it has no other."""
    said = [message.finish for message in messages if message.kind == "model"]
    return not answer.valid and bool(answer.text.strip()) and "{" not in answer.text and said[-1:] == [INVALID]


def _is_valid(answer: ModelAnswer) -> bool:
    return bool(answer.calls) or (answer.valid and bool(answer.text.strip()))


def _specs(run: Run) -> tuple[ToolSpec, ...]:
    named = [(grant.name, tool_named(grant.name)) for grant in run.setup.tools]
    specs = [tool.spec.model_copy(update={"name": name}) for name, tool in named if tool is not None]
    return tuple(sorted(specs, key=lambda spec: spec.name))


def _name(tool: str) -> str:
    """A tool's name in the characters that providers take back."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", tool)[:64] or "unnamed"


def _reference(call: Call) -> CallRef:
    return CallRef(
        call_id=call.call_id,
        tool=call.tool,
        label=_label(call),
        state=call.state,
        writes=call.risk is Risk.WRITE,
        args_hash=call.args_hash if call.state is CallState.AWAITING_APPROVAL else "",
    )


def _label(call: Call) -> str:
    """`find_orders(status=new)`; longer values stay out: labels are in the history, texts are not."""
    shown = [f"{name}={value}" for name, value in call.args.items() if value is not None and _is_short(value)]
    return f"{call.tool}({', '.join(shown)})"[:LONGEST_LABEL]


def _is_short(value: object) -> bool:
    return isinstance(value, int | str) and len(str(value)) <= LONGEST_VALUE
