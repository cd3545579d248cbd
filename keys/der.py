"""Just enough DER (ITU-T X.690) to write a token from parts that are encoded once.

A general ASN.1 library builds a tree of objects for every token, which costs a
hundred times as much as the signature in it.
"""

from __future__ import annotations

import struct
from datetime import datetime
from functools import lru_cache

INTEGER, OCTETS, OID, TIME = 0x02, 0x04, 0x06, 0x18
SEQUENCE, SET, CONTEXT_0 = 0x30, 0x31, 0xA0
_LONG = 0x80
_TWO_OCTETS, _TWO = range(0x100, 0x10000), struct.Struct(">BBH")


def tlv(tag: int, *parts: bytes) -> bytes:
    """One value: tag, length in its shortest form, content."""
    content = parts[0] if len(parts) == 1 else b"".join(parts)
    return head(tag, len(content)) + content


def head(tag: int, size: int) -> bytes:
    """Tag and length of a value whose content has that many bytes."""
    if size < _LONG:
        return bytes((tag, size))
    if size in _TWO_OCTETS:  # most of what has a long form
        return _TWO.pack(tag, _LONG | 2, size)
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG | len(length))) + length


@lru_cache(maxsize=256)
def heads(size: int, *tags: int) -> bytes:
    """Heads of values around one content of that many bytes, one in another, innermost first.

    Kept, because what is signed again and again has a few sizes only.
    """
    found = b""
    for tag in tags:
        found = head(tag, size + len(found)) + found
    return found


def set_of(tag: int, *members: bytes) -> bytes:
    """A SET OF, its members in the order of their encodings (X.690 11.6)."""
    return tlv(tag, *sorted(members))


def integer(value: int) -> bytes:
    """A whole number that is not negative."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def moment(value: datetime) -> bytes:
    """A GeneralizedTime in UTC with whole seconds (RFC 3161 2.4.2)."""
    stated = value.year, value.month, value.day, value.hour, value.minute, value.second
    return tlv(TIME, b"%04d%02d%02d%02d%02d%02dZ" % stated)
