"""What was asked and how it was answered: the sandbox's own count, to hold a client's against."""

from collections import defaultdict


class Stats:
    """Answers by seller, method, path and status."""

    def __init__(self) -> None:
        self._answers: defaultdict[tuple[str, str, str], defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))

    def count(self, seller: str, method: str, path: str, status: int) -> None:
        """Count one answer; `seller` is empty for a token that names none."""
        self._answers[seller, method, path][status] += 1

    def clear(self) -> None:
        """Begin to count anew."""
        self._answers.clear()

    def report(self) -> dict[str, object]:
        """Return requests and answers of 429, in all, and by seller, method and path."""
        rows = [
            {
                "seller": seller,
                "method": method,
                "path": path,
                "requests": sum(statuses.values()),
                "throttled": statuses.get(429, 0),
                "statuses": {str(status): count for status, count in sorted(statuses.items())},
            }
            for (seller, method, path), statuses in sorted(self._answers.items())
        ]
        totals = list(self._answers.values())
        return {
            "requests": sum(sum(statuses.values()) for statuses in totals),
            "throttled": sum(statuses.get(429, 0) for statuses in totals),
            "paths": rows,
        }
