"""Settings: the only reader of our environment variables (Temporal's own belong to temporalio.envconfig)."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from sellermind.errors import Misconfigured
from sellermind.models.language import ModelServer

CHECKOUT = Path(__file__).resolve().parent.parent
SQLITE = "sqlite:///"
LONGEST_DAYS = 36_500  # a moment that long ago can still be written
_MEND_SETTINGS = "mend it in the environment or in .env (.env.example explains all)."


def _split(value: object) -> object:
    """`a, b` → `[a, b]`."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _seconds(value: object) -> object:
    """`60` → 60 seconds; pydantic itself takes only ISO 8601 (`PT1M`) and `00:01:00` as text."""
    return float(value) if isinstance(value, str) and value.strip().isdecimal() else value


def _anchor_sqlite(url: str) -> str:
    """Read a relative SQLite path from the checkout, so that every working directory means the same file."""
    path = url.removeprefix(SQLITE)
    if not url.startswith(SQLITE) or not path or path.startswith(("/", ":memory:")):
        return url
    return SQLITE + str(CHECKOUT / path)


def _anchor(folder: Path) -> Path:
    """Read a relative folder from the checkout."""
    return CHECKOUT / folder


Span = Annotated[timedelta, BeforeValidator(_seconds)]


class Settings(BaseSettings):
    """Everything that can be set, with its default; `.env.example` lists the same variables."""

    model_config = SettingsConfigDict(
        env_prefix="SELLERMIND_",
        env_file=CHECKOUT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _leave_empty_files_out(cls, values: dict[str, Any]) -> dict[str, Any]:
        """An empty file of secrets is as if it were not there, as an empty variable is."""
        return {name: value for name, value in values.items() if value != ""}

    database_url: Annotated[str, AfterValidator(_anchor_sqlite)] = "sqlite:///var/sellermind.db"
    wildberries_url: str = "https://marketplace-api.wildberries.ru"
    uzum_url: str = "https://api-seller.uzum.uz/api/seller-openapi"
    secret_keys: SecretStr | None = None
    """Comma list of Fernet keys for tokens at rest and Temporal's histories; the first one writes, all read."""
    encrypt_histories: bool = True
    """Whether payloads and failures go to Temporal encrypted, where there is a key; encrypted ones are read anyway."""
    laravel_app_key: SecretStr | None = None
    """SellerMind's APP_KEY (`base64:…`): lets us read the tokens its web application stored."""
    allowed_hosts: Annotated[frozenset[str], NoDecode, BeforeValidator(_split)] = frozenset()
    """Further hosts that marketplace URLs may name, e.g. `127.0.0.1` for a stand-in."""

    model_url: str = "https://api.openai.com/v1"
    """Base URL of an OpenAI-compatible server: it answers for every model without an entry in `models`."""
    model_api_key: SecretStr | None = None
    model_name: str | None = None
    """What the model `default` is at model_url; None: the first one that the server lists."""
    model_mode: Literal["auto", "tools", "action"] = "auto"
    """How models at model_url are offered tools; auto asks the server once, by a small call."""
    model_context: int | None = Field(default=None, ge=1)
    """Tokens that models at model_url can read at once; None: the server's own refusal tells."""
    model_sees: bool = False
    """Whether models at model_url take pictures."""
    model_timeout: Span = Field(default=timedelta(seconds=600), gt=timedelta(0), le=timedelta(seconds=840))
    """For a whole answer of a model; MODEL_CALL's start-to-close is longer, so that no retry meets its own ghost."""
    models: dict[str, ModelServer] = {}
    """Further models by the name that agents use (JSON object)."""
    model_keys: dict[str, SecretStr] = {}
    """Keys that entries of `models` name (JSON object)."""
    ai_daily_usd: Decimal = Field(default=Decimal(5), ge=0)
    """What one company may spend on models in a day (UTC), where `ai_budgets` has no limit of its own."""
    ai_daily_tokens: int = Field(default=10_000_000, ge=0)
    generation_models: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = Field(("default",), min_length=1)
    """Who writes texts for products: the first of these models, the next one where it cannot."""
    image_model: str = "gpt-image-1"
    """Who makes pictures of products, at model_url."""
    media_folder: Annotated[Path, AfterValidator(_anchor)] = Path("var/media")
    """Where pictures are kept; a relative path is read from the checkout."""

    slots_high: int = Field(default=16, ge=1)
    slots_default: int = Field(default=8, ge=1)
    slots_low: int = Field(default=8, ge=1)
    grace_high: Span = timedelta(seconds=60)
    grace_default: Span = timedelta(seconds=300)
    grace_low: Span = timedelta(seconds=900)
    start_timeout: Span = timedelta(seconds=300)
    """How long a worker waits at start for Temporal and the database."""
    deployment: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]+$")
    """Temporal's worker deployment that worker processes are versions of; None: no versions."""
    commit: str | None = None
    """The commit that this code is of, where git cannot say it (an image)."""

    answer_within: Span = Field(default=timedelta(seconds=2), ge=timedelta(seconds=1))
    """How long Temporal and the database may take to say that they are there, to the command line and `serve`."""
    http_host: str = "127.0.0.1"
    """Where `sellermind serve` listens."""
    http_port: int = Field(default=8080, ge=0, le=65535)
    codec_token: SecretStr | None = Field(default=None, min_length=20)
    """Whoever has it may open histories through `sellermind serve`; None: nobody may."""
    codec_origin: str | None = Field(default=None, pattern=r"^https?://[^/\s]+$")
    """Scheme, host and port of the Web UI whose pages may ask the codec."""

    keep_sync_logs_days: int = Field(default=30, ge=0, le=LONGEST_DAYS)
    """Days that rows of `marketplace_sync_logs` stay; 0: for ever. Each account's last ones stay anyway."""
    keep_order_events_days: int = Field(default=90, ge=0, le=LONGEST_DAYS)
    """Days that rows of the outbox `order_events` stay, read or not; 0: for ever."""
    keep_closed_issues_days: int = Field(default=90, ge=0, le=LONGEST_DAYS)
    """Days that a row of `marketplace_account_issues` stays after it was resolved; 0: for ever."""

    cadence: dict[str, Annotated[int, Field(ge=1)]] = {}
    """Seconds between ticks by workflow type, where the catalog's default does not fit (JSON object)."""
    log_level: str = "INFO"
    sentry_dsn: SecretStr | None = None
    """Where workers report what failed for good, a DSN of Sentry; None: nowhere."""
    metrics_address: str | None = None
    """host:port where a worker process shows its metrics to Prometheus; None: nowhere."""


