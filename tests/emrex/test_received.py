"""What is read of a document, with whom it is compared, and whom one can ask: all of it hostile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from credentials.extract import Language
from emrex.accepting import Accepted, SignatureVerdict
from emrex.elmo.rules import Finding
from emrex.elmo.writing import NAMESPACE
from emrex.receiving.asking import born_on, by_country, wish
from emrex.receiving.document import MAX_RESULTS, MAX_TEXT, Learner, Received, received
from emrex.receiving.fetch import Expected
from emrex.receiving.listing import Kept, key_of, usable
from emrex.receiving.person import Match, compared
from emrex.receiving.ports import Listing
from emrex.receiving.showing import consequences, sections
from emrex.registry.entry import pem
from emrex.registry.fetching import Marks
from emrex.registry.keeping import Shelf, Snapshot
from emrex.registry.reading import Provider
from tests import judges
from tests.emrex.abroad import Abroad, document, opportunity
from tests.emrex.conftest import NOW, Desk

NAMES = (
    "learner",
    "report",
    "issuer",
    "title",
    "type",
    "specifies",
    "hasPart",
    "date",
    "status",
    "resultLabel",
    "level",
    "credit",
    "value",
    "scheme",
    "learningOpportunitySpecification",
    "learningOpportunityInstance",
    "attachment",
    "bday",
    "descriptionHtml",
    "givenNames",
    "familyName",
    "country",
    "extension",
)
TEXTS = st.text(
    st.characters(
        codec="utf-8", exclude_characters="\ufffe\uffff", exclude_categories=["Cs", "Cc"]
    ),
    max_size=40,
)


def read(root: etree._Element) -> Received:
    return received(Accepted(SignatureVerdict.VALID, "", (), root), root, b"")


def spoken(root: etree._Element, language: Language = Language.EN) -> list[str]:
    """Everything that a page would say of the results."""
    told = []
    for one in sections(read(root), language, str):
        told.append(one.title.text)
        told += [text.text for line in one.lines for text in (line.main, *line.notes)]
        told += [part for row in one.rows for part in (row.title.text, row.mark, row.credit)]
    return told


@st.composite
def trees(draw: st.DrawFn, depth: int = 4) -> etree._Element:
    """Any nesting of the names of ELMO, with any text anywhere."""
    made = etree.Element(f"{{{NAMESPACE}}}{draw(st.sampled_from(NAMES))}")
    made.text = draw(TEXTS)
    if depth:
        made.extend(draw(st.lists(trees(depth=depth - 1), max_size=4)))
    return made


@given(st.lists(trees(), max_size=4), st.sampled_from(Language))
def test_any_tree_is_read_within_bounds(parts: list[etree._Element], language: Language) -> None:
    """emrex.md 4.74 and 3.7: unknown and misplaced elements are passed by, nothing is endless."""
    root = etree.Element(f"{{{NAMESPACE}}}elmo")
    root.extend(parts)

    for text in spoken(root, language):
        assert len(text) <= 40 * MAX_TEXT
        assert "\u202e" not in text
        assert "\n" not in text


def test_html_is_never_read() -> None:
    """emrex.md 4.77."""
    root = document(NOW)
    top = root.find(f".//{{{NAMESPACE}}}learningOpportunitySpecification")
    assert top is not None
    etree.SubElement(top, f"{{{NAMESPACE}}}descriptionHtml").text = "<script>alert(1)</script>"

    assert "script" not in " ".join(spoken(root))


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("", "passed"),
        ("passed", "passed"),
        ("failed", "failed"),
        ("in-progress", "not finished"),
        ("revoked", "result unknown"),
    ],
)
def test_a_missing_status_means_passed_and_an_unknown_one_nothing(status: str, told: str) -> None:
    """emrex.md 4.72."""
    root = document(NOW)
    instance = root.find(f".//{{{NAMESPACE}}}learningOpportunityInstance")
    assert instance is not None
    etree.SubElement(instance, f"{{{NAMESPACE}}}status").text = status

    assert f"30 June 2026, {told}" in spoken(root)


def test_a_report_without_results_is_shown_as_that() -> None:
    """emrex.md 4.73."""
    root = document(NOW)
    report = root.find(f"{{{NAMESPACE}}}report")
    assert report is not None
    for one in report.findall(f"{{{NAMESPACE}}}learningOpportunitySpecification"):
        report.remove(one)

    assert spoken(root) == ["Separate results", "Universitetet i Nord", "Norway"]


def test_what_is_beyond_the_limit_is_counted() -> None:
    root = document(NOW)
    report = root.find(f"{{{NAMESPACE}}}report")
    assert report is not None
    for number in range(MAX_RESULTS):
        opportunity(report, f"Course {number}", "Course", "5")

    assert read(root).left_out == 3


@pytest.mark.parametrize(("stated", "dutch"), [("6", "6"), ("4", "4 / 4+"), ("9", ""), ("x", "")])
def test_a_european_level_is_told_in_dutch_terms_where_there_is_one(
    stated: str, dutch: str
) -> None:
    root = document(NOW)
    level = root.find(f".//{{{NAMESPACE}}}level/{{{NAMESPACE}}}value")
    assert level is not None
    level.text = stated
    told = spoken(root)

    assert f"EQF {stated}" in told
    assert (f"In the Dutch framework that is NLQF {dutch}." in told) == bool(dutch)


SAMPLES = (
    "official/example-v1.0.0.xml",
    "official/example-v1.1.0.xml",
    "official/example-v1.2.xml",
    "official/example-v1.3.0.xml",
    "official/example-v1.4.0-to-v2.0.0.xml",
    "national/fi-kaisa-reformatted.xml",
    "signed/dk-2016-default-prefix.xml",
)


@pytest.mark.judge
@pytest.mark.parametrize("name", SAMPLES)
def test_every_official_sample_can_be_shown(name: str) -> None:
    """emrex.md 4.76: 1.0 to 2.0 in the one namespace."""
    path = judges.standards() / "elmo" / "samples" / name
    root = etree.fromstring(path.read_bytes(), etree.XMLParser(remove_comments=True))

    assert read(root).learner.name
    assert len(spoken(root)) > 3


@pytest.mark.parametrize(
    ("name", "born", "match"),
    [
        ("Ola Nordmann", "1999-12-31", (Match.SAME, Match.SAME)),
        ("NORDMANN, Ola", "1999-12-31", (Match.SAME, Match.SAME)),
        ("Ola Nordmann", "1999-12-31Z", (Match.SAME, Match.SAME)),
        ("Ola Nordman", "1999-12-13", (Match.DIFFERENT, Match.DIFFERENT)),
        ("Ola Kari Nordmann", "", (Match.DIFFERENT, Match.NOT_STATED)),
        ("", "31-12-1999", (Match.NOT_STATED, Match.DIFFERENT)),
    ],
)
def test_lines_are_compared_and_nothing_is_decided(
    name: str, born: str, match: tuple[Match, Match]
) -> None:
    """emrex.md 4.78."""
    found = compared(Expected("Ola Nordmann", date(1999, 12, 31)), Learner(name, "", born, "", ""))

    assert (found.name, found.born) == match
    assert found.agrees == (match == (Match.SAME, Match.SAME))


@given(st.text(max_size=12))
def test_what_is_typed_as_a_date_is_one_or_none(text: str) -> None:
    found = born_on(text)

    assert found is None or isinstance(found, date)
    assert born_on("31-12-1999") == born_on("1999-12-31") == born_on("31.12.1999")


def registry(abroad: Abroad, **changed: object) -> Mapping[str, object]:
    return {
        "acronym": abroad.name,
        "countryCode": "NO",
        "institutions": ["Nord"],
        "url": abroad.url,
        "pubKey": pem(abroad.provider.certificates).decode(),
        **changed,
    }


def test_registries_that_were_kept_are_read_with_their_age(desk: Desk, tmp_path: Path) -> None:
    """emrex.md 4.79 and 4.82: an unreadable file costs itself, the age is the oldest."""
    abroad = Abroad(desk.signer)
    entries = [
        registry(abroad),
        registry(abroad),
        registry(abroad, url="http://emp.example.edu/"),
        registry(abroad, url="https://10.0.0.1/"),
        registry(abroad, pubKey="-----BEGIN CERTIFICATE-----"),
    ]
    told = {
        "countries": [{"countryCode": "NO", "countryName": "Norway", "singleFetch": "true"}],
        "ncps": entries,
    }
    shelf, long_ago = Shelf(tmp_path), datetime.fromtimestamp(1_700_000_000, UTC)
    bodies = {
        "https://a.example/": json.dumps(told).encode(),
        "https://b.example/": b"{",
        "https://c.example/": b"<!DOCTYPE x><x/>",
    }
    for address, body in bodies.items():
        shelf.keep(Snapshot(address, body, Marks(), long_ago))

    listing = Kept(shelf, (*bodies, "https://nowhere.example/"))()

    assert [one.label for one in listing.providers] == ["Nord"]
    assert listing.as_of == long_ago
    assert Kept(shelf, ())().providers == ()
    assert by_country(listing, Language.NL) == [
        ("Noorwegen", [(key_of(listing.providers[0]), "Nord")])
    ]


def test_a_list_is_read_again_when_another_is_kept_and_not_before(
    desk: Desk, tmp_path: Path
) -> None:
    """A catalogue has megabytes, and it is asked for with every XML file that somebody checks."""
    shelf, address = Shelf(tmp_path), "https://a.example/"
    kept = Kept(shelf, (address,))
    assert kept() == Listing(())

    for hours, acronym in enumerate(("Nord", "Other", "Other")):
        entry = registry(Abroad(desk.signer), acronym=acronym)
        body = json.dumps({"countries": [], "emps": [entry]}).encode()
        shelf.keep(Snapshot(address, body, Marks(), NOW + timedelta(hours=hours)))
        listing = kept()
        assert [one.label for one in listing.providers] == [acronym]
        assert listing.as_of == NOW + timedelta(hours=hours)
        assert kept() is listing


def test_only_a_provider_of_the_list_can_be_chosen(desk: Desk) -> None:
    one = Abroad(desk.signer).provider
    listing = Kept(Shelf(Path("/nowhere")), ())()
    form = {"provider": key_of(one), "name": " Ola\u202e ", "born": "1999-12-31"}

    chosen = wish(form, listing)

    assert chosen.missing == ("provider",)
    assert chosen.typed["name"] == "Ola"


def test_a_key_that_is_too_short_or_no_key_at_all_is_not_believed(desk: Desk) -> None:
    """emrex.md 3.5: RSA below 2048 is invalid."""
    good = desk.signer.chain[0]
    provider = Provider("N", "NO", "https://emp.example.edu", (), (b"junk", good))

    (found,) = usable([provider])

    assert found.certificates == (good,)


def test_each_consequence_is_told_once() -> None:
    told = (Finding("empty-element", "a"), Finding("empty-element", "b"), Finding("new", "c"))
    root = document(NOW)
    found = received(Accepted(SignatureVerdict.VALID, "", told, root), root, b"")

    assert consequences(found) == ["Something was left empty."]
