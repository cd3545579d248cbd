"""Makes `docs/emrex/profile.md`: what is in a document of ours, read off documents of ours.

Run as `python -m tests.emrex.profile docs/emrex/profile.md`. Where an element comes from is said
by hand below; which sector has it, with which words, and in which version, is counted.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lxml import etree

from emrex.elmo.extending import Transfer
from emrex.elmo.mapping import elmo_of
from emrex.elmo.nouns import Attachment, AttachmentType
from emrex.elmo.profiles import PROFILES, Version
from emrex.elmo.vocabulary import vocabulary
from emrex.elmo.writing import tree_of
from emrex.making import OVERVIEW
from register.records import AwardRecord, AwardStatus
from tests.emrex.conftest import EXTENSIONS, NOW, PDF
from tests.emrex.kit import SECTORS
from tests.emrex.registered import FULL, WITH_DAYS
from tests.house import furnish

TRANSFER = Transfer(NOW, "https://echt.voorbeeld.nl", "https://emc.example.edu")
SHORT = {
    "report/learningOpportunitySpecification": "diploma",
    "specifies/learningOpportunityInstance": "instance",
    "hasPart/learningOpportunitySpecification": "part",
}
PLURAL = "part/part"
"""Parts of parts have what parts have."""
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
Seen = dict[str, set[str]]
Counted = Mapping[str, Mapping[str, tuple[bool, set[str]]]]
OTHER = "other"


def documents() -> Mapping[str, list[AwardRecord]]:
    """Every record that stands of an invented register, by sector."""
    with tempfile.TemporaryDirectory() as home:
        instance = furnish(Path(home), 200)
        standing = [
            one
            for one in instance.register.awards()
            if one.award.status is not AwardStatus.WITHDRAWN
        ]
        instance.close()
    by_sector = {
        sector.value: [one for one in standing if one.award.sector is sector] for sector in SECTORS
    }
    return {**by_sector, OTHER: [FULL, WITH_DAYS]}


def seen_in(records: Sequence[AwardRecord], version: Version) -> Seen:
    """Every place of one document, with the words in it."""
    titles, overview = vocabulary().extract_title, vocabulary().overview_title
    files = {
        one: (Attachment(f"extract-{one}", AttachmentType.DIPLOMA, titles, PDF, "en"),)
        for one in (record.award.award_id for record in records)
    }
    whole = Attachment(OVERVIEW, AttachmentType.TRANSCRIPT, overview, PDF, "en")
    elmo = elmo_of(records, TRANSFER, files, (whole,) if len(records) > 1 else ())
    found: Seen = {}
    for place, word in _places(tree_of(elmo, EXTENSIONS, PROFILES[version]), ""):
        found.setdefault(place, set()).add(word)
    return found


def _places(element: etree._Element, above: str) -> Iterator[tuple[str, str]]:
    for child in element:
        place = _short(f"{above}/{etree.QName(child).localname}".removeprefix("/"))
        yield place, (child.text or "").strip()
        for name, value in child.attrib.items():
            yield f"{place} @{'xml:lang' if name == XML_LANG else name}", str(value)
        yield from _places(child, place)


def _short(place: str) -> str:
    for long, word in SHORT.items():
        place = place.replace(long, word)
    return place.replace(PLURAL, "part")


def counted(
    records: Mapping[str, Sequence[AwardRecord]], version: Version
) -> Mapping[str, Mapping[str, tuple[bool, set[str]]]]:
    """For each place, by sector: whether every document has it, and every word in it."""
    found: dict[str, dict[str, list[set[str]]]] = {}
    for sector, some in records.items():
        for record in some:
            for place, words in seen_in([record], version).items():
                found.setdefault(place, {}).setdefault(sector, []).append(words)
    return {
        place: {
            sector: (len(all_words) == len(records[sector]), set().union(*all_words))
            for sector, all_words in by_sector.items()
        }
        for place, by_sector in sorted(found.items())
        if any(words != {""} for some in by_sector.values() for words in some)
    }


def page() -> str:
    """The whole page."""
    records = documents()
    newest = counted(records, Version.V1_7)
    return HEAD + "\n".join(
        [
            *_elements(records, newest),
            *_several(newest),
            *_words(newest),
            *_schemes(),
            *_versions(records, newest),
            "",
        ]
    )


HEAD = """# What is in a document of ours

Made by `python -m tests.emrex.profile docs/emrex/profile.md` from documents about an invented
register of 200 people; a test fails where this page says something else. The rules of the
signature are in the [walk-through](README.md), a document of each sector is in `samples/`.

"""
NAMES = """`diploma` stands for `report/learningOpportunitySpecification`, `instance` for
`specifies/learningOpportunityInstance`, `part` for `hasPart/learningOpportunitySpecification` at
any depth; `@` is an attribute. What stands below `extension` is in our own namespace.

