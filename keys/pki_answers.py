"""What `/pki/` answers over HTTP: bytes, their type, and how long anybody may keep them.

Whoever mounts this adds nothing: the functions take what came in and never raise for
what a stranger sent.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote

from keys import ocsp
from keys.revocation import CERTIFICATES, LISTS, RevocationService
from keys.timestamps import EmbeddedAuthority

OCSP_REQUEST = "application/ocsp-request"
OCSP_RESPONSE = "application/ocsp-response"
TIMESTAMP_QUERY = "application/timestamp-query"
TIMESTAMP_REPLY = "application/timestamp-reply"
HOUR = 3600
MAX_PATH = 4 * ocsp.MAX_REQUEST // 3 + 4
_TYPES = {".crl": "application/pkix-crl", ".cer": "application/pkix-cert"}


@dataclass(frozen=True, slots=True)
class Served:
    """One answer."""

    body: bytes
    media_type: str
    max_age: int
    """Seconds for Cache-Control: short beside the life of the data, so that a loss shows soon."""


def file_answer(service: RevocationService, name: str) -> Served | None:
    """A revocation list or an authority's certificate in DER (RFC 5280 4.2.1.13, RFC 2585 4).

    Nothing for a name that is not one of `LISTS` and `CERTIFICATES`.

    Raises:
        RevocationUnavailable: it cannot be published now.
    """
    if name not in LISTS + CERTIFICATES:
        return None
    return Served(service.file(name), _TYPES[name[-4:]], HOUR)


def ocsp_answer(service: RevocationService, request: bytes) -> Served:
    """Answer an OCSPRequest, from the body of a POST or from `request_in_path` (RFC 6960 A)."""
    body = service.respond(request)
    errors = (ocsp.MALFORMED, ocsp.UNAUTHORIZED, ocsp.TRY_LATER)
    return Served(body, OCSP_RESPONSE, 0 if body in errors else HOUR)


def timestamp_answer(authority: EmbeddedAuthority, request: bytes) -> Served:
    """Answer a TimeStampReq, the body of a POST (RFC 3161 3.4): for demos and tests only."""
    return Served(authority.respond(request), TIMESTAMP_REPLY, 0)


def request_in_path(text: str) -> bytes:
    """The request of a GET (RFC 6960 A.1): base64, percent-encoded or not.

    Whatever is not base64 becomes an empty request, which is answered as malformed.
    """
    if len(text) > 3 * MAX_PATH:
        return b""
    try:
        return base64.b64decode(unquote(text).encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return b""
