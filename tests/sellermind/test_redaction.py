"""Text that is safe to show."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sellermind.redaction import LIMIT, is_secret_name, shown

JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzaWQiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (f"WB refused {JWT}, renew it", "WB refused [redacted], renew it"),
        ("{'authorization': 'canary', 'accept': '*/*'}", "{'authorization': '[redacted]', 'accept': '*/*'}"),
        ("Authorization: Bearer canary-canary", "Authorization: [redacted]"),
        ("(b'Authorization', b'canary')", "(b'Authorization', b'[redacted]')"),
        ("sent bearer canary-canary", "sent bearer [redacted]"),
        ("mysql+pymysql://root:can@ry@db/x?ssl=1", "mysql+pymysql://root:[redacted]@db/x?ssl=1"),
        ("GET /x?api_token=canary&page=2", "GET /x?api_token=[redacted]&page=2"),
        ('{"password": "canary", "user": "u"}', '{"password": "[redacted]", "user": "u"}'),
        ("Incorrect API key: sk-canary-canary", "Incorrect API key: [redacted]"),
    ],
)
def test_a_secret_is_replaced_and_its_surroundings_stay(text: str, safe: str) -> None:
    assert shown(text) == safe


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens: 4096",
        "The token of account 7 expired",
        "https://host:8080/path",
        "mail to a@b.uz: sent",
        "Заказ №5",
    ],
)
def test_an_innocent_text_stays_as_it_is(text: str) -> None:
    assert shown(text) == text


def test_a_field_is_secret_by_the_end_of_its_name() -> None:
    assert [is_secret_name(name) for name in ("api_token", "Authorization", "apikey")] == [True] * 3
    assert [is_secret_name(name) for name in ("token_expires_at", "tokens_used", "key")] == [False] * 3


def test_a_long_text_keeps_its_start_and_a_traceback_its_end() -> None:
    text = f"first {'ж' * 9000} last"
    assert shown(text).startswith("first ж")
    assert shown(text, keep_end=True).endswith("ж last")
    assert max(len(shown(text).encode()), len(shown(text, keep_end=True).encode())) <= LIMIT + len("…".encode())


@given(st.text(st.characters(), max_size=200).map(lambda text: text * 30))
@example(text="://:" * 40_000)
@example(text="eyJaaaaaa." * 20_000)
@example(text="authorization" + " " * 100_000)
@example(text="\x1b[2J\x9b2J\u2028\u202e\ud800\x00\r")
def test_whatever_comes_is_printable_bounded_and_encodable(text: str) -> None:
    safe = shown(text)
    assert len(safe.encode()) <= LIMIT + len("…".encode())
    assert not set(safe) & {"\r", "\x1b", "\x9b", "\x00", "\u2028", "\u202e", "\x7f", "\x85"}
