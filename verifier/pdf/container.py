"""The signature container (RFC 5652): signed data with one signer, read part by part.

Every part is taken in its order and nothing may be left over: what a general library
passes over, a time-stamp under a tag that nobody expects, would be a seal without one.
"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.pdf import der
from verifier.pdf.syntax import Refused

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
DATA = bytes.fromhex("2a864886f70d010701")
TST_INFO = bytes.fromhex("2a864886f70d0109100104")
CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
SIGNING_CERTIFICATE_V2 = bytes.fromhex("2a864886f70d010910022f")
TIME_STAMP_TOKEN = bytes.fromhex("2a864886f70d010910020e")
"""Object identifiers, the contents of their encodings."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """An algorithm identifier: the contents of its OID, and its parameters as they stand."""

    oid: bytes
    parameters: bytes
    encoded: bytes


@dataclass(frozen=True, slots=True)
class Attributes:
    """Attributes as they stand, and by the contents of their OIDs."""

    encoded: bytes
    """With the tag of a SET OF: what a signature is over (5.4)."""
    pairs: tuple[tuple[bytes, tuple[der.Item, ...]], ...]

    def single(self, oid: bytes) -> der.Item:
        """The one value of the one attribute of that name.

        Raises:
            Refused: the attribute is absent or repeated.
        """
        found = [values for name, values in self.pairs if name == oid]
        if len(found) != 1 or len(found[0]) != 1:
            raise Refused("container_shape")
        return found[0][0]


@dataclass(frozen=True, slots=True)
class Signer:
    """The one SignerInfo (5.3)."""

    version: bytes
    digest_algorithm: Algorithm
    signed: Attributes | None
    signature_algorithm: Algorithm
    signature: bytes
    unsigned: Attributes | None


@dataclass(frozen=True, slots=True)
class Container:
    """One signed-data container with its one signer."""

    encoded: bytes
    version: bytes
    digest_algorithms: tuple[bytes, ...]
    content_type: bytes
    content: bytes | None
    certificates: tuple[bytes, ...]
    has_lists: bool
    signer: Signer
    certificate: bytes
    """The signer's own, as the container carries it."""

    @property
    def signature(self) -> bytes:
        """The signature value: what a time-stamp stamps."""
        return self.signer.signature

    def attribute(self, oid: bytes) -> der.Item:
        """The one value of a signed attribute.

        Raises:
            Refused: the attribute is absent or repeated.
        """
        if self.signer.signed is None:
            raise Refused("container_shape")
        return self.signer.signed.single(oid)


def read(contents: bytes) -> Container:
    """Read a container out of a Contents string: one DER value, then zeros only.

    Raises:
        Refused: it is not one container with one identified signer.
    """
    length = der.length_of(contents)
    encoded = contents[:length]
    if contents[length:].strip(b"\x00"):
        raise Refused("contents_padding")
    outer = der.read(encoded, der.SEQUENCE).items()
    if outer.take(der.OID).body != SIGNED_DATA:
        raise Refused("container_shape")
    held = outer.take(der.EXPLICIT_0)
    outer.require_end()
    return _signed_data(encoded, der.read(held.body, der.SEQUENCE).items())


def algorithm_of(item: der.Item) -> Algorithm:
    """An AlgorithmIdentifier.

    Raises:
        Refused: it is none.
    """
    parts = item.items()
    oid = parts.take(der.OID).body
    parameters = b"".join(one.whole for one in parts.rest())
    return Algorithm(oid, parameters, item.whole)


def _signed_data(encoded: bytes, parts: der.Items) -> Container:
    version = parts.take(der.INTEGER).body
    digests = tuple(one.whole for one in parts.take(der.SET).items().rest())
    kind, content = _encapsulated(parts.take(der.SEQUENCE).items())
    carried, lists = parts.take_if(der.EXPLICIT_0), parts.take_if(der.EXPLICIT_1)
    signers = parts.take(der.SET).items()
    parts.require_end()
    certificates = () if carried is None else tuple(one.whole for one in carried.items().rest())
    identifier, signer = _signer(signers.take(der.SEQUENCE).items())
    signers.require_end()
    own = _identified(certificates, identifier)
    has_lists = lists is not None
    return Container(encoded, version, digests, kind, content, certificates, has_lists, signer, own)


def _encapsulated(parts: der.Items) -> tuple[bytes, bytes | None]:
    kind, held = parts.take(der.OID).body, parts.take_if(der.EXPLICIT_0)
    parts.require_end()
    return kind, None if held is None else der.read(held.body, der.OCTETS).body


def _signer(parts: der.Items) -> tuple[bytes, Signer]:
    """The signer, and the issuer and serial number that identify its certificate."""
    version = parts.take(der.INTEGER).body
    identifier = parts.take(der.SEQUENCE).body
    digest = algorithm_of(parts.take(der.SEQUENCE))
    signed = parts.take_if(der.EXPLICIT_0)
    scheme = algorithm_of(parts.take(der.SEQUENCE))
    value = parts.take(der.OCTETS).body
    unsigned = parts.take_if(der.EXPLICIT_1)
    parts.require_end()
    made = Signer(version, digest, _attributes(signed), scheme, value, _attributes(unsigned))
    return identifier, made


def _attributes(item: der.Item | None) -> Attributes | None:
    if item is None:
        return None
    pairs = []
    for one in item.items().rest():
        if one.tag != der.SEQUENCE:  # no signature covers the tag of an unsigned attribute
            raise Refused("container_shape")
        parts = one.items()
        name, values = parts.take(der.OID).body, parts.take(der.SET).items().rest()
        parts.require_end()
        pairs.append((name, tuple(values)))
    return Attributes(bytes([der.SET]) + item.whole[1:], tuple(pairs))


def _identified(certificates: tuple[bytes, ...], identifier: bytes) -> bytes:
    """The certificate of that issuer and serial number, held together byte by byte.

    Names compared as names would leave their letter case free.
    """
    for certificate in certificates:
        if certificate[0] == der.SEQUENCE and _identity(certificate) == identifier:
            return certificate
    raise Refused("no_signer_certificate")


def _identity(certificate: bytes) -> bytes:
    """Issuer and serial number of a certificate (RFC 5280, 4.1) as a signer identifier has them."""
    inside = der.read(certificate, der.SEQUENCE).items().take(der.SEQUENCE).items()
    inside.take_if(der.EXPLICIT_0)
    serial = inside.take(der.INTEGER)
    inside.take(der.SEQUENCE)
    return inside.take(der.SEQUENCE).whole + serial.whole
