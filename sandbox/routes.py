"""Which operation a method and a path name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Handler = TypeVar("Handler")


@dataclass(frozen=True, slots=True)
class Match(Generic[Handler]):
    """An operation that was found: the template of its path, the values of its `{names}`, and who answers it."""

    template: str
    names: Mapping[str, str]
    handler: Handler


class Routes(Generic[Handler]):
    """Operations by method and path template, as the specification writes them."""

    def __init__(self, table: Mapping[tuple[str, str], Handler]) -> None:
        self._plain: dict[tuple[str, str], Match[Handler]] = {}
        self._named: list[tuple[str, re.Pattern[str], str, Handler]] = []
        for (method, template), handler in table.items():
            self._plain[method, template] = Match(template, {}, handler)
            if "{" in template:
                pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))
                self._named.append((method, pattern, template, handler))

    def find(self, method: str, path: str) -> Match[Handler] | None:
        """Return the operation, or None when the path or the method is not in the table."""
        plain = self._plain.get((method, path))
        if plain is not None:
            return plain
        for known_method, pattern, template, handler in self._named:
            if known_method == method and (found := pattern.fullmatch(path)):
                return Match(template, found.groupdict(), handler)
        return None

    def methods(self, path: str) -> list[str]:
        """Return the methods a path knows."""
        plain = [method for method, template in self._plain if template == path]
        return plain + [method for method, pattern, _, _ in self._named if pattern.fullmatch(path)]
