"""The composition root: settings → engine and clients → activity objects. Every worker registers everything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import Engine

from activities.accounts import AccountActivities
from activities.agent_runs import AgentRunActivities
from activities.queues import QueueActivities
from activities.retention import RetentionActivities
from activities.starts import StartActivities
from activities.uzum import UzumActivities
from activities.wildberries import WildberriesActivities, WildberriesSellers
from activities.wildberries_supplies import WildberriesSupplyActivities
from sellermind.language.downloads import build_download_http_client
from sellermind.language.http import build_model_http_client
from sellermind.language.images import ImageModels
from sellermind.marketplaces.hosts import MARKETPLACE_HOSTS, UZUM_HOSTS, WILDBERRIES_HOSTS, check_base_url
from sellermind.marketplaces.http import build_http_client
from sellermind.settings import Settings
from sellermind.storage.engine import build_engine
from sellermind.vault import TokenVault
from workers.ai_groups import generation_activities, paid_models
from workflows.catalog import WORKFLOWS


@dataclass(frozen=True)
class Registry:
    """What a worker offers: its workflows and activities, and the connections that they share."""

    workflows: Sequence[type]
    activities: Sequence[Callable[..., Any]]
    engine: Engine
    clients: Sequence[httpx.Client]

    def close(self) -> None:
        """Close the shared connections."""
        for client in self.clients:
            client.close()
        self.engine.dispose()


def build(settings: Settings) -> Registry:
    """Build everything a worker process needs, once.

    Raises:
        Misconfigured: a URL or a key in the settings cannot be used.
    """
    wildberries_url = check_base_url(
        "SELLERMIND_WILDBERRIES_URL", settings.wildberries_url, WILDBERRIES_HOSTS, settings.allowed_hosts
    )
    uzum_url = check_base_url("SELLERMIND_UZUM_URL", settings.uzum_url, UZUM_HOSTS, settings.allowed_hosts)
    engine = build_engine(settings.database_url)
    vault = TokenVault(settings.secret_keys, settings.laravel_app_key)
    http = build_http_client(public=MARKETPLACE_HOSTS - settings.allowed_hosts)
    sellers = WildberriesSellers(engine, vault, http, wildberries_url)
    model_http = build_model_http_client(settings.model_timeout.total_seconds())
    downloads = build_download_http_client()
    models = paid_models(settings, engine, model_http)
    pictures = ImageModels(model_http, downloads, settings.model_url, settings.model_api_key)
    groups = (
        AccountActivities(engine),
        StartActivities(),
        QueueActivities(),
        RetentionActivities(engine),
        WildberriesActivities(engine, sellers),
        WildberriesSupplyActivities(engine, sellers),
        UzumActivities(engine, vault, http, uzum_url),
        AgentRunActivities(engine, models),
        generation_activities(settings, engine, pictures, models, downloads=downloads),
    )
    activities = [activity for group in groups for activity in activities_of(group)]
    return Registry(workflows=WORKFLOWS, activities=activities, engine=engine, clients=(http, model_http, downloads))


def activities_of(group: object) -> list[Callable[..., Any]]:
    """The bound methods of a group that carry `@activity.defn`.

    The mark is the SDK's own but not public: tests/workflows/test_names.py pins it.
    """
    methods = (getattr(group, name) for name in dir(group) if not name.startswith("_"))
    return [method for method in methods if hasattr(method, "__temporal_activity_definition")]
