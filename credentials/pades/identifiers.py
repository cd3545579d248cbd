"""Object identifiers of a signature container, encoded once.

By number and not by name: asn1crypto learns the names of RFC 3161 only when its module for
time-stamps is imported, and forgets to if a name was asked for before.
"""

from __future__ import annotations

from asn1crypto import core


def _oid(dotted: str) -> bytes:
    encoded: bytes = core.ObjectIdentifier(dotted).dump()
    return encoded


DATA = _oid("1.2.840.113549.1.7.1")
SIGNED_DATA = _oid("1.2.840.113549.1.7.2")
"""RFC 5652, 4 and 5."""
TST_INFO = _oid("1.2.840.113549.1.9.16.1.4")
"""RFC 3161, 2.4.2."""
CONTENT_TYPE = _oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = _oid("1.2.840.113549.1.9.4")
"""RFC 5652, 11.1 and 11.2."""
SIGNING_CERTIFICATE_V2 = _oid("1.2.840.113549.1.9.16.2.47")
"""RFC 5035, 3."""
TIME_STAMP_TOKEN = _oid("1.2.840.113549.1.9.16.2.14")
"""RFC 3161, appendix A."""
