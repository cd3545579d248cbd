"""Where a webhook may go: an address that an operator registered, in the outside world.

Checked when it is registered, and again at each connection by the very address that is
used: a name may point somewhere else by then.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from employers.errors import RegistrationRefused

MAX_URL = 500
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")


def check_target(url: str, *, local: bool = False) -> SplitResult:
    """An address that an operator may register.

    `local` also allows this machine over plain http: for development.

    Raises:
        RegistrationRefused: not https, no host, with a password or a fragment, or too long.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as cause:
        raise RegistrationRefused("The address of the webhook cannot be read.") from cause
    secure = parts.scheme == "https" or (local and parts.scheme == "http" and _is_local(host))
    plain = "@" not in parts.netloc and not parts.fragment and url.isascii() and url.isprintable()
    if not secure or not host or not plain or " " in url or len(url) > MAX_URL:
        raise RegistrationRefused("A webhook goes to an https address without a password in it.")
    return parts


def is_public(address: str) -> bool:
    """Whether an address belongs to the outside world, whatever way it is written."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found in _NAT64 or found in _SIX_TO_FOUR or found.teredo is not None:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
