"""From the register to a sealed overview and back: one statement, one document, one truth."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from credentials.errors import AlreadyIssuing, NothingToState
from credentials.extract import Language, Purpose
from credentials.ledger import StatedAward
from credentials.overview import Overview
from credentials.overviewing import Overviews
from credentials.standing import Mark, number_mark
from credentials.status import DocumentStatus
from keys.publishing import LIST
from overview_wiring import overviews_of
from register.importing import import_source
from register.lines import LINE
from register.reading import Records
from register.records import AwardRecord, AwardStatus
from register.synthetic.personas import PERSONAS
from tests.house import BASE, HERE, SAME_ORIGIN, furnish, log_in
from verifier.extract_data import facts_of
from verifier.reading import ReadingHere
from verifier.sandbox import Sandbox
from verifier.verdict import VerdictCode
from wiring import Instance

(NURSE,) = (one for one in PERSONAS if one.key == "nurse")
TAMPERED = 20_000
"""A byte somewhere in the drawing."""


@pytest.fixture(name="own", scope="module")
def _own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """A house whose diplomas may be withdrawn."""
    instance = furnish(tmp_path_factory.mktemp("own"))
    yield instance
    instance.close()


@pytest.fixture(name="road", scope="module")
def _road(own: Instance) -> Overviews:
    return overviews_of(own)


def held(instance: Instance, place: int) -> tuple[AwardRecord, ...]:
    """All diplomas of somebody who has several, and all of them stand; the nurse comes first."""
    people = dict.fromkeys(
        [NURSE.person_id, *(one.person.person_id for one in instance.register.awards())]
    )
    all_held = (instance.register.awards_of(person) for person in people)
    several = [
        records
        for records in all_held
        if len(records) > 1 and {one.award.status for one in records} == {AwardStatus.CURRENT}
    ]
    return several[place]


def sealed(road: Overviews, records: Sequence[AwardRecord]) -> bytes:
    return road.overview(records, Language.EN, Purpose.STUDY).document


def status(instance: Instance, document: bytes) -> DocumentStatus:
    sha256 = hashlib.sha256(document).hexdigest()
    (found,) = instance.standings.between(Mark.FILE, sha256, sha256)
    entry = instance.ledger.by_file(sha256)
    assert entry is not None
    assert instance.statuses.of_entry(entry) is found.status
    assert instance.standings.of_number(entry.intent.number) is found.status
    return found.status


@pytest.mark.parametrize("language", Language)
def test_the_same_awards_are_sealed_once(
    own: Instance, road: Overviews, language: Language
) -> None:
    """0005: one statement, one seal; the ledger names every award."""
    records = held(own, 0)
    first = road.overview(records, language, Purpose.STUDY)

    assert road.overview(records, language, Purpose.STUDY) == first
    entry = own.ledger.by_number(first.number)
    assert entry is not None
    assert entry.intent.awards == tuple(
        StatedAward(one.award.award_id, one.award.version) for one in records
    )
    assert own.ledger.attempts(entry.intent.statement) == (entry,)
    assert own.archive.get(first.number) == first.document


@pytest.mark.parametrize("language", Language)
def test_our_record_tells_what_is_in_the_file(
    own: Instance, road: Overviews, language: Language
) -> None:
    """verifier.md 3.4: to the letter, and the strict reader finds nothing wrong."""
    trust = (own.trust_folder / LIST).read_bytes()
    issued = road.overview(held(own, 0), language, Purpose.STUDY)
    seen = ReadingHere().read(issued.document, trust, own.clock())
    told = own.restating.extract_json(issued.number)

    assert told is not None
    assert facts_of(told) == seen.facts
    assert {check.result for check in seen.checks} == {"pass"}


def test_what_another_is_at_is_not_sealed_twice(own: Instance, road: Overviews) -> None:
    """platform.md 4.1.7."""
    records = held(own, 0)
    turned = tuple(reversed(records))
    made = own.ledger.by_number(road.overview(records, Language.EN, Purpose.STUDY).number)
    assert made is not None
    asked = Overview("22AA-22AA-22AA", Language.EN, Purpose.STUDY, made.intent.intended_at, turned)
    statement, digest = road.issuer.statement(asked), hashlib.sha256(b"elsewhere").digest()
    own.ledger.intend(
        replace(made.intent, number=asked.number, statement=statement, covered_digest=digest)
    )

    with pytest.raises(AlreadyIssuing):
        sealed(road, turned)


def test_a_withdrawn_diploma_is_in_no_new_overview(own: Instance, road: Overviews) -> None:
    """register.md 3.1."""
    first, second = held(own, 0)[:2]
    gone = replace(second, award=replace(second.award, status=AwardStatus.WITHDRAWN))

    with pytest.raises(NothingToState):
        sealed(road, (first, gone))


def test_our_verifier_calls_it_genuine_until_one_of_its_diplomas_is_withdrawn(
    own: Instance, road: Overviews, sandbox: Sandbox
) -> None:
    """verifier.md 3.2, 3.4: known bytes, a changed file, and the status of every diploma in it."""
    records = held(own, 1)
    document, verifier = sealed(road, records), online_verifier(own, sandbox)
    changed = document[:TAMPERED] + bytes([document[TAMPERED] ^ 1]) + document[TAMPERED + 1 :]
    found = verifier.verify(document)

    assert found.code is VerdictCode.GENUINE_CURRENT
    assert found.facts is not None
    assert len(found.facts["awards"]) == len(records)
    assert verifier.verify(changed).code is VerdictCode.ALTERED
    assert status(own, document) is DocumentStatus.ACTIVE

    last = records[-1].award.award_id
    line = {"type": "withdrawal", "award": last, "reason": "exam"}
    import_source(Records("withdrawn", [LINE.validate_json(json.dumps(line))]), own.writer)

    assert status(own, document) is DocumentStatus.WITHDRAWN
    found = online_verifier(own, sandbox).verify(document)
    assert (found.code, found.facts) == (VerdictCode.WITHDRAWN, None)


def test_the_page_of_a_verdict_shows_the_lines_of_every_diploma(
    own: Instance, road: Overviews, sandbox: Sandbox
) -> None:
    """verifier.md 3.6: in three languages, with the numbers of the paper."""
    records = held(own, 0)
    document = sealed(road, records)
    site = serving.whole_site(own, online_verifier(own, sandbox))
    with TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as client:
        for language in Language:
            answer = client.post(
                f"/{language}/verify", files={"file": ("overview.pdf", document, "application/pdf")}
            )
            page = text_of(answer.text)
            assert answer.status_code == 200
            for record in records:
                assert record.programme.code in page
            last = 4 + sum(7 + len(one.award.results) for one in records)
            (number,) = re.findall(rf"{last} [A-ZÜ]\w+ ([2-9A-Z-]{{14}})", page)
            assert own.ledger.by_number(number) is not None


def test_the_holder_finds_it_under_every_diploma_that_it_states(
    own: Instance, road: Overviews, sandbox: Sandbox
) -> None:
    """portal.md: documents that were made of a diploma, and how they stand."""
    records = held(own, 0)
    issued = road.overview(records, Language.EN, Purpose.STUDY)
    site = serving.whole_site(own, online_verifier(own, sandbox))
    with TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as client:
        log_in(client, NURSE.key)
        for record in records:
            page = client.get(f"/en/diplomas/{record.award.award_id}").text
            rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
            (row,) = [one for one in rows if issued.number in one]
            told = text_of(row)
            assert f"Overview of {len(records)} diplomas, for a university abroad" in told
            assert "Up to date" in told
            assert "<a " not in row


def test_the_copy_that_the_archive_makes_of_it_lasts(
    own: Instance, road: Overviews, sandbox: Sandbox
) -> None:
    """preservation.md, pdf.md 3.1: archive data over an overview is ours as over an extract."""
    issued = road.overview(held(own, 0), Language.DE, Purpose.STUDY)
    own.preserving.preserve()
    copy = own.preserved.get(issued.number)
    verdict = online_verifier(own, sandbox).verify(copy)

    assert copy.startswith(issued.document)
    assert len(copy) > len(issued.document)
    assert verdict.code is VerdictCode.GENUINE_CURRENT


def test_a_verifier_without_our_database_knows_how_it_stands(
    own: Instance, road: Overviews
) -> None:
    """0022: what is published of an overview is what is published of any document."""
    document = sealed(road, held(own, 0))
    (found,) = [
        one for one in own.standings.all() if one.file == hashlib.sha256(document).hexdigest()
    ]
    entry = own.ledger.by_file(found.file)

    assert entry is not None
    assert found.number == number_mark(entry.intent.number)
    assert found.status is DocumentStatus.ACTIVE


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
