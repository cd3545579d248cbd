"""Looks at a sealed file as a stranger would, before it is handed out.

Every byte must be what it has to be: the gap is exactly the signature's digits, the digest
is over the rest, the signature verifies with the certificate, and the container is, bit for
bit, the one that we write around that signature. Also the zeros behind it are looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import NamedTuple

from cryptography import x509

from credentials.pades import der_values, token
from credentials.pades.cms import CONTEXT_1, Container
from credentials.pades.der_values import Step, follow, malformed
from credentials.pades.reading import CoveredDigest, SealedFile, Signed
from keys import der
from keys.algorithms import verification

_TO_SIGNATURE = (
    # ContentInfo (RFC 5652, 3)
    Step(der.SEQUENCE, enter=True),
    Step(der.OID),
    Step(der.CONTEXT_0, enter=True),
    # SignedData: version, hash, content, certificates, signers (5.1)
    Step(der.SEQUENCE, enter=True),
    Step(der.INTEGER),
    Step(der.SET),
    Step(der.SEQUENCE),
    Step(der.CONTEXT_0),
    Step(der.SET, enter=True),
    # SignerInfo: version, certificate, hash, signed attributes, algorithm, signature (5.3)
    Step(der.SEQUENCE, enter=True),
    Step(der.INTEGER),
    Step(der.SEQUENCE),
    Step(der.SEQUENCE),
    Step(der.CONTEXT_0),
    Step(der.SEQUENCE),
    Step(der.OCTETS),
)
_CONTAINER, _SIGNER, _VERSION, _ATTRIBUTES, _SIGNATURE = 0, 9, 10, 13, 15
"""Places on that way."""
_TO_TOKEN = (
    Step(CONTEXT_1, enter=True),
    Step(der.SEQUENCE, enter=True),
    Step(der.OID),
    Step(der.SET, enter=True),
    Step(der.SEQUENCE),
)
"""From the end of the signature to the time-stamp (RFC 3161, appendix A)."""


class Found(NamedTuple):
    """What a container holds besides what is the same in every one."""

    encoded: bytes
    signer: bytes
    """SignerInfo up to the signed attributes: it names the certificate."""
    signature: bytes
    token: bytes | None


class SelfCheck:
    """Checks the seals of one key. Its certificate is loaded once.

    `stamped` says whether a time-stamp must be in the seal or must not; `authority` are the
    only certificates that may come with it, where that is known.
    """

    def __init__(
        self,
        chain: tuple[bytes, ...],
        algorithm: str,
        *,
        stamped: bool,
        authority: Sequence[bytes] | None = None,
    ) -> None:
        self.form = Container.of(chain, algorithm)
        public = x509.load_der_x509_certificate(chain[0]).public_key()
        self._verify = verification(public, algorithm)
        self._stamped = stamped
        self._authority = authority

    def is_ours(self, signature: bytes, digest: bytes) -> bool:
        """Whether our certificate's key made this signature over that digest."""
        return self._verify(signature, digest)

    def covered(
        self,
        file: SealedFile,
        vouched: Collection[bytes | None] = (),
        *,
        digests: CoveredDigest | None = None,
    ) -> bytes:
        """The SHA-256 digest that the whole and genuine seal of this file covers.

        `vouched` are tokens as the authority itself gave them just now; `digests` remembers
        what was read, where more signatures of the same file are looked at.

        Raises:
            UnknownShape: there is no such seal.
        """
        seal = file.seal()
        found = container_of(seal.contents)
        covered = (digests or CoveredDigest(file.data)).around(seal.gap, seal.end)
        if (found.token is not None) != self._stamped:
            raise malformed()
        hash_name = self.form.hash_name
        own = covered if hash_name == "sha256" else _digest_around(file.data, seal, hash_name)
        self._require_genuine(found, own)
        if found.token is not None:
            stamped = hashlib.sha256(found.signature).digest()
            _require_token(found.token, stamped, self._authority, vouched)
        return covered

    def _require_genuine(self, found: Found, digest: bytes) -> None:
        """The container is the one around this signature over that digest, and it holds."""
        attributes = self.form.attributes(digest)
        if found.encoded != self.form.assemble(attributes, found.signature, found.token):
            raise malformed()
        if not self.is_ours(found.signature, self.form.to_sign(attributes)):
            raise malformed()


def archive_token(stamp: Signed) -> bytes:
    """What stands in a document time-stamp; zeros may follow it in its place.

    Raises:
        UnknownShape: no token with nothing but zeros behind it.
    """
    value = der_values.first(stamp.contents)
    if stamp.contents.count(0, value.end) != len(stamp.contents) - value.end:
        raise malformed()
    return value.encoded


def require_archive_stamp(
    stamp: Signed,
    digests: CoveredDigest,
    authority: Sequence[bytes] | None = None,
    vouched: Collection[bytes | None] = (),
) -> None:
    """A document time-stamp is genuine, and over all of the file but its own digits.

    Raises:
        UnknownShape: it is not.
    """
    digest = digests.around(stamp.gap, stamp.end)
    _require_token(archive_token(stamp), digest, authority, vouched)


def _require_token(
    found: bytes,
    digest: bytes,
    authority: Sequence[bytes] | None,
    vouched: Collection[bytes | None],
) -> None:
    """One that the authority just gave was judged when it came in, and stands here unchanged."""
    if found in vouched:
        token.require_imprint(found, digest)
    else:
        token.require_token(found, digest, authority)


def container_of(contents: bytes) -> Found:
    """Take a container apart, whosever it is.

    Raises:
        UnknownShape: not one signer's container with nothing but zeros behind it.
    """
    spans = follow(contents, _TO_SIGNATURE, 0, len(contents))
    start, _, end = spans[_CONTAINER]
    if contents.count(0, end) != len(contents) - end:
        raise malformed()
    _, signature, behind = spans[_SIGNATURE]
    return Found(
        encoded=contents[start:end],
        signer=contents[spans[_VERSION][0] : spans[_ATTRIBUTES][0]],
        signature=contents[signature:behind],
        token=_token(contents, behind, spans[_SIGNER][2]),
    )


def _token(contents: bytes, start: int, end: int) -> bytes | None:
    """What stands behind the signature: nothing, or one time-stamp."""
    if start == end:
        return None
    start, _, end = follow(contents, _TO_TOKEN, start, end)[-1]
    return contents[start:end]


def _digest_around(data: bytes, signed: Signed, hash_name: str) -> bytes:
    """The covered bytes under another hash than SHA-256."""
    view, (opening, closing) = memoryview(data), signed.gap
    running = hashlib.new(hash_name, view[:opening])
    running.update(view[closing : signed.end])
    return running.digest()
