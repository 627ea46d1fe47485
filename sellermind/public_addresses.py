"""Which IP addresses belong to the open Internet."""

import ipaddress

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_CLOUD_HOST = ipaddress.ip_address("168.63.129.16")
"""Azure's platform, which every machine there reaches: global by its number, private by its use."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open Internet, the IPv4 address inside an IPv6 one included."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = _embedded(found) if isinstance(found, ipaddress.IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    return found.is_global and not found.is_multicast and found != _CLOUD_HOST


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
