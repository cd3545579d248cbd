from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from register.elmo import Elmo, read_elmo
from register.elmo_tree import MAX_BYTES, NAMESPACE
from register.errors import UnreadableSource
from register.lines import InstitutionLine, PersonLine, ProgrammeLine
from tests import judges

OFFICIAL = (
    "official/example-v1.0.0.xml",
    "official/example-v1.1.0.xml",
    "official/example-v1.2.xml",
    "official/example-v1.3.0.xml",
    "official/example-v1.4.0-to-v2.0.0.xml",
    "national/fi-kaisa-reformatted.xml",
    "signed/dk-2016-default-prefix.xml",
    "signed/dk-2016-ns-prefixed-1.xml",
)
LEARNER = """<citizenship>{citizenship}</citizenship>
    <identifier type="nationalIdentifier">{number}</identifier>
    <givenNames>Wim</givenNames><familyName>Testman</familyName><bday>1990-01-02</bday>"""
ISSUER = """<country>NL</country><identifier type="schac">uni.example</identifier>
    <title xml:lang="nl">Universiteit</title><title xml:lang="en">University</title>"""


def sample(name: str) -> Path:
    return judges.standards() / "elmo" / "samples" / name


def course(title: str = "Logic", *, inside: str = "<resultLabel>8</resultLabel>") -> str:
    return f"""<learningOpportunitySpecification><identifier type="local">L1</identifier>
      <title xml:lang="en">{title}</title><type>Course</type><specifies>
      <learningOpportunityInstance>{inside}</learningOpportunityInstance></specifies>
      </learningOpportunitySpecification>"""


def degree(inside: str, parts: str = "") -> str:
    return f"""<learningOpportunitySpecification><identifier type="local">D1</identifier>
      <title xml:lang="nl">Wijsbegeerte</title><type>Degree Programme</type><specifies>
      <learningOpportunityInstance>{inside}</learningOpportunityInstance></specifies>
      <hasPart>{parts or course()}</hasPart></learningOpportunitySpecification>"""


def document(
    *studies: str,
    learner: str = LEARNER.format(citizenship="PL", number="83041200000"),
    issuer: str = ISSUER,
) -> bytes:
    return f"""<elmo xmlns="{NAMESPACE}"><generatedDate>2024-07-02T00:00:00Z</generatedDate>
    <learner>{learner}</learner><report><issuer>{issuer}</issuer>{"".join(studies)}
    <issueDate>2024-07-01T12:00:00+02:00</issueDate></report></elmo>""".encode()


def person(elmo: Elmo) -> PersonLine:
    [found] = [line for line in elmo if isinstance(line, PersonLine)]
    return found


def programmes(elmo: Elmo) -> dict[str, ProgrammeLine]:
    return {line.code: line for line in elmo if isinstance(line, ProgrammeLine)}


def institution(elmo: Elmo) -> InstitutionLine:
    [found] = [line for line in elmo if isinstance(line, InstitutionLine)]
    return found


def rules(elmo: Elmo) -> list[str]:
    return [finding.rule for finding in elmo.findings]


@pytest.mark.parametrize("name", OFFICIAL)
def test_every_well_formed_sample_gives_an_award_with_results(name: str) -> None:
    elmo = read_elmo(sample(name))

    known = {line.code for line in elmo if not isinstance(line, PersonLine)}
    for award in person(elmo).awards:
        assert award.results
        assert {award.institution, award.programme} <= known
    assert person(elmo).awards
    assert isinstance(elmo.lines[-1], PersonLine), "the person comes after what it refers to"


def test_the_degree_of_the_official_sample_keeps_its_parts_and_date() -> None:
    elmo = read_elmo(sample("official/example-v1.4.0-to-v2.0.0.xml"))

    master, courses = person(elmo).awards
    assert master.awarded == "2009-06-15"
    assert programmes(elmo)[master.programme].title == {
        "no": "Master i biologi",
        "en": "Master of Science in Biology",
    }
    [part] = master.results
    assert (part.final, part.credits) == ("Innpasset", "15")
    assert courses.awarded == "2015-10-31"
    assert programmes(elmo)[courses.programme].title["nl"] == "Losse vakken"
    compilers, lecture, _, markup = courses.results
    assert (compilers.final, compilers.credits, compilers.day) == ("45.1", "6", "2015-03-17")
    assert compilers.subject == {"pl": "Budowa kompilatorów", "en": "Compiler construction"}
    assert (lecture.subject["en"], lecture.final) == ("Lecture", "passed")
    assert markup.subject == {"und": "The importance of <br> in HTML"}


