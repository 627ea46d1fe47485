import pytest

from sellermind.models.statuses import UNKNOWN, uzum_meaning, wildberries_meaning
from sellermind.models.uzum_orders import UZUM_STATUSES

# Wildberries' official words (specification of 2026-07-23 and its texts).
SUPPLIER = ("new", "confirm", "complete", "cancel", "cancel_carrier")
WILDBERRIES = (
    "waiting",
    "sorted",
    "sold",
    "canceled",
    "canceled_by_client",
    "declined_by_client",
    "defect",
    "ready_for_pickup",
    "postponed_delivery",
    "accepted_by_carrier",
    "sent_to_carrier",
    "canceled_by_carrier",
)


@pytest.mark.parametrize(
    ("supplier_status", "wb_status", "status", "group"),
    [
        ("new", "waiting", "new", "new"),
        ("confirm", "waiting", "in_assembly", "assembling"),
        ("confirm", "sorted", "in_assembly", "assembling"),
        ("complete", "waiting", "in_delivery", "shipping"),
        ("complete", "sorted", "in_delivery", "shipping"),
        ("complete", "accepted_by_carrier", "in_delivery", "shipping"),
        ("complete", "sent_to_carrier", "in_delivery", "shipping"),
        ("complete", "postponed_delivery", "in_delivery", "shipping"),
        ("complete", "ready_for_pickup", "in_delivery", "shipping"),
        ("complete", "sold", "completed", "archive"),
        ("complete", "canceled_by_client", "cancelled", "canceled"),
        ("complete", "defect", "cancelled", "canceled"),
        ("new", "declined_by_client", "cancelled", "canceled"),
        ("cancel", "waiting", "cancelled", "canceled"),
        ("cancel_carrier", "canceled_by_carrier", "cancelled", "canceled"),
        ("cancel", "sold", "cancelled", "canceled"),
    ],
)
def test_what_wildberries_two_words_mean_together(
    supplier_status: str, wb_status: str, status: str, group: str
) -> None:
    meaning = wildberries_meaning(supplier_status, wb_status)
    assert (meaning.status, meaning.group) == (status, group)


@pytest.mark.parametrize("supplier_status", SUPPLIER)
@pytest.mark.parametrize("wb_status", WILDBERRIES)
def test_every_official_pair_of_words_is_known(supplier_status: str, wb_status: str) -> None:
    assert wildberries_meaning(supplier_status, wb_status) is not UNKNOWN


@pytest.mark.parametrize(("supplier_status", "wb_status"), [("complete", "teleported"), ("postponed", "waiting")])
def test_a_word_that_is_new_to_us_is_never_guessed(supplier_status: str, wb_status: str) -> None:
    assert wildberries_meaning(supplier_status, wb_status) is UNKNOWN


def test_every_status_of_uzum_is_known_and_a_new_one_is_not_guessed() -> None:
    assert all(uzum_meaning(status) is not UNKNOWN for status in UZUM_STATUSES)
    assert uzum_meaning("LOST") is UNKNOWN
