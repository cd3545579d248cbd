"""Anything that a register can hold of one person, whether anybody ever had it or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

from hypothesis import strategies as st

from register.dates import PartialDate
from register.records import (
    Award,
    AwardRecord,
    AwardStatus,
    Institution,
    InstitutionName,
    Name,
    Person,
    Programme,
    Result,
    Sector,
    Text,
)

words = st.text(
    st.sampled_from(list("Aé z<>&\"'.-;]#7\u0142\u0644\u05d1\u4e2d\U0001d11e\u00a0")), max_size=12
)
"""Letters of several scripts and those that XML has other plans with; blanks anywhere."""
heard = words.filter(lambda text: bool(text.strip()))
"""Not blank: a title or a mark without a letter is refused before anything is sent."""
maybe = st.one_of(st.just(""), heard)
days = st.dates(date(1900, 1, 1), date(2026, 12, 31))


def _known(day: date, parts: int) -> PartialDate:
    return PartialDate(*(day.year, day.month, day.day)[:parts])


texts = st.dictionaries(
    st.sampled_from(["nl", "en", "de", "fy", "und", "zh-Hant"]), heard, min_size=1, max_size=3
).map(lambda titles: Text(tuple(titles.items())))
marks = st.one_of(maybe, st.sampled_from(["7", "10.0", "6.8", "passed", "failed", "rejected"]))
results = st.builds(
    Result,
    texts,
    marks,
    marks,
    marks,
    st.one_of(maybe, st.sampled_from(["30", "7.5", "7,5", "-1"])),
    st.one_of(maybe, st.sampled_from(["B1", "3F"])),
    st.none() | days,
    st.booleans(),
)
people = st.builds(
    Person,
    st.just("one-person"),
    st.builds(
        Name,
        heard | st.just("."),
        maybe,
        maybe,
        st.sampled_from(["", "JH", "PS"]),
        st.sampled_from(["M", "V", "O"]),
    ),
    st.just(PartialDate()) | st.builds(_known, days, st.integers(1, 3)),
    maybe,
    st.sampled_from(["", "NL", "ER"]),
    st.integers(1, 9),
)
institutions = st.builds(
    Institution,
    st.sampled_from(["00AA", "01BB", "02CC"]),
    st.lists(
        st.builds(InstitutionName, heard, days, st.none() | st.just(date(2027, 1, 1))),
        min_size=1,
        max_size=3,
    ).map(tuple),
    st.sampled_from(["brin", "pic"]),
    st.sampled_from(["NL", "BE"]),
    st.none() | st.just("03DD"),
)
programmes = st.builds(
    Programme,
    st.sampled_from(["12345", "54321"]),
    st.sampled_from(["crebo", "isat", "vo", "local", "programme", "elmo"]),
    st.sampled_from(Sector),
    texts,
    st.sampled_from(["", "4+", "6"]),
    st.none() | st.integers(1, 8),
)
_awards = partial(
    st.builds,
    Award,
    awarded=st.builds(_known, days, st.integers(1, 3)),
    sector=st.sampled_from(Sector),
    result=st.sampled_from(["passed", "rejected"]),
    degree=maybe,
    profile=st.none() | texts,
    thesis=maybe,
    partial=st.booleans(),
    results=st.lists(results, max_size=4).map(tuple),
    status=st.sampled_from(AwardStatus),
    version=st.integers(1, 30),
)


@st.composite
def holdings(draw: st.DrawFn) -> list[AwardRecord]:
    """One to four awards of one person, some of one school and some of one programme."""
    person = draw(people)
    schools = {one.code: one for one in draw(st.lists(institutions, min_size=1, max_size=3))}
    studies = {one.code: one for one in draw(st.lists(programmes, min_size=1, max_size=2))}
    return [
        _record(draw, f"award-{number}", person, schools, studies)
        for number in range(draw(st.integers(1, 4)))
    ]


def _record(
    draw: st.DrawFn,
    award_id: str,
    person: Person,
    schools: dict[str, Institution],
    studies: dict[str, Programme],
) -> AwardRecord:
    then, today = (draw(st.sampled_from(sorted(schools))) for _ in range(2))
    study = draw(st.sampled_from(sorted(studies)))
    award = draw(
        _awards(
            award_id=st.just(award_id),
            person_id=st.just(person.person_id),
            institution=st.just(then),
            programme=st.just(study),
        )
    )
    return AwardRecord(award, person, schools[then], studies[study], schools[today])


FULL = AwardRecord(
    Award(
        "award-1",
        "one-person",
        "00AA",
        "12345",
        Sector.VO,
        PartialDate(2024, 6),
        "rejected",
        "Bachelor",
        Text((("nl", "Natuur en Techniek"), ("en", "Nature and Technology"))),
        "Kwelders",
        partial=True,
        results=(
            Result(
                Text((("nl", "Wiskunde"), ("en", "Mathematics"))),
                "6.8",
                "7.1",
                "7",
                "7.5",
                "B2",
                date(2024, 5, 3),
                counted=False,
            ),
            Result(Text((("nl", "Rekenen"),)), credits="veel"),
        ),
        status=AwardStatus.CORRECTED,
        version=3,
    ),
    Person(
        "one-person", Name("Dijk", "Jo", "van", "JH", "V"), PartialDate(1990, 2), "Meppel", "NL", 4
    ),
    Institution(
        "00AA",
        (
            InstitutionName("Het Wad", date(1990, 8, 1), date(2020, 1, 1)),
            InstitutionName("Wadden College", date(2020, 1, 1)),
        ),
        successor="01BB",
    ),
    Programme("12345", "local", Sector.OTHER, Text((("nl", "Havo"),)), "4", 4),
    Institution("01BB", (InstitutionName("Zee", date(2000, 1, 1)),), "pic", "BE"),
)
"""Somebody of whom nothing is unsaid and every date is known in part."""
WITH_DAYS = replace(
    FULL,
    award=replace(FULL.award, awarded=PartialDate(2024, 6, 7), profile=None),
    person=replace(FULL.person, birth=PartialDate(1990, 2, 3)),
    programme=replace(FULL.programme, scheme="vo"),
)
"""The same with whole dates, without a profile, and a programme of a list of its own."""
