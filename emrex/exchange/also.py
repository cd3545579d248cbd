"""What a document says beyond the lines of the extract, in plain words, for the preview.

Programs read it in elements of our own (`emrex.elmo.extending`) or in titles of other languages.
The holder says yes to every field that is sent (emrex.md item 22), so each of them is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from credentials.extract import Language
from credentials.lines import Kind, Part, tag_unless
from credentials.scripts import language_of
from credentials.wording import Translate, country_in_words, day_in_words
from emrex.exchange.texts import SECTORS
from register.kinds import STATE_EXAM, kind_of
from register.records import AwardRecord, AwardStatus, Institution, InstitutionName, Text


@dataclass(frozen=True, slots=True)
class Also:
    """A line without a number: no extract has it."""

    label: str
    parts: tuple[Part, ...]


def also_sent(
    record: AwardRecord, language: Language, translate: Translate, seen: Collection[str]
) -> tuple[Also, ...]:
    """What is sent of this award, too; `seen` are the texts that the page shows already."""
    writer = _Writer(record, language, translate)
    made = (
        Also(translate("In the register"), tuple(writer.standing())),
        Also(translate("Kind of education"), tuple(writer.education())),
        Also(translate("Code lists"), tuple(writer.code_lists())),
        *map(writer.institution, _institutions(record)),
        Also(translate("Research project"), tuple(writer.thesis(seen))),
        Also(translate("In other languages"), tuple(writer.titles(seen))),
        Also(translate("Gender"), tuple(writer.gender())),
    )
    return tuple(one for one in made if one.parts)


def _institutions(record: AwardRecord) -> tuple[Institution, ...]:
    both = (record.institution, record.institution_today)
    return both[:1] if both[0].code == both[1].code else both


class _Writer:
    """One award in one language."""

    def __init__(self, record: AwardRecord, language: Language, translate: Translate) -> None:
        self._record = record
        self._language = language
        self._translate = translate

    def standing(self) -> Iterator[Part]:
        """How the record stands, and how often it was written."""
        award = self._record.award
        words = {
            AwardStatus.CURRENT: self._translate("valid, version {version} of the record"),
            AwardStatus.CORRECTED: self._translate("corrected, version {version} of the record"),
            AwardStatus.WITHDRAWN: self._translate("withdrawn, version {version} of the record"),
        }
        yield Part(words[award.status].format(version=award.version))

    def education(self) -> Iterator[Part]:
        """The sector of the award, and that of its programme where it is another."""
        of_award, of_programme = self._record.award.sector, self._record.programme.sector
        for sector in dict.fromkeys((of_award, of_programme)):
            yield Part(self._translate(SECTORS[sector]))
        if kind_of(self._record.award) == STATE_EXAM:
            yield Part(self._translate("State exam"), kind=Kind.NOTE)

    def code_lists(self) -> Iterator[Part]:
        """Which lists the codes of line 8 come from."""
        lists = self._translate("institution: {institution}, programme: {programme}").format(
            institution=self._record.institution.scheme, programme=self._record.programme.scheme
        )
        yield Part(lists)

    def institution(self, one: Institution) -> Also:
        """Where it is, what it was called, and into what it merged."""
        country = country_in_words(one.country, self._language)
        parts = [Part(f"{one.code} ({one.scheme}), {country}"), *self._named(one)]
        if one.successor:
            merged = self._translate("Merged into the institution with code {code}")
            parts.append(Part(merged.format(code=one.successor), kind=Kind.NOTE))
        return Also(self._translate("Names of the institution"), tuple(parts))

    def _named(self, institution: Institution) -> Iterator[Part]:
        tag = "nl" if institution.country == "NL" else ""
        for one in institution.names:
            language = language_of(one.name) or tag_unless(tag, self._language) or None
            yield Part(one.name, language, Kind.ALSO, self._when(one))

    def _when(self, one: InstitutionName) -> str:
        since = day_in_words(one.since, self._language)
        if one.until is None:
            return self._translate("Since {since}:").format(since=since)
        until = day_in_words(one.until, self._language)
        return self._translate("From {since} until {until}:").format(since=since, until=until)

    def thesis(self, seen: Collection[str]) -> Iterator[Part]:
        """The title of the project, where no table has it below."""
        thesis = self._record.award.thesis
        if thesis and thesis not in seen:
            yield Part(thesis, tag_unless("nl", self._language))

    def titles(self, seen: Collection[str]) -> Iterator[Part]:
        """Every title that the page does not show yet, once."""
        told = (pair for text in _texts(self._record) for pair in text.by_language)
        for title, tag in {title: tag for tag, title in told if title not in seen}.items():
            yield Part(title, tag_unless(tag, self._language), Kind.ALSO)

    def gender(self) -> Iterator[Part]:
        """Sent only with a noble title, which is written by it."""
        name = self._record.person.name
        if not name.title:
            return
        words = {"M": self._translate("male"), "V": self._translate("female")}
        yield Part(words.get(name.gender, self._translate("unknown")))
        why = self._translate("The noble title (code {code}) is written by it.")
        yield Part(why.format(code=name.title), kind=Kind.NOTE)


def _texts(record: AwardRecord) -> Iterator[Text]:
    yield record.programme.title
    if record.award.profile:
        yield record.award.profile
    yield from (result.subject for result in record.award.results)
