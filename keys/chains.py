"""Certificate paths of our own hierarchy, checked without a network or a store.

The rule is narrower than RFC 5280 6.1 on purpose: every certificate is issued
directly by the next, every issuer is an authority that may sign certificates, every
path ends at a root that the caller already holds byte for byte, and all are valid
at the one moment asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from keys.errors import TrustListInvalid

TRUST_LIST_SIGNING = x509.ObjectIdentifier("2.25.327802160615786632437503575992372896631")
"""Extended key usage of ours (a UUID as OID, ITU-T X.667): may sign the trust list.

It is what keeps a sealing key, issued by the same authority, from signing a list.
"""
MAX_PATH = 4
UNREADABLE = (
    ValueError,
    TypeError,  # a name whose value is of another type than its kind asks for
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises about bytes that are not a certificate."""


def path_of(
    chain: Sequence[bytes], *, roots: Sequence[bytes], at: datetime
) -> tuple[x509.Certificate, ...]:
    """Parse a chain (own certificate first) and prove that it ends at one of the roots.

    Raises:
        TrustListInvalid: no such path, or a certificate is not valid at `at`.
    """
    return _path_of(tuple(chain), tuple(roots), at)


@lru_cache(maxsize=256)
def _path_of(
    chain: tuple[bytes, ...], roots: tuple[bytes, ...], at: datetime
) -> tuple[x509.Certificate, ...]:
    """Kept, because the same bytes prove the same, and whoever reads the trust list asks anew."""
    if not 1 <= len(chain) <= MAX_PATH:
        raise TrustListInvalid("a certificate path has one to four certificates")
    complete = (*chain, *_missing_root(chain, roots))
    if complete[-1] not in roots:
        raise TrustListInvalid("a certificate path does not end at a trusted root")
    path = tuple(load(one) for one in complete)
    if not all(one.not_valid_before_utc <= at <= one.not_valid_after_utc for one in path):
        raise TrustListInvalid("a certificate was not valid at that moment")
    for below, (child, issuer) in enumerate(pairwise(path)):
        _check_link(child, issuer, below)
    if len(path) > 1 and _is_authority(path[0]):
        raise TrustListInvalid("an authority's certificate signs certificates and nothing else")
    return path


def load(der: bytes) -> x509.Certificate:
    """Parse one certificate whole: the library reads most parts only when they are asked for.

    Raises:
        TrustListInvalid: it is not a certificate.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.extensions, certificate.public_key()
        _ = certificate.issuer, certificate.subject, certificate.signature_algorithm_oid
        _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except UNREADABLE as cause:
        raise TrustListInvalid("a certificate cannot be read") from cause
    if certificate.serial_number <= 0:  # RFC 5280 4.1.2.2
        raise TrustListInvalid("a certificate has no proper serial number")
    return certificate


def is_issued(der: bytes, above: Sequence[bytes], roots: Sequence[bytes]) -> bool:
    """Tell whether these authorities issued the certificate, as of the day it was made."""
    try:
        made = load(der).not_valid_before_utc
        return bool(path_of((der, *above), roots=roots, at=made))
    except TrustListInvalid:
        return False


def only_purpose(certificate: x509.Certificate) -> x509.ObjectIdentifier | None:
    """The single critical extended key usage, or nothing where it is absent or wider."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return None
    usages = list(found.value)
    return usages[0] if found.critical and len(usages) == 1 else None


def _missing_root(chain: Sequence[bytes], roots: Sequence[bytes]) -> tuple[bytes, ...]:
    """A chain may leave its root out, as RFC 5246 7.4.2 and CMS do."""
    if chain[-1] in roots:
        return ()
    issuer = load(chain[-1]).issuer
    return tuple(root for root in roots if load(root).subject == issuer)[:1]


def _check_link(child: x509.Certificate, issuer: x509.Certificate, below: int) -> None:
    try:
        child.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise TrustListInvalid("a certificate was not issued by the next one") from cause
    if not _is_authority(issuer):
        raise TrustListInvalid("a certificate in the path may not issue others")
    length = _constraints(issuer).path_length
    if length is not None and below > length:
        raise TrustListInvalid("a certificate path is longer than its authority allows")


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        return _constraints(certificate).ca and usage.key_cert_sign
    except x509.ExtensionNotFound:
        return False


def _constraints(certificate: x509.Certificate) -> x509.BasicConstraints:
    return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