class Systemd(BaseSettings):
    """What systemd tells a process it starts; the names are systemd's."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    notify_socket: str | None = None
    watchdog_usec: int | None = Field(default=None, gt=0)
    credentials_directory: Path = Path("/run/secrets")
    """Folder of secrets, one file each; the default is where Docker and Podman put them."""


class OpenTelemetry(BaseSettings):
    """What OpenTelemetry's own variables say to us; its exporter reads the others (headers, timeouts, sampling)."""

    model_config = SettingsConfigDict(env_prefix="OTEL_", env_ignore_empty=True, extra="ignore", frozen=True)

    exporter_otlp_endpoint: str | None = None
    exporter_otlp_traces_endpoint: str | None = None
    exporter_otlp_protocol: str = "http/protobuf"
    traces_exporter: str = "otlp"
    service_name: str | None = None
    sdk_disabled: bool = False

    @property
    def wanted(self) -> bool:
        """Whether traces go anywhere.

        Raises:
            Misconfigured: they should go in a form that we do not have.
        """
        endpoint = self.exporter_otlp_traces_endpoint or self.exporter_otlp_endpoint
        if not endpoint or self.sdk_disabled or self.traces_exporter == "none":
            return False
        if self.exporter_otlp_protocol != "http/protobuf":
            raise Misconfigured("OTEL_EXPORTER_OTLP_PROTOCOL is not http/protobuf; traces have no other form here.")
        return True


def load(**fields: Any) -> Settings:
    """Read the settings, once in a process.

    From the environment, then .env, then files named like the variables (`sellermind_database_url`) in the folder of
    secrets: CREDENTIALS_DIRECTORY, or /run/secrets.

    Args:
        fields: values that win over all of these.

    Raises:
        Misconfigured: names the variables that cannot be used; never their values, which may be secrets.
    """
    secrets = Systemd().credentials_directory
    try:
        return Settings(_secrets_dir=secrets if secrets.is_dir() else None, **fields)
    except SettingsError as error:
        reason = f"A SELLERMIND_… variable is not valid JSON, or its file of secrets cannot be read ({error})"
        raise Misconfigured(f"{reason}; {_MEND_SETTINGS}") from None
    except ValidationError as error:
        wrong = "; ".join(f"SELLERMIND_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
        raise Misconfigured(f"{wrong}; {_MEND_SETTINGS}") from None
