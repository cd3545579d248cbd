"""Register to ELMO and back: what was sent is what is registered, letter by letter.

register.md 3.6 row 31, and emrex.md 3.6. What is kept on purpose is in `emrex.elmo.comparing`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import fields, is_dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from lxml import etree

from emrex.accepting import accept
from emrex.elmo.comparing import as_sent, is_whole
from emrex.elmo.extending import Transfer
from emrex.elmo.mapping import elmo_of
from emrex.elmo.profiles import PROFILES, Version
from emrex.elmo.restoring import restored
from emrex.elmo.rules import findings
from emrex.elmo.writing import NAMESPACE, octets, tree_of
from emrex.errors import NotEmitted, NotRestorable
from register.importing import import_lines
from register.records import AwardRecord, AwardStatus, Sector
from register.store import SqlRegister
from register.synthetic.generate import write
from register.synthetic.personas import PERSONAS
from settings import Settings
from tests.credentials.people import PEOPLE, extract
from tests.emrex.conftest import EXTENSIONS, NOW, Desk, schemas
from tests.emrex.registered import FULL, WITH_DAYS, holdings
from tests.products import THOROUGH
from wiring import Instance

TRANSFER = Transfer(NOW, "https://echt.voorbeeld.nl", "https://emc.example.edu")
MANY = 10_000 if THOROUGH else 1_000
Holding = list[AwardRecord]


def people_of(register: SqlRegister) -> Iterator[Holding]:
    """Everything of each person, withdrawn awards included."""
    by_person: dict[str, Holding] = defaultdict(list)
    for record in register.awards():
        by_person[record.person.person_id].append(record)
    return iter(by_person.values())


def sent(records: Holding, version: Version = Version.V1_7) -> etree._Element:
    """The document as whoever receives it reads it, made of bytes again."""
    written = tree_of(elmo_of(records, TRANSFER, {}), EXTENSIONS, PROFILES[version])
    return etree.fromstring(octets(written))


def comes_back(records: Holding, version: Version = Version.V1_7) -> bool:
    return is_whole(sent(records, version), EXTENSIONS, records, PROFILES[version])


def lost(people: Iterable[Holding]) -> list[str]:
    return [one[0].person.person_id for one in people if not comes_back(one)]


def test_a_country_that_elmo_has_no_code_for_is_in_our_own_words_only(desk: Desk) -> None:
    """emrex.md 4.38: a school on Curaçao; with another country the document is not ELMO."""
    record = extract("vwo").record
    school = replace(record.institution, country="CW")
    holding = [replace(record, institution=school, institution_today=school)]

    written = etree.fromstring(desk.document(holding))

    assert not list(written.iter(f"{{{NAMESPACE}}}country"))
    assert comes_back(holding)


@pytest.mark.slow
def test_ten_thousand_invented_people_come_back_whole(tmp_path: Path) -> None:
    """register.md 3.6 row 31; of every sector, with withdrawn and corrected awards."""
    instance = Instance(Settings(home=tmp_path))
    write(tmp_path / "people.jsonl", people=MANY, seed=31)
    import_lines(tmp_path / "people.jsonl", instance.writer)
    people = list(people_of(instance.register))
    seen = Counter(record.award.sector for one in people for record in one)

    assert lost(people) == []
    assert set(Sector) - {Sector.OTHER} <= set(seen)
    assert min(seen.values()) > MANY / 100
    assert {record.award.status for one in people for record in one} == set(AwardStatus)
    instance.close()


@pytest.mark.parametrize("sector", ["vo", "mbo", "hbo", "wo", "NT2"])
def test_everybody_in_the_house_comes_back_whole(house: Instance, sector: str) -> None:
    """register.md 3.6 row 31."""
    people = [
        one
        for one in people_of(house.register)
        if any(record.award.sector == sector for record in one)
    ]

    assert people
    assert lost(people) == []


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.key)
def test_every_persona_comes_back_whole(house: Instance, persona: Any) -> None:
    """register.md 3.6 row 31; whoever visits the demo sends what the register has."""
    records = list(house.register.awards_of(persona.person_id))

    assert not records or comes_back(records)
    assert records or persona.key == "before-coverage"


@pytest.mark.parametrize("version", Version)
def test_the_hardest_people_come_back_in_every_version(version: Version) -> None:
    """emrex.md 4.38 and register.md 3.6 row 31."""
    people = [[extract(name).record] for name in PEOPLE]

    assert [one for one in people if not comes_back(one, version)] == []


@given(holdings())
def test_whatever_a_register_can_hold_comes_back(records: Holding) -> None:
    """register.md 3.6 row 31 and 4.1, emrex.md 4.38; dates stay as partly known as they were."""
    root = sent(records)

    assert sorted(restored(root, EXTENSIONS, "one-person"), key=lambda one: one.award.award_id) == [
        as_sent(record) for record in records
    ]
    assert list(findings(root)) == []
    assert {"1.6.0", "1.7.0"} <= set(schemas().fitting(root))


def test_it_comes_back_out_of_a_signed_document(desk: Desk) -> None:
    """emrex.md 3.5: from the tree whose signature was verified, and from nothing else."""
    record = extract("vwo").record
    certificate = desk.signer.chain[0]
    read = accept(desk.document([record]), (certificate,), NOW)

    assert read.root is not None
    assert restored(read.root, EXTENSIONS, record.person.person_id) == (as_sent(record),)


def test_a_withdrawn_award_comes_back_as_withdrawn() -> None:
    """emrex.md 4.21: nobody sends one, and a document of before is no way to make it stand."""
    record = extract("hbo").record
    gone = replace(record, award=replace(record.award, status=AwardStatus.WITHDRAWN, version=2))
    (found,) = restored(sent([gone]), EXTENSIONS, gone.person.person_id)

    assert found.award.status is AwardStatus.WITHDRAWN
    assert found.award.version == 2


def test_what_is_kept_on_purpose_is_no_more_than_this() -> None:
    """emrex.md 3.6 and 4.48: what `comparing` names, field by field."""
    untitled = replace(FULL, person=replace(FULL.person, name=replace(FULL.person.name, title="")))
    gone = {place for place, _ in differing(untitled, as_sent(untitled, PROFILES[Version.V1_4]))}

    assert gone == {"person.version", "person.name.gender", "person.birth_place"}
    assert FULL.person.person_id.encode() not in octets(sent([FULL]))


FOR_OTHERS = {
    "generatedDate", "issueDate", "familyName", "url", "type", "part's type", "country",
    "gradingScheme", "gradingSchemeLocalId", "part's gradingSchemeLocalId", "description",
    "resultLabel", "part's resultLabel", "part's status", "part's scheme",
    "groups", "groupType", "group", "title of groupType", "title of group", "title of issuer",
    "identifier of issuer@type", "grouping@typeref", "verifyUrl", "statusUrl", "transfer@receiver",
    "transfer@snapshot",
}  # fmt: skip
"""What others read and no record needs: the fact stands elsewhere too, or is none of a record."""


def test_whatever_is_dropped_from_a_document_is_missed() -> None:
    """The round trip cannot be right by accident: what writing forgets, it finds."""
    assert comes_back([FULL])
    assert comes_back([WITH_DAYS])
    assert unmissed(FULL) & unmissed(WITH_DAYS) == FOR_OTHERS


def unmissed(record: AwardRecord) -> set[str]:
    """What can be dropped of the document about that record without a loss."""
    return {
        name for name, less in without_each(sent([record])) if is_whole(less, EXTENSIONS, [record])
    }


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("{*}learner", "no-learner"),
        ("{*}extension", "no-transfer"),
        (".//{*}institution", "no-institution"),
        (".//{*}named", "too-short"),
        (".//{*}issuer/{*}identifier", "no-institution"),
        (".//{*}learningOpportunitySpecification/{*}identifier", "no-identifier"),
        (".//{*}learningOpportunityInstance", "no-learningOpportunityInstance"),
        (".//{*}grouping", "no-grouping"),
        (".//{*}status", "no-status"),
        (".//{*}record", "no-record"),
        (".//{*}learningOpportunityInstance/{*}date", "too-short"),
        (".//{*}learningOpportunitySpecification/{*}title", "too-short"),
    ],
)
def test_what_is_not_there_has_a_name(path: str, reason: str) -> None:
    """Nothing is guessed; emrex.md 3.6."""
    root = sent([WITH_DAYS])
    for gone in root.findall(path):
        gone.getparent().remove(gone)  # type: ignore[union-attr]  # none is the root

    with pytest.raises(NotRestorable) as caught:
        restored(root, EXTENSIONS, "one-person")

    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("path", "attribute", "reason"),
    [
        ("record", "status", "no-status"),
        ("record", "kind", "no-kind"),
        ("record", "version", "no-version"),
        ("record", "today", "no-institution"),
        ("record", "programmeSector", "unknown-value"),
        ("transfer", "country", "wrong-form"),
        ("transfer", "title", "unknown-value"),
        ("named", "since", "impossible-date"),
    ],
)
def test_what_no_register_knows_has_a_name(path: str, attribute: str, reason: str) -> None:
    """By the rules of the import; nothing of the document is quoted."""
    root = sent([WITH_DAYS])
    for changed in root.iter(f"{{{EXTENSIONS}}}{path}"):
        changed.set(attribute, "Nobody knows")

    with pytest.raises(NotRestorable) as caught:
        restored(root, EXTENSIONS, "one-person")

    assert caught.value.reason == reason
    assert "Nobody" not in str(caught.value)


def test_what_would_not_come_back_is_never_handed_out(desk: Desk) -> None:
    """emrex.md 3.4: a record that no import would have let in."""
    record = extract("hbo").record
    odd = replace(record, person=replace(record.person, birth_country="nl"))

    with pytest.raises(NotEmitted) as caught:
        desk.document([odd])

    assert caught.value.reason == "loss"


def without_each(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """The document without one element or one attribute, for each that it has."""
    for place, element in enumerate(root.iter()):
        if element is root:
            continue
        less = deepcopy(root)
        gone = next(islice(less.iter(), place, None))
        above = gone.getparent()
        assert above is not None
        above.remove(gone)
        yield named(element), less
        for name in element.attrib:
            less = deepcopy(root)
            next(islice(less.iter(), place, None)).attrib.pop(name)
            yield named(element, str(name)), less


def named(element: etree._Element, attribute: str = "") -> str:
    """What it is called here; titles by what they are of, and apart where it is of a part."""
    name, above = etree.QName(element).localname, element.getparent()
    if name in {"title", "identifier"} and above is not None:
        name += f" of {etree.QName(above).localname}"
    if any(etree.QName(one).localname == "hasPart" for one in element.iterancestors()):
        name = f"part's {name}"
    return name if not attribute or name in FOR_OTHERS else f"{name}@{attribute}"


def differing(left: Any, right: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Where two records differ."""
    if is_dataclass(left):
        for field in fields(left):
            ours, theirs = getattr(left, field.name), getattr(right, field.name)
            yield from differing(ours, theirs, f"{place}.{field.name}".lstrip("."))
    elif left != right:
        yield place, right
