"""The Uzum API over the world: token, path, rate limit, daily quota, faults, operation."""

import time
from collections.abc import Callable, Mapping

from sandbox.answers import Answer, Asked
from sandbox.damage import spoil
from sandbox.faults import Fault, Faults
from sandbox.limits import UZUM, UZUM_PER_DAY, Bucket, Limit, Quota
from sandbox.market import Call, Visit
from sandbox.queries import BadQuery
from sandbox.routes import Match, Routes
from sandbox.uzum import order_calls
from sandbox.uzum.errors import refused
from sandbox.uzum.outages import outage
from sandbox.uzum.seller import Seller
from sandbox.uzum.world import PRODUCTS_ONLY, World

Operation = Callable[[Seller, Call], Answer]
PREFIX = "/api/seller-openapi"
SHOPS = "/v1/shops"
OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("GET", SHOPS): order_calls.shops,
    ("GET", "/v2/fbs/orders"): order_calls.orders,
    ("GET", "/v2/fbs/orders/count"): order_calls.count,
    ("GET", "/v1/fbs/order/{orderId}"): order_calls.order,
}


class Uzum:
    """Answers requests as api-seller.uzum.uz does."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._routes = Routes(OPERATIONS)
        self._limit, self._per_day = UZUM, UZUM_PER_DAY
        self._buckets: dict[str, Bucket] = {}
        self._quotas: dict[str, Quota] = {}

    def set_limit(self, limit: Limit, per_day: int) -> None:
        """Give every seller a new, full bucket and day of another size."""
        self._limit, self._per_day = limit, per_day
        self._buckets, self._quotas = {}, {}

    def visit(self, asked: Asked) -> Visit:
        """Answer a request."""
        match = self._routes.find(asked.method, asked.path.removeprefix(PREFIX))
        template = "unknown" if match is None else PREFIX + match.template
        if not asked.authorization:
            return Visit("", template, refused(401, "unauthorized"))
        rights = self._world.read(asked.authorization)
        # The gateway knows neither a token with Bearer before it nor a path that is not there: the same answer.
        if rights is None or match is None:
            return Visit("" if rights is None else rights[0], template, refused(403, "forbidden-001"))
        sid, right = rights
        now = time.monotonic_ns()
        bucket, quota = self._bucket(sid), self._quota(sid)
        faults: list[Fault] = []
        if quota.left(self._world.clock.now()) and bucket.take(now):
            quota.take()
            faults = self._faults.strike(sid, asked)
            answer = self._answer(sid, right, match, asked, faults)
        else:
            answer = Answer(429)
        answer.headers |= self._rate_headers(bucket, quota, now)
        return Visit(sid, template, answer, tuple(faults))

    def _answer(self, sid: str, right: str, match: Match[Operation], asked: Asked, faults: list[Fault]) -> Answer:
        broken = next((answer for fault in faults if (answer := outage(fault)) is not None), None)
        if broken is not None:
            return broken
        if right == PRODUCTS_ONLY and match.template != SHOPS:
            return refused(403, "fbs-2-seller-access-denied")
        call = Call(match.names, asked.query, asked.body, {fault.kind: fault for fault in faults})
        try:
            answer = match.handler(self._world.seller(sid), call)
        except BadQuery:
            return refused(400, "bad-request")
        spoil(answer, faults)
        return answer

    def _rate_headers(self, bucket: Bucket, quota: Quota, now: int) -> dict[str, str]:
        return {
            "X-RateLimit-Remaining": str(bucket.remaining(now)),
            "X-RateLimit-Replenish-Rate": str(max(1, 1_000_000_000 // bucket.limit.interval_ns)),
            "X-RateLimit-Burst-Capacity": str(bucket.limit.burst),
            "X-RateLimit-Requested-Tokens": "1",
            "X-RateLimit-Limit-Per-Day": str(quota.per_day),
            "X-RateLimit-Remaining-Per-Day": str(quota.left(self._world.clock.now())),
        }

    def _bucket(self, sid: str) -> Bucket:
        if sid not in self._buckets:
            self._buckets[sid] = Bucket(self._limit)
        return self._buckets[sid]

    def _quota(self, sid: str) -> Quota:
        if sid not in self._quotas:
            self._quotas[sid] = Quota(self._per_day)
        return self._quotas[sid]
