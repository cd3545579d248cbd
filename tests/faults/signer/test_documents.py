"""ELMO documents over the line: what can be asked, a signer that is away, killed, or mad."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from credentials.channel import Channel
from credentials.errors import SealingPaused
from emrex.elmo.profiles import Version
from emrex.errors import ShownOtherwise
from emrex.exchange.ports import Documents
from emrex.signing.remote import RemoteMaker
from emrex.signing.wire import DOCUMENTS, MAX_DOCUMENT
from emrex_wiring import documents_of
from register.errors import NotRegistered
from register.records import AwardRecord
from tests.faults.signer.halves import PATIENCE, Split, running, say
from tests.faults.signer.test_absence import EVERYTHING
from tests.faults.signer.test_asking import raw

pytestmark = pytest.mark.slow

RECEIVER = "https://emc.example.edu"


def made(maker: Documents, *records: AwardRecord) -> bytes:
    return maker.document(records, Version.V1_7, RECEIVER).content


def test_without_a_signer_nothing_is_made(fresh: Split) -> None:
    with pytest.raises(SealingPaused, match="Nothing was issued"):
        made(documents_of(fresh.web), fresh.record())


def test_an_award_of_somebody_else_is_nobodys(halves: Split) -> None:
    """emrex.md 4.16: web is not believed; the signer asks the register."""
    mixed = replace(halves.record(0), person=halves.record(1).person)

    with pytest.raises(NotRegistered):
        made(documents_of(halves.web), mixed)


def test_a_diploma_that_was_corrected_meanwhile_is_not_sent(halves: Split) -> None:
    """emrex.md 4.22 and 4.25: what goes out is what the holder saw, or nothing."""
    record = halves.record(0)
    before = replace(record, award=replace(record.award, version=record.award.version + 1))

    with pytest.raises(ShownOtherwise):
        made(documents_of(halves.web), before)


def asked(award_ids: Sequence[object], **more: object) -> dict[str, object]:
    about = {"person_id": "NOBODY", "award_ids": award_ids, "version": "1.7", "shown": "00" * 32}
    return {"json": about | more}


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("POST", asked(["NOBODY"])),
        ("POST", asked([])),
        ("POST", asked(["x"], digest="00" * 32)),
        ("POST", asked(["x"], receiver='https://a.example"><b xmlns="')),
        ("POST", asked(["x"] * 5_000)),
        ("POST", {"content": b"\xff" * 1000}),
        ("POST", {"content": b"[" * 50_000}),
        ("POST", {"content": b"x" * 200_000}),
        ("POST", {"content": b"<elmo/>"}),
        ("GET", {}),
        ("PUT", {}),
    ],
    ids=range(11),
)
def test_nothing_else_can_be_asked_and_nothing_is_told(
    halves: Split, method: str, options: dict[str, object]
) -> None:
    answer = raw(halves, method, DOCUMENTS, **options)

    assert 400 <= answer.status_code < 500
    assert set(answer.json()) == {"kind", "public"}
    assert not any(word in answer.text for word in ("Traceback", ".py", "NOBODY", "pydantic"))


def test_a_signer_killed_in_the_middle_is_a_pause_and_the_next_one_goes_on(fresh: Split) -> None:
    """emrex.md 3.2: nothing was sent then; and the extract inside is issued once."""
    maker, record = documents_of(fresh.web), fresh.record()
    with running(fresh, "before conclude") as process:
        with pytest.raises(SealingPaused):
            made(maker, record)
        assert process.wait(PATIENCE) == -signal.SIGKILL
    fresh.local.reconciler.settle(older_than=EVERYTHING)

    with running(fresh):
        assert made(maker, record).count(b"data:application/pdf;base64,") == 1

    assert len(fresh.local.ledger.documents_of(record.person.person_id)) == 1


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 7\r\n\r\n<elmo/>",
        HEAD + b"Echt-Certificate: not base64\r\nContent-Length: 7\r\n\r\n<elmo/>",
        HEAD + b"Echt-Certificate: AAAA\r\nContent-Length: 7\r\n\r\n<elmo/>",
        HEAD + b"Content-Length: 99999999\r\n\r\n" + bytes(MAX_DOCUMENT + 2),
        b"HTTP/1.1 500 X\r\nContent-Length: 100000\r\n\r\n" + b"[" * 100_000,
        b"HTTP/1.1 500 X\r\nContent-Length: 50000\r\n\r\n" + b"[" * 50_000,
        b'HTTP/1.1 500 X\r\nContent-Length: 19\r\n\r\n{"kind": "unknown"}',
    ],
    ids=["no-certificate", "odd", "no-der", "too-long", "long-error", "deep-error", "unknown"],
)
def test_an_answer_that_is_not_a_document_is_a_pause(fresh: Split, answer: bytes) -> None:
    maker = documents_of(fresh.web)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(fresh.socket))
        listener.listen()
        channel = Channel(fresh.web.channel_folder)
        thread = threading.Thread(target=say, args=(listener, channel, answer))
        thread.start()
        with pytest.raises(SealingPaused):
            made(maker, fresh.record())
        thread.join(PATIENCE)


def test_a_signer_that_never_answers_is_given_up(fresh: Split) -> None:
    impatient = RemoteMaker(replace(fresh.remote.line, patience=0.2))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(fresh.socket))
        listener.listen()
        with pytest.raises(SealingPaused):
            made(impatient, fresh.record())
