"""A process with the receipt key signs for one without: only what its own sources bear out.

verifier.md 3.9; docs/decisions/0010: nothing good can be said of a file on another's word.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.verifier.memory import MemoryIndex, MemoryStatuses
from tests.verifier.receipts.test_receipts import a_desk
from tests.verifier.sealed import NOW, NUMBER, World
from verifier.errors import NotAReceipt, ReceiptsUnavailable
from verifier.ports import Status
from verifier.receipts.desk import Receipts
from verifier.receipts.form import compact, payload_of, receipt_of
from verifier.receipts.judging import Standing
from verifier.receipts.vouching import JUST_NOW, OF_OTHERS, Vouching
from verifier.verdict import VerdictCode

STRANGE = "0" * 64


@pytest.fixture(name="statuses")
def _statuses() -> MemoryStatuses:
    return MemoryStatuses({NUMBER: Status.GOOD})


@pytest.fixture(name="desk")
def _desk(world: World, sealed: bytes, statuses: MemoryStatuses) -> Receipts:
    index = MemoryIndex()
    index.add(sealed, NUMBER)
    return a_desk(world, index=index, statuses=statuses)


@pytest.fixture(name="payload")
def _payload(desk: Receipts, sealed: bytes) -> dict[str, object]:
    """What a web process says of a genuine file."""
    return payload_of(desk.issue_by_fingerprint(hashlib.sha256(sealed).hexdigest()).receipt)


def test_a_true_receipt_is_signed_as_it_is(desk: Receipts, payload: dict[str, object]) -> None:
    token = compact(Vouching(desk).signed(payload))

    judged = desk.check(token, offline=True).judged
    assert judged.standing is Standing.OURS
    assert judged.receipt == receipt_of(payload)


@pytest.mark.parametrize("code", VerdictCode)
def test_a_file_that_nobody_issued_is_never_called_good(
    desk: Receipts, payload: dict[str, object], code: VerdictCode
) -> None:
    """Every verdict there is: what the ledger does not know cannot become genuine."""
    asked = payload | {"sha256": STRANGE, "verdict": code.value}
    if code in OF_OTHERS:
        assert Vouching(desk).signed(asked)
    else:
        with pytest.raises(NotAReceipt):
            Vouching(desk).signed(asked)


@pytest.mark.parametrize("code", VerdictCode)
@pytest.mark.parametrize(
    ("status", "true"),
    [
        (Status.GOOD, {VerdictCode.GENUINE_CURRENT, VerdictCode.GENUINE_STATUS_UNKNOWN}),
        (Status.SUPERSEDED, {VerdictCode.SUPERSEDED}),
        (Status.WITHDRAWN, {VerdictCode.WITHDRAWN}),
        (None, {VerdictCode.GENUINE_STATUS_UNKNOWN}),
    ],
)
def test_a_file_of_ours_is_called_what_the_register_says(
    desk: Receipts,
    statuses: MemoryStatuses,
    payload: dict[str, object],
    status: Status | None,
    true: set[VerdictCode],
    code: VerdictCode,
) -> None:
    statuses.available = status is not None
    statuses.statuses = {NUMBER: status or Status.GOOD}
    asked = payload | {"verdict": code.value}
    if code in true:
        assert Vouching(desk).signed(asked)
    else:
        with pytest.raises(NotAReceipt):
            Vouching(desk).signed(asked)


@pytest.mark.parametrize("code", VerdictCode)
def test_while_the_ledger_is_away_nothing_is_signed(
    desk: Receipts, payload: dict[str, object], code: VerdictCode
) -> None:
    away = replace(desk, index=None)

    with pytest.raises(NotAReceipt):
        Vouching(away).signed(payload | {"verdict": code.value})


def _at(away: timedelta) -> dict[str, Any]:
    return {"checkedAt": f"{NOW + away:%Y-%m-%dT%H:%M:%SZ}"}


@pytest.mark.parametrize(
    "change",
    [
        _at(JUST_NOW + timedelta(seconds=1)),
        _at(-JUST_NOW - timedelta(seconds=1)),
        {"documentType": "diploma"},
        {"verifierVersion": "Noor Jansen"},
        {"trustListSerial": 10_000},
        {"id": "NOOR"},
        {"sha256": "noor"},
        {"verdict": "GOOD"},
        {"format": "echt-trust-list"},
        {"name": "Noor Jansen"},
    ],
    ids=str,
)
def test_no_other_word_is_ever_signed(
    desk: Receipts, payload: dict[str, object], change: dict[str, Any]
) -> None:
    with pytest.raises(NotAReceipt):
        Vouching(desk).signed(payload | change)


def test_without_a_key_nothing_is_signed(desk: Receipts, payload: dict[str, object]) -> None:
    with pytest.raises(ReceiptsUnavailable):
        Vouching(replace(desk, signer=None)).signed(payload)