**every**: in every document of that sector in the invented register; *some*: in some, where the
register has it; no: in none. What ELMO requires is always there; do not count on anything else.
`other` is a record with everything filled in, whatever its sector."""


def _elements(records: Mapping[str, Sequence[AwardRecord]], newest: Counted) -> Iterator[str]:
    yield from ("## Elements by sector", "", NAMES, "")
    yield from ("", f"| element | {' | '.join(records)} | from the register |")
    yield "|---|" + "---|" * (len(records) + 1)
    for place in SOURCES:
        by_sector = newest[place]
        told = (_often(by_sector.get(sector)) for sector in records)
        yield f"| `{place}` | {' | '.join(told)} | {SOURCES[place]} |"


def _often(found: tuple[bool, set[str]] | None) -> str:
    if found is None:
        return "no"
    return "**every**" if found[0] else "*some*"


SEVERAL = """A document about one diploma has its extract, which says everything. With two or more
there is one overview of all of them at the root as well, and every diploma refers to both.
Only what would be longer than 20 pages, which no check reads, goes without."""


def added_by_several(newest: Counted) -> Mapping[str, set[str]]:
    """The places that no document about one diploma has, with their words."""
    second = replace(WITH_DAYS, award=replace(WITH_DAYS.award, award_id="award-2"))
    seen = seen_in([FULL, second], Version.V1_7)
    return {place: words for place, words in seen.items() if place not in newest and words != {""}}


def _several(newest: Counted) -> Iterator[str]:
    yield from ("", "## What several diplomas add", "", SEVERAL, "")
    yield from ("| element | words | what |", "|---|---|---|")
    for place, words in added_by_several(newest).items():
        is_file = place == "attachment/content"
        told = "" if is_file else ", ".join(f"`{one}`" for one in sorted(words))
        yield f"| `{place}` | {told} | {ADDED[place]} |"


def _words(newest: Counted) -> Iterator[str]:
    yield from (
        "",
        "## Words that do not change",
        "",
        "| element | sector | words |",
        "|---|---|---|",
    )
    for place in FIXED:
        by_words: dict[str, list[str]] = {}
        for sector, (_, words) in newest[place].items():
            if sector != OTHER:
                by_words.setdefault(", ".join(f"`{one}`" for one in sorted(words)), []).append(
                    sector
                )
        for told, sectors in by_words.items():
            yield f"| `{place}` | {', '.join(sectors)} | {told} |"


def _schemes() -> Iterator[str]:
    yield from ("", "## Grading schemes", "", "| `localId` | description |", "|---|---|")
    for name, scheme in vocabulary().grading_schemes.items():
        yield f"| `{name}` | {dict(scheme.descriptions)['en']} |"


def _versions(records: Mapping[str, Sequence[AwardRecord]], newest: Counted) -> Iterator[str]:
    yield from ("", "## What older versions differ in", "")
    yield "2.0.0 is never sent: it breaks every reader of 1.x."
    yield from ("", "| version | differs from 1.7 |", "|---|---|")
    for version in list(Version)[:-1]:
        found = counted(records, version)
        gone = [f"no `{place}`" for place in SOURCES if place not in found]
        other = [
            f"`{place}` is {_all(found[place])} instead of {_all(newest[place])}"
            for place in SOURCES
            if place in found and found[place] != newest[place]
        ]
        yield f"| {version} | {'; '.join([*gone, *other]) or 'nothing'} |"


def _all(by_sector: Mapping[str, tuple[bool, set[str]]]) -> str:
    words = set().union(*(words for _, words in by_sector.values()))
    return ", ".join(f"`{one}`" for one in sorted(words))


ADDED: Mapping[str, str] = {
    "attachment/identifier": "what every `attachments/ref` names beside the extract",
    "attachment/identifier @type": "fixed",
    "attachment/title": "fixed",
    "attachment/title @xml:lang": "the language of the words; `nl` is the original",
    "attachment/type": "fixed, in every version",
    "attachment/content": "the sealed overview as a data URI (PDF)",
    "attachment/content @xml:lang": "language of the overview: English",
}
"""Every place that only documents about several diplomas have."""
FIXED = (
    "report/issuer/identifier @type",
    "diploma/identifier @type",
    "diploma/type",
    "diploma/instance/status",
    "diploma/instance/gradingSchemeLocalId",
    "diploma/instance/resultLabel",
    "diploma/instance/level/type",
    "diploma/instance/level/value",
    "diploma/instance/extension/record @kind",
    "diploma/part/type",
    "diploma/part/instance/gradingSchemeLocalId",
    "diploma/part/instance/level/type",
    "report/attachment/identifier @type",
    "report/attachment/type",
    "groups/groupType/group/title",
)
"""Places whose words a client may rely on."""
_LANG = "the language of the words; `nl` is the original"
_RECORD = "diploma/instance/extension/record"
_MARKS = "diploma/part/instance/extension/marks"
_OURS = "extension/transfer"
SOURCES: Mapping[str, str] = {
    "generatedDate": "the moment of signing, in UTC",
    "learner/givenNames": "given names; empty where there are none",
    "learner/familyName": "surname with its prefix before it; empty where it is unknown",
    "learner/bday": "date of birth, where the whole day is known",
    "learner/placeOfBirth": "place of birth",
    "report/issuer/country": "country of the institution, where ELMO has a code for it",
    "report/issuer/identifier": "code of the institution on the day of the award",
    "report/issuer/identifier @type": "what kind of code that is",
    "report/issuer/title": "its name on that day; schools have one name, given as both languages",
    "report/issuer/title @xml:lang": _LANG,
    "report/issuer/url": "our own pages",
    "diploma/identifier": "id of the diploma (`local`), and code of the programme",
    "diploma/identifier @type": "`local`, and the scheme of the programme",
    "diploma/title": "title of the programme",
    "diploma/title @xml:lang": _LANG,
    "diploma/type": "fixed",
    "diploma/instance/date": "day of the award, where the whole day is known",
    "diploma/instance/status": "passed, or not",
    "diploma/instance/gradingSchemeLocalId": "fixed: a diploma has no mark",
    "diploma/instance/resultLabel": "the same in Dutch",
    "diploma/instance/level/type": "NLQF and EQF of the programme",
    "diploma/instance/level/value": "the level in it",
    "diploma/instance/attachments/ref": "the extract that belongs to it",
    "diploma/instance/grouping @typeref": "fixed",
    "diploma/instance/grouping @idref": "sector",
    f"{_RECORD} @kind": "a whole diploma, a certificate of a part of one, or a state exam",
    f"{_RECORD} @status": "current, or corrected since",
    f"{_RECORD} @version": "how often the record was written",
    f"{_RECORD} @degree": "degree and what is added to it",
    f"{_RECORD} @today": "code of the institution that answers for it today",
    f"{_RECORD} @awarded": "the date of the award, where the day is not known",
    f"{_RECORD} @scheme": "scheme of the programme, where the identifier cannot say it",
    f"{_RECORD} @programmeSector": "sector of the programme, where it is not that of the diploma",
    f"{_RECORD}/thesis": "title of the thesis",
    f"{_RECORD}/verifyUrl": "where anybody can check the extract",
    f"{_RECORD}/statusUrl": "where programs ask later whether it still stands",
    "diploma/part/title": "subject, part or profile",
    "diploma/part/title @xml:lang": _LANG,
    "diploma/part/type": "`Module` for a profile, and in mbo for a part without mark or level",
    "diploma/part/instance/date": "day of the result, where it has one",
    "diploma/part/instance/status": "passed, or not",
    "diploma/part/instance/gradingSchemeLocalId": "`nl-1-10` with a mark, else `nl-final`",
    "diploma/part/instance/resultLabel": "final mark, or the word in Dutch",
    "diploma/part/instance/credit/scheme": "fixed: ects",
    "diploma/part/instance/credit/value": "credits, where they are a number",
    "diploma/part/instance/level/type": "CEFR, or the Dutch reference level",
    "diploma/part/instance/level/value": "the level in it",
    f"{_MARKS} @schoolExam": "mark of the school's own exam",
    f"{_MARKS} @centralExam": "mark of the central exam",
    f"{_MARKS} @final": "the final mark as the register has it",
    f"{_MARKS} @counted": "`false` where it does not count for the result",
    f"{_MARKS} @credits": "credits, where they are no number",
    "report/issueDate": "the moment of signing",
    "report/gradingScheme @localId": "those that are used in the report",
    "report/gradingScheme/description": "see below",
    "report/gradingScheme/description @xml:lang": _LANG,
    "report/attachment/identifier": "`extract-` and the id of the diploma",
    "report/attachment/identifier @type": "fixed",
    "report/attachment/title": "fixed",
    "report/attachment/title @xml:lang": _LANG,
    "report/attachment/type": "fixed for the version",
    "report/attachment/content": "the sealed extract as a data URI (PDF)",
    "report/attachment/content @xml:lang": "language of the extract: English",
    "groups/groupType @id": "fixed",
    "groups/groupType/title": "fixed",
    "groups/groupType/title @xml:lang": _LANG,
    "groups/groupType/group @id": "sector",
    "groups/groupType/group/title": "the sector in words",
    "groups/groupType/group/title @xml:lang": _LANG,
    f"{_OURS} @receiver": "origin of the `returnUrl`",
    f"{_OURS} @snapshot": "when the register said this",
    f"{_OURS} @surname": "surname without its prefix",
    f"{_OURS} @prefix": "the prefix",
    f"{_OURS} @title": "title of nobility, as a code",
    f"{_OURS} @gender": "with such a title only: it is written differently",
    f"{_OURS} @birth": "date of birth, where it is known in part",
    f"{_OURS} @country": "country of birth",
    f"{_OURS}/attachment @ref": "each attachment: its identifier",
    f"{_OURS}/attachment @sha256": "hash of its file",
    f"{_OURS}/institution @scheme": "each institution, of then and of today: kind of its code",
    f"{_OURS}/institution @code": "its code",
    f"{_OURS}/institution @country": "its country",
    f"{_OURS}/institution @successor": "code of the one that followed it",
    f"{_OURS}/institution/named @name": "each name that it had",
    f"{_OURS}/institution/named @since": "from when",
    f"{_OURS}/institution/named @until": "until when",
}
"""Every place of a document, in the order of the schema."""

if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
