"""What the DSS of a file holds: certificates, CRLs and OCSP responses of our authorities only.

Nothing here is believed: keys are judged by the trust list. But archive data that came
after the seal is covered by no signature of ours until it is time-stamped, and then by
one that anybody can ask for. So each item must prove by its own signature whose it is,
and no room is left in which a stranger could put something.
"""

from __future__ import annotations

import zlib
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from verifier.pdf.archive import LISTS, validation_streams
from verifier.pdf.syntax import Name, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from keys.trust import TrustList
    from verifier.pdf.revisions import IndirectObject, PdfFile

MAX_ITEM = 1024 * 1024
"""One certificate, CRL or OCSP response, unpacked, in bytes."""
MAX_PACKING = 64
"""Bytes by which packing may make a small item larger."""

_NOT_WHAT_IT_CLAIMS = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
)


def require_ours(file: PdfFile, trust: TrustList) -> None:
    """Recognise every item of the newest DSS; no update may drop one, so that is all of them.

    Raises:
        Refused: an item is damaged, or of nobody that the trust list knows.
    """
    last = len(file.revisions) - 1
    checks = dict(zip(LISTS, (_is_certificate, _is_response, _is_list), strict=True))
    for kind, check in checks.items():
        for number in validation_streams(file, last, kind):
            item = file.at(number, last)
            if item is None or not _holds(partial(check, _plain(item), trust)):
                raise Refused("archive_data_unknown")


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except _NOT_WHAT_IT_CLAIMS:
        return False


def _plain(item: IndirectObject) -> bytes:
    """The bytes of a stream, unpacked within bounds and to its very end."""
    packed = item.stream or b""
    packing = item.value.get("Filter") if isinstance(item.value, dict) else None
    if packing is None:
        return packed[: MAX_ITEM + 1]
    if packing != Name("FlateDecode"):
        raise Refused("archive_data")
    running = zlib.decompressobj()
    try:
        plain = running.decompress(packed, MAX_ITEM)
    except zlib.error as cause:
        raise Refused("archive_data_unknown") from cause
    # Deflate has empty blocks and codes that say nothing: a packed item is never much larger.
    if not running.eof or running.unused_data or len(packed) > len(plain) + MAX_PACKING:
        raise Refused("archive_data_unknown")
    return plain


def _is_certificate(der: bytes, trust: TrustList) -> bool:
    return der in _known(trust) or trust.issued(der)


def _is_list(der: bytes, trust: TrustList) -> bool:
    crl = x509.load_der_x509_crl(der)
    if crl.public_bytes(Encoding.DER) != der:
        return False
    return any(
        authority.subject == crl.issuer and crl.is_signature_valid(_authority_key(authority))
        for authority in _authorities(trust)
    )


def _is_response(der: bytes, trust: TrustList) -> bool:
    response = ocsp.load_der_ocsp_response(der)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return False
    if response.public_bytes(Encoding.DER) != der:
        return False
    carried = [one.public_bytes(Encoding.DER) for one in response.certificates]
    if not all(_is_certificate(one, trust) for one in carried):
        return False
    signers = [*response.certificates, *_authorities(trust)]
    return any(_signed(response, one.public_key()) for one in signers)


def _signed(response: ocsp.OCSPResponse, key: Any) -> bool:  # noqa: ANN401 - any key type
    scheme = response.signature_hash_algorithm
    if scheme is None:
        return False
    how = (
        (ec.ECDSA(scheme),)
        if isinstance(key, ec.EllipticCurvePublicKey)
        else (
            padding.PKCS1v15(),
            scheme,
        )
    )
    try:
        key.verify(response.signature, response.tbs_response_bytes, *how)
    except _NOT_WHAT_IT_CLAIMS:
        return False
    return True


@lru_cache(maxsize=4)
def _known(trust: TrustList) -> frozenset[bytes]:
    return frozenset(der for entry in trust.keys for der in entry.certificates) | set(trust.roots)


@lru_cache(maxsize=4)
def _authorities(trust: TrustList) -> tuple[x509.Certificate, ...]:
    """Every certificate above one of our keys."""
    above = {der for entry in trust.keys for der in entry.certificates[1:]} | set(trust.roots)
    return tuple(x509.load_der_x509_certificate(der) for der in sorted(above))


def _authority_key(authority: x509.Certificate) -> Any:  # noqa: ANN401 - any key type
    return authority.public_key()
