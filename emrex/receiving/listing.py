"""Whom one can fetch results from: what registries list, as far as it can be used safely.

A registry is somebody else's file. A provider without a key that we could verify with, or with
an address that no browser of ours should be sent to, is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa

from emrex.errors import RegistryRefused, RequestRefused
from emrex.exchange.request import return_url
from emrex.receiving.ports import Listing
from emrex.registry.keeping import Shelf
from emrex.registry.reading import Provider, providers
from xmlsig.verifying import MIN_RSA_BITS


@dataclass(frozen=True, slots=True)
class Kept:
    """What registries said last, as the thread that fetches them left it on disk."""

    shelf: Shelf
    addresses: tuple[str, ...]
    local: bool = False
    """Whether providers on this machine are listed, as in development."""

    def __call__(self) -> Listing:
        """Everybody who can be asked; a list that cannot be read costs itself and no other."""
        return _read(self, tuple(map(self.shelf.stamp, self.addresses)))


@lru_cache(maxsize=4)
def _read(kept: Kept, _stamps: tuple[tuple[int, ...], ...]) -> Listing:
    """Read once for as long as the files are the same: a catalogue has megabytes."""
    files = filter(None, map(kept.shelf.kept, kept.addresses))
    read = [(one.checked_at, _in_file(one.body)) for one in files]
    as_of = min((checked_at for checked_at, found in read if found), default=None)
    listed = [one for _, found in read for one in found]
    return Listing(tuple(usable(listed, local=kept.local)), as_of)


def usable(listed: Iterable[Provider], *, local: bool = False) -> Iterator[Provider]:
    """Those whose signature can be checked and whose address is one of the open internet."""
    seen: set[str] = set()
    for one in listed:
        keys = tuple(filter(_is_good, one.certificates))
        provider = replace(one, certificates=keys)
        if keys and key_of(provider) not in seen and _is_safe(one.url, local=local):
            seen.add(key_of(provider))
            yield provider


def key_of(provider: Provider) -> str:
    """What names a provider in a form: the same for as long as its entry is."""
    told = "\n".join((provider.country, provider.name, provider.url, *provider.institutions))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _in_file(body: bytes) -> tuple[Provider, ...]:
    try:
        return providers(body)
    except RegistryRefused:
        return ()


def _is_safe(url: str, *, local: bool) -> bool:
    try:
        return_url(url, local=local)
    except RequestRefused:
        return False
    return True


def _is_good(certificate: bytes) -> bool:
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS
