"""What Prism is asked to answer, added to requests outside of our client, which knows nothing of it."""

import httpx


class Preference:
    """A hook for httpx's requests: `header` is sent as `Prefer` while it is set (`code=502`, `example=empty`)."""

    def __init__(self) -> None:
        self.header = ""

    def __call__(self, request: httpx.Request) -> None:
        if self.header:
            request.headers["Prefer"] = self.header
