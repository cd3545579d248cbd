"""Several diplomas go with one overview of all of them, and one diploma goes as it always did."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Barrier

import pytest
from lxml import etree
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from credentials.errors import SealingPaused
from emrex.elmo import hashing
from emrex.elmo.attached import attached
from emrex.elmo.profiles import Version
from emrex.elmo.rules import every_finding
from emrex.elmo.writing import LANGUAGE, NAMESPACE
from emrex.making import Maker, has_overview
from emrex.simulating import Simulation, boxes
from emrex_wiring import maker_of, trusted_by
from keys.hierarchy import utc_now
from register.records import AwardRecord
from register.synthetic.personas import PERSONAS
from tests.credentials.overviews import held_by
from tests.emrex.conftest import EXTENSIONS, NOW, PDF, Desk, schemas
from tests.house import BASE, HERE, SAME_ORIGIN, furnish
from verifier.sandbox import Sandbox
from verifier.verdict import VerdictCode
from web.i18n import Language, translations, translator
from wiring import Instance

ELMO = f"{{{NAMESPACE}}}"
PEOPLE = ("hbo", "vwo", "nt2")
(NURSE,) = (one for one in PERSONAS if one.key == "nurse")
SENTENCE = (
    "With these diplomas goes one sealed overview of all of them as a PDF, in English. "
    "It says nothing about you that is not on this page."
)


@dataclass(slots=True)
class Counted:
    """Documents that nobody has to draw, and how often each was asked for."""

    extracts: list[str] = field(default_factory=list)
    overviews: list[tuple[str, ...]] = field(default_factory=list)
    paused: bool = False

    def sealed(self, record: AwardRecord) -> tuple[str, bytes]:
        self.extracts.append(record.award.award_id)
        return "en", PDF + record.award.award_id.encode()

    def overview(self, records: Sequence[AwardRecord]) -> tuple[str, bytes]:
        if self.paused:
            raise SealingPaused("Sealing is paused. Nothing was issued.")
        self.overviews.append(tuple(one.award.award_id for one in records))
        return "en", PDF + b"overview"


def maker(desk: Desk, documents: Counted) -> Maker:
    address = "https://echt.voorbeeld.nl"
    return Maker(address, EXTENSIONS, documents, lambda: desk.signer, lambda: NOW, schemas())


def held(count: int) -> tuple[AwardRecord, ...]:
    return held_by("vwo", PEOPLE[:count])


def test_with_one_diploma_nothing_is_added(desk: Desk) -> None:
    """emrex.md 3.6: its extract says everything, and no overview is even asked for."""
    documents = Counted()
    root = etree.fromstring(maker(desk, documents).document(held(1), Version.V1_7).content)

    assert (len(documents.extracts), documents.overviews) == (1, [])
    assert root.findall(f"{ELMO}attachment") == []
    assert [one.text for one in root.iter(f"{ELMO}ref")] == ["extract-award-noor"]


@pytest.mark.parametrize("version", Version)
def test_several_diplomas_have_one_transcript_at_the_root(desk: Desk, version: Version) -> None:
    """emrex.md 2.5, 3.4, 3.6, 38, 42: of the type that ELMO has for it, in every version."""
    documents, records = Counted(), held(3)
    root = etree.fromstring(maker(desk, documents).document(records, version).content)
    ids = [one.award.award_id for one in records]

    assert documents.overviews == [tuple(ids)]
    assert documents.extracts == ids
    (overview,) = root.findall(f"{ELMO}attachment")
    assert overview.findtext(f"{ELMO}type") == "EMREX transcript"
    assert overview.findtext(f"{ELMO}identifier") == "overview"
    assert len({one.get(LANGUAGE) for one in overview.findall(f"{ELMO}title")}) == 3
    before, after = overview.getprevious(), overview.getnext()
    assert before is not None
    assert after is not None
    assert (before.tag, after.tag) == (f"{ELMO}report", f"{ELMO}groups")
    assert schemas().is_valid(root, version)
    assert list(every_finding(root)) == []


def test_every_diploma_refers_to_its_extract_and_to_the_overview(desk: Desk) -> None:
    """emrex.md 3.6, 42."""
    records = held(3)
    root = etree.fromstring(maker(desk, Counted()).document(records, Version.V1_7).content)
    instance = f"{ELMO}specifies/{ELMO}learningOpportunityInstance/{ELMO}attachments/{ELMO}ref"
    tops = root.iterfind(f"{ELMO}report/{ELMO}learningOpportunitySpecification")

    assert [[one.text for one in top.findall(instance)] for top in tops] == [
        [f"extract-{one.award.award_id}", "overview"] for one in records
    ]


def test_the_hash_of_the_overview_stands_with_the_others(desk: Desk) -> None:
    """emrex.md 3.6: hash per attachment; another file under its name is found."""
    content = maker(desk, Counted()).document(held(2), Version.V1_7).content
    root = etree.fromstring(content)
    said = {one.get("ref"): one.get("sha256") for one in root.iter(f"{{{EXTENSIONS}}}attachment")}

    assert said["overview"] == hashing.of_file(PDF + b"overview")
    assert len(said) == 3
    inside = root.find(f"{ELMO}attachment/{ELMO}content")
    assert inside is not None
    other = base64.b64encode(PDF + b"another").decode()
    inside.text = f"data:application/pdf;base64,{other}"
    assert [one.rule for one in every_finding(root)] == ["hash-differs"]


def test_an_overview_that_cannot_be_had_keeps_the_document_from_being_made(desk: Desk) -> None:
    """emrex.md 3.4: nothing half is signed."""
    with pytest.raises(SealingPaused):
        maker(desk, Counted(paused=True)).document(held(2), Version.V1_7)


def test_a_withdrawn_diploma_counts_for_none(desk: Desk) -> None:
    """emrex.md 21: what stands is one diploma, so there is no overview."""
    documents, (first, second) = Counted(), held(2)
    award = replace(second.award, status=type(second.award.status).WITHDRAWN)
    maker(desk, documents).document([first, replace(second, award=award)], Version.V1_7)

    assert documents.overviews == []


def test_of_more_than_a_check_reads_there_is_no_overview(desk: Desk) -> None:
    """verifier.md 3.7: no paper of ours is too long for our own check; the extracts go."""
    documents, (one, *_) = Counted(), held(1)
    many = [replace(one, award=replace(one.award, award_id=f"award-{n}")) for n in range(21)]
    root = etree.fromstring(maker(desk, documents).document(many, Version.V1_7).content)

    assert documents.overviews == []
    assert len(documents.extracts) == 21
    assert root.findall(f"{ELMO}attachment") == []
    assert not has_overview(many)
    assert has_overview(many[:8])


def test_it_is_listed_with_the_day_of_its_document(desk: Desk) -> None:
    """emrex.md 3.1: on receipts, and in the metadata of EMREX 2.0."""
    content = maker(desk, Counted()).document(held(2), Version.V1_7).content
    *extracts, overview = attached(content)

    assert [one.kind for one in extracts] == ["Diploma", "Diploma"]
    assert (overview.pdf_id, overview.kind) == ("overview", "EMREX transcript")
    assert overview.title() == "Overzicht uit het diplomaregister"
    assert overview.issued == extracts[0].issued == NOW.date().isoformat()


@pytest.fixture(name="client", scope="module")
def _client(house: Instance) -> Iterator[TestClient]:
    with Sandbox(size=1) as room:
        site = serving.whole_site(house, online_verifier(house, room))
        yield TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE)


@pytest.mark.parametrize("lang", Language)
def test_the_preview_says_that_it_goes_along(client: TestClient, lang: Language) -> None:
    """emrex.md 22: with two diplomas; with one there is nothing to say."""
    say = translator(translations(), lang)
    told = {}
    for count in (1, 2):
        walk = Simulation(client, "", utc_now)
        choosing = walk.send(walk.begin(lang=lang.value), "/login", choice=NURSE.key)
        chosen = [*boxes(choosing.text, "/selection")["record"]][:count]
        page = walk.send(choosing, "/selection", record=chosen)
        told[count] = [say(one) in page.text for one in ("And an overview", SENTENCE)]

    assert told == {1: [False, False], 2: [True, True]}


def test_who_sends_to_several_at_once_waits_for_one_document(tmp_path: Path) -> None:
    """emrex.md 3.4: one transfer makes it, the others send the same, and none of them fails."""
    house = furnish(tmp_path)
    records, begin = house.register.awards_of(NURSE.person_id), Barrier(4)

    def one_of_them(_place: int) -> tuple[str, bytes]:
        begin.wait()
        return maker_of(house).extracts.overview(records)

    with ThreadPoolExecutor(4) as pool:
        told = set(pool.map(one_of_them, range(4)))
    house.close()

    assert len(told) == 1


def test_what_is_sent_is_genuine_and_on_the_receipt(client: TestClient, house: Instance) -> None:
    """emrex.md 43, 3.1: by our own verifier; each PDF can be kept while we have it."""
    client.cookies.clear()
    outcome = Simulation(client, "", utc_now).run(NURSE.key, trusted_by(house))
    files = list(attached(outcome.document))
    records = house.register.awards_of(NURSE.person_id)

    assert [one.kind for one in files] == ["Diploma"] * len(records) + ["EMREX transcript"]
    with Sandbox(size=1) as room:
        verdicts = [online_verifier(house, room).verify(one.content) for one in files]
    assert {one.code for one in verdicts} == {VerdictCode.GENUINE_CURRENT}
    facts = verdicts[-1].facts
    assert facts is not None
    assert len(facts["awards"]) == len(records)

    listed = client.get("/en/emrex/receipts").text
    newest = re.findall(r"/en/emrex/receipts/[\w-]+", listed)[0]
    page = client.get(newest).text
    assert f"PDF {len(files)} in it: Overview from the diploma register" in page
    assert client.get(f"{newest}/pdf/{len(files)}").content == files[-1].content
