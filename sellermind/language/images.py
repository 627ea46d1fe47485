"""Pictures from an OpenAI-compatible server: POST /images/generations. Nothing is retried here."""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from pydantic import Base64Bytes, Field, SecretStr, ValidationError

from sellermind.language.downloads import download
from sellermind.language.http import Call, base_url, send
from sellermind.language.tracing import image_span
from sellermind.model_errors import LlmInvalidOutput
from sellermind.models.generation import Quality
from sellermind.models.payload import Payload

PATH = "/images/generations"
SIZE = "1024x1024"
DOWNLOAD_SECONDS = 60.0
LARGEST_IMAGE = 20 * 1024 * 1024
# The two families name their qualities differently; other servers' models are not told one.
_QUALITIES: dict[str, dict[Quality, str]] = {
    "gpt-image": {"low": "low", "medium": "medium", "high": "high"},
    "dall-e-3": {"low": "standard", "medium": "standard", "high": "hd"},
}


class _Picture(Payload):
    url: str | None = None
    b64_json: Base64Bytes | None = None


class _Body(Payload):
    data: tuple[_Picture, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Image:
    """A picture that was made: its bytes, or where they can be fetched for a while."""

    model: str
    content: bytes | None
    url: str | None
    latency_ms: int


class ImageModels:
    """The picture models behind SELLERMIND_MODEL_URL."""

    def __init__(self, http: httpx.Client, downloads: httpx.Client, url: str, key: SecretStr | None) -> None:
        self._http = http
        self._downloads = downloads
        self._url = base_url(url)
        self._key = key

    def make(self, model: str, prompt: str, quality: Quality, key: str) -> Image:
        """Ask for one picture.

        Args:
            model: the provider's name.
            prompt: what it shows.
            quality: how much care (and money) it takes.
            key: names the step; sent as Idempotency-Key.

        Raises:
            LlmInvalidOutput: an answer came without a picture.
            ApplicationError: the other failures of `sellermind.language.http.send`.
        """
        body = {"model": model, "prompt": prompt, "n": 1, "size": SIZE} | quality_of(model, quality)
        title, started = f"openai {model}", time.monotonic()
        headers = {"Idempotency-Key": key}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        with image_span(model, quality):
            received = send(self._http, Call(title, self._url + PATH, headers, body))
            picture = _picture(title, received)
        return Image(model, picture.b64_json, picture.url, round((time.monotonic() - started) * 1000))

    def fetch(self, url: str) -> bytes:
        """Fetch a picture from where its provider put it.

        The address is the provider's word: only https to a public address is followed, or the model server itself;
        never a redirect.

        Raises:
            LlmInvalidOutput: the address is not one to follow, the picture is gone, or it is too large.
            LlmTimeout, LlmUnreachable: it did not come; it may still be there.
        """
        parts, own = urlsplit(url), urlsplit(self._url)
        is_own = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
        if parts.scheme != "https" and not is_own:
            raise LlmInvalidOutput("The picture's address is neither https nor the model server's.")
        return download(self._http if is_own else self._downloads, url, seconds=DOWNLOAD_SECONDS, most=LARGEST_IMAGE)


def _picture(title: str, received: object) -> _Picture:
    """The picture of an answer.

    Raises:
        LlmInvalidOutput: it has none.
    """
    try:
        picture = _Body.model_validate(received).data[0]
    except ValidationError:
        picture = _Picture()
    if not picture.url and not picture.b64_json:
        raise LlmInvalidOutput(f"{title}: the answer holds no picture.")
    return picture


def quality_of(model: str, quality: Quality) -> dict[str, str]:
    """The request's field for a quality, nothing for a model whose words for it we do not know."""
    words = next((words for family, words in _QUALITIES.items() if model.startswith(family)), None)
    return {"quality": words[quality]} if words else {}
