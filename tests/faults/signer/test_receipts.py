"""A web process without a key gives receipts: the signer signs what its own sources bear out."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from checking import online_receipts
from credentials.channel import Channel, listening
from receipt_wiring import RemoteReceipts
from tests.faults.signer.halves import CHOICE, Split, say
from verifier.errors import ReceiptsUnavailable
from verifier.receipts.form import payload_of
from verifier.receipts.judging import Standing
from verifier.verdict import CheckResult, VerdictCode

pytestmark = pytest.mark.slow


def test_the_web_role_gets_a_receipt_that_anybody_can_check(halves: Split) -> None:
    """verifier.md 3.9, docs/decisions/0010."""
    issued = halves.remote.extract(halves.record(), *CHOICE)
    desk = online_receipts(halves.web)

    receipt = desk.issue_by_fingerprint(hashlib.sha256(issued.document).hexdigest())

    assert receipt.receipt.code is VerdictCode.GENUINE_CURRENT
    answer = desk.check(receipt.token)
    assert answer.judged.standing is Standing.OURS
    assert answer.judged.receipt == receipt.receipt
    assert answer.holds


def test_the_signer_refuses_to_call_a_strange_file_genuine(halves: Split) -> None:
    """Whoever has the web process has no receipt for a forgery."""
    issued = halves.remote.extract(halves.record(), *CHOICE)
    desk = online_receipts(halves.web)
    true = desk.issue_by_fingerprint(hashlib.sha256(issued.document).hexdigest()).receipt
    line = RemoteReceipts(halves.remote.line)

    with pytest.raises(ReceiptsUnavailable):
        line.sign(payload_of(true) | {"sha256": "0" * 64})
    assert line.sign(payload_of(true) | {"sha256": "0" * 64, "verdict": "NOT_ORIGINAL"})


def test_a_signer_that_is_away_costs_the_receipt_and_nothing_else(fresh: Split) -> None:
    desk = online_receipts(fresh.web)

    with pytest.raises(ReceiptsUnavailable):
        RemoteReceipts(fresh.remote.line).sign({"sha256": "0" * 64})
    assert desk.known("0" * 64) is CheckResult.FAIL


@pytest.mark.parametrize("sent", [b"", b"{}", b'{"payload": "e30"}', b"[1]", b"\xff"])
def test_what_a_mad_signer_sends_is_no_receipt(fresh: Split, sent: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(sent)
    channel = Channel(fresh.local.channel_folder)
    with listening(fresh.socket) as listener, ThreadPoolExecutor(1) as threads:
        said = threads.submit(say, listener, channel, head + sent)
        with pytest.raises(ReceiptsUnavailable):
            RemoteReceipts(fresh.remote.line).sign({"sha256": "0" * 64})
        said.result()
