"""How far a run may go: when it is told to finish, and when it is stopped."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sellermind.model_errors import BudgetExceeded
from sellermind.models.agent_records import Call, Run

SOFT = 0.8
"""Share of a limit from which on the model is told to finish."""
SAME_CALL = 3
"""So often may a turn make one call with the same arguments."""

FINISH = "The budget of this run is nearly used up. Give your best answer now, from what you know; say what is missing."
LOOP = "You made the same call several times. Its result will not change. Answer now, from what you know."

STEPS, MONEY = "steps", "money"
OPTIONS = {STEPS: "--steps", MONEY: "--usd"}
"""What `agent continue` calls a limit that it can raise."""


@dataclass(frozen=True)
class Leeway:
    """What a step may still do: `notice` is told to the model, once, as `reason`."""

    tools: bool = True
    reason: str = ""
    notice: str = ""


def leeway(run: Run, calls: Sequence[Call], turn: int) -> Leeway:
    """Judge a run before its next step.

    Args:
        run: its budget and what it has used.
        calls: its ledger.
        turn: the present one.

    Raises:
        BudgetExceeded: a limit is reached; `agent continue --steps/--usd …` raises it.
    """
    uses = _uses(run)
    for name, (used, limit) in uses.items():
        if used >= limit:
            raise BudgetExceeded(_used_up(run, name, used, limit))
    same = Counter((call.tool, call.args_hash) for call in calls if call.turn == turn)
    if max(same.values(), default=0) >= SAME_CALL:
        return Leeway(tools=False, reason="loop_detected", notice=LOOP)
    last_step = run.spent.steps + 1 >= run.budget.steps > 1
    no_calls = run.spent.tool_calls >= run.budget.tool_calls
    near = any(used >= SOFT * limit for name, (used, limit) in uses.items() if name != STEPS)
    if last_step or no_calls or near:
        return Leeway(tools=False, reason="soft_limit", notice=FINISH)
    return Leeway()


def afford(run: Run, micros: int) -> None:
    """Refuse a call that could cost more than the run has left.

    Args:
        run: its budget and what it has used.
        micros: the most that the call can cost, in micro-dollars.

    Raises:
        BudgetExceeded: it could.
    """
    left = run.budget.micros - run.spent.cost_micros
    if micros > left:
        raise BudgetExceeded(
            f"The next call of run {run.id} may cost {_usd(micros)} USD, and it has {_usd(left)} left: "
            f"`sellermind agent continue {run.id} --usd …` raises that."
        )


def _used_up(run: Run, name: str, used: int, limit: int) -> str:
    """Which limit a run has reached, and what lets it, or the next one, go on."""
    amounts = f"{_usd(used)} of {_usd(limit)} USD" if name == MONEY else f"{used} of {limit}"
    option = OPTIONS.get(name)
    remedy = f"continue {run.id} {option} …` raises that" if option else "run` begins a new one"
    return f"Run {run.id} has used its {name} ({amounts}): `sellermind agent {remedy}."


def _usd(micros: int) -> str:
    """Micro-dollars in dollars, without needless zeros."""
    return f"{Decimal(micros).scaleb(-6).normalize():f}"


def _uses(run: Run) -> dict[str, tuple[int, int]]:
    """Used and allowed, by name."""
    spent, budget = run.spent, run.budget
    return {
        "input tokens": (spent.tokens_input, budget.tokens_input),
        "output tokens": (spent.tokens_output, budget.tokens_output),
        MONEY: (spent.cost_micros, budget.micros),
        "seconds of work": (run.active_ms // 1000, budget.active_seconds),
        STEPS: (spent.steps, budget.steps),
    }
