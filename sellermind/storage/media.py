"""The media folder: pictures by the hash of their bytes, written whole or not at all."""

import os
from errno import EACCES
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from sellermind.errors import Misconfigured, RecordGone
from sellermind.models.generation import StoredImage

_MADE = "generated"
_PNG = (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82")
_JPEG = (b"\xff\xd8\xff", b"\xff\xd9")


def kind_of(content: bytes) -> str | None:
    """The file ending of a picture by its first and last bytes; None if it is none, or not whole."""
    for kind, (start, end) in (("png", _PNG), ("jpg", _JPEG)):
        if content.startswith(start) and content.endswith(end):
            return kind
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return "webp" if is_webp and int.from_bytes(content[4:8], "little") + 8 == len(content) else None


class MediaFolder:
    """A folder on disk (SELLERMIND_MEDIA_FOLDER), one below it for each company."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check(self) -> None:
        """See that pictures can be stored, before one is paid for.

        Raises:
            Misconfigured: the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from None
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise self._unwritable(PermissionError(EACCES, os.strerror(EACCES)))

    def put(self, company_id: int, content: bytes) -> StoredImage:
        """Store a picture; the same bytes are stored once.

        Args:
            company_id: whose it is.
            content: a PNG, JPEG or WebP.

        Raises:
            Misconfigured: the folder cannot be written.
        """
        digest = sha256(content).hexdigest()
        key = f"{_MADE}/{company_id}/{digest}.{kind_of(content)}"
        target = self._folder / key
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                _write(target, content)
        except OSError as error:
            raise self._unwritable(error) from None
        return StoredImage(key=key, sha256=digest, size=len(content))

    def read(self, company_id: int, path: str, most: int) -> bytes:
        """Read a picture of a company; nothing outside the folder, and nothing made for another company.

        Args:
            company_id: whose it is.
            path: below the folder, as `product_images.file_path` has it.
            most: bytes that it may have.

        Raises:
            RecordGone: there is no such picture, or it is too large.
        """
        folder, gone = self._folder.resolve(), RecordGone("The picture is not in the media folder, or too large.")
        made = folder / _MADE
        try:
            file = (folder / path).resolve()
            foreign = file.is_relative_to(made) and not file.is_relative_to(made / str(company_id))
            if foreign or not file.is_relative_to(folder) or not file.is_file() or file.stat().st_size > most:
                raise gone
            return file.read_bytes()
        except (OSError, ValueError):  # not ours to read, or no path at all
            raise gone from None

    def _unwritable(self, error: OSError) -> Misconfigured:
        return Misconfigured(
            f"The folder {self._folder} cannot be written ({error.strerror}): make it writable, or let "
            "SELLERMIND_MEDIA_FOLDER name another."
        )


def _write(target: Path, content: bytes) -> None:
    """Under another name first, so that a crash leaves no half picture under the right one."""
    with NamedTemporaryFile(dir=target.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(target)
