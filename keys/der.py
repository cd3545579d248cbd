"""Just enough DER (ITU-T X.690) to write a token from parts that are encoded once.

A general ASN.1 library builds a tree of objects for every token, which costs a
hundred times as much as the signature in it.
"""

from __future__ import annotations

from datetime import datetime

INTEGER, OCTETS, OID, TIME = 0x02, 0x04, 0x06, 0x18
SEQUENCE, SET, CONTEXT_0 = 0x30, 0x31, 0xA0
_SHORT = 0x80


def tlv(tag: int, *parts: bytes) -> bytes:
    """One value: tag, length in its shortest form, content."""
    content = b"".join(parts)
    size = len(content)
    if size < _SHORT:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT | len(length))) + length + content


def set_of(tag: int, *members: bytes) -> bytes:
    """A SET OF, its members in the order of their encodings (X.690 11.6)."""
    return tlv(tag, *sorted(members))


def integer(value: int) -> bytes:
    """A whole number that is not negative."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def moment(value: datetime) -> bytes:
    """A GeneralizedTime in UTC with whole seconds (RFC 3161 2.4.2)."""
    return tlv(TIME, value.strftime("%Y%m%d%H%M%SZ").encode())
