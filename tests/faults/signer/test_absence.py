"""The signer away, without keys, or killed in the middle: nothing is half done."""

from __future__ import annotations

import shutil
import signal
from datetime import UTC, datetime, timedelta

import pytest

from credentials.errors import SealingPaused
from credentials.extract import Language, Purpose
from keys.errors import KeyUnavailable
from tests.faults.signer.halves import CHOICE, PATIENCE, Split, running

pytestmark = pytest.mark.slow

EVERYTHING = timedelta(0)
FOREVER = datetime.max.replace(tzinfo=UTC)


def test_without_a_signer_sealing_is_paused_and_the_rest_goes_on(fresh: Split) -> None:
    with pytest.raises(SealingPaused, match="Nothing was issued"):
        fresh.remote.extract(fresh.record(), *CHOICE)
    with pytest.raises(SealingPaused):
        fresh.remote.ping()

    assert fresh.remote.made(fresh.record(), *CHOICE) is None


def test_without_certificates_sealing_is_paused(fresh: Split) -> None:
    shutil.rmtree(fresh.web.channel_folder)

    with pytest.raises(SealingPaused):
        fresh.remote.extract(fresh.record(), *CHOICE)


def test_a_signer_whose_keys_are_gone_says_so_and_seals_again_when_they_are_back(
    halves: Split,
) -> None:
    keys, away = halves.home / "keys", halves.home / "away"
    keys.rename(away)
    try:
        with pytest.raises(KeyUnavailable) as found:
            halves.remote.ping()
    finally:
        away.rename(keys)

    assert str(halves.home) not in found.value.reason
    halves.remote.ping()


MINES = {
    "inside put": (Purpose.WORK, False),
    "before conclude": (Purpose.STUDY, True),
}
"""Where the signer dies, in the middle of which extract, and whether that one is whole."""


def test_a_signer_killed_in_the_middle_leaves_nothing_half_done(fresh: Split) -> None:
    """platform.md 4.1.6: web hears of a pause, the reconciler settles, the next signer goes on."""
    record = fresh.record()
    whole: dict[Purpose, str] = {}
    for step, (purpose, durable) in MINES.items():
        with running(fresh, step) as process:
            with pytest.raises(SealingPaused):
                fresh.remote.extract(record, Language.EN, purpose)
            assert process.wait(PATIENCE) == -signal.SIGKILL
        fresh.local.reconciler.settle(older_than=EVERYTHING)
        assert not list(fresh.local.ledger.open_intents(before=FOREVER))
        made = fresh.remote.made(record, Language.EN, purpose)
        assert (made is not None) == durable
        whole |= {purpose: made.intent.number} if made else {}

    with running(fresh) as process:  # the same client, the same name of a socket
        for purpose in Purpose:
            first = fresh.remote.extract(record, Language.EN, purpose)
            assert fresh.remote.extract(record, Language.EN, purpose) == first
            assert whole.setdefault(purpose, first.number) == first.number
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)

    documents = fresh.local.ledger.documents_of(record.person.person_id)
    assert sorted(entry.intent.number for entry in documents) == sorted(whole.values())
    assert not fresh.socket.exists()
