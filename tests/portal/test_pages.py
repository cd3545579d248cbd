"""The holder's pages over the whole service: own diplomas only, and you get what you see."""

from __future__ import annotations

import html
import re
import subprocess
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from credentials.extract import Language
from register.synthetic.personas import PERSONAS
from tests import judges
from tests.house import log_in, token_in
from wiring import Instance

NURSE = next(persona for persona in PERSONAS if persona.key == "nurse")
WITHDRAWN = next(persona for persona in PERSONAS if persona.key == "withdrawn")


def award_of(house: Instance, person_id: str) -> str:
    return house.register.awards_of(person_id)[0].award.award_id


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def download(client: TestClient, award: str, language: str = "en", purpose: str = "work") -> bytes:
    path = f"/en/diplomas/{award}/extract"
    page = client.get(path, params={"language": language, "purpose": purpose}).text
    form = {"form_token": token_in(page), "language": language, "purpose": purpose}
    answer = client.post(path, data=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return answer.content


def test_a_holder_sees_the_own_diplomas(visitor: TestClient) -> None:
    page = text_of(log_in(visitor, "nurse").text)

    assert "My diplomas" in page
    assert "Nursing" in page


@pytest.mark.parametrize("path", ["diplomas", "diplomas/x", "diplomas/x/extract"])
def test_nobody_sees_a_diploma_without_logging_in(visitor: TestClient, path: str) -> None:
    answer = visitor.get(f"/en/{path}", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/en/login")


@pytest.mark.parametrize("suffix", ["", "/extract"])
def test_somebody_elses_diploma_is_the_same_as_none(
    visitor: TestClient, house: Instance, suffix: str
) -> None:
    """platform.md 4.2 I4, portal.md 4.24: two personas, every route with an id."""
    log_in(visitor, "vwo")
    other = award_of(house, NURSE.person_id)

    answers = [visitor.get(f"/en/diplomas/{award}{suffix}") for award in (other, "NO-SUCH-AWARD")]

    assert [answer.status_code for answer in answers] == [404, 404]
    shown = [re.sub(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", "", a.text) for a in answers]
    assert shown[0] == shown[1]


def test_somebody_elses_diploma_cannot_be_downloaded(visitor: TestClient, house: Instance) -> None:
    page = log_in(visitor, "vwo").text
    form = {"form_token": token_in(page), "language": "en", "purpose": "work"}
    path = f"/en/diplomas/{award_of(house, NURSE.person_id)}/extract"

    assert visitor.post(path, data=form).status_code == 404


@pytest.mark.parametrize("language", list(Language))
def test_the_preview_equals_the_issued_document(
    visitor: TestClient, house: Instance, tmp_path: Path, language: Language
) -> None:
    """portal.md 4.2: field by field, and it says "no BSN"."""
    judges.require("pdftotext")
    log_in(visitor, "nurse")
    award = award_of(house, NURSE.person_id)
    page = visitor.get(f"/en/diplomas/{award}/extract", params={"language": language}).text
    paper = tmp_path / "extract.pdf"
    paper.write_bytes(download(visitor, award, language))
    command = ["pdftotext", "-layout", str(paper), "-"]
    printed = " ".join(
        subprocess.run(command, capture_output=True, check=True).stdout.decode().split()
    )

    values = re.findall(r"<dd>(.*?)</dd>", page, re.DOTALL)
    assert len(values) >= 8
    for value in values[:-1]:  # the last line has the number, which is drawn at the download
        for words in text_of(value).split():
            assert words in printed
    assert "BSN" in text_of(page)
    assert NURSE.bsn not in page


def test_the_same_download_twice_is_the_same_file(visitor: TestClient, house: Instance) -> None:
    log_in(visitor, "nurse")
    award = award_of(house, NURSE.person_id)

    first = download(visitor, award)

    assert download(visitor, award) == first
    page = text_of(visitor.get(f"/en/diplomas/{award}").text)
    entry = house.ledger.documents_of(NURSE.person_id)[0]
    assert entry.intent.number in page
    assert "Up to date" in page


def test_the_preview_of_a_document_made_before_shows_its_number(
    visitor: TestClient, house: Instance
) -> None:
    log_in(visitor, "long-name")
    person = next(persona for persona in PERSONAS if persona.key == "long-name")
    award = award_of(house, person.person_id)
    path = f"/en/diplomas/{award}/extract?language=de&purpose=study"

    before = text_of(visitor.get(path).text)
    download(visitor, award, "de", "study")
    after = text_of(visitor.get(path).text)

    number = house.ledger.documents_of(person.person_id)[0].intent.number
    assert "Neue Nummer" in before
    assert number in after
    assert "Neue Nummer" not in after


def test_a_withdrawn_diploma_says_so_and_gives_no_reason(
    visitor: TestClient, house: Instance
) -> None:
    log_in(visitor, "withdrawn")
    award = award_of(house, WITHDRAWN.person_id)

    page = text_of(visitor.get(f"/en/diplomas/{award}").text)
    refused = visitor.get(f"/en/diplomas/{award}/extract")

    assert "This diploma is withdrawn" in page
    assert "Download a sealed extract" not in page
    assert refused.status_code == 409


@pytest.mark.parametrize(
    "choice", [{"language": "fr"}, {"purpose": "fun"}, {"language": ""}, {"purpose": "x" * 300}]
)
def test_a_choice_that_is_not_offered_is_told_kindly(
    visitor: TestClient, house: Instance, choice: dict[str, str]
) -> None:
    log_in(visitor, "nurse")
    answer = visitor.get(f"/nl/diplomas/{award_of(house, NURSE.person_id)}/extract", params=choice)

    assert answer.status_code == 400
    assert "Kies een taal en een doel uit de lijst." in text_of(answer.text)


def test_a_download_needs_the_forms_own_token(visitor: TestClient, house: Instance) -> None:
    log_in(visitor, "nurse")
    path = f"/en/diplomas/{award_of(house, NURSE.person_id)}/extract"
    before = len(house.ledger.documents_of(NURSE.person_id))

    answer = visitor.post(path, data={"language": "de", "purpose": "authority"})

    assert answer.status_code == 403
    assert len(house.ledger.documents_of(NURSE.person_id)) == before
