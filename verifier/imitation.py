"""Does somebody else's seal dress up as ours? Only a hint for people: names decide nothing."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keys.trust import TrustList

_LOOKS_LIKE = str.maketrans("аеіорсухѕ013", "aeiopcyxsole")  # noqa: RUF001 - look-alikes are the point
_SHORTEST = 4
_NAMES = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)


def imitates_us(certificate: bytes, title: str, trust: TrustList) -> bool:
    """Whether a foreign certificate, or the file's title, carries a name of ours."""
    ours = {skeleton(name) for entry in trust.keys for name in _names(entry.certificates[0])}
    ours = {name for name in ours | {skeleton(trust.issuer)} if len(name) >= _SHORTEST}
    theirs = [skeleton(name) for name in (*_names(certificate), title)]
    return any(own in other for own in ours for other in theirs)


def _names(der: bytes) -> Iterator[str]:
    try:
        subject = x509.load_der_x509_certificate(der).subject
    except (ValueError, TypeError, x509.InvalidVersion):  # what bytes that are no certificate give
        return
    for oid in _NAMES:
        yield from (str(one.value) for one in subject.get_attributes_for_oid(oid))


def skeleton(text: str) -> str:
    """Letters and digits only, without accents, look-alikes folded into one."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LOOKS_LIKE)
    return "".join(letter for letter in plain if letter.isalnum())
