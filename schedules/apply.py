"""Make the server's schedules and search attributes equal to the catalog."""

from dataclasses import dataclass, field
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from schedules.specs import FINGERPRINT, refuse_unknown, schedule_of
from sellermind.encryption import HistoryCodec, is_sealed
from sellermind.settings import Settings
from sellermind.starts import COMPANY_ID, MARKETPLACE, SELLER_ACCOUNT_ID
from workflows.catalog import SCHEDULED, Chore, Job

OWNER = {"owner": "sellermind"}  # how we know our schedules among others of the namespace

SEARCH_ATTRIBUTES = {
    SELLER_ACCOUNT_ID.name: IndexedValueType.INDEXED_VALUE_TYPE_INT,
    COMPANY_ID.name: IndexedValueType.INDEXED_VALUE_TYPE_INT,
    MARKETPLACE.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
}


@dataclass(frozen=True)
class Applied:
    """Schedule ids by what happened to them."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


async def apply(client: Client, settings: Settings) -> Applied:
    """Create, update and remove schedules until the server has exactly the catalog's; safe to run at any time.

    An operator's pause and its note are kept. Schedules that others made in the namespace are not touched.

    Raises:
        Misconfigured: SELLERMIND_CADENCE names a job that has no schedule; nothing is changed.
    """
    refuse_unknown(settings)
    await register_search_attributes(client)
    applied = Applied()
    for job in SCHEDULED:
        await _ensure(client, job, schedule_of(job, settings), applied)
    wanted = {job.name for job in SCHEDULED}
    async for listed in await client.list_schedules():
        if listed.id not in wanted and await listed.memo_value("owner", default=None) == OWNER["owner"]:
            await client.get_schedule_handle(listed.id).delete()
            applied.removed.append(listed.id)
    return applied


async def is_drifted(client: Client, job: Job | Chore, found: Schedule, settings: Settings) -> bool:
    """Whether a schedule on the server is another than the catalog's, its pause and note aside."""
    return not await _same(client, found, schedule_of(job, settings))


async def register_search_attributes(client: Client) -> None:
    """Add the search attributes that the namespace lacks; those already there stay as they are."""
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = {name: kind for name, kind in SEARCH_ATTRIBUTES.items() if name not in known.custom_attributes}
    if not missing:
        return
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:  # another `schedules apply` was quicker
            raise


async def _ensure(client: Client, job: Job | Chore, wanted: Schedule, applied: Applied) -> None:
    try:
        await client.create_schedule(job.name, wanted, memo=OWNER)
    except ScheduleAlreadyRunningError:
        pass
    else:
        applied.created.append(job.name)
        return
    handle = client.get_schedule_handle(job.name)
    if await _same(client, (await handle.describe()).schedule, wanted):
        applied.unchanged.append(job.name)
        return

    def keep_pause(now: ScheduleUpdateInput) -> ScheduleUpdate:
        wanted.state = now.description.schedule.state
        return ScheduleUpdate(schedule=wanted)

    await handle.update(keep_pause)
    applied.updated.append(job.name)


async def _same(client: Client, found: Schedule, wanted: Schedule) -> bool:
    """Whether a schedule is what the catalog wants, pause and note aside; its action's input is told by fingerprint."""
    timing = (found.spec, found.policy) == (wanted.spec, wanted.policy)
    sealed = all(_is_current(client, payload) for payload in _payloads(found))
    return timing and sealed and await _fingerprint(client, found) == await _fingerprint(client, wanted)


def _payloads(schedule: Schedule) -> list[Payload]:
    """What the server keeps of a schedule's action."""
    action = schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        return []
    return [value for value in [*action.args, *(action.memo or {}).values()] if isinstance(value, Payload)]


def _is_current(client: Client, payload: Payload) -> bool:
    """Whether it is encrypted as today: a schedule that keeps an old key could start nothing once that key is gone."""
    codec = client.data_converter.payload_codec
    return codec.is_current(payload) if isinstance(codec, HistoryCodec) else not is_sealed(payload)


async def _fingerprint(client: Client, schedule: Schedule) -> Any:
    """What the schedule's action was made from; None for one that somebody else made under our name."""
    action = schedule.action
    memo = action.memo if isinstance(action, ScheduleActionStartWorkflow) else None
    value = (memo or {}).get(FINGERPRINT)
    if value is None or isinstance(value, str):
        return value
    (decoded,) = await client.data_converter.decode([value])
    return decoded
