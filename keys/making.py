"""Making an end key: the private half in its custody, the certificate beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys import certificates, durable
from keys.certificates import LEAF_YEARS, PKI, Issued, Profile
from keys.custody import Custody
from keys.errors import KeyUnavailable
from keys.files import load_chain, load_private
from keys.trust import KeyEntry, KeyState


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority that issues end certificates, and all that stands above them."""

    issued: Issued
    above: tuple[bytes, ...]
    """In DER: its own certificate, then the root's."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What all certificates of one occasion have in common."""

    now: datetime
    state: KeyState
    years: int = LEAF_YEARS
    pki: str = PKI


def make_key(
    folder: Path, profile: Profile, custody: Custody, authority: Authority, terms: Terms
) -> KeyEntry:
    """Make a key in its custody, issue its certificate, and leave the chain in `folder`.

    Raises:
        KeyUnavailable: custody or the disk refuses.
    """
    kid = certificates.new_kid(profile, terms.now)
    public = custody.generate(kid, profile.algorithm)
    certificate = certificates.certify(
        profile, public, authority.issued, terms.now, years=terms.years, pki=terms.pki
    )
    chain = (certificate.public_bytes(Encoding.DER), *authority.above)
    durable.create(folder / f"{kid}.pem", pem_of(chain), mode=durable.PRIVATE)
    start = certificate.not_valid_before_utc
    return KeyEntry(kid, profile.purpose, profile.algorithm, chain, terms.state, since=start)


def write_authority(folder: Path, name: str, issued: Issued, above: tuple[bytes, ...]) -> None:
    """Leave the key and the chain of a root or an authority in `folder`."""
    durable.create(folder / f"{name}.key", issued.private_pem, mode=durable.PRIVATE)
    durable.create(folder / f"{name}.pem", pem_of((issued.der, *above)), mode=durable.PRIVATE)


def load_authority(folder: Path) -> Authority:
    """Open the authority's key, proven to be its certificate's.

    Raises:
        KeyUnavailable: missing, damaged, or they do not belong together.
    """
    chain = load_chain(folder / "ca.pem")
    issued = Issued(x509.load_der_x509_certificate(chain[0]), load_private(folder / "ca.key"))
    if issued.certificate.public_key() != issued.private.public_key():
        raise KeyUnavailable("The authority's key is not its certificate's: take another medium.")
    return Authority(issued, chain)


def pem_of(chain: tuple[bytes, ...]) -> bytes:
    """Write certificates in PEM, in the same order."""
    return b"".join(x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM) for one in chain)
