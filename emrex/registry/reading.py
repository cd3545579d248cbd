"""Reads both forms of the registry: who provides results, where, and with which certificates.

A registry is somebody else's file: what it says wrongly of one provider costs that provider
and no other. A list that cannot be read at all is refused, and the last good one stays.
"""

from __future__ import annotations

import base64
import binascii
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from emrex.errors import RegistryRefused
from emrex.registry.entry import ENTRY
from xmlsig.errors import NotRead
from xmlsig.parsing import Limits, each

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_BYTES = 32 * 1024 * 1024
"""The catalogue lists every institution of Europe, and all that each of them offers."""
MAX_JSON = 2 * 1024 * 1024
"""EMREG lists providers only, and JSON grows much more in memory than on the line."""
MAX_PROVIDERS, MAX_CERTIFICATES = 2_000, 10
"""In one file, and of one provider; there are some thirty, with one or two."""
CATALOGUE = Limits(elements=1_000_000, attributes=1_000_000)


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider, as a registry lists it."""

    name: str
    country: str
    url: str
    institutions: tuple[str, ...]
    certificates: tuple[bytes, ...]
    """In DER. Several while one follows another."""
    single_fetch: bool = False
    """Whether the provider is one institution's own, so that only its name is shown."""

    @property
    def label(self) -> str:
        """How it is called: by its one institution where it has only that (emrex.md 2.1)."""
        own = self.institutions[0] if self.single_fetch and self.institutions else ""
        return own if own and own != "All" else self.name


def providers(data: bytes) -> tuple[Provider, ...]:
    """Everybody in a registry's file, told by its content.

    Raises:
        RegistryRefused: it is neither form, or too large.
    """
    catalogue = is_catalogue(data)
    if len(data) > (MAX_BYTES if catalogue else MAX_JSON):
        raise RegistryRefused("The registry sent more than we read.", "too-large")
    listed = _catalogue(data) if catalogue else _emreg(data)
    if len(listed) > MAX_PROVIDERS:
        raise RegistryRefused("The registry sent more than we read.", "too-many")
    return tuple(listed)


def is_catalogue(data: bytes) -> bool:
    """Whether this would be the form of EWP, which has room for several certificates."""
    return data.lstrip()[:1] == b"<"


def _emreg(data: bytes) -> list[Provider]:
    try:
        told = json.loads(data)
        countries = {one["countryCode"]: one for one in told["countries"]}
        entries = told["emps"] if "emps" in told else told["ncps"]
        return [found for one in entries for found in _passing_over(one, countries)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as cause:
        raise RegistryRefused("This is not the list of EMREG.", "not-emreg") from cause


def _passing_over(
    one: Mapping[str, Any], countries: Mapping[str, Mapping[str, Any]]
) -> Iterator[Provider]:
    """The provider; nobody where what is said of it has another form."""
    try:
        yield _emreg_entry(one, countries)
    except (KeyError, TypeError, AttributeError):
        return


def _emreg_entry(one: Mapping[str, Any], countries: Mapping[str, Mapping[str, Any]]) -> Provider:
    said = countries.get(one["countryCode"], {}).get("singleFetch", False)
    return Provider(
        plain(str(one["acronym"])),
        plain(str(one["countryCode"])),
        plain(str(one["url"])),
        tuple(plain(str(name)) for name in one["institutions"]),
        _from_pem(str(one["pubKey"])),
        single_fetch=str(said).casefold() == "true",
    )


def _from_pem(text: str) -> tuple[bytes, ...]:
    """Every certificate in a text; none where it holds something else."""
    try:
        loaded = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        return ()
    usable = [one.public_bytes(Encoding.DER) for one in loaded if _is_usable(one)]
    return tuple(usable[:MAX_CERTIFICATES])


def _catalogue(data: bytes) -> list[Provider]:
    name = f"{{{ENTRY}}}emrex-data-access-point"
    try:
        return [_catalogue_entry(one) for one in each(data, name, CATALOGUE)]
    except NotRead as cause:
        raise RegistryRefused("This is not the catalogue of EWP.", cause.reason) from cause


def _catalogue_entry(entry: _Element) -> Provider:
    return Provider(
        _only(entry, "name"),
        _only(entry, "country-code"),
        _only(entry, "url"),
        _texts(entry, "institution"),
        tuple(_usable_in(_texts(entry, "certificate")))[:MAX_CERTIFICATES],
    )


def _texts(entry: _Element, name: str) -> tuple[str, ...]:
    found = entry.iterchildren(f"{{{ENTRY}}}{name}")
    return tuple(plain(one.text or "") for one in found)


def _only(entry: _Element, name: str) -> str:
    return next(iter(_texts(entry, name)), "")


def plain(text: str) -> str:
    """Somebody else's text, without what would not be seen, or would turn other text around."""
    seen = "".join(one for one in text if one.isspace() or unicodedata.category(one)[0] != "C")
    return " ".join(seen.split())


def _usable_in(texts: Iterable[str]) -> Iterator[bytes]:
    """The certificates in DER; what is none is passed over."""
    for text in texts:
        try:
            der = base64.b64decode("".join(text.split()), validate=True)
            loaded = x509.load_der_x509_certificate(der)
        except (binascii.Error, ValueError):
            continue
        if _is_usable(loaded):
            yield der


def _is_usable(certificate: x509.Certificate) -> bool:
    """Whether it can be asked for its key and its days: it is read bit by bit, and may be odd."""
    try:
        key = certificate.public_key()
        return (
            isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
            and certificate.not_valid_before_utc <= certificate.not_valid_after_utc
        )
    except (ValueError, UnsupportedAlgorithm):
        return False