def test_the_issuer_of_the_official_sample_goes_by_its_schac_code() -> None:
    issuer = institution(read_elmo(sample("official/example-v1.4.0-to-v2.0.0.xml")))

    assert (issuer.scheme, issuer.code, issuer.country) == ("schac", "uw.edu.pl", "PL")
    assert issuer.names[0].name == "Uniwersytet Warszawski"


def test_the_finnish_sample_goes_by_its_erasmus_code() -> None:
    issuer = institution(read_elmo(sample("national/fi-kaisa-reformatted.xml")))

    assert (issuer.scheme, issuer.code) == ("erasmus", "SF TAMPERE01")


def test_the_german_preview_is_refused_with_the_line_at_fault() -> None:
    with pytest.raises(UnreadableSource) as caught:
        read_elmo(sample("official/example-de-v1.7-preview.xml"))

    assert caught.value.public == "This is not well-formed XML: see line 167."


def test_a_foreign_national_number_is_never_taken_over() -> None:
    elmo = read_elmo(sample("official/example-v1.4.0-to-v2.0.0.xml"))

    assert person(elmo).bsn is None
    assert "foreign-number" in rules(elmo)
    assert not any("83041200000" in line.model_dump_json() for line in elmo)


@pytest.mark.parametrize(
    ("citizenship", "number", "kept", "rule"),
    [
        ("NL", "999900018", "999900018", None),
        ("NL", "999900019", None, "wrong-citizen-number"),
        ("BE", "999900018", None, "foreign-number"),
    ],
)
def test_only_a_valid_number_of_a_dutch_citizen_is_kept(
    citizenship: str, number: str, kept: str | None, rule: str | None
) -> None:
    learner = LEARNER.format(citizenship=citizenship, number=number)

    elmo = read_elmo(document(course(), learner=learner))

    assert person(elmo).bsn == kept
    assert rules(elmo) == ([rule] if rule else [])
    assert number not in repr(elmo), "a number is in no representation"


def test_the_same_content_gives_the_same_ids() -> None:
    first, again = read_elmo(document(course())), read_elmo(document(course()))

    assert first.lines == again.lines
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{26}", person(first).person)


def test_equal_names_and_birth_dates_with_other_results_are_two_people() -> None:
    """register.md 4.11."""
    one, other = read_elmo(document(course("Logic"))), read_elmo(document(course("Ethics")))

    assert person(one).name == person(other).name
    assert person(one).person != person(other).person


def test_the_national_number_has_no_part_in_the_ids() -> None:
    """Ids are public; a number could be found back from its hash by counting."""
    ids = {
        person(read_elmo(document(course(), learner=learner))).person
        for learner in (
            LEARNER.format(citizenship="NL", number="999900018"),
            LEARNER.format(citizenship="NL", number="111222333"),
        )
    }

    assert len(ids) == 1


def test_failed_and_unfinished_studies_are_told_apart() -> None:
    elmo = read_elmo(
        document(
            degree("<status>failed</status>"),
            course(inside="<status>failed</status><resultLabel>4</resultLabel>"),
            course("Later", inside="<status>in-progress</status>"),
        )
    )

    rejected, courses = person(elmo).awards
    assert rejected.result == "rejected"
    assert [result.final for result in courses.results] == ["failed"]
    assert rules(elmo) == ["not-finished", "foreign-number"]


def test_a_missing_status_means_passed() -> None:
    """emrex.md 4, item 72."""
    elmo = read_elmo(document(course(inside="")))

    assert person(elmo).awards[0].results[0].final == "passed"


def test_levels_of_a_degree_become_levels_of_its_programme() -> None:
    inside = """<level><type>EQF</type><value>7</value></level>
      <level><type>NLQF</type><value>7</value></level>
      <level><type>DE.HZB</type><value>Abitur</value></level>"""

    programme = programmes(read_elmo(document(degree(inside))))["uni.example:D1"]

    assert (programme.eqf, programme.nlqf, programme.scheme) == (7, "7", "local")


@pytest.mark.parametrize(("country", "sector"), [("NL", "wo"), ("PL", "other")])
def test_only_a_dutch_issuer_can_name_a_dutch_sector(country: str, sector: str) -> None:
    issuer = ISSUER.replace("NL", country)
    study = degree('<grouping typeref="sector" idref="wo"/>')

    elmo = read_elmo(document(study, issuer=issuer))

    assert programmes(elmo)["uni.example:D1"].sector == sector


