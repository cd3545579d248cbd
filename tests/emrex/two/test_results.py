"""Tokens for results: their own holder's, for minutes, and signed over every byte."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from authlib.integrations.base_client.errors import OAuthError

import running
from emrex.exchange.store import SqlTransfers
from emrex.exchange.transaction import ERASED_AFTER
from emrex.two.grant import CODE_LIVES, KEPT, TOKEN_LIVES
from emrex.two.store import SqlGrants
from tests.emrex.two.outside import (
    PERSON,
    RESULTS,
    SECOND,
    Holder,
    Site,
    verified,
)
from verifier.sandbox import Sandbox


def test_pdfs_are_those_inside_the_document(site: Site) -> None:
    """emrex.md 4.87: one content, whatever the format."""
    token = site.token("merger-chain")
    document = site.emc.results(token, data_format="elmo", data_format_version="1.7").content

    listed = site.emc.results(token, data_format="pdf_metadata")

    verified(listed, site.keys)
    assert listed.json()["pdf_list"]
    for one in listed.json()["pdf_list"]:
        pdf = site.emc.results(token, data_format="pdf", pdf_id=one["pdf_id"])
        verified(pdf, site.keys)
        assert pdf.headers["content-type"] == "application/pdf"
        assert base64.b64encode(pdf.content) in document
        assert one["checksum"] == f"sha256:{hashlib.sha256(pdf.content).hexdigest()}"
        assert (one["size_bytes"], one["type"]) == (len(pdf.content), "Diploma")
        assert one["issue_date"] == f"{datetime.now(UTC):%Y-%m-%d}"


def test_who_has_one_pdf_need_not_name_it(site: Site) -> None:
    token = site.token("vwo")

    assert site.emc.results(token, data_format="pdf").content.startswith(b"%PDF")


@pytest.mark.parametrize(
    "asked",
    [
        {"data_format": "elm"},
        {"data_format": "eidas"},
        {"data_format": "ELMO"},
        {"data_format": ""},
        {"data_format_version": "2.1"},
        {"data_format": "pdf", "data_format_version": "1.7"},
        {"data_format": "pdf", "pdf_id": "extract-of-somebody-else"},
    ],
)
def test_a_format_that_we_do_not_have_is_a_problem(site: Site, asked: dict[str, str]) -> None:
    answer = site.emc.results(site.token(), **asked)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["error"] == "invalid_request"
    assert answer.json()["type"].endswith("/problems/emrex-format")


def test_a_document_is_erased_though_no_other_transfer_begins(site: Site) -> None:
    """emrex.md 3.2, 4.34: ten minutes after the hand-over, and not when somebody comes by."""
    transfers, person = SqlTransfers(site.house.engine), PERSON["vwo"]
    before = {one.tid for one in transfers.receipts(person)}
    site.code("vwo")
    (tid,) = {one.tid for one in transfers.receipts(person)} - before
    site.wait(ERASED_AFTER + SECOND)
    assert transfers.document(tid) is not None

    beside_the_site(site, lambda: transfers.document(tid) is None)

    assert transfers.document(tid) is None


def test_grants_are_forgotten_though_no_other_request_comes(site: Site) -> None:
    """emrex.md 4.86, 3.1: nothing of a client's request outlives what hangs on it."""
    grants = SqlGrants(site.house.engine)
    address = Holder(site.browser).arrives(site.emc.address()).url.path
    tid = address.rpartition("/")[2]
    assert grants.find(tid) is not None
    site.wait(KEPT + SECOND)

    beside_the_site(site, lambda: grants.find(tid) is None)

    assert grants.find(tid) is None


def beside_the_site(site: Site, is_done: Callable[[], bool]) -> None:
    """Let a whole site stand until that is done; twenty seconds at most."""
    with Sandbox(size=1) as room, running._site(site.house, room, None):
        until = time.monotonic() + 20
        while not is_done() and time.monotonic() < until:
            time.sleep(0.05)


def test_a_code_and_a_token_end(site: Site) -> None:
    """emrex.md 4.86, 3.1: five minutes; and a document outlives its token."""
    assert CODE_LIVES + TOKEN_LIVES < ERASED_AFTER
    late, in_time = site.code(), site.token()
    site.wait(CODE_LIVES)

    with pytest.raises(OAuthError, match="invalid_grant"):
        site.emc.grant(late)
    assert site.emc.results(in_time).status_code == 200
    site.wait(TOKEN_LIVES - CODE_LIVES)
    ended = site.emc.results(in_time)
    assert ended.status_code == 401
    assert ended.json()["error"] == "invalid_token"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic x", "Bearer " + "x" * 300, "é"])
def test_what_is_no_token_opens_nothing(site: Site, header: str) -> None:
    """RFC 6750 3."""
    answer = site.browser.get(RESULTS, headers=[(b"Authorization", header.encode())])

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.headers["content-type"] == "application/problem+json"
    assert site.browser.get(RESULTS, params={"access_token": site.token()}).status_code == 401


def test_a_yes_that_was_taken_back_ends_the_token(site: Site) -> None:
    """emrex.md 6.2: what was not fetched yet is not handed out any more."""
    token = site.token("nt2-ii")
    assert site.emc.results(token).status_code == 200
    holder = Holder(site.browser)
    page = site.browser.get("/en/emrex/receipts")

    assert holder.send(page, "/withdraw").status_code == 200

    assert site.emc.results(token).status_code == 401


def test_a_token_opens_the_results_of_its_own_holder_only(site: Site) -> None:
    """emrex.md 4.86."""
    documents = {
        choice: site.emc.results(site.token(choice)).content for choice in ("vwo", "nurse")
    }

    assert len(set(documents.values())) == 2
    for choice, document in documents.items():
        receipts = SqlTransfers(site.house.engine).receipts(PERSON[choice])
        assert hashlib.sha256(document).hexdigest() in {one.sha256 for one in receipts}
