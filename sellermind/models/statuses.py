"""What the marketplaces' statuses mean in SellerMind's words: one table per marketplace, and nothing else decides.

A word that no table knows is kept as the marketplace sent it, and its order is `unknown`: never dropped, never guessed.
"""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Meaning:
    """SellerMind's words for a status: `status` (also `status_normalized`) and the group its pages are sorted into."""

    status: str
    group: str


@dataclass(frozen=True, slots=True)
class WildberriesRule:
    """A meaning, and the words of which one is enough for it."""

    meaning: Meaning
    supplier: frozenset[str]
    wildberries: frozenset[str]


CANCELLED = Meaning("cancelled", "canceled")
UNKNOWN = Meaning("unknown", "unknown")

# The first rule that knows one of the two words decides. Words beyond Wildberries' documented ones (reject, receive,
# delivered, on_way_…, at_…) are those that SellerMind has met.
WILDBERRIES_RULES = (
    WildberriesRule(
        CANCELLED,
        frozenset({"cancel", "cancel_carrier", "reject"}),
        frozenset({"canceled", "canceled_by_client", "canceled_by_carrier", "declined_by_client", "defect"}),
    ),
    WildberriesRule(
        Meaning("completed", "archive"),
        frozenset({"receive"}),
        frozenset({"delivered", "sold_from_store", "sold"}),
    ),
    WildberriesRule(
        Meaning("in_delivery", "shipping"),
        frozenset({"complete"}),
        frozenset(
            {
                "accepted_by_carrier",
                "at_deliverypoint",
                "at_sortcenter",
                "on_way_from_client",
                "on_way_to_client",
                "postponed_delivery",
                "ready_for_pickup",
                "sent_to_carrier",
            }
        ),
    ),
    WildberriesRule(Meaning("in_assembly", "assembling"), frozenset({"confirm"}), frozenset({"sorted"})),
    WildberriesRule(Meaning("new", "new"), frozenset({"new"}), frozenset({"waiting"})),
)
WILDBERRIES_ENDED = frozenset({"completed", "cancelled", "canceled"})
"""Values of `wb_orders.status` that no poll asks about again (SellerMind has written both spellings)."""

UZUM_MEANINGS = {
    "CREATED": Meaning("new", "new"),
    "PACKING": Meaning("in_assembly", "assembling"),
    "PENDING_DELIVERY": Meaning("in_supply", "in_supply"),
    "DELIVERING": Meaning("accepted_uzum", "accepted_uzum"),
    "ACCEPTED_AT_DP": Meaning("accepted_uzum", "accepted_uzum"),
    "DELIVERED": Meaning("accepted_uzum", "accepted_uzum"),
    "DELIVERED_TO_CUSTOMER_DELIVERY_POINT": Meaning("waiting_pickup", "waiting_pickup"),
    "COMPLETED": Meaning("issued", "issued"),
    "CANCELED": CANCELLED,
    "PENDING_CANCELLATION": CANCELLED,
    "RETURNED": Meaning("returns", "returns"),
}
UZUM_ENDED = frozenset({"issued", "cancelled", "returns"})
"""Values of `uzum_orders.status` after which little happens to an order any more."""

_SUPPLIER_WORDS = frozenset().union(*(rule.supplier for rule in WILDBERRIES_RULES))
_WILDBERRIES_WORDS = frozenset().union(*(rule.wildberries for rule in WILDBERRIES_RULES))


@lru_cache(maxsize=256)
def wildberries_meaning(supplier_status: str, wb_status: str) -> Meaning:
    """The meaning of Wildberries' two words for an order; `unknown` when one of them is new to us."""
    if supplier_status not in _SUPPLIER_WORDS or wb_status not in _WILDBERRIES_WORDS:
        return UNKNOWN
    decisive = (rule for rule in WILDBERRIES_RULES if supplier_status in rule.supplier or wb_status in rule.wildberries)
    return next(decisive).meaning


def uzum_meaning(status: str) -> Meaning:
    """The meaning of Uzum's word for an order; `unknown` when it is new to us."""
    return UZUM_MEANINGS.get(status, UNKNOWN)
