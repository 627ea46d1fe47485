"""A Wildberries supply: the orders that leave the seller's warehouse together."""

from dataclasses import dataclass, field

from sandbox.answers import compact
from sandbox.dates import rfc3339

Group = tuple[int, int, bool]


@dataclass(slots=True, eq=False)
class Supply:
    """One supply: open until it is handed over (closed), accepted when Wildberries scans it.

    Attributes:
        group: cargo type, cross-border type and B2B, which its orders share; None while nothing was ever in it.
        created, closed, scanned: wall times, epoch seconds.
        order_ids: what is in it now, in the order of adding.
        boxes: the ids of its boxes.
        carrier: a transport company takes it instead of the seller's own car.
        deleted: the seller deleted it; nobody sees it any more.
    """

    id: str
    name: str
    created: float
    group: Group | None = None
    closed: float | None = None
    scanned: float | None = None
    order_ids: dict[int, None] = field(default_factory=dict)
    boxes: list[str] = field(default_factory=list)
    carrier: bool = False
    deleted: bool = False

    def as_json(self) -> bytes:
        """Return the supply as the API shows it (schema Supply)."""
        cargo_type, cross_border, b2b = self.group or (0, None, None)
        fields: dict[str, object] = {
            "id": self.id,
            "done": self.closed is not None,
            "createdAt": rfc3339(self.created),
            "closedAt": None if self.closed is None else rfc3339(self.closed),
            "scanDt": None if self.scanned is None else rfc3339(self.scanned),
            "name": self.name,
            "cargoType": cargo_type,
            "crossBorderType": cross_border,
            "isB2b": b2b,
            "isPickupPointShipmentAllowed": cargo_type == 1,
            "destinationOfficeId": None,
            "recommendedWhId": 507,
            "shippingDt": None,
            "shippingPointId": None,
            "shippingType": self._shipping_type(),
            "waybillUuid": None,
            "spotAvailable": False,
        }
        return compact(fields)

    def as_truth(self) -> bytes:
        """Return everything there is to know about the supply."""
        inside = compact({"orderIds": list(self.order_ids), "boxes": self.boxes})
        return b"%b,%b" % (self.as_json()[:-1], inside[1:])

    def _shipping_type(self) -> str | None:
        if self.closed is None:
            return None
        return "transportCompany" if self.carrier else "selfShipping"
