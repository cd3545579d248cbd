"""The page of one receipt, what can be kept of it, and the words that take a yes back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from lxml import html
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from emrex.elmo.attached import attached
from emrex.exchange.showing import diploma
from emrex.simulating import Outcome, Simulation, form_of
from emrex_wiring import exchange_of
from keys.hierarchy import utc_now
from register.synthetic.personas import PERSONAS
from tests.house import HERE
from verifier.sandbox import Sandbox
from web.i18n import Language, translations, translator
from wiring import Instance

URL = "http://127.0.0.1:8000"
LIST = "/{lang}/emrex/receipts"
(VWO,) = [one for one in PERSONAS if one.key == "vwo"]


@pytest.fixture(name="client", scope="module")
def _client(house: Instance) -> Iterator[TestClient]:
    with Sandbox(size=1) as room:
        site = serving.whole_site(house, online_verifier(house, room))
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "de"}
        with TestClient(
            site, base_url=URL, headers=headers, raise_server_exceptions=False, client=HERE
        ) as client:
            yield client


def sent(client: TestClient, house: Instance) -> tuple[Outcome, str]:
    """A transfer of a holder who is logged in from then on, and the id of its receipt."""
    client.cookies.clear()
    before = receipts_in(house)
    outcome = Simulation(client, "", utc_now).run("vwo", house.service_signer("emrex").chain[:1])
    (mine,) = receipts_in(house) - before
    return outcome, mine


def receipts_in(house: Instance) -> set[str]:
    receipts = exchange_of(house).transfers.receipts(VWO.person_id)
    return {one.receipt_id for one in receipts}


def links(page: Response, end: str) -> list[str]:
    return [one for one in html.document_fromstring(page.text).xpath("//a/@href") if end in one]


@pytest.mark.parametrize("lang", list(Language))
def test_a_receipt_has_a_page_of_its_own(
    client: TestClient, house: Instance, lang: Language
) -> None:
    """emrex.md 3.1, 4.25: receiver as it was shown, records, hash, time, certificate, fetched."""
    outcome, mine = sent(client, house)
    listed = client.get(LIST.format(lang=lang))
    (address,) = links(listed, mine)
    page = client.get(address)
    say = translator(translations(), lang)

    certificate = hashlib.sha256(house.service_signer("emrex").chain[0]).hexdigest()
    records = house.register.awards_of(VWO.person_id)
    titles = [diploma(one, lang, utc_now(), say).title.text for one in records]
    sha256 = hashlib.sha256(outcome.document).hexdigest()
    for fact in ("localhost", sha256, certificate, *titles):
        assert fact in html.document_fromstring(page.text).text_content()
    assert say("Nobody we know. The page warned you about that.") in page.text
    assert say("Not yet. It waits for your browser for an hour.") not in page.text


def test_what_was_sent_can_be_kept_while_we_have_it(client: TestClient, house: Instance) -> None:
    """emrex.md 3.1: the same bytes, and each PDF in them."""
    outcome, mine = sent(client, house)
    page = client.get(f"/en/emrex/receipts/{mine}")
    (elmo,) = links(page, "/elmo")
    pdfs = links(page, "/pdf/")
    got = client.get(elmo)

    assert got.content == outcome.document
    assert got.headers["content-disposition"] == 'attachment; filename="elmo.xml"'
    assert got.headers["cache-control"] == "no-store"
    inside = [one.content for one in attached(outcome.document)]
    assert [client.get(one).content for one in pdfs] == inside
    assert len(inside) >= 1
    for number in ("0", str(len(inside) + 1), "x", "-1", "9" * 30):
        assert client.get(f"/en/emrex/receipts/{mine}/pdf/{number}").status_code == 404


def test_each_pdf_says_what_it_is_and_of_which_diploma(client: TestClient, house: Instance) -> None:
    """emrex.md 4.46: in the language of the page, not in that of the file."""
    _, mine = sent(client, house)
    page = client.get(f"/de/emrex/receipts/{mine}")

    (told,) = html.document_fromstring(page.text).xpath("//a[contains(@href, '/pdf/')]")

    assert told.text_content() == (
        "PDF 1 darin: Auszug aus dem Abschlussregister, "
        "Abschluss der voruniversitären Sekundarstufe (vwo)"
    )


def test_of_what_is_erased_the_receipt_stays(client: TestClient, house: Instance) -> None:
    """emrex.md 3.2: the file goes, the page says so."""
    _, mine = sent(client, house)
    later = utc_now().replace(year=utc_now().year + 1)
    exchange_of(house).transfers.erase(later, later)

    page = client.get(f"/en/emrex/receipts/{mine}")

    assert "We no longer have it. Your receipt stays." in page.text
    assert links(page, "/elmo") == []
    assert client.get(f"/en/emrex/receipts/{mine}/elmo").status_code == 404
    assert client.get(f"/en/emrex/receipts/{mine}/pdf/1").status_code == 404


def test_a_receipt_is_its_own_holders_alone(client: TestClient, house: Instance) -> None:
    """emrex.md 4.12: whether somebody else has it is not told, and it cannot be taken back."""
    _, mine = sent(client, house)
    client.cookies.clear()
    paths = [f"/en/emrex/receipts/{mine}{end}" for end in ("", "/elmo", "/pdf/1")]
    assert {client.get(path, follow_redirects=False).status_code for path in paths} == {303}
    Simulation(client, "", utc_now).run("nurse", ())

    theirs = [client.get(path) for path in paths]
    nobodys = client.get("/en/emrex/receipts/AAAAAAAAAAAAAAAAAAAAAA")
    token = form_of(client.get("/en/emrex/receipts").text, "/withdraw").fields
    refused = client.post(f"{paths[0]}/withdraw", data=dict(token))

    assert {one.status_code for one in (*theirs, nobodys, refused)} == {404}
    (receipt,) = [
        one
        for one in exchange_of(house).transfers.receipts(VWO.person_id)
        if one.receipt_id == mine
    ]
    assert receipt.withdrawn_at is None


def test_the_address_without_a_language_leads_to_the_one_of_the_browser(
    client: TestClient,
) -> None:
    """emrex.md 3.1, as other addresses that stand on paper."""
    answer = client.get("/emrex/receipts", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/de/emrex/receipts")
    assert answer.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize("lang", list(Language))
def test_who_takes_a_yes_back_gets_the_words_for_the_receiver(
    client: TestClient, house: Instance, lang: Language
) -> None:
    """emrex.md 3.1, 6.2: in the holder's language and in English, with nothing of a person."""
    outcome, mine = sent(client, house)
    form = form_of(client.get(f"/{lang}/emrex/receipts/{mine}").text, "/withdraw")
    page = client.post(form.action, data=dict(form.fields))

    letters = html.document_fromstring(page.text).xpath("//pre")
    assert [one.get("lang") for one in letters] == list(dict.fromkeys([lang, "en"]))
    (link,) = links(page, "mailto:")
    (body,) = parse_qs(urlsplit(link).query)["body"]
    assert urlsplit(link).path == ""
    sha256 = hashlib.sha256(outcome.document).hexdigest()
    person = house.register.person(VWO.person_id)
    for letter in letters:
        text = letter.text_content()
        assert text.replace("\n", "\r\n") in body
        assert sha256 in text
        for personal in (person.name.surname, person.name.given, VWO.person_id, VWO.bsn, mine):
            assert personal not in text
    say = translator(translations(), lang)
    told = "My study results were sent to you over EMREX. I take my consent to that back."
    assert say(told) in letters[0].text_content()
    assert links(page, "/withdraw") == []
    assert "/withdraw" not in page.text
