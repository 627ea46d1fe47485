"""Pictures in a question, checked as the providers check them. The stand-in knows one from another by its hash."""

import base64
import binascii
import re
from collections.abc import Mapping
from hashlib import sha256

from sandbox.model.chat import require

LARGEST = 5 * 1024 * 1024  # of base64, as Anthropic counts
_DATA_URL = re.compile(r"data:(image/[a-z]+);base64,(.*)", re.DOTALL)
_STARTS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}


def from_data_url(url: str) -> str:
    """Return type and hash of an OpenAI part's picture.

    Raises:
        Refusal: it is no data URL of a picture; this stand-in fetches nothing.
    """
    found = _DATA_URL.fullmatch(url)
    require(found, "Invalid image_url: expected a base64-encoded data URL with an image MIME type.")
    return _seen(found[1], found[2]) if found else ""


def from_source(source: Mapping[str, str]) -> str:
    """Return type and hash of an Anthropic block's picture.

    Raises:
        Refusal: it is not of the form that the reference describes.
    """
    require(source["type"] == "base64", "This stand-in fetches nothing: image.source.type must be base64.")
    require(len(source["data"]) <= LARGEST, f"image exceeds 5 MB maximum: {len(source['data'])} bytes > {LARGEST}")
    return _seen(source["media_type"], source["data"])


def _seen(media_type: str, data: str) -> str:
    require(media_type in _STARTS, f"You uploaded an unsupported image: {media_type} is no png, jpeg, gif or webp.")
    try:
        content = base64.b64decode(data, validate=True)
    except binascii.Error:
        content = b""
    require(content.startswith(_STARTS[media_type]), f"The image data is no {media_type}.")
    return f"{media_type} {sha256(content).hexdigest()}"
