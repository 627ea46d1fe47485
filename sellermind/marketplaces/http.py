"""The one way out to a marketplace: a single request, bounded in time and size, its failures named, never repeated."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from temporalio.exceptions import ApplicationError

from sellermind import metrics
from sellermind.errors import Unavailable
from sellermind.marketplaces.bodies import decode, read_body, read_error_body
from sellermind.marketplaces.hosts import MARKETPLACE_HOSTS
from sellermind.marketplaces.refusals import Reply, count_of, failure_of, seconds_to_wait
from sellermind.marketplaces.rules import ApiRules
from sellermind.marketplaces.transport import DeadlineTransport, time_limit
from sellermind.tracing import note_status, request_span


class Budget(Protocol):
    """The seller's rate budget, shared by all workers (implemented over the table `api_budgets`)."""

    def take(self) -> datetime:
        """Take one call: sleep a short wait out, raise Throttled for a longer one.

        Give its moment, by a clock that all workers share.
        """

    def learn_remaining(self, n: int) -> None:
        """Correct our count: the marketplace says `n` calls are possible now without a pause."""

    def refused(self, wait: timedelta) -> None:
        """Let nobody call before `wait` is over: the marketplace refused a call for its rate."""

    def charge(self, calls: int) -> None:
        """Count `calls` more for the call just made."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `path` begins with a slash and follows the base URL; a key repeated in `params` is sent repeated."""

    method: str
    path: str
    params: tuple[tuple[str, str | int], ...] = ()
    json: Any = None
    template: str | None = None
    """The path with a placeholder for the id in it, if there is one: what counters and traces call this request."""

    @property
    def route(self) -> str:
        """One of the few paths that the API has."""
        return self.template or self.path


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer to what `title` says: JSON (None for 204 or an empty body), and when its request was sent (UTC)."""

    title: str
    body: Any
    read_at: datetime


def build_http_client(public: AbstractSet[str] = MARKETPLACE_HOSTS) -> httpx.Client:
    """Build the process's one HTTP client: connect 5 s, read 30 s, no redirects, no proxies.

    It keeps no cookies: all sellers share it, and what one was handed must not travel with another's request.

    Args:
        public: hosts that are called at public addresses only. An operator who lists another host, or one of these,
            in SELLERMIND_ALLOWED_HOSTS says where it is.
    """
    return httpx.Client(
        timeout=httpx.Timeout(30, connect=5),
        transport=DeadlineTransport(public),
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        # Also */*: some gateways have their error pages as HTML only, and would else answer something milder.
        headers={"Accept": "application/json, */*;q=0.5", "User-Agent": "sellermind-workflows"},
    )


class Api:
    """One seller's access to one marketplace."""

    def __init__(self, http: httpx.Client, base_url: str, token: str, rules: ApiRules, budget: Budget) -> None:
        """Take a `token` as tokens.bare left it; it is sent as it is in the Authorization header."""
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._host = urlsplit(base_url).hostname
        self._token = token
        self._rules = rules
        self._budget = budget

    def send(self, call: Call) -> Answer:
        """Send one request and give its answer; any other outcome is one of our named errors.

        Raises:
            Throttled: 429, or the seller's budget is spent.
            RecordGone: 404 about the record that the path names.
            AccessRevoked: 401, or a 403 whose code means the whole account.
            MethodRefused: any other 403.
            Refused: another 4xx.
            Unavailable: 5xx, timeout, dropped or undecodable answer.
            Unreadable: a redirect, or a good status whose body is not JSON.
        """
        read_at = self._budget.take()
        title = f"{self._rules.name} {call.method} {call.path}"
        try:
            with time_limit(self._rules.deadline), self._watched(call) as response:
                self._settle(response)
                if not response.is_success:
                    raise self._failure(title, response)
                body = read_body(title, response)
        except httpx.RequestError as error:
            # Only its name: the text of a protocol error can hold the Authorization header.
            raise Unavailable(f"{title}: {type(error).__name__}") from None
        return Answer(title, decode(title, response.headers.get("Content-Type", ""), body), read_at)

    @contextmanager
    def _watched(self, call: Call) -> Iterator[httpx.Response]:
        """The open answer, traced and counted; a request without an answer is counted by what happened instead."""
        name, method = self._rules.name, f"{call.method} {call.route}"
        with request_span(call.method, call.route, self._host) as span:
            try:
                with self._open(call) as response:
                    note_status(span, response.status_code)
                    metrics.count_request(name, method, str(response.status_code))
                    yield response
            except httpx.RequestError as error:
                metrics.count_request(name, method, type(error).__name__)
                raise

    def _open(self, call: Call) -> AbstractContextManager[httpx.Response]:
        """Send the request and open the answer, its body still unread."""
        return self._http.stream(
            call.method,
            self._base_url + call.path,
            params=call.params or None,
            json=call.json,
            headers={"Authorization": self._token},
        )

    def _settle(self, response: httpx.Response) -> None:
        """Tell the budget what status and headers say, before a body that may never come."""
        rules, headers = self._rules, response.headers
        if response.status_code in rules.throttling_statuses:
            self._budget.refused(seconds_to_wait(rules, headers))
            return
        cost = rules.rate.cost_of_4xx if response.is_client_error else count_of(headers, rules.cost_header) or 1
        if cost > 1:
            self._budget.charge(cost - 1)
        remaining = count_of(headers, rules.remaining_header)
        if remaining is not None:
            self._budget.learn_remaining(remaining)
        if count_of(headers, rules.daily_header) == 0:
            self._budget.refused(rules.daily_probe)

    def _failure(self, title: str, response: httpx.Response) -> ApplicationError:
        """Name the failure that a status other than 2xx means."""
        body = read_error_body(response)
        reply = Reply(title=title, status=response.status_code, headers=response.headers, body=body)
        return failure_of(self._rules, reply, secret=self._token)
