"""Looks at a sealed file as a stranger would, before it is handed out.

Every byte must be what it has to be: the gap is exactly the signature's digits, the digest
is over the rest, the signature verifies with the certificate, and the container is, bit for
bit, the one that we write around that signature. Also the zeros behind it are looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cryptography import x509

from credentials.pades import der_values, token
from credentials.pades.cms import CONTEXT_1, Container
from credentials.pades.der_values import Value, malformed
from credentials.pades.reading import CoveredDigest, SealedFile, Signed
from keys import der
from keys.algorithms import verifies

_SIGNED_DATA = (der.INTEGER, der.SET, der.SEQUENCE, der.CONTEXT_0, der.SET)
"""Version, hash, content, certificates, signers (RFC 5652, 5.1)."""
_ATTRIBUTES, _SIGNATURE, _UNSIGNED = 3, 5, 6
"""Places in a SignerInfo (RFC 5652, 5.3)."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a container holds besides what is the same in every one."""

    encoded: bytes
    signer: bytes
    """SignerInfo up to the signed attributes: it names the certificate."""
    digest: bytes
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
        self._algorithm = algorithm
        self._public = x509.load_der_x509_certificate(chain[0]).public_key()
        self._stamped = stamped
        self._authority = authority

    def is_ours(self, signature: bytes, digest: bytes) -> bool:
        """Whether our certificate's key made this signature over that digest."""
        return verifies(self._public, self._algorithm, signature, digest)

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
        hash_name = self.form.hash_name
        own = covered if hash_name == "sha256" else _digest_around(file.data, seal, hash_name)
        if own != found.digest or (found.token is not None) != self._stamped:
            raise malformed()
        self._require_genuine(found)
        if found.token is not None:
            stamped = hashlib.sha256(found.signature).digest()
            _require_token(found.token, stamped, self._authority, vouched)
        return covered

    def _require_genuine(self, found: Found) -> None:
        attributes = self.form.attributes(found.digest)
        as_we_write = self.form.assemble(attributes, found.signature, found.token)
        if found.encoded != as_we_write:
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
    container = der_values.first(contents)
    if contents.count(0, container.end) != len(contents) - container.end:
        raise malformed()
    signed = container.members(der.OID, der.CONTEXT_0)[1].only(der.SEQUENCE).members(*_SIGNED_DATA)
    signer = signed[-1].only(der.SEQUENCE).members()
    if not _SIGNATURE < len(signer) <= _UNSIGNED + 1:
        raise malformed()
    return Found(
        encoded=container.encoded,
        signer=contents[signer[0].start : signer[_ATTRIBUTES].start],
        digest=_message_digest(signer[_ATTRIBUTES]),
        signature=signer[_SIGNATURE].inner,
        token=_token(signer[_UNSIGNED]) if len(signer) > _UNSIGNED else None,
    )


def _message_digest(attributes: Value) -> bytes:
    """The middle one of the three signed attributes, in DER order."""
    ordered = attributes.members(der.SEQUENCE, der.SEQUENCE, der.SEQUENCE)
    return ordered[1].members(der.OID, der.SET)[1].only(der.OCTETS).inner


def _token(unsigned: Value) -> bytes:
    if unsigned.tag != CONTEXT_1:
        raise malformed()
    return unsigned.only(der.SEQUENCE).members(der.OID, der.SET)[1].only(der.SEQUENCE).encoded


def _digest_around(data: bytes, signed: Signed, hash_name: str) -> bytes:
    """The covered bytes under another hash than SHA-256."""
    view, (opening, closing) = memoryview(data), signed.gap
    running = hashlib.new(hash_name, view[:opening])
    running.update(view[closing : signed.end])
    return running.digest()
