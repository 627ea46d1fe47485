"""Pictures: small PNG files whose URLs expire, as a provider's do."""

import struct
import time
import zlib
from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

_SIDE = 64
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and the time until which its URL answers."""

    content: bytes
    expires: float


class Pictures:
    """The pictures that were made since the start."""

    def __init__(self) -> None:
        self._made: dict[str, Picture] = {}

    def make(self, prompt: str, seconds: float) -> str:
        """Make a picture and return its name; the same prompt never gives the same bytes twice."""
        name = f"{uuid4().hex}.png"
        self._made[name] = Picture(png(f"{prompt}{name}"), time.time() + seconds)
        return name

    def content(self, name: str) -> bytes:
        """Return the bytes of a picture that was made, whether its URL still answers or not."""
        return self._made[name].content

    def fetch(self, name: str) -> bytes | None:
        """Return a picture's bytes, None when there is none or its time is over."""
        picture = self._made.get(name)
        return picture.content if picture and time.time() < picture.expires else None


def png(seed: str) -> bytes:
    """Return a square picture of one colour, drawn from the seed."""
    colour = sha256(seed.encode(errors="replace")).digest()[:3]
    rows = (b"\0" + colour * _SIDE) * _SIDE
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
