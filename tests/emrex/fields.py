"""Every field of a document of ours, and how a person reads it on the preview.

What is in neither list is a field that nobody thought of: walking over it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from credentials.extract import Language
from credentials.wording import country_in_words, date_in_words, mark_in_words
from emrex.exchange.texts import SECTORS
from register.dates import PartialDate
from register.records import Sector
from web import i18n
from web.i18n import translations, translator

TECHNICAL = frozenset(
    {
        # Moments of making, not of the record.
        "elmo/generatedDate",
        "report/issueDate",
        # Ids that are good inside this document only, and who points at them.
        "learningOpportunitySpecification/identifier[local]",
        "learningOpportunityInstance/gradingSchemeLocalId",
        "attachments/ref",
        "grouping/@typeref",
        "attachment/identifier[internal]",
        # Addresses of ours.
        "issuer/url",
        "record/verifyUrl",
        "record/statusUrl",
        # What binds the document to its files and to this transfer.
        "transfer/@transaction",
        "transfer/@snapshot",
        "transfer/hash",
        "attachment/@ref",
        "attachment/@sha256",
        # Fixed words of ELMO and headings of ours, the same in every document.
        "learningOpportunitySpecification/type",
        "credit/scheme",
        "level/type",
        "gradingScheme/@localId",
        "gradingScheme/description",
        "groupType/@id",
        "groupType/title",
        "group/@id",
        "group/title",
        # The extracts and the overview of them, which the page names in a sentence each.
        "attachment/type",
        "attachment/title",
        "attachment/content",
    }
)
"""Fields that hold nothing of the record."""
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
"""Says in which language a text is; the page says it in the same way."""


@dataclass(frozen=True, slots=True)
class Place:
    """A text or an attribute of a document."""

    name: str
    value: str
    element: etree._Element


def places(root: etree._Element) -> Iterator[Place]:
    """Everything that the document says; the signature is over it and says nothing."""
    for element in root.iter("{*}*"):
        if str(element.tag).startswith("{http://www.w3.org/2000/09/xmldsig#}"):
            continue
        above = element.getparent()
        own = etree.QName(element).localname
        name = own if above is None else f"{etree.QName(above).localname}/{own}"
        if own == "identifier":
            kind = element.get("type", "")
            name += f"[{kind}]" if kind in {"local", "internal"} else ""
        if (element.text or "").strip():
            yield Place(name, element.text or "", element)
        for key, value in element.attrib.items():
            if key != LANGUAGE:
                yield Place(f"{own}/@{key}", value, element)


class Reader:
    """How a person reads a field, in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._say = translator(translations(), i18n.Language(language))

    def words(self, place: Place) -> str:
        """What has to stand on the page; KeyError where nobody thought of the field."""
        return self._readings()[place.name](place)

    def _readings(self) -> Mapping[str, Callable[[Place], str]]:
        plain = dict.fromkeys(PLAIN, lambda place: place.value)
        days = dict.fromkeys(DAYS, lambda place: self._day(place.value))
        countries = dict.fromkeys(
            COUNTRIES, lambda place: country_in_words(place.value, self._language)
        )
        marks = dict.fromkeys(MARKS, lambda place: self._mark(place.value))
        sectors = dict.fromkeys(
            ("grouping/@idref", "record/@programmeSector"),
            lambda place: self._say(SECTORS[Sector(place.value)]),
        )
        return (
            plain
            | days
            | countries
            | marks
            | sectors
            | {
                "identifier/@type": _list,
                "learningOpportunityInstance/status": self._status_of,
                "level/value": self._level,
                "transfer/@receiver": lambda place: place.value.partition("://")[2],
                "transfer/@surname": lambda place: "" if place.value == "." else place.value,
                "transfer/@gender": self._gender,
                "record/@kind": self._kind,
                "record/@status": self._status,
                "record/@version": self._status,
                "marks/@counted": lambda _: self._say("outside the result"),
            }
        )

    def _day(self, value: str) -> str:
        return date_in_words(PartialDate.parse(value), self._language, self._say)

    def _mark(self, value: str) -> str:
        words = {"geslaagd": "passed", "afgewezen": "rejected", "behaald": "passed"}
        words |= {"niet behaald": "failed"} | {one: one for one in ("passed", "failed", "rejected")}
        return self._say(words[value]) if value in words else mark_in_words(value, self._language)

    def _level(self, place: Place) -> str:
        kind = place.element.getparent().findtext("{*}type")  # type: ignore[union-attr]
        if kind not in {"EQF", "NLQF"}:
            return place.value
        short = "EQR" if kind == "EQF" and self._language is Language.DE else kind
        return f"{short} {place.value}"

    def _gender(self, place: Place) -> str:
        return self._say({"M": "male", "V": "female"}.get(place.value, "unknown"))

    def _kind(self, place: Place) -> str:
        words = {
            "certificate": "Certificate for a part of the programme, not the whole diploma",
            "diploma": "Diploma",
            "staatsexamen": "State exam",
        }
        return self._say(words[place.value])

    def _status_of(self, place: Place) -> str:
        """Of a whole diploma; that of a part follows from its mark and says nothing more."""
        is_whole = place.element.getparent().find("{*}extension/{*}record") is not None  # type: ignore[union-attr]
        return (
            self._say({"passed": "passed", "failed": "rejected"}[place.value]) if is_whole else ""
        )

    def _status(self, place: Place) -> str:
        own = place.element
        words = {"current": "valid", "corrected": "corrected"}[str(own.get("status"))]
        said = self._say(words + ", version {version} of the record")
        return said.format(version=own.get("version"))


def _list(place: Place) -> str:
    """Which list a code is from; an id is from none, nor is a code of our own."""
    return "" if place.value in {"local", "internal", "programme"} else place.value


PLAIN = (
    "learner/givenNames",
    "learner/familyName",
    "learner/placeOfBirth",
    "issuer/identifier",
    "issuer/title",
    "learningOpportunitySpecification/identifier",
    "learningOpportunitySpecification/title",
    "transfer/@prefix",
    "transfer/@title",
    "institution/@scheme",
    "institution/@code",
    "institution/@successor",
    "named/@name",
    "record/@degree",
    "record/@today",
    "record/@scheme",
    "record/thesis",
)
DAYS = (
    "learner/bday",
    "learningOpportunityInstance/date",
    "transfer/@birth",
    "record/@awarded",
    "named/@since",
    "named/@until",
)
COUNTRIES = ("issuer/country", "transfer/@country", "institution/@country")
MARKS = (
    "learningOpportunityInstance/resultLabel",
    "credit/value",
    "marks/@schoolExam",
    "marks/@centralExam",
    "marks/@final",
    "marks/@credits",
)


def unsaid(root: etree._Element, page: str, language: Language) -> list[str]:
    """The fields of the document that the text of the page does not say."""
    reader, text = Reader(language), " ".join(page.split())
    told = (one for one in places(root) if one.name not in TECHNICAL)
    return [
        f"{one.name}: {words}"
        for one in told
        for words in (" ".join(reader.words(one).split()),)
        if words not in text
    ]
