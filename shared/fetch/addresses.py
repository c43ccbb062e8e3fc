"""Which IP addresses a stranger's URL may lead to: public unicast ones and nothing else. Pure."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Written out, since `ipaddress.is_global` takes NAT64-wrapped, 6to4 and multicast addresses for global.
#: The IANA IPv4 Special-Purpose Address Registry, multicast, and the one public address that a cloud uses for metadata.
_REFUSED_4 = [
    IPv4Network(one)
    for one in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
#: Global unicast (RFC 4291, 2.4, as assigned by IANA): all else (loopback, mapped, NAT64, local, multicast) is outside.
_UNICAST_6 = IPv6Network("2000::/3")
#: Inside of it: protocol assignments with Teredo and ORCHID, documentation, 6to4.
_REFUSED_6 = [IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether strangers may send us to the address; one that is mapped from IPv4 is judged as that."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        return address in _UNICAST_6 and not any(address in network for network in _REFUSED_6)
    return not any(address in network for network in _REFUSED_4)


def is_public_text(text: str) -> bool:
    """The same of an address as a resolver writes it; False where it is none."""
    try:
        return is_public(ip_address(text))
    except ValueError:
        return False
