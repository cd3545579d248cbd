"""What the DSS of a file holds: certificates, CRLs and OCSP responses of listed authorities only.

Nothing here is believed: keys are judged by the trust list. But archive data that came
after the seal is covered by no signature of ours until it is time-stamped, and then by
one that anybody can ask for. So each item must prove by its own signature whose it is,
and no room is left in which a stranger could put something.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from verifier.pdf.archive import LISTS, validation_streams
from verifier.pdf.syntax import Name, Refused

if TYPE_CHECKING:
    from keys.trust import Stamper, TrustList
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


@dataclass(frozen=True, eq=False, slots=True)
class _Office:
    """What one trust list knows, made ready once: equal to itself alone."""

    trust: TrustList
    certificates: frozenset[bytes]
    authorities: tuple[x509.Certificate, ...]
    """Every certificate above one of our keys."""
    outside: tuple[x509.Certificate, ...]
    """Every one above an outside time-stamp authority: it may sign lists, not answers."""


def require_ours(file: PdfFile, trust: TrustList) -> None:
    """Recognise every item of the newest DSS; no update may drop one, so that is all of them.

    Raises:
        Refused: an item is damaged, or of nobody that the trust list knows.
    """
    last, office = len(file.revisions) - 1, _office(trust)
    for kind in LISTS:
        for number in validation_streams(file, last, kind):
            item = file.at(number, last)
            if item is None:
                raise Refused("archive_data_unknown")
            _require_item(kind, _plain(item), office)


@lru_cache(maxsize=4)
def _office(trust: TrustList) -> _Office:
    everybody: tuple[Stamper, ...] = (*trust.keys, *trust.authorities)
    listed = frozenset(der for entry in everybody for der in entry.certificates)
    above = {der for entry in trust.keys for der in entry.certificates[1:]} | set(trust.roots)
    outside = {der for one in trust.authorities for der in one.certificates[1:]}
    return _Office(trust, listed | set(trust.roots), _loaded(above), _loaded(outside))


def _loaded(certificates: set[bytes]) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_der_x509_certificate(der) for der in sorted(certificates))


@lru_cache(maxsize=256)
def _require_item(kind: str, der: bytes, office: _Office) -> None:
    """Recognise one item.

    Documents of one day share theirs, so what was ours is remembered; what was not is a
    refusal, and those are never kept.

    Raises:
        Refused: it is damaged, or not ours.
    """
    try:
        if _CHECKS[kind](der, office):
            return
    except _NOT_WHAT_IT_CLAIMS as cause:
        raise Refused("archive_data_unknown") from cause
    raise Refused("archive_data_unknown")


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


def _is_certificate(der: bytes, office: _Office) -> bool:
    return der in office.certificates or office.trust.issued(der)


def _is_list(der: bytes, office: _Office) -> bool:
    crl = x509.load_der_x509_crl(der)
    if crl.public_bytes(Encoding.DER) != der:
        return False
    return any(
        authority.subject == crl.issuer and crl.is_signature_valid(_authority_key(authority))
        for authority in (*office.authorities, *office.outside)
    )


def _is_response(der: bytes, office: _Office) -> bool:
    response = ocsp.load_der_ocsp_response(der)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return False
    if response.public_bytes(Encoding.DER) != der:
        return False
    carried = [one.public_bytes(Encoding.DER) for one in response.certificates]
    if not all(_is_certificate(one, office) for one in carried):
        return False
    signers = [*response.certificates, *office.authorities]
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


def _authority_key(authority: x509.Certificate) -> Any:  # noqa: ANN401 - any key type
    return authority.public_key()


_CHECKS: dict[str, Callable[[bytes, _Office], bool]] = dict(
    zip(LISTS, (_is_certificate, _is_response, _is_list), strict=True)
)
