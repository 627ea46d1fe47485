"""A product's picture as a model sees it: out of the media folder, or from a public address."""

from dataclasses import dataclass
from typing import Literal

import httpx

from sellermind.language.downloads import download
from sellermind.model_errors import LlmInvalidOutput
from sellermind.models.language import Picture
from sellermind.storage.media import MediaFolder, kind_of

SECONDS = 20.0
"""For a download: beside a model's longest answer it still fits into MODEL_CALL."""
LARGEST = 3_900_000
"""Bytes: Anthropic takes 5 MiB of base64."""
_TYPES: dict[str, Literal["image/jpeg", "image/png", "image/webp"]] = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}


@dataclass(frozen=True)
class ProductPictures:
    """Where pictures of products are read."""

    downloads: httpx.Client
    media: MediaFolder

    def read(self, company_id: int, path: str) -> Picture:
        """Read a picture.

        Args:
            company_id: whose product it shows.
            path: `product_images.file_path`: an address, or a path below the media folder.

        Raises:
            RecordGone: the media folder has none like it.
            LlmInvalidOutput: what is there is no picture, is too large, or lies at a private address.
            LlmTimeout, LlmUnreachable: it did not come.
        """
        if path.startswith(("https://", "http://")):
            content = download(self.downloads, path, seconds=SECONDS, most=LARGEST)
        else:
            content = self.media.read(company_id, path, LARGEST)
        kind = kind_of(content)
        if kind is None:
            raise LlmInvalidOutput("The picture is no whole PNG, JPEG or WebP.")
        return Picture(media_type=_TYPES[kind], content=content)
