"""The promise under test: every answer has its type and its age, and no address breaks it."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import hierarchy, ocsp, pki_answers
from keys.pki_answers import (
    HOUR,
    Served,
    file_answer,
    ocsp_answer,
    request_in_path,
    timestamp_answer,
)
from keys.revoking import RevocationIssuer
from keys.timestamp_request import build, token_in
from tests.keys.conftest import NOW, Chain
from tests.keys.test_ocsp import question


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("root.crl", "application/pkix-crl"),
        ("ca.crl", "application/pkix-crl"),
        ("root.cer", "application/pkix-cert"),
        ("ca.cer", "application/pkix-cert"),
    ],
)
def test_lists_and_certificates_have_their_type(
    issuer: RevocationIssuer, name: str, media_type: str
) -> None:
    """RFC 2585 4."""
    assert file_answer(issuer, name) == Served(issuer.file(name), media_type, HOUR)


@pytest.mark.parametrize("name", ["published.json", "../states.json", "ca.key", "", "ca.crl/"])
def test_other_names_are_nothing(issuer: RevocationIssuer, name: str) -> None:
    assert file_answer(issuer, name) is None


def test_an_answer_may_be_kept_for_an_hour_and_an_error_not_at_all(
    issuer: RevocationIssuer, seal: Chain
) -> None:
    good, bad = ocsp_answer(issuer, question(seal)), ocsp_answer(issuer, b"noise")

    assert (good.media_type, good.max_age) == ("application/ocsp-response", HOUR)
    assert bad == Served(ocsp.MALFORMED, "application/ocsp-response", 0)


def test_a_question_may_stand_in_the_path(seal: Chain) -> None:
    """RFC 6960 A.1: base64, percent-encoded by the client or by nobody."""
    asked = question(seal)
    text = base64.b64encode(asked).decode()

    assert request_in_path(text) == asked
    assert request_in_path(quote(text, safe="")) == asked


@given(text=st.text(max_size=100))
def test_no_path_breaks_it(text: str) -> None:
    assert isinstance(request_in_path(text), bytes)


def test_a_path_that_is_too_long_is_not_even_decoded() -> None:
    assert request_in_path("A" * (3 * pki_answers.MAX_PATH + 1)) == b""


def test_the_embedded_authority_can_be_asked_over_http(folder: Path) -> None:
    """RFC 3161 3.4."""
    authority = hierarchy.open_timestamper(folder, clock=lambda: NOW)

    served = timestamp_answer(authority, build(bytes(32), 77))

    assert (served.media_type, served.max_age) == ("application/timestamp-reply", 0)
    assert token_in(served.body)
