"""Pictures of products from a real HTTP server and from the media folder: what is taken, and what is not."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest
from temporalio.exceptions import ApplicationError

from activities.product_pictures import LARGEST, ProductPictures
from sandbox.model.drawing import png
from sellermind.storage.media import MediaFolder
from tests.fixtures.http_server import answering

COMPANY = 7
MUG = png("a mug")
JPEG, WEBP = b"\xff\xd8\xff..\xff\xd9", b"RIFF\x08\x00\x00\x00WEBPabcd"
PAGES = {
    "/mug.png": (200, MUG),
    "/mug": (200, JPEG),  # what it is, its bytes say, not its name
    "/mug.jpg": (200, WEBP),
    "/page.png": (200, b"<html>no picture</html>"),
    "/half.png": (200, MUG[:-4]),
    "/huge.png": (200, MUG[:8] + bytes(LARGEST) + MUG[-8:]),
    "/moved.png": (302, MUG),
    "/broken.png": (500, MUG),
}


class Shelf(BaseHTTPRequestHandler):
    """A server of pictures."""

    def do_GET(self) -> None:
        """Answer as PAGES has it."""
        status, content = PAGES.get(self.path, (404, b""))
        self.send_response(status)
        self.send_header("Location", "/mug.png")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def shelf() -> Iterator[str]:
    with answering(Shelf) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def pictures(tmp_path: Path) -> Iterator[ProductPictures]:
    """With a client that goes to this machine too; that ours does not, test_downloads.py shows."""
    with httpx.Client() as http:
        yield ProductPictures(http, MediaFolder(tmp_path / "media"))


@pytest.mark.parametrize(
    ("path", "media_type"), [("/mug.png", "image/png"), ("/mug", "image/jpeg"), ("/mug.jpg", "image/webp")]
)
def test_a_picture_comes_whole_and_with_its_true_type(
    pictures: ProductPictures, shelf: str, path: str, media_type: str
) -> None:
    picture = pictures.read(COMPANY, shelf + path)
    assert (picture.content, picture.media_type) == (PAGES[path][1], media_type)


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("/page.png", "LlmInvalidOutput", "no whole PNG"),
        ("/half.png", "LlmInvalidOutput", "no whole PNG"),
        ("/huge.png", "LlmInvalidOutput", "larger than"),
        ("/absent.png", "LlmInvalidOutput", "HTTP 404"),
        ("/moved.png", "LlmUnreachable", "HTTP 302"),
        ("/broken.png", "LlmUnreachable", "HTTP 500"),
        (":1/a.png", "LlmUnreachable", "could not be fetched"),
    ],
)
def test_what_is_no_picture_or_does_not_come_is_named(
    pictures: ProductPictures, shelf: str, path: str, kind: str, said: str
) -> None:
    with pytest.raises(ApplicationError, match=said) as refused:
        pictures.read(COMPANY, shelf + path)
    assert refused.value.type == kind


def test_the_media_folder_gives_what_is_the_company_s_and_nothing_outside(
    pictures: ProductPictures, tmp_path: Path
) -> None:
    own, foreign = (pictures.media.put(company, MUG).key for company in (COMPANY, COMPANY + 1))
    folder = tmp_path / "media"
    (tmp_path / "outside.png").write_bytes(MUG)
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "huge.png").write_bytes(PAGES["/huge.png"][1])
    assert pictures.read(COMPANY, own).content == MUG
    escapes = ("../outside.png", str(tmp_path / "outside.png"), "link.png", f"generated/{COMPANY}/../../{foreign}")
    for path in (foreign, *escapes, "huge.png", "generated", "absent.png", "a\0b.png", "", "x" * 255):
        with pytest.raises(ApplicationError) as refused:
            pictures.read(COMPANY, path)
        assert refused.value.type == "RecordGone"
