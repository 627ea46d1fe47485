"""The Wildberries API over the world: path, token, rate limit, faults, operation, cost."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus

from sandbox.answers import Answer, Asked
from sandbox.damage import spoil
from sandbox.faults import Fault, Faults
from sandbox.limits import WILDBERRIES_COST_OF_4XX, WILDBERRIES_FBS, WILDBERRIES_PING, Bucket, Limit
from sandbox.market import Call, Visit
from sandbox.queries import BadQuery
from sandbox.routes import Match, Routes
from sandbox.wildberries import order_calls as orders
from sandbox.wildberries import supply_calls as supplies
from sandbox.wildberries.errors import gateway_error, service_error
from sandbox.wildberries.outages import outage
from sandbox.wildberries.seller import Seller
from sandbox.wildberries.tokens import MARKETPLACE, BadToken, Claims
from sandbox.wildberries.world import World

Operation = Callable[[Seller, Call], Answer]
PING = "/ping"
OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("GET", PING): orders.ping,
    ("GET", "/api/v3/orders/new"): orders.orders_new,
    ("GET", "/api/v3/orders"): orders.orders,
    ("POST", "/api/v3/orders/status"): orders.orders_status,
    ("GET", "/api/v3/supplies"): supplies.supplies,
    ("GET", "/api/v3/supplies/{supplyId}"): supplies.supply,
    ("GET", "/api/v3/supplies/{supplyId}/trbx"): supplies.boxes,
    ("GET", "/api/v3/supplies/orders/reshipment"): supplies.reshipment,
    ("GET", "/api/marketplace/v3/supplies/{supplyId}/order-ids"): supplies.order_ids,
}


class Wildberries:
    """Answers requests as marketplace-api.wildberries.ru does."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._routes = Routes(OPERATIONS)
        self._limit = WILDBERRIES_FBS
        self._buckets: dict[str, Bucket] = {}
        self._pings: dict[str, Bucket] = {}

    def set_limit(self, limit: Limit) -> None:
        """Give every seller a new, full bucket of another size."""
        self._limit = limit
        self._buckets = {}

    def visit(self, asked: Asked) -> Visit:
        """Answer a request; a 4xx costs the seller ten."""
        match = self._routes.find(asked.method, asked.path)
        if match is None:
            return Visit("", "unknown", self._not_found(asked))
        try:
            claims = self._world.keyring.read(_bare(asked.authorization))
        except BadToken as problem:
            return Visit("", match.template, gateway_error(401, str(problem)))
        now = time.monotonic_ns()
        bucket = self._bucket(claims.sid, match.template)
        if not bucket.take(now):
            return Visit(claims.sid, match.template, _throttled(bucket, now, claims.sid))
        faults = self._faults.strike(claims.sid, asked)
        answer = self._answer(claims, match, asked, faults)
        self._settle(answer, bucket, now)
        return Visit(claims.sid, match.template, answer, tuple(faults))

    def _answer(self, claims: Claims, match: Match[Operation], asked: Asked, faults: list[Fault]) -> Answer:
        refused = self._refusal(claims)
        if refused is not None:
            return refused
        broken = next((answer for fault in faults if (answer := outage(fault)) is not None), None)
        if broken is not None:
            return broken
        kinds: dict[str, Fault] = {fault.kind: fault for fault in faults}
        try:
            answer = match.handler(self._world.seller(claims.sid), Call(match.names, asked.query, asked.body, kinds))
        except BadQuery:
            return service_error(400, "IncorrectParameter")
        spoil(answer, faults)
        return answer

    def _refusal(self, claims: Claims) -> Answer | None:
        if claims.expires <= self._world.clock.now():
            return gateway_error(401, "token problem; token is expired")
        if claims.test or not claims.allows(MARKETPLACE):
            return gateway_error(401, "token scope not allowed")
        return None

    def _settle(self, answer: Answer, bucket: Bucket, now: int) -> None:
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            return
        if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            bucket.charge(WILDBERRIES_COST_OF_4XX - 1, now)
        answer.headers["X-Ratelimit-Remaining"] = str(bucket.remaining(now))

    def _bucket(self, sid: str, operation: str) -> Bucket:
        buckets, limit = (self._pings, WILDBERRIES_PING) if operation == PING else (self._buckets, self._limit)
        if sid not in buckets:
            buckets[sid] = Bucket(limit)
        return buckets[sid]

    def _not_found(self, asked: Asked) -> Answer:
        methods = self._routes.methods(asked.path)
        if not methods:
            return gateway_error(404, "path not found")
        answer = gateway_error(405, "method not allowed")
        answer.headers["Allow"] = ", ".join(methods)
        return answer


def _bare(authorization: str | None) -> str:
    return (authorization or "").removeprefix("Bearer ").strip()


def _throttled(bucket: Bucket, now: int, sid: str) -> Answer:
    answer = gateway_error(429, f"Limited by global limiter, per seller {sid}")
    answer.headers |= {
        "X-Ratelimit-Retry": str(max(1, bucket.retry_after(now))),
        "X-Ratelimit-Limit": str(bucket.limit.burst),
        "X-Ratelimit-Reset": str(bucket.full_after(now)),
    }
    return answer
