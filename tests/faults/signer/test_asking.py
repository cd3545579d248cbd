"""What the web role can ask of the signer, and that there is nothing else."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx2
import pytest

from credentials.channel import HOST, Channel
from credentials.errors import AlreadyIssuing, NothingToState
from credentials.extract import Language, Purpose
from credentials.ledger import Outcome
from credentials.wire import EXTRACTS, READY
from register.errors import NotRegistered
from register.synthetic.personas import PERSONAS
from tests.faults.signer.halves import CHOICE, PATIENCE, Split

pytestmark = pytest.mark.slow


def test_the_web_role_gets_a_sealed_extract_from_the_signer(halves: Split) -> None:
    record = halves.record()
    before = halves.remote.made(record, *CHOICE)

    issued = halves.remote.extract(record, *CHOICE)

    entry = halves.local.ledger.by_number(issued.number)
    assert before is None
    assert entry is not None
    assert entry.outcome is Outcome.SEALED
    assert entry.file_sha256 == hashlib.sha256(issued.document).hexdigest()
    assert halves.local.sealer.covers(issued.document, entry.intent.covered_digest)
    assert halves.remote.made(record, *CHOICE) == entry
    assert halves.remote.extract(record, *CHOICE) == issued


def test_both_halves_say_the_same_about_what_was_made(halves: Split) -> None:
    """What the ledger alone tells web is what the whole cycle would tell."""
    for purpose in Purpose:
        record = halves.record(1)
        if purpose is Purpose.STUDY:
            halves.remote.extract(record, Language.NL, purpose)

        for language in Language:
            local = halves.local.downloads.made(record, language, purpose)
            assert halves.remote.made(record, language, purpose) == local


def test_eight_threads_may_ask_at_once(halves: Split) -> None:
    def ask(number: int) -> str:
        language = list(Language)[number % 3]
        try:
            return halves.remote.extract(halves.record(2), language, Purpose.WORK).number
        except AlreadyIssuing:
            return ""

    with ThreadPoolExecutor(8) as threads:
        numbers = set(threads.map(ask, range(24))) - {""}

    assert len(numbers) == 3


def test_an_award_of_somebody_else_is_nobodys(halves: Split) -> None:
    mine, other = halves.record(0), halves.record(1)
    mixed = replace(mine, person=other.person)

    with pytest.raises(NotRegistered):
        halves.remote.extract(mixed, *CHOICE)


def test_a_withdrawn_award_is_refused_by_the_signer_itself(halves: Split) -> None:
    """Web is not believed: the signer asks the register."""
    place = next(i for i, one in enumerate(PERSONAS) if one.key == "withdrawn")
    record = halves.record(place)
    body = {"award_id": record.award.award_id, "person_id": record.person.person_id}

    answer = raw(halves, "POST", EXTRACTS, json={**body, "language": "en", "purpose": "work"})

    assert answer.status_code == NothingToState.status
    assert answer.json()["kind"] == NothingToState.kind


def raw(halves: Split, method: str, path: str, **options: object) -> httpx2.Response:
    """What a web process that was taken over could send."""
    context = Channel(halves.web.channel_folder).client_context()
    transport = httpx2.HTTPTransport(verify=context, uds=str(halves.socket))
    with httpx2.Client(transport=transport, base_url=f"https://{HOST}", timeout=PATIENCE) as client:
        return client.request(method, path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("POST", "/sign", {"content": bytes(32)}),
        ("POST", EXTRACTS, {"json": {"digest": "00" * 32}}),
        ("POST", EXTRACTS, {"content": b"\xff" * 1000}),
        ("POST", EXTRACTS, {"content": b"[" * 50_000}),
        ("POST", EXTRACTS, {"content": b"x" * 200_000}),
        ("GET", EXTRACTS, {}),
        ("PUT", READY, {}),
        ("GET", "/openapi.json", {}),
        ("GET", "/docs", {}),
        ("POST", EXTRACTS, {"json": dict.fromkeys(("award_id", "person_id"), "x" * 999)}),
    ],
    ids=range(10),
)
def test_nothing_else_can_be_asked_and_nothing_is_told(
    halves: Split, method: str, path: str, options: dict[str, object]
) -> None:
    answer = raw(halves, method, path, **options)

    assert 400 <= answer.status_code < 500
    assert set(answer.json()) == {"kind", "public"}
    assert not any(word in answer.text for word in ("Traceback", ".py", "xxxx", "pydantic"))


def test_an_award_that_is_not_there_is_not_registered(halves: Split) -> None:
    asked = {"award_id": "NOBODY", "person_id": "NOBODY", "language": "nl", "purpose": "work"}

    answer = raw(halves, "POST", EXTRACTS, json=asked)

    assert (answer.status_code, answer.json()["kind"]) == (404, "not-registered")
