"""The media folder: pictures by the hash of their bytes, written whole or not at all."""

import os
from errno import EACCES
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from sellermind.errors import Misconfigured
from sellermind.models.generation import StoredImage

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
        key = f"generated/{company_id}/{digest}.{kind_of(content)}"
        target = self._folder / key
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                _write(target, content)
        except OSError as error:
            raise self._unwritable(error) from None
        return StoredImage(key=key, sha256=digest, size=len(content))

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
