"""Reads both forms of the registry: who provides results, where, and with which certificates.

A registry is somebody else's file: what it says wrongly of one provider costs that provider
and no other. A list that cannot be read at all is refused, and the last good one stays.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from emrex.errors import RegistryRefused
from emrex.registry.entry import ENTRY
from xmlsig.errors import NotRead
from xmlsig.parsing import parse

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_BYTES = 8 * 1024 * 1024


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


def providers(data: bytes) -> tuple[Provider, ...]:
    """Everybody in a registry's file, told by its content.

    Raises:
        RegistryRefused: it is neither form, or too large.
    """
    if len(data) > MAX_BYTES:
        raise RegistryRefused("The registry sent more than 8 MB.", "too-large")
    listed = _catalogue(data) if data.lstrip()[:1] == b"<" else _emreg(data)
    return tuple(listed)


def _emreg(data: bytes) -> Iterator[Provider]:
    try:
        told = json.loads(data)
        countries = {one["countryCode"]: one for one in told["countries"]}
        entries = told["emps"] if "emps" in told else told["ncps"]
        return iter([_emreg_entry(one, countries) for one in entries])
    except (ValueError, KeyError, TypeError, AttributeError) as cause:
        raise RegistryRefused("This is not the list of EMREG.", "not-emreg") from cause


def _emreg_entry(one: Mapping[str, Any], countries: Mapping[str, Mapping[str, Any]]) -> Provider:
    said = countries.get(one["countryCode"], {}).get("singleFetch", False)
    return Provider(
        str(one["acronym"]),
        str(one["countryCode"]),
        str(one["url"]),
        tuple(map(str, one["institutions"])),
        _from_pem(str(one["pubKey"])),
        single_fetch=str(said).casefold() == "true",
    )


def _from_pem(text: str) -> tuple[bytes, ...]:
    """Every certificate in a text; none where it holds something else."""
    try:
        loaded = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        return ()
    return tuple(one.public_bytes(Encoding.DER) for one in loaded)


def _catalogue(data: bytes) -> Iterator[Provider]:
    try:
        tree = parse(data)
    except NotRead as cause:
        raise RegistryRefused("This is not the catalogue of EWP.", cause.reason) from cause
    entries = tree.getroot().iter(f"{{{ENTRY}}}emrex-data-access-point")
    return iter([_catalogue_entry(one) for one in entries])


def _catalogue_entry(entry: _Element) -> Provider:
    return Provider(
        _only(entry, "name"),
        _only(entry, "country-code"),
        _only(entry, "url"),
        _texts(entry, "institution"),
        tuple(one for text in _texts(entry, "certificate") for one in _from_base64(text)),
    )


def _texts(entry: _Element, name: str) -> tuple[str, ...]:
    found = entry.iterchildren(f"{{{ENTRY}}}{name}")
    return tuple((one.text or "").strip() for one in found)


def _only(entry: _Element, name: str) -> str:
    return next(iter(_texts(entry, name)), "")


def _from_base64(text: str) -> Iterator[bytes]:
    """The certificate in DER; nothing where it is none."""
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
        x509.load_der_x509_certificate(der)
    except (binascii.Error, ValueError):
        return
    yield der
