"""The question and the answer of RFC 3161, without a network. Every answer is hostile."""

from __future__ import annotations

from asn1crypto import core, tsp

from keys.errors import TimestampUnavailable

_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError)


def build(digest: bytes, nonce: int) -> bytes:
    """A DER TimeStampReq over a SHA-256 digest; asks for the certificates (RFC 3161 2.4.1).

    No policy is asked for: one that we do not expect is refused when it comes.
    """
    asked = {
        "version": "v1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": digest,
        },
        "nonce": nonce,
        "cert_req": True,
    }
    return bytes(tsp.TimeStampReq(asked).dump())


def token_in(response: bytes) -> bytes:
    """Take the token out of a DER TimeStampResp; nothing in it is trusted yet.

    Raises:
        TimestampUnavailable: not a response, or one that grants nothing (RFC 3161 2.4.2).
    """
    try:
        answer = core.SequenceOf.load(response, strict=True, spec=core.Any)
        status = answer[0].parse(tsp.PKIStatusInfo)
        said, failed = status["status"].native, status["fail_info"].native
        tokens = [one.dump() for one in answer][1:]
    except (*_UNREADABLE, IndexError) as cause:
        raise TimestampUnavailable("the answer is not a time-stamp response") from cause
    if said != "granted":
        # Names from the standard's own list; what the authority wrote itself is not repeated.
        names = ", ".join(sorted(failed or ())) or "no reason given"
        raise TimestampUnavailable(f"the authority says {said} ({names})")
    if len(tokens) != 1:
        raise TimestampUnavailable("the authority grants a time-stamp and gives none")
    return bytes(tokens[0])
