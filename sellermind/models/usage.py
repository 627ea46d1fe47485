"""Who pays for a model call, and how much it may be."""

from sellermind.models.payload import Payload


class Payer(Payload):
    """On whose account a call goes."""

    company_id: int
    user_id: int | None = None
    agent_task_run_id: int | None = None
    generation_task_id: int | None = None


class Amount(Payload):
    """Money and tokens; a company's limit for a day, or the most that a call may use."""

    micros: int
    """Millionths of a US dollar."""
    tokens: int
    """Input and output together."""
