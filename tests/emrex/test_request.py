"""A client's request: what is needed, once, and an answer that can go nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrex.errors import RequestRefused
from emrex.exchange.request import request_of, return_url

URL = "https://emc.example.edu/return?course=1&lang=en"


@pytest.mark.parametrize("length", [1, 32, 36, 255])
def test_a_session_id_is_kept_as_it_came(length: int) -> None:
    """emrex.md 4.4."""
    session = ('+/=&<"é ' * 40)[:length]

    assert request_of([("sessionId", session), ("returnUrl", URL)]).session_id == session


@pytest.mark.parametrize("session", ["", "x" * 256, "a\nb", "a\x00", "a\x9f"])
def test_a_session_id_out_of_its_form_is_refused(session: str) -> None:
    """emrex.md 4.5."""
    with pytest.raises(RequestRefused):
        request_of([("sessionId", session), ("returnUrl", URL)])


@pytest.mark.parametrize(
    "fields",
    [
        [("sessionId", "1")],
        [("returnUrl", URL)],
        [("sessionId", "1"), ("sessionId", "2"), ("returnUrl", URL)],
        [("sessionId", "1"), ("returnUrl", URL), ("returnUrl", URL)],
    ],
)
def test_a_field_that_is_missing_or_doubled_is_refused(fields: list[tuple[str, str]]) -> None:
    """emrex.md 4.3."""
    with pytest.raises(RequestRefused):
        request_of(fields)


def test_fields_that_nobody_knows_are_passed_over_and_a_query_is_kept() -> None:
    """emrex.md 4.7 and 4.8."""
    made = request_of(
        [("sessionId", "1"), ("returnUrl", URL), ("utm", "x"), ("elmoVersion", "1.6")]
    )

    assert made.return_url.address == URL
    assert made.return_url.origin == "https://emc.example.edu"
    assert made.wishes == {"elmoVersion": "1.6"}


@pytest.mark.parametrize(
    "address",
    [
        "http://emc.example.edu/",
        "ftp://emc.example.edu/",
        "javascript:alert(1)",
        "data:text/html,x",
        "//emc.example.edu/",
        "https:emc.example.edu",
        "https://user@emc.example.edu/",
        "https://user:secret@emc.example.edu/",
        "https://emc.example.edu/#x",
        "https://emc.example.edu\\@evil.example/",
        "https://emc.example.edu/\nx",
        "https://emc.example.edu/\tx",
        "https://emc.example.edu /",
        "https://192.0.2.1/",
        "https://[2001:db8::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://localhost/",
        "https://emc.localhost/",
        "https://printer.local/",
        "https://emc/",
        "https://emc.example.edu:22/",
        "https://emc.example.edu:99999/",
        "https://emc.example.edu:0x1/",
        "https://emc..example.edu/",
        "https://-emc.example.edu/",
        "https://émc.example.edu/",
        "https://",
        "",
        "x" * 3000,
    ],
)
def test_an_address_that_could_lead_elsewhere_is_refused(address: str) -> None:
    """emrex.md 4.6."""
    with pytest.raises(RequestRefused):
        return_url(address)


@given(st.text(max_size=60))
def test_any_text_is_refused_or_names_the_host_that_a_browser_would_visit(text: str) -> None:
    try:
        found = return_url("https://" + text)
    except RequestRefused:
        return
    assert urlsplit(found.address).hostname == found.host
    assert found.address == "https://" + text
    assert found.origin.startswith(f"https://{found.host}")


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("emc.example.edu", "emc.example.edu"),
        ("xn--mnchen-3ya.example", "münchen.example (xn--mnchen-3ya.example)"),
        (
            "xn--80ak6aa92e.example",
            "\u0430\u0440\u0440\u04cf\u0435.example (xn--80ak6aa92e.example)",
        ),
        ("xn--a.example", "xn--a.example"),
    ],
)
def test_a_host_with_other_letters_is_shown_in_both_its_forms(host: str, shown: str) -> None:
    """emrex.md 3.7 and 4.22: letters that look like others do not hide behind one form."""
    assert return_url(f"https://{host}/").shown == shown


def test_this_machine_is_allowed_in_development_only() -> None:
    assert return_url("http://127.0.0.1:9000/r", local=True).origin == "http://127.0.0.1:9000"
    with pytest.raises(RequestRefused):
        return_url("http://127.0.0.1:9000/r")
