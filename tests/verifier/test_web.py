"""The page and the API as a browser and a program meet them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.attacks.updates import ATTACKS, anatomy
from tests.verifier import coded
from tests.verifier.conftest import a_verifier
from tests.verifier.memory import MemoryIndex, MemoryShares, MemoryStatuses
from tests.verifier.sealed import ADDRESS, NOW, NUMBER, World, make_world
from tests.verifier.site import a_site
from verifier import pages
from verifier.intake import MAX_BYTES
from verifier.ports import Status
from verifier.sandbox import Sandbox
from verifier.verifying import Verifier
from web.i18n import Language

API = "/api/v1/verifications"


def a_client(verifier: Verifier) -> TestClient:
    site = a_site(verifier)
    return TestClient(site, base_url="https://testserver", raise_server_exceptions=False)


@pytest.fixture(name="client")
def _client(verifier: Verifier) -> Iterator[TestClient]:
    with a_client(verifier) as client:
        yield client


def _file(data: bytes, name: str = "x.pdf") -> dict[str, Any]:
    return {"file": (name, data, "application/pdf")}


@pytest.fixture(name="forger", scope="module")
def _forger(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("forger"))


@pytest.mark.parametrize("lang", Language)
def test_the_first_page_works_without_javascript(lang: Language, client: TestClient) -> None:
    answer = client.get(f"/{lang}/verify")

    assert answer.status_code == 200
    assert f'method="post" enctype="multipart/form-data" action="/{lang}/verify"' in answer.text
    assert '<label for="file">' in answer.text
    assert 'type="file" id="file" name="file"' in answer.text
    assert "<style" not in answer.text
    assert " style=" not in answer.text


@pytest.mark.parametrize(
    ("lang", "word"),
    [("en", "Genuine and up to date"), ("nl", "Echt en actueel"), ("de", "Echt und aktuell")],
)
def test_a_genuine_file_shows_its_facts_behind_the_comparison(
    lang: str, word: str, client: TestClient, sealed: bytes
) -> None:
    """verifier.md 4.20, 4.26: the notice stands before the facts and takes the focus."""
    text = client.post(f"/{lang}/verify", files=_file(sealed)).text

    assert f'id="verdict">{word}</h1>' in text
    compare, facts = text.index("echt-compare"), text.index("Bachelor")
    assert compare < text.index("Noor van den Łukasiewicz-Özdemir") < facts
    assert 'class="echt-compare" tabindex="0" aria-labelledby="compare"' in text
    assert 'role="status" aria-labelledby="verdict" data-code="GENUINE_CURRENT"' in text
    assert NUMBER in text


@pytest.mark.parametrize("lang", Language)
def test_a_file_without_a_seal_comes_with_a_message_in_three_languages(
    lang: Language, client: TestClient, page: bytes
) -> None:
    """verifier.md 4.26."""
    text = client.post(f"/{lang}/verify", files=_file(page)).text

    assert 'data-code="NOT_ORIGINAL"' in text
    assert "echt-verdict__rest" in text
    for part in ("Dear candidate,", "Beste kandidaat,", "Guten Tag,"):
        assert part in text
    assert "echt.voorbeeld.nl" in text
    assert "Łukasiewicz" not in text


ASKED = {
    Status.SUPERSEDED: ("replaced by a newer one", "download a new extract"),
    Status.WITHDRAWN: ("has been withdrawn", "download a new extract"),
}


@pytest.mark.parametrize("status", ASKED)
def test_after_a_document_that_no_longer_stands_the_message_asks_for_a_new_one(
    status: Status, world: World, sealed: bytes
) -> None:
    """verifier.md 3.1, 4.26: what the register has now, not the same file again."""
    verifier = a_verifier(world, statuses=MemoryStatuses({NUMBER: status}))
    with a_client(verifier) as client:
        text = client.post("/en/verify", files=_file(sealed)).text

    assert text.count("<textarea") == len(Language)
    assert all(part in text for part in ASKED[status])
    assert "not the original file" not in text


def test_after_an_ended_link_the_message_asks_for_a_new_one(world: World) -> None:
    """verifier.md 3.1 and 3.2 step 1."""
    link = f"https://{ADDRESS}/nl/share#{'e' * 32}\n".encode()
    with a_client(a_verifier(world, shares=MemoryShares())) as client:
        text = client.post("/en/verify", files=_file(link)).text

    assert 'data-code="SHARE_ENDED"' in text
    assert "send me a new link or a new extract?" in text


def test_the_message_about_what_is_not_ours_says_just_that(
    client: TestClient, forger: World, page: bytes
) -> None:
    """verifier.md 3.1: it is no copy of ours, so nothing is said of originals."""
    text = client.post("/en/verify", files=_file(forger.seal(page))).text

    assert 'data-code="NOT_OURS"' in text
    assert "was not issued by echt.voorbeeld.nl" in text
    assert "not the original file" not in text


def test_a_changed_file_shows_no_fact_and_says_how_it_happens(
    client: TestClient, sealed: bytes
) -> None:
    """verifier.md 4.9 and 3.7, rule 3."""
    changed = sealed.replace(b"/Title", b"/Xitle", 1)
    assert changed != sealed

    text = client.post("/en/verify", files=_file(changed)).text

    assert 'data-code="ALTERED"' in text
    assert "when a program saved the file again" in text
    assert "Łukasiewicz" not in text


def test_a_form_without_a_file_says_so_on_the_page(client: TestClient) -> None:
    """verifier.md 4.20."""
    answer = client.post("/nl/verify", files=_file(b"", name=""))

    assert answer.status_code == 400
    assert "Kies eerst een bestand." in answer.text
    assert 'aria-invalid="true"' in answer.text


def _pasted(text: str) -> dict[str, Any]:
    return {"text": (None, text)}


@pytest.mark.parametrize("lang", Language)
def test_a_text_is_pasted_without_javascript(
    lang: Language, client: TestClient, world: World
) -> None:
    """verifier.md 3.6, goal 11: a code or a link that somebody holds as text."""
    page = client.get(f"/{lang}/verify").text
    code = coded.OURS + coded.letters(coded.statement(world))

    answer = client.post(f"/{lang}/verify", files=_pasted(f" {code}\r\n"))

    assert '<label class="utrecht-form-label" for="text">' in page
    assert '<textarea class="utrecht-textarea" id="text" name="text"' in page
    assert answer.status_code == 200
    assert 'data-code="QR_GENUINE_COMPARE"' in answer.text
    assert "Łukasiewicz" in answer.text
    assert "data-file" not in answer.text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"https://{ADDRESS}/nl/share#{'e' * 32}", "SHARE_ENDED"),
        ("https://elsewhere.example/#x", "NOT_OURS"),
        ("<script>alert(1)</script>", "CANNOT_CHECK"),
        ("\x00\ud800".encode("utf-8", "replace").decode(), "CANNOT_CHECK"),
        ("x" * 100_000, "CANNOT_CHECK"),
    ],
)
def test_any_text_is_an_answer(text: str, code: str, world: World) -> None:
    """verifier.md 4.4, 4.20: hostile text ends in a verdict, and is not said back."""
    with a_client(a_verifier(world, shares=MemoryShares())) as client:
        answer = client.post("/en/verify", files=_pasted(text))

    assert answer.status_code == 200
    assert f'data-code="{code}"' in answer.text
    assert "<script>alert" not in answer.text


def test_an_empty_text_says_so_beside_its_own_field(client: TestClient) -> None:
    """verifier.md 4.20."""
    answer = client.post("/en/verify", files=_pasted("  \n"))

    assert answer.status_code == 400
    assert "Paste the text or the link first." in answer.text
    assert 'aria-describedby="text-help text-missing" aria-invalid="true"' in answer.text
    assert "Choose a file first." not in answer.text


def test_an_empty_file_is_an_answer_and_not_an_error(client: TestClient) -> None:
    answer = client.post("/nl/verify", files=_file(b""))

    assert answer.status_code == 200
    assert "Het bestand is leeg." in answer.text


def test_an_unknown_language_is_no_page(client: TestClient) -> None:
    assert client.get("/fr/verify").status_code == 404


def test_the_api_answers_with_a_verdict(client: TestClient, sealed: bytes) -> None:
    answer = client.post(API, files=_file(sealed))

    assert answer.status_code == 200
    told = answer.json()
    assert told["code"] == "GENUINE_CURRENT"
    assert told["checks"]["seal_intact"] == "pass"
    assert told["facts"]["number"] == NUMBER
    assert told["checkedAt"] == "2026-11-21T14:05:00Z"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", bytes(MAX_BYTES + 1)])
def test_the_api_answers_200_about_any_file(data: bytes, client: TestClient) -> None:
    """verifier.md 4.4, 4.17."""
    answer = client.post(API, files=_file(data))

    assert answer.status_code == 200
    assert answer.json()["code"] == "CANNOT_CHECK"


def test_the_api_takes_a_code_a_text_and_a_fingerprint(
    client: TestClient, world: World, index: MemoryIndex, sealed: bytes
) -> None:
    """verifier.md 3.6, goal 11: one endpoint for everything."""
    code = coded.OURS + coded.letters(coded.statement(world))
    index.add(sealed, NUMBER)
    fingerprint = hashlib.sha256(sealed).hexdigest()
    asked = {
        "GENUINE_CURRENT": {"sha256": fingerprint},
        "QR_GENUINE_COMPARE": {"qr": code},
        "NOT_ORIGINAL": {"text": '{"format": "echt-extract"}'},
        "CANNOT_CHECK": {"text": "hello there"},
        "NOT_OURS": {"qr": "hello there"},
    }

    answers = {code: client.post(API, json=question).json() for code, question in asked.items()}

    assert {code: answer["code"] for code, answer in answers.items()} == {c: c for c in asked}
    assert answers["QR_GENUINE_COMPARE"]["facts"]["number"] == NUMBER
    assert answers["QR_GENUINE_COMPARE"]["way"] == "code"
    details = answers["GENUINE_CURRENT"]["details"]
    assert details["fileSha256"] == fingerprint
    assert details["statusCheckedAt"] == "2026-11-21T14:05:00Z"


@pytest.mark.parametrize("lang", Language)
def test_the_record_of_a_known_fingerprint_is_a_page(
    lang: Language, client: TestClient, index: MemoryIndex, sealed: bytes
) -> None:
    """verifier.md 3.6: `_render`; who asks has the whole hash, so had the file."""
    index.add(sealed, NUMBER)
    known = {"sha256": hashlib.sha256(sealed).hexdigest(), "language": lang}

    answer = client.post(f"{API}/_render", json=known)
    unknown = client.post(f"{API}/_render", json=known | {"sha256": "0" * 64})

    assert answer.status_code == 200
    assert answer.headers["content-language"] == lang
    assert 'data-code="GENUINE_CURRENT"' in answer.text
    assert unknown.status_code == 404
    assert unknown.headers["content-type"] == "application/problem+json"


def test_a_number_by_itself_gets_the_same_answer_whatever_it_is(
    client: TestClient, index: MemoryIndex, statuses: MemoryStatuses, sealed: bytes
) -> None:
    """verifier.md 4.14, 3.7 rule 1, goal 44: nothing is looked up, so nothing tells them apart."""
    index.add(sealed, NUMBER)
    statuses.statuses |= {"M2PX-7RTA-4QKD": Status.WITHDRAWN}

    answers = {
        client.post(API, json={"text": number}).content
        for number in (NUMBER, "M2PX-7RTA-4QKD", "Q4KD-M2PX-7RTA", "0000-0000-0000", "999990019")
    }

    assert len(answers) == 1
    assert statuses.asked == []


def test_all_that_is_wrong_with_a_question_is_told_at_once(client: TestClient) -> None:
    """verifier.md 4.20: one answer, and nothing of what was sent."""
    told = client.post(API, json={"sha256": "SECRET", "qr": "", "more": 1})

    assert told.status_code == 400
    assert "SECRET" not in told.text
    assert len(told.json()["errors"]) == 3


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"files": {"other": ("x", b"1")}}, 400),
        ({"files": {"file": ("", b"")}}, 400),
        ({"content": b"junk", "headers": {"content-type": "multipart/form-data"}}, 400),
        (
            {"content": b"junk", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            400,
        ),
        ({"json": {"file": "x"}}, 400),
        ({"json": {}}, 400),
        ({"json": {"text": "a", "qr": "b"}}, 400),
        ({"json": {"sha256": "XYZ"}}, 400),
        ({"json": ["text"]}, 400),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ({"content": b'"\xff"', "headers": {"content-type": "application/json"}}, 400),
        ({"content": b"%PDF"}, 415),
        ({"files": {"file": ("x", bytes(MAX_BYTES + (1 << 20)))}}, 413),
    ],
)
def test_a_question_of_the_wrong_form_is_a_problem_document(
    sent: dict[str, Any], status: int, client: TestClient
) -> None:
    """verifier.md 4.20: never 422."""
    answer = client.post(API, **sent)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_the_description_of_the_api_names_the_answers(client: TestClient) -> None:
    operation = client.get("/api/v1/openapi.json").json()["paths"][API]["post"]

    assert set(operation["responses"]) == {"200", "400", "413", "415"}
    assert set(operation["requestBody"]["content"]) == {"multipart/form-data", "application/json"}
    assert "parameters" not in operation


def test_the_script_is_small_and_served_by_us(client: TestClient) -> None:
    script = (pages.STATIC / "verify.js").read_bytes()
    address = client.get("/en/verify").text.split('type="module" src="')[1].split('"')[0]

    assert len(script) <= 6000
    assert client.get(address).content == script


def test_an_altered_file_is_shown_beside_what_we_sealed(
    world: World, sealed: bytes, sandbox: Sandbox
) -> None:
    """verifier.md 3.7.3: areas of the uploaded file, in three languages, never in the API."""
    verifier = a_verifier(world, reading=sandbox, comparing=sandbox)
    genuine = anatomy(sealed)
    changed = ATTACKS["page_replaced"](genuine)
    with a_client(verifier) as client:
        for language, words in (
            ("en", "as we sealed it"),
            ("nl", "verzegeld"),
            ("de", "versiegelt"),
        ):
            page = client.post(f"/{language}/verify", files={"file": ("x.pdf", changed)})

            assert 'id="changes"' in page.text
            assert page.text.count('href="data:image/png;base64,') == 2
            assert words in page.text
            assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]
        assert "data:image" not in client.post(API, files={"file": ("x.pdf", changed)}).text
        whole = client.post("/en/verify", files={"file": ("x.pdf", sealed)})
        assert 'id="changes"' not in whole.text


def test_an_expert_finds_keys_fingerprints_and_moments(client: TestClient, sealed: bytes) -> None:
    page = client.post("/en/verify", files={"file": ("a.pdf", sealed)}).text

    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
    assert shown["SHA-256 of the file"] == hashlib.sha256(sealed).hexdigest()
    assert shown["Status asked"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    assert shown["Our key"].startswith("seal-")
    assert shown["Key of the time-stamp"].startswith("tsa-")
    assert shown["Moment of the time-stamp"] == "2026-11-21T13:05:00Z"
    added = client.post("/en/verify", files={"file": ("a.pdf", sealed + b" ")}).text
    assert re.search("<dt>Our key</dt><dd>seal-", added)
