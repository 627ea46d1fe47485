"""The AI half of the composition root: settings → models on somebody's account → activity objects."""

import httpx
from sqlalchemy import Engine

from activities.generation import BATCH, GenerationActivities
from activities.image_calls import PaidImages
from activities.image_items import ImageMaker
from activities.model_calls import PaidModels
from activities.product_pictures import ProductPictures
from activities.text_items import TextMaker
from sellermind.language.client import LanguageModels
from sellermind.language.images import ImageModels
from sellermind.models.language import Mode
from sellermind.models.usage import Amount
from sellermind.settings import Settings
from sellermind.storage.media import MediaFolder

MICROS = 1_000_000


def paid_models(settings: Settings, engine: Engine, http: httpx.Client) -> PaidModels:
    """The language models that the settings name.

    Args:
        settings: SELLERMIND_MODEL_…, SELLERMIND_MODELS, SELLERMIND_AI_DAILY_….
        engine: where budgets and usage are kept.
        http: the process's client for model servers.

    Raises:
        Misconfigured: a URL is none, or an entry names a key that is not there.
    """
    models = LanguageModels(
        http,
        url=settings.model_url,
        key=settings.model_api_key,
        default_model=settings.model_name,
        mode=None if settings.model_mode == "auto" else Mode(settings.model_mode),
        context_tokens=settings.model_context,
        sees=settings.model_sees,
        servers=settings.models,
        keys=settings.model_keys,
    )
    return PaidModels(engine, models, daily_limit(settings))


def daily_limit(settings: Settings) -> Amount:
    """What a company may spend in a day, where `ai_budgets` has no limit of its own."""
    return Amount(micros=int(settings.ai_daily_usd * MICROS), tokens=settings.ai_daily_tokens)


def generation_activities(
    settings: Settings,
    engine: Engine,
    pictures: ImageModels,
    models: PaidModels,
    *,
    downloads: httpx.Client,
    batch: int = BATCH,
) -> GenerationActivities:
    """The activities of ProcessGenerationTask.

    Args:
        settings: SELLERMIND_GENERATION_MODELS, SELLERMIND_IMAGE_MODEL, SELLERMIND_MEDIA_FOLDER.
        engine: the database.
        pictures: the picture models.
        models: the language models.
        downloads: the process's client for addresses that others name.
        batch: items of one workflow execution.
    """
    images, media = PaidImages(engine, pictures, daily_limit(settings)), MediaFolder(settings.media_folder)
    return GenerationActivities(
        engine,
        TextMaker(engine, models, ProductPictures(downloads, media)),
        ImageMaker(engine, images, media),
        text_models=settings.generation_models,
        image_model=settings.image_model,
        batch=batch,
    )
