"""A provider abroad for tests: ELMO as one would make it, signed and packed, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from cryptography import x509
from lxml import etree

from emrex.elmo.writing import NAMESPACE
from emrex.packing import packed
from emrex.registry.reading import Provider
from emrex.xmldsig import sign
from keys.custody import SealSigner

URL = "https://emp.example.edu/emrex/init"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
COURSES = (("Anatomy", "5", "10"), ("Nursing <b>I</b>", "4", "20"))


@dataclass(frozen=True, slots=True)
class Abroad:
    """One provider and its key."""

    signer: SealSigner
    name: str = "University of the North"
    url: str = URL

    @property
    def provider(self) -> Provider:
        """As a registry lists it."""
        return Provider(self.name, "NO", self.url, ("All",), self.signer.chain[:1])

    def elmo(self, now: datetime, given: str = "Ola", family: str = "Nordmann") -> str:
        """The value of the field `elmo`."""
        return self.signed(document(now, given, family))

    def signed(self, root: etree._Element) -> str:
        """Any document, signed and packed."""
        began = x509.load_der_x509_certificate(self.signer.chain[0]).not_valid_before_utc
        return packed(sign(root, self.signer, began))


def document(
    now: datetime, given: str = "Ola", family: str = "Nordmann", born: str = "1999-12-31"
) -> etree._Element:
    """A bachelor with two courses."""
    root = etree.Element(f"{{{NAMESPACE}}}elmo", nsmap={None: NAMESPACE})
    _put(root, "generatedDate", now.isoformat())
    learner = _put(root, "learner")
    for name, text in (("givenNames", given), ("familyName", family), ("bday", born)):
        _put(learner, name, text)
    report = _put(root, "report")
    issuer = _put(report, "issuer")
    _put(issuer, "country", "NO")
    _put(issuer, "identifier", "uni.example").set("type", "schac")
    _put(issuer, "title", "Universitetet i Nord").set(LANG, "no")
    _put(issuer, "url", "https://uni.example")
    top = opportunity(report, "Bachelor in Nursing", "Degree Programme", level="6")
    for title, mark, load in COURSES:
        opportunity(_put(top, "hasPart"), title, "Course", mark, load)
    _put(report, "issueDate", now.isoformat())
    return root


def opportunity(
    parent: etree._Element, title: str, kind: str, mark: str = "", load: str = "", level: str = ""
) -> etree._Element:
    """One learning opportunity that somebody took."""
    one = _put(parent, "learningOpportunitySpecification")
    _put(one, "title", title).set(LANG, "en")
    _put(one, "type", kind)
    instance = _put(_put(one, "specifies"), "learningOpportunityInstance")
    _put(instance, "date", "2026-06-30")
    if mark:
        _put(instance, "resultLabel", mark)
    if load:
        credit = _put(instance, "credit")
        _put(credit, "scheme", "ects")
        _put(credit, "value", load)
    if level:
        reached = _put(instance, "level")
        _put(reached, "type", "EQF")
        _put(reached, "value", level)
    return one


def _put(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    made = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    made.text = text or None
    return made


def body(session: str, code: str = "NCP_OK", elmo: str = "", message: str = "") -> bytes:
    """The form that a browser brings back."""
    fields = {"sessionId": session, "returnCode": code, "returnMessage": message}
    return urlencode(fields | ({"elmo": elmo} if elmo else {})).encode()
