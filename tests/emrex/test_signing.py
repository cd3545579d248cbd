"""What crosses the socket about a document: names of records, and errors that stay themselves."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from credentials.errors import SealingPaused
from credentials.wire import arrived, crossing
from emrex.elmo.profiles import Version
from emrex.errors import EmrexError, NotEmitted
from emrex.exchange.request import return_url
from emrex.signing.wire import ALL_FAMILIES, MAX_AWARDS, WantedDocument

ASKED: dict[str, object] = {
    "person_id": "p",
    "award_ids": ["a", "b"],
    "version": "1.7",
    "receiver": "https://emc.example.edu",
    "shown": "0a" * 32,
}


@pytest.mark.parametrize("kind", EmrexError.__subclasses__(), ids=lambda kind: kind.kind)
def test_every_error_of_this_room_arrives_as_its_own_class(kind: type[EmrexError]) -> None:
    sent = kind.__new__(kind)
    EmrexError.__init__(sent, "This document cannot be made.", "schema,dangling-ref")

    got = arrived(json.loads(json.dumps(crossing(sent))), ALL_FAMILIES)

    assert type(got) is kind
    assert (got.public, got.reason) == (sent.public, sent.reason)


def test_who_asks_for_extracts_gets_no_error_of_a_room_above() -> None:
    assert type(arrived(crossing(NotEmitted("x")))) is SealingPaused


def test_a_request_names_records_and_what_they_are_for() -> None:
    wanted = WantedDocument.model_validate(ASKED)

    assert (wanted.award_ids, wanted.version) == (("a", "b"), Version.V1_7)
    assert WantedDocument.model_validate(ASKED | {"receiver": ""}).receiver == ""


@pytest.mark.parametrize(
    "more",
    [
        {"digest": "00" * 32},
        {"document": "<elmo/>"},
        {"person_id": ""},
        {"person_id": "p" * 65},
        {"award_ids": []},
        {"award_ids": [""]},
        {"award_ids": ["a" * 65]},
        {"award_ids": ["a"] * (MAX_AWARDS + 1)},
        {"award_ids": "a"},
        {"version": "2.0"},
        {"receiver": 'https://emc.example.edu"><x'},
        {"receiver": "https://emc.example.edu\n"},
        {"receiver": "https://emc.example.edu\u0000"},
        {"receiver": "javascript:alert(1)"},
        {"shown": ""},
        {"shown": "0A" * 32},
        {"receiver": "https://" + "a" * 254},
    ],
    ids=lambda more: str(more)[:60],
)
def test_nothing_but_names_can_be_asked(more: dict[str, object]) -> None:
    """No digest, no XML: there is no field through which other words could be signed."""
    with pytest.raises(ValidationError):
        WantedDocument.model_validate(ASKED | more)


@pytest.mark.parametrize(
    "address",
    [
        "https://emc.example.edu/back?a=1",
        "https://EMC.example.edu:8443/",
        "https://xn--mnchen-3ya.example/",
        "http://localhost:8000/emrex/simulator/return",
        "http://127.0.0.1:9000/",
    ],
)
def test_every_receiver_that_a_client_may_be_can_be_asked_for(address: str) -> None:
    origin = return_url(address, local=True).origin

    assert WantedDocument.model_validate(ASKED | {"receiver": origin}).receiver == origin
