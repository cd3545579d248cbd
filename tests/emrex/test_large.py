"""An answer that some servers refuse: the holder is told, and nothing goes by itself."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from httpx2 import Response
from lxml import html
from sqlmodel import col, update
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from emrex.exchange.answering import TARGET
from emrex.exchange.store import DocumentRow
from emrex.packing import packed
from emrex.simulating import RETURN_URL, Simulation, boxes, form_of
from keys.hierarchy import utc_now
from storage.engine import unit_of_work
from tests.house import HERE
from verifier.sandbox import Sandbox
from web.i18n import Language, translations, translator
from wiring import Instance

LARGE = "This is a large file. Some receivers refuse it. If that happens, start again and choose fewer diplomas."  # noqa: E501 - as the page says it
BUTTON = "Does nothing happen? Then use the button."


@pytest.fixture(name="client", scope="module")
def _client(house: Instance) -> Iterator[TestClient]:
    with Sandbox(size=1) as room:
        site = serving.whole_site(house, online_verifier(house, room))
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        with TestClient(
            site, base_url="http://127.0.0.1:8000", headers=headers, client=HERE
        ) as client:
            yield client


def incompressible(size: int) -> bytes:
    """As large when it is packed as PDFs are."""
    return random.Random(7).randbytes(size)


def handed_over(client: TestClient, house: Instance, lang: Language, size: int) -> Response:
    """The page that hands over, of a document of that size."""
    walk = Simulation(client, "", utc_now)
    page = walk.send(walk.begin(lang=lang), "/login", choice="vwo")
    page = walk.send(page, "/selection", **boxes(page.text, "/selection"))
    form = form_of(page.text, "/consent")
    ticked = {**form.fields, **boxes(page.text, "/consent")}
    agreed = client.post(form.action, data=ticked, follow_redirects=False)
    tid = form.action.split("/")[4]
    here = col(DocumentRow.tid) == tid
    with unit_of_work(house.engine, writes=True) as work:
        work.exec(update(DocumentRow).where(here).values(content=incompressible(size)))
    return client.get(agreed.headers["location"])


def scripts(page: Response) -> list[str]:
    return [str(one) for one in html.document_fromstring(page.text).xpath("//script/@src")]


@pytest.mark.parametrize("lang", list(Language))
def test_a_large_answer_is_told_and_waits_for_the_button(
    client: TestClient, house: Instance, lang: Language
) -> None:
    """emrex.md 4.37, 3.4: some servers stop forms at 2 MB; who knows it can choose fewer."""
    page = handed_over(client, house, lang, TARGET)
    say = translator(translations(), lang)

    assert say(LARGE) in page.text
    assert say(BUTTON) not in page.text
    assert [one for one in scripts(page) if "handover" in one] == []
    (button,) = html.document_fromstring(page.text).xpath("//form[@data-handover]//button")
    assert button.get("type") == "submit"
    fields = form_of(page.text, RETURN_URL).fields
    assert fields["returnCode"] == "NCP_OK"
    assert fields["elmo"] == packed(incompressible(TARGET))


def test_an_answer_below_the_target_goes_by_itself(client: TestClient, house: Instance) -> None:
    """emrex.md 4.37: the same page without the warning."""
    page = handed_over(client, house, Language.EN, TARGET // 2)

    assert LARGE not in page.text
    assert BUTTON in page.text
    assert len([one for one in scripts(page) if "handover" in one]) == 1