@pytest.mark.parametrize(
    ("scheme", "code"), [("brin", "05KO"), ("schac", "05ko"), ("pic", "21PB00")]
)
def test_no_exchange_file_can_rename_a_dutch_school(scheme: str, code: str) -> None:
    issuer = ISSUER.replace("schac", scheme).replace("uni.example", code)

    elmo = read_elmo(document(course(), issuer=issuer))

    assert institution(elmo).code == f"{scheme}:{code}"
    assert institution(elmo).scheme != "brin"
    assert "dutch-code" in rules(elmo)


def test_an_issuer_without_a_country_is_kept_as_of_unknown_country() -> None:
    elmo = read_elmo(document(course(), issuer=ISSUER.replace("<country>NL</country>", "")))

    assert institution(elmo).country == "ZZ"
    assert "unknown-country" in rules(elmo)


def test_a_report_without_results_is_a_finding_and_no_award() -> None:
    """emrex.md 4, item 73."""
    elmo = read_elmo(document())

    assert person(elmo).awards == []
    assert "no-results" in rules(elmo)


def test_a_course_that_does_not_fit_is_left_out_and_named() -> None:
    elmo = read_elmo(document(course("x" * 501), course("Logic")))

    assert [r.subject for r in person(elmo).awards[0].results] == [{"en": "Logic"}]
    assert ("too-long", "report 1/course") in {(f.rule, f.where) for f in elmo.findings}
    assert all(finding.advice for finding in elmo.findings)


def test_more_courses_than_an_award_holds_become_several_awards() -> None:
    elmo = read_elmo(document(*(course(f"Course {n}") for n in range(450))))

    assert [len(award.results) for award in person(elmo).awards] == [200, 200, 50]
    assert len({award.award for award in person(elmo).awards}) == 3


def test_more_awards_than_a_person_can_have_are_named() -> None:
    elmo = read_elmo(document(*(degree("").replace("D1", f"D{n}") for n in range(52))))

    assert len(person(elmo).awards) == 50
    assert ("too-long", "awards") in {(f.rule, f.where) for f in elmo.findings}


@pytest.mark.parametrize(
    ("learner", "advice"),
    [
        (f"<familyName>{'x' * 201}</familyName>", "Shorten the text"),
        ("<familyName>X</familyName><bday>2030-01-01</bday>", "Correct the date"),
        ("<familyName>a&#x202E;b</familyName>", "Remove control characters"),
    ],
)
def test_a_learner_whom_the_register_cannot_hold_is_refused(learner: str, advice: str) -> None:
    with pytest.raises(UnreadableSource, match=rf"^The learner cannot be registered\. {advice}"):
        read_elmo(document(course(), learner=learner))


@pytest.mark.parametrize(
    ("identifiers", "scheme", "code"),
    [
        ("", "elmo", r"uni\.example:[0-9A-HJKMNP-TV-Z]{26}"),
        ('<identifier type="crebo">25001</identifier>', "elmo", r"uni\.example:25001"),
        (
            '<identifier type="nus">7</identifier><identifier type="local">B</identifier>',
            "local",
            r"uni\.example:B",
        ),
        ('<identifier type="nus">7</identifier>', "nus", r"uni\.example:7"),
    ],
)
def test_a_programme_code_carries_its_issuer(identifiers: str, scheme: str, code: str) -> None:
    study = degree("").replace('<identifier type="local">D1</identifier>', identifiers)

    [programme] = programmes(read_elmo(document(study))).values()

    assert programme.scheme == scheme
    assert re.fullmatch(code, programme.code)


def test_a_degree_without_a_date_is_of_the_day_of_its_report() -> None:
    assert person(read_elmo(document(degree("")))).awards[0].awarded == "2024-07-01"


def test_a_study_of_a_known_month_keeps_just_the_month() -> None:
    elmo = read_elmo(document(degree("<date>2023-06</date>")))

    assert person(elmo).awards[0].awarded == "2023-06"


def test_one_word_names_and_zoned_birth_dates_are_read() -> None:
    learner = """<givenNames>Dian</givenNames><familyName/>
      <dateOfBirth>1990-01-02+01:00</dateOfBirth><placeOfBirth>Łódź</placeOfBirth>
      <gender>2</gender>"""

    found = person(read_elmo(document(course(), learner=learner)))

    assert (found.name.given, found.name.surname, found.name.gender) == ("Dian", ".", "V")
    assert (found.birth, found.birth_place) == ("1990-01-02", "Łódź")


def test_an_impossible_birth_date_is_left_unknown_and_named() -> None:
    learner = "<givenNames/><familyName>Obbadah</familyName><bday>1990-02-30</bday>"

    elmo = read_elmo(document(course(), learner=learner))

    assert person(elmo).birth == ""
    assert rules(elmo) == ["impossible-date"]


