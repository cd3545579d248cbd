"""Our own entry in the two forms that registries take (emrex.md 2.1)."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

ENTRY = "https://github.com/erasmus-without-paper/ewp-specs-api-emrex-data-access-point/blob/stable-v1/manifest-entry.xsd"
VERSION = "1.0.0"
SINGLE_FETCH = False
"""Whether a country has a provider for each institution, of which clients then show the first name.

We are one provider for all of them, and "All" is the name of none (emrex.md 2.1; emrex-eu/standard,
emrex1/pages/choosing-the-emp).
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a registry has to know of a provider."""

    name: str
    acronym: str
    country: str
    country_name: str
    url: str
    """Where clients send people."""
    certificates: tuple[bytes, ...]
    """In DER: the one that is used, then the one that follows it."""


def emreg(entry: Entry) -> bytes:
    """The entry as EMREG lists it; it has room for one certificate, the one that is used."""
    told = {
        "countries": [
            {
                "countryCode": entry.country,
                "countryName": entry.country_name,
                "singleFetch": SINGLE_FETCH,
            }
        ],
        "emps": [
            {
                "acronym": entry.acronym,
                "countryCode": entry.country,
                "institutions": ["All"],
                "url": entry.url,
                "pubKey": pem(entry.certificates[:1]).decode("ascii"),
            }
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def manifest(entry: Entry) -> bytes:
    """The entry as the EWP catalogue holds it, with every certificate."""
    root = etree.Element(f"{{{ENTRY}}}emrex-data-access-point", nsmap={None: ENTRY})
    root.set("version", VERSION)
    members = [("url", entry.url), ("name", entry.name), ("country-code", entry.country)]
    members += [
        ("certificate", base64.b64encode(one).decode("ascii")) for one in entry.certificates
    ]
    for name, text in members:
        etree.SubElement(root, f"{{{ENTRY}}}{name}").text = text
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def pem(certificates: Sequence[bytes]) -> bytes:
    """Certificates as text, in their order."""
    loaded = map(x509.load_der_x509_certificate, certificates)
    return b"".join(one.public_bytes(Encoding.PEM) for one in loaded)
