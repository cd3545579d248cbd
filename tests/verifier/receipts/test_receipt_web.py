"""The pages and the API of receipts, and `echt verify` on one."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from starlette.testclient import TestClient
from typer.testing import CliRunner

from tests.verifier.memory import MemoryIndex, MemoryStatuses
from tests.verifier.receipts.test_receipts import a_desk
from tests.verifier.sealed import NUMBER, World
from tests.verifier.site import a_site
from verifier.commands import verify_command
from verifier.ports import Status
from verifier.receipts.desk import Receipts
from verifier.receipts.judging import Standing
from verifier.verifying import Verifier
from web.i18n import Language, translations

HIDDEN = re.compile(r'name="receipt" value="([^"]+)"')
RECEIPTS = "/api/v1/receipts"


@pytest.fixture(name="desk")
def _desk(world: World, sealed: bytes) -> Receipts:
    index = MemoryIndex()
    index.add(sealed, NUMBER)
    return a_desk(world, index=index, statuses=MemoryStatuses({NUMBER: Status.GOOD}))


@pytest.fixture(name="client")
def _client(verifier: Verifier, desk: Receipts) -> Iterator[TestClient]:
    app = a_site(verifier, desk=desk)
    with TestClient(app, base_url="https://testserver", raise_server_exceptions=False) as client:
        yield client


def _file(data: bytes, name: str = "x.pdf") -> dict[str, Any]:
    return {"file": (name, data, "application/pdf")}


@pytest.mark.parametrize("lang", Language)
def test_the_page_with_the_verdict_carries_its_receipt(
    lang: Language, client: TestClient, sealed: bytes
) -> None:
    """Saved without JavaScript, and without any memory of the server."""
    page = client.post(f"/{lang}/verify", files=_file(sealed)).text
    token = html.unescape(HIDDEN.findall(page)[0])

    saved = client.post(f"/{lang}/receipt/file", data={"receipt": token})

    assert saved.status_code == 200
    assert saved.text == token
    name = re.search(
        r'filename="(echt-receipt-([0-9A-Z-]+)\.jws)"', saved.headers["content-disposition"]
    )
    assert name is not None
    assert name[2] in page
    assert saved.headers["content-type"] == "application/jose"


def test_only_our_own_receipts_are_handed_out_as_a_file(client: TestClient) -> None:
    """Nobody uses our address to serve a file of their own."""
    assert client.post("/en/receipt/file", data={"receipt": "a.b.c"}).status_code == 400
    assert client.post("/en/receipt/file").status_code == 400


@pytest.mark.parametrize(
    ("lang", "word"),
    [
        ("en", "This receipt is ours"),
        ("nl", "Dit bewijs is van ons"),
        ("de", "Dieser Beleg ist von uns"),
    ],
)
def test_a_receipt_is_checked_as_a_file_and_as_text(
    lang: str, word: str, client: TestClient, sealed: bytes
) -> None:
    token = client.post(RECEIPTS, files=_file(sealed)).json()["receipt"]
    broken = "\n".join(token[at : at + 76] for at in range(0, len(token), 76))

    uploaded = client.post(f"/{lang}/receipt", files={"file": ("r.jws", token)})
    pasted = client.post(f"/{lang}/receipt", data={"receipt": broken})

    for answer in (uploaded, pasted):
        assert answer.status_code == 200
        assert f'id="standing">{word}</h1>' in answer.text
        assert 'data-standing="OURS"' in answer.text
        assert "GENUINE_CURRENT" in answer.text


@pytest.mark.parametrize("sent", [{}, {"data": {"receipt": "  "}}, {"files": _file(b"", name="")}])
def test_a_form_without_a_receipt_says_so_on_the_page(
    sent: dict[str, Any], client: TestClient
) -> None:
    answer = client.post("/nl/receipt", **sent)

    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize("lang", Language)
def test_the_first_page_works_without_javascript(lang: Language, client: TestClient) -> None:
    page = client.get(f"/{lang}/receipt").text

    assert f'method="post" enctype="multipart/form-data" action="/{lang}/receipt"' in page
    assert '<label for="receipt">' in page


def test_the_api_makes_and_checks_receipts(client: TestClient, sealed: bytes) -> None:
    made = client.post(RECEIPTS, files=_file(sealed))

    assert made.status_code == 201
    assert made.json()["content"]["verdict"] == "GENUINE_CURRENT"
    checked = client.post(f"{RECEIPTS}/_check", json={"receipt": made.json()["receipt"]}).json()
    assert (checked["standing"], checked["stillHolds"]) == ("OURS", True)
    assert checked["content"] == made.json()["content"]


def test_a_fingerprint_is_enough_for_a_file_of_ours(client: TestClient, desk: Receipts) -> None:
    index: Any = desk.index
    (sha256,) = index.files

    assert client.post(RECEIPTS, json={"sha256": sha256}).status_code == 201
    unknown = client.post(RECEIPTS, json={"sha256": "0" * 64})
    assert unknown.status_code == 404
    assert unknown.json()["type"].endswith("/problems/unknown-fingerprint")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"sha256": "x"}}, 400),
        ({"json": {"sha256": "0" * 64, "more": 1}}, 400),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ({"content": b"%PDF"}, 415),
        ({"files": {"other": ("x", b"1")}}, 400),
    ],
)
def test_a_question_of_the_wrong_form_is_a_problem_document(
    sent: dict[str, Any], status: int, client: TestClient
) -> None:
    """verifier.md 4.20."""
    answer = client.post(RECEIPTS, **sent)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_command_line_recognises_a_receipt(
    tmp_path: Path, verifier: Verifier, desk: Receipts, sealed: bytes
) -> None:
    token = desk.issue(sealed, verifier.verify(sealed)).token
    good, bad = tmp_path / "good.jws", tmp_path / "bad.jws"
    good.write_text(token + "\n")
    place = token.index(".") + 10
    bad.write_text(token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :])
    app = typer.Typer()
    catalogues = translations()
    command = verify_command(
        lambda **_: verifier,
        lambda lang: catalogues[Language(lang)].gettext,
        lambda **_: desk,
    )
    app.command("verify")(command)

    result = CliRunner().invoke(app, ["--json", str(good), str(bad)])
    told = [json.loads(line) for line in result.stdout.splitlines()]

    assert [one["standing"] for one in told] == ["OURS", "NOT_OURS"]
    assert told[0]["content"]["verdict"] == "GENUINE_CURRENT"
    assert told[0]["stillHolds"] is True
    assert result.exit_code == 1
    assert CliRunner().invoke(app, ["--language", "nl", str(good)]).exit_code == 0


def test_the_record_of_a_fingerprint_carries_its_receipt(
    client: TestClient, desk: Receipts, index: MemoryIndex, sealed: bytes
) -> None:
    """verifier.md 3.1: the answer of `_render` is a whole answer, with a receipt."""
    index.add(sealed, NUMBER)
    known = {"sha256": hashlib.sha256(sealed).hexdigest(), "language": "en"}

    page = client.post("/api/v1/verifications/_render", json=known).text

    judged = desk.check(html.unescape(HIDDEN.findall(page)[0])).judged
    assert judged.standing is Standing.OURS
    assert judged.receipt is not None
    assert judged.receipt.sha256 == known["sha256"]
    assert judged.receipt.document_type == "fingerprint"


def test_receipts_are_offered_only_where_some_can_be_signed(
    verifier: Verifier, client: TestClient, desk: Receipts
) -> None:
    unsigned = a_site(verifier, desk=replace(desk, signer=None))
    with TestClient(unsigned, base_url="https://testserver") as other:
        assert "data-get" not in other.get("/en/verify").text
    assert "data-get" in client.get("/en/verify").text
