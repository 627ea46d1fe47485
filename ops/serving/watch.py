"""Looks at the service when somebody asks, at most once in five seconds, and for no longer than the settings say."""

import asyncio
import math
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.service import RPCError

from ops.queues.overview import overview
from ops.serving.standing import Records, Standing, paused_schedules, read_records
from sellermind.errors import Misconfigured, Refused, Unavailable
from sellermind.settings import Settings
from sellermind.storage.engine import build_engine
from sellermind.temporal import connect

FRESH = 5.0


@dataclass(frozen=True)
class Look:
    """What was seen, or why nothing was; an error is a class and a few words, never an address or a secret."""

    standing: Standing | None
    error: str | None
    taken: float

    @property
    def age(self) -> float:
        """Seconds since."""
        return time.monotonic() - self.taken


class Watch:
    """Shared by all requests of the server; one of them looks, the others wait for it or take what it saw."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._patience = settings.answer_within.total_seconds()
        self._engine: Engine = build_engine(settings.database_url, statement_timeout=math.ceil(self._patience))
        self._database = ThreadPoolExecutor(1, "database")
        self._loop = asyncio.new_event_loop()
        self._client: Client | None = None
        self._lock = threading.Lock()
        self._last: Look | None = None
        threading.Thread(target=self._loop.run_forever, name="temporal", daemon=True).start()

    def look(self) -> Look:
        """The last look if it is fresh, else a new one, for which `answer_within` is all the time there is."""
        with self._lock:
            if self._last is None or self._last.age > FRESH:
                self._last = self._take()
            return self._last

    def _take(self) -> Look:
        until = time.monotonic() + self._patience
        try:
            records: Future[Records] = self._database.submit(read_records, self._engine, self._settings)
            seen = records.result(self._patience)
            asked = asyncio.run_coroutine_threadsafe(self._ask(seen), self._loop)
            standing = asked.result(max(0.1, until - time.monotonic()))
        except TimeoutError:
            return Look(None, f"Timeout: no answer within {self._patience:g} s", time.monotonic())
        except RPCError as error:
            return Look(None, f"RPCError: {error.status.name}", time.monotonic())
        except RuntimeError:
            return Look(None, "RuntimeError: Temporal does not answer", time.monotonic())
        except Unavailable:
            return Look(None, "Unavailable: the database does not answer", time.monotonic())
        except (Misconfigured, Refused) as error:
            return Look(None, f"{type(error).__name__}: the database cannot be used as it is", time.monotonic())
        return Look(standing, None, time.monotonic())

    async def _ask(self, records: Records) -> Standing:
        async with asyncio.timeout(self._patience):
            if self._client is None:
                self._client = await connect(self._settings, identity="sellermind-serve")
            seen, paused = await asyncio.gather(overview(self._client, records.waiting), paused_schedules(self._client))
            return Standing(seen, paused, records, datetime.now(UTC))
