"""Years later, by an independent judge: what an archive time-stamp keeps, and what it cannot.

pdf.md 4.16 and 4.17, by the rules of ETSI EN 319 102-1 (5.6), offline. Our own verifier is
asked the same questions in `tests/verifier/test_levels.py`; where it is milder, because it
has a signed list of keys and a general validator has none, the test there says so.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pyhanko.sign.ades.report import AdESPassed

from credentials.extract import Language
from credentials.sealing import Level
from tests.oracles import grid
from tests.oracles.ades import Judge
from tests.oracles.grid import Office
from tests.verifier import ageing
from tests.verifier.ageing import YEAR

pytestmark = [pytest.mark.judge, pytest.mark.slow]
GOOD = AdESPassed.OK
DAY = timedelta(days=1)


@pytest.fixture(scope="module", name="draft")
def _draft() -> bytes:
    return grid.draft(1, Language.NL)


def later(office: Office, by: timedelta) -> Office:
    """The same office and keys, that much later."""
    return Office.of(office.keys, office.at + by)


def judge(office: Office) -> Judge:
    """A judge of today, who asks today about the newest authority and about the one above.

    Today is real: the judge dates by its computer's clock whatever nothing proves a time
    of. So the past is moved and not the present.
    """
    today = Office.at_work(office.keys.parent)
    responses = today.revocation.data_for(office.signer("tsa").chain).ocsps
    lists = (today.revocation.file("root.crl"),)
    return Judge(office.root, today.at + timedelta(minutes=1), lists, responses)


def judge_with_the_newest_list(office: Office) -> Judge:
    """A judge who also has today's list of the certificates that the authority revoked."""
    known = judge(office)
    today = Office.of(office.keys, known.at - timedelta(minutes=1))
    return replace(known, lists=(*known.lists, today.revocation.file("ca.crl")))


@pytest.mark.parametrize("purpose", grid.SEAL_KEYS)
def test_an_expired_seal_certificate_is_outlived(
    purpose: str, tmp_path: Path, draft: bytes
) -> None:
    """pdf.md 4.17: the certificate of the time-stamp is younger and still stands."""
    office = Office.at_work(tmp_path, ago=4 * YEAR)
    ageing.succeed(office.keys, at=office.at + 2 * YEAR, purposes=("tsa", "ocsp"))
    sealing = later(office, 2 * YEAR + 60 * DAY)
    archived = sealing.seal(draft, Level.B_LTA, purpose)
    stamped = sealing.seal(draft, Level.B_T, purpose)

    assert judge(office).archival(archived) is GOOD
    assert judge(office).archival(stamped) is not GOOD


@pytest.mark.parametrize("purpose", grid.SEAL_KEYS)
def test_expired_time_stamp_and_seal_certificates_are_outlived_by_renewal(
    purpose: str, tmp_path: Path, draft: bytes
) -> None:
    """pdf.md 4.17: with a newer archive time-stamp put over the older in time; not without."""
    office = Office.at_work(tmp_path, ago=4 * YEAR)
    archived = office.seal(draft, Level.B_LTA, purpose)
    ageing.succeed(office.keys, at=office.at + 2 * YEAR, purposes=("tsa", "ocsp"))
    renewed = later(office, 2 * YEAR + 60 * DAY).preserve(archived)

    assert judge(office).archival(renewed) is GOOD
    assert judge(office).archival(archived) is not GOOD


@pytest.mark.parametrize("level", [Level.B_LT, Level.B_LTA])
def test_a_revocation_parts_seals_by_their_proven_time(
    level: Level, tmp_path: Path, draft: bytes
) -> None:
    """pdf.md 4.16: sealed before it still valid; after it, by a thief, rejected."""
    office = Office.at_work(tmp_path, ago=5 * DAY)
    before = office.seal(draft, level)
    after = later(office, 3 * DAY).seal(draft, level)
    ageing.compromise(office.keys, "seal", since=office.at + 2 * DAY)
    knowing = judge_with_the_newest_list(office)

    assert knowing.level(before) is level
    assert knowing.level(after) in {None, Level.B_T}
    assert knowing.archival(after) is not GOOD
