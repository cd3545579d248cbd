"""The preview shows every field that is sent, in the words of its language (emrex.md 4.22)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from lxml import etree, html
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from credentials.extract import Language
from credentials.lines import Part
from emrex.elmo.extending import Transfer
from emrex.elmo.mapping import elmo_of
from emrex.elmo.writing import tree_of
from emrex.exchange.showing import Diploma, diploma
from emrex.simulating import Simulation
from emrex_wiring import trusted_by
from keys.hierarchy import utc_now
from register.records import AwardRecord, AwardStatus
from register.synthetic.personas import PERSONAS
from tests.credentials.people import PEOPLE, extract
from tests.emrex.conftest import EXTENSIONS, NOW
from tests.emrex.fields import unsaid
from tests.emrex.registered import FULL, WITH_DAYS, holdings
from tests.house import BASE, HERE, SAME_ORIGIN
from verifier.sandbox import Sandbox
from web import i18n
from web.i18n import translations, translator
from wiring import Instance


@pytest.fixture(name="client", scope="module")
def _client(house: Instance) -> Iterator[TestClient]:
    with Sandbox(size=1) as room:
        site = serving.whole_site(house, online_verifier(house, room))
        yield TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE)


def read_aloud(page: str) -> str:
    """What a person reads of a page."""
    body = html.document_fromstring(page).get_element_by_id("content")
    return " ".join(body.itertext())


@pytest.mark.parametrize("lang", Language)
@pytest.mark.parametrize("key", [one.key for one in PERSONAS if one.key != "withdrawn"])
def test_every_field_that_is_sent_is_on_the_page(
    key: str, lang: Language, client: TestClient, house: Instance
) -> None:
    """emrex.md 4.22: nothing of the record is in the document that the holder did not see."""
    walk = Simulation(client, "", utc_now)
    choosing = walk.send(walk.begin(lang=lang.value), "/login", choice=key)
    preview = walk._everything(choosing, "/selection")
    outcome = walk.judged(walk._everything(preview, "/consent"), trusted_by(house))

    assert outcome.code == "NCP_OK"
    assert unsaid(etree.fromstring(outcome.document), read_aloud(preview.text), lang) == []


def parts_of(shown: Diploma) -> Iterator[Part]:
    yield from (part for line in shown.lines for part in line.parts)
    yield from (part for line in shown.also for part in line.parts)
    if shown.table:
        yield from (part for row in shown.table.rows for cell in row.cells for part in cell)
        yield from shown.table.remarks


def unseen(records: Sequence[AwardRecord], lang: Language) -> list[str]:
    """What the lines of these records do not say of a document about them."""
    if not records:
        return []
    translate = translator(translations(), i18n.Language(lang))
    seen = [diploma(one, lang.value, NOW, translate) for one in records]
    text = "\n".join(f"{part.lead} {part.text}" for one in seen for part in parts_of(one))
    labels = "\n".join(line.label for one in seen for line in one.lines)
    sent = tree_of(elmo_of(records, Transfer(NOW, "https://here.example"), {}), EXTENSIONS)
    return unsaid(sent, f"{labels}\n{text}", lang)


@pytest.mark.parametrize("lang", Language)
def test_the_hardest_records_are_shown_whole(lang: Language) -> None:
    """emrex.md 4.22: former names, mergers, noble titles, dates in part, words in any language."""
    for record in (FULL, WITH_DAYS, *(extract(name).record for name in PEOPLE)):
        assert unseen([record], lang) == []


@given(holdings())
@settings(max_examples=60)
def test_whatever_the_register_holds_is_shown(records: list[AwardRecord]) -> None:
    """emrex.md 4.22."""
    standing = [one for one in records if one.award.status is not AwardStatus.WITHDRAWN]

    assert unseen(standing, Language.EN) == []
