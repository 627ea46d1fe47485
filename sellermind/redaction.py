"""Text that is safe to show: without secrets, without characters that break a line, of bounded size."""

import re

LIMIT = 4096
"""Bytes of UTF-8 that one shown text may take; the rest is cut."""

# Longer texts are cut before the patterns below look at them, so that hostile text costs little.
_SEARCH_LIMIT = 16 * LIMIT

_SECRET_NAME = re.compile(r"(?:^|_)(?:authorization|token|password|secret|api_?key|cookie)$", re.IGNORECASE)
_SECRETS = (
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]*(?:\.[\w-]*)?"), "[redacted]"),  # JWT: every Wildberries token is one
    (re.compile(r"\bsk-[\w-]{8,}"), "[redacted]"),  # keys of the model API
    (re.compile(r"(://[^/\s:@]*):[^\s/]+@"), r"\1:[redacted]@"),
    (
        # `Authorization: abc`, `'authorization': 'Basic abc'`, `(b'Authorization', b'abc')`
        re.compile(
            r"""(authorization\b['"]?\s*[:=,]\s*(?:b(?=['"]))?['"]?)(?:(?:bearer|basic)\s+)?[^\s'",;)}\]]+""",
            re.IGNORECASE,
        ),
        r"\1[redacted]",
    ),
    (re.compile(r"\b(bearer)\s+[\w.~+/=-]{8,}", re.IGNORECASE), r"\1 [redacted]"),
    (
        re.compile(r"""((?:token|password|secret|api_?key)\b['"]?\s*[:=]\s*['"]?)[^\s'",;&)}\]]+""", re.IGNORECASE),
        r"\1[redacted]",
    ),
)
# All that could end a line, drive a terminal, turn the writing direction or not be encoded; newline and tab stay.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str, *, keep_end: bool = False) -> str:
    """The text with secrets replaced, control characters spelled out, and at most LIMIT bytes long.

    Args:
        text: anything, hostile or not.
        keep_end: cut the beginning instead of the end, for tracebacks: their last lines say what happened.
    """
    text = text[-_SEARCH_LIMIT:] if keep_end else text[:_SEARCH_LIMIT]
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    text = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    raw = text.encode()
    if len(raw) <= LIMIT:
        return text
    kept = raw[-LIMIT:] if keep_end else raw[:LIMIT]
    return f"…{kept.decode(errors='ignore')}" if keep_end else f"{kept.decode(errors='ignore')}…"


def is_secret_name(name: str) -> bool:
    """Whether a field of this name (`api_token`, `password`) holds a secret, whatever its value looks like."""
    return _SECRET_NAME.search(name) is not None