def test_a_comment_inside_a_name_cuts_nothing_off() -> None:
    """emrex.md 3.7: lxml alone would return only the text before the comment."""
    learner = "<givenNames>A</givenNames><familyName>Ri<!-- x -->chter<?p i?>s</familyName>"

    assert person(read_elmo(document(course(), learner=learner))).name.surname == "Richters"


def test_unknown_elements_are_passed_by() -> None:
    """emrex.md 4, item 74."""
    learner = "<familyName>X</familyName><shoeSize>44</shoeSize><y:z xmlns:y='urn:y'/>"

    assert person(read_elmo(document(course(), learner=learner))).name.surname == "X"


BILLION = b'<!DOCTYPE elmo [<!ENTITY a "lol">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(10)
)
REFUSED = {
    "empty": b"",
    "no XML": b"%PDF-1.7",
    "other root": b"<html/>",
    "elmo without namespace": b"<elmo/>",
    "billion laughs": BILLION + b']><elmo xmlns="%s">&k;</elmo>' % NAMESPACE.encode(),
    "billion laughs in an attribute": BILLION + b']><elmo a="&k;"/>',
    "outside entity": b'<!DOCTYPE elmo SYSTEM "file:///etc/passwd"><elmo/>',
    "doctype in UTF-16": '<!DOCTYPE elmo [<!ENTITY a "b">]><elmo>&a;</elmo>'.encode("utf-16"),
    "deep nesting": b"<a>" * 10_000 + b"</a>" * 10_000,
    "deeper than we read": document(course()).replace(
        b"<learner>", b"<a>" * 150 + b"</a>" * 150 + b"<learner>"
    ),
    "too many elements": b"<elmo xmlns='%s'>" % NAMESPACE.encode() + b"<a/>" * 60_000 + b"</elmo>",
    "too large": b" " * (MAX_BYTES + 1),
    "no learner": f'<elmo xmlns="{NAMESPACE}"/>'.encode(),
    "unknown encoding": b'<?xml version="1.0" encoding="x-klingon"?><elmo/>',
    "broken UTF-8": b"<elmo>\xff\xfe</elmo>",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_elmo_is_refused_at_once(data: bytes) -> None:
    begun = time.perf_counter()

    with pytest.raises(UnreadableSource) as caught:
        read_elmo(data)

    assert time.perf_counter() - begun < 1
    assert caught.value.public.endswith(".")


def test_the_field_trial_of_2015_is_refused_by_name() -> None:
    with pytest.raises(UnreadableSource, match="2015 field trial"):
        read_elmo(b'<elmo xmlns="http://purl.org/net/elmo"/>')


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="cannot be opened"):
        read_elmo(tmp_path / "absent.xml")
    with pytest.raises(UnreadableSource, match="cannot be opened"):
        read_elmo(tmp_path)


def read_or_refuse(data: bytes) -> Elmo | None:
    try:
        return read_elmo(data)
    except UnreadableSource:
        return None


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_and_nothing_worse(data: bytes) -> None:
    assert read_or_refuse(data) is None


WORDS = st.text(max_size=30) | st.sampled_from(
    ["NL", "Degree Programme", "Course", "failed", "in-progress", "EQF", "7", "2024-02-30", "05KO"]
)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=20)), max_size=4),
    st.sampled_from(["ours", "official"]),
)
def test_a_mutilated_sample_is_read_or_refused(
    edits: list[tuple[float, int, bytes]], whose: str
) -> None:
    data = document(degree("<status>passed</status>"), course())
    if whose == "official":
        data = sample("official/example-v1.4.0-to-v2.0.0.xml").read_bytes()
    for place, length, replacement in edits:
        at = int(place * len(data))
        data = data[:at] + replacement + data[at + length :]

    elmo = read_or_refuse(data)

    assert elmo is None or person(elmo).person


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 60), WORDS), max_size=8))
def test_hostile_texts_in_any_element_are_read_or_refused(texts: list[tuple[int, str]]) -> None:
    pieces = re.split(rb"(>[^<>]*<)", document(degree("<date>2024-01-01</date>"), course()))
    for place, words in texts:
        at = 2 * (place % (len(pieces) // 2)) + 1
        escaped = words.replace("&", "&amp;").replace("<", "&lt;")
        pieces[at] = b">" + escaped.encode("utf-8", "ignore") + b"<"

    elmo = read_or_refuse(b"".join(pieces))

    assert elmo is None or all(line.model_dump_json() for line in elmo)
