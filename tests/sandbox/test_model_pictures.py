"""Pictures in questions to the stand-in model: refused where the providers refuse them, and seen by their hash."""

import base64
from hashlib import sha256
from typing import Any

import pytest

from sandbox.model.drawing import png
from tests.fixtures.model import ModelServer

Json = dict[str, Any]
MUG = png("a mug")
DATA = base64.b64encode(MUG).decode()
URL = f"data:image/png;base64,{DATA}"
TEXT: Json = {"type": "text", "text": "What is it?"}


def chat(part: Json, role: str = "user") -> Json:
    messages = [{"role": "user", "content": "x"}, {"role": role, "content": [part, TEXT]}]
    return {"model": "gpt-4o-mini", "max_tokens": 50, "messages": messages}


def openai(url: object, **more: object) -> Json:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def anthropic(data: object = DATA, media_type: str = "image/png", kind: str = "base64") -> Json:
    return {"type": "image", "source": {"type": kind, "media_type": media_type, "data": data}}


@pytest.mark.parametrize(("path", "part"), [("chat/completions", openai(URL, detail="low")), ("messages", anthropic())])
def test_a_picture_is_seen_and_counted(model_server: ModelServer, path: str, part: Json) -> None:
    model_server.script({"contains": f"image/png {sha256(MUG).hexdigest()}", "text": "a mug", "count": None})
    assert "a mug" in model_server.post(f"/v1/{path}", chat(part)).text
    with_it = model_server.stats()["prompt_tokens"]
    assert "a mug" not in model_server.post(f"/v1/{path}", chat(TEXT)).text
    assert 2 * with_it > model_server.stats()["prompt_tokens"] + 50


BAD_PARTS = [
    ("chat/completions", openai("https://pictures.example/mug.png"), "user"),
    ("chat/completions", openai(f"data:text/plain;base64,{DATA}"), "user"),
    ("chat/completions", openai(f"data:image/jpeg;base64,{DATA}"), "user"),
    ("chat/completions", openai("data:image/png;base64,%%%"), "user"),
    ("chat/completions", openai(URL, detail="best"), "user"),
    ("chat/completions", openai(None), "user"),
    ("chat/completions", openai(URL), "assistant"),
    ("chat/completions", {"type": "image_url", "image_url": URL}, "user"),
    ("chat/completions", anthropic(), "user"),
    ("messages", anthropic(kind="url"), "user"),
    ("messages", anthropic(media_type="image/jpeg"), "user"),
    ("messages", anthropic(media_type="image/bmp"), "user"),
    ("messages", anthropic("%%%"), "user"),
    ("messages", anthropic(None), "user"),
    ("messages", anthropic("A" * (5 * 1024 * 1024 + 4)), "user"),
    ("messages", anthropic(), "assistant"),
    ("messages", {"type": "image"}, "user"),
    ("messages", openai(URL), "user"),
]


@pytest.mark.parametrize(("path", "part", "role"), BAD_PARTS)
def test_a_part_that_is_not_of_the_provider_s_form_is_400(
    model_server: ModelServer, path: str, part: Json, role: str
) -> None:
    assert model_server.post(f"/v1/{path}", chat(part, role)).status_code == 400
    assert model_server.stats()["paid"] == 0
