"""Tokens of an outside authority, judged by the list alone: listed, lost, expired, other terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from credentials.pades import SplicePreserver, SpliceSealer
from credentials.sealing import Level, SealProfile
from keys import hierarchy, outside, outside_book
from keys.outside import OutsideAuthority
from keys.timestamps import TEST_POLICY, Timestamper
from tests.verifier import ageing, memory
from tests.verifier.conftest import a_verifier
from tests.verifier.sealed import NOW, NUMBER, SEALED, World, make_world
from verifier.ports import Status
from verifier.verdict import Verdict, VerdictCode

GENUINE, CANNOT = VerdictCode.GENUINE_CURRENT, VerdictCode.CANNOT_CHECK
PROVEN = (Level.B_T, Level.B_LT, Level.B_LTA)


@dataclass(frozen=True)
class Two:
    """Our hierarchy, and that of somebody else who stamps for us."""

    ours: World
    theirs: World

    def stamper(self, at: datetime) -> Timestamper:
        return self.theirs.timestamper(at)

    @property
    def authority(self) -> OutsideAuthority:
        chain = hierarchy.open_signer(self.theirs.keys, "tsa").chain
        return OutsideAuthority("theirs", TEST_POLICY, chain, SEALED - timedelta(hours=8))

    def seal(self, level: Level, *, at: datetime = SEALED) -> bytes:
        sealer = SpliceSealer(
            hierarchy.open_signer(self.ours.keys, "seal"),
            SealProfile(level=level),
            clock=lambda: at,
            timestamper=self.stamper(at),
            revocation=self.ours.revocation_source(at),
        )
        return sealer.seal(sealer.prepare(self.ours.page()))

    def preserve(self, sealed: bytes, *, at: datetime) -> bytes:
        """By our own authority, which knows theirs from the list."""
        chains = [self.ours.chain]
        preserver = SplicePreserver(
            self.ours.timestamper(at),
            self.ours.revocation_source(at),
            chains=chains,
            listed=lambda: [self.authority.certificates],
        )
        return preserver.preserve(sealed)

    def state(self, authority: OutsideAuthority) -> None:
        outside_book.record(self.ours.keys, authority)

    def verdict(self, document: bytes, *, at: datetime = NOW) -> Verdict:
        statuses = memory.MemoryStatuses({NUMBER: Status.GOOD})
        listed = ageing.list_of(self.ours.keys, at=at)
        verifier = a_verifier(self.ours, statuses=statuses, trust=listed, clock=at)
        return verifier.verify(document)


@pytest.fixture(name="two")
def _two(tmp_path: Path) -> Two:
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    return Two(make_world(tmp_path / "ours"), make_world(tmp_path / "theirs"))


def test_a_token_counts_from_the_day_its_authority_is_listed(two: Two) -> None:
    """pdf.md 3.5 and 3.7."""
    documents = [two.seal(level) for level in PROVEN]
    unlisted = [two.verdict(one) for one in documents]
    two.state(two.authority)

    assert [one.code for one in unlisted] == [CANNOT] * 3
    assert all("time_stamp_not_ours" in one.reasons for one in unlisted)
    for document in documents:
        verdict = two.verdict(document)
        assert verdict.code is GENUINE, verdict.reasons


@pytest.mark.parametrize("change", ["policy", "since", "until"])
def test_a_token_outside_of_what_is_listed_proves_nothing(two: Two, change: str) -> None:
    changes: dict[str, dict[str, Any]] = {
        "policy": {"policy": "1.2.3.4"},
        "since": {"since": SEALED + timedelta(seconds=1)},
        "until": {"until": SEALED},
    }
    two.state(replace(two.authority, **changes[change]))

    verdict = two.verdict(two.seal(Level.B_T))

    expected = "time_stamp_not_ours" if change == "policy" else "time_stamp_key_not_trusted"
    assert verdict.code is CANNOT
    assert expected in verdict.reasons


def test_a_loss_parts_what_was_proven_before_it_from_the_rest(two: Two) -> None:
    """pdf.md 4.16: a thief writes any time, so a token counts if another held it before."""
    two.state(two.authority)
    early, lost = two.seal(Level.B_LTA), NOW - timedelta(minutes=30)
    held = two.preserve(early, at=lost - timedelta(minutes=1))
    late = two.preserve(two.seal(Level.B_T, at=lost + timedelta(minutes=5)), at=NOW)
    assert two.verdict(held).code is two.verdict(late).code is GENUINE

    two.state(outside.compromised(two.authority, lost))

    assert two.verdict(held).code is GENUINE
    for document in (early, late):
        verdict = two.verdict(document)
        assert verdict.code is CANNOT
        assert "time_stamp_key_not_trusted" in verdict.reasons


@pytest.mark.parametrize("level", PROVEN)
def test_an_expired_certificate_takes_nothing_away(two: Two, level: Level) -> None:
    """pdf.md 4.17, with an archive time-stamp over it and without."""
    two.state(two.authority)
    document = two.seal(level)
    held = two.preserve(document, at=NOW)
    ageing.succeed(two.ours.keys, at=NOW + 2 * ageing.YEAR)

    later = NOW + ageing.SEALS_EXPIRED
    assert two.verdict(document, at=later).code is GENUINE
    assert two.verdict(held, at=later).code is GENUINE
