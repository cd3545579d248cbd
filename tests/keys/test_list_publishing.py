"""The promise under test: with the authorities' keys in a safe, a ceremony's lists go out."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.x509 import ocsp as judge
from hypothesis import HealthCheck, settings

from keys import crl, revoking
from keys.crl import RevocationList
from keys.errors import RevocationUnavailable
from keys.files import FileSigner
from keys.revocation import CA_LIST, ROOT_LIST
from keys.signed_objects import Authority
from tests.keys.conftest import Chain, Clock
from tests.keys.revocation_desk import (
    DAY,
    HOUR,
    START,
    compromise,
    listed,
    said,
)
from tests.keys.test_ocsp import question

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(name="ceremony")
def _ceremony(folder: Path) -> Path:
    """The folder in which a ceremony signs; the service's folder loses both keys."""
    safe = shutil.copytree(folder, folder.with_name("safe"))
    for name in ("root", "ca"):
        (folder / f"{name}.key").unlink()
    return safe


def sign_lists(safe: Path, keys: Path, now: datetime, revoked: dict[int, datetime]) -> None:
    for name, list_name, said_revoked in (("root", ROOT_LIST, {}), ("ca", CA_LIST, revoked)):
        signer = FileSigner(name, key_file=safe / f"{name}.key", chain_file=safe / f"{name}.pem")
        content = RevocationList(int(now.timestamp()), now, now + 90 * DAY, said_revoked)
        (keys / list_name).write_bytes(crl.write(Authority(signer), content))


def test_lists_of_a_ceremony_are_published_and_replaced_by_newer_ones(
    ceremony: Path, folder: Path, into: Path, clock: Clock, seal: Chain
) -> None:
    sign_lists(ceremony, folder, START, {})
    issuer = revoking.open_issuer(folder, into, clock=clock)
    assert said(issuer, seal).certificate_status is judge.OCSPCertStatus.GOOD

    serial = compromise(folder, "seal", START)
    sign_lists(ceremony, folder, START + HOUR, {serial: START})
    clock.now += 2 * HOUR
    issuer.refresh()

    assert said(issuer, seal).certificate_status is judge.OCSPCertStatus.REVOKED
    assert listed(into, CA_LIST, seal[1]).revoked == {serial: START}


def test_without_a_list_of_a_ceremony_there_is_no_data_and_ocsp_still_answers(
    ceremony: Path, folder: Path, into: Path, clock: Clock, seal: Chain
) -> None:
    issuer = revoking.open_issuer(folder, into, clock=clock)
    with pytest.raises(RevocationUnavailable, match="ceremony"):
        issuer.data_for(seal)
    for nonce in (None, b"n" * 16):
        found = judge.load_der_ocsp_response(issuer.respond(question(seal, nonce=nonce)))
        assert found.certificate_status is judge.OCSPCertStatus.GOOD

    sign_lists(ceremony, folder, START, {})
    clock.now += HOUR
    issuer.refresh()
    clock.now += 90 * DAY
    with pytest.raises(RevocationUnavailable, match="ceremony"):
        issuer.data_for(seal)


def test_an_older_or_a_forged_list_never_replaces_a_newer_one(
    ceremony: Path, folder: Path, into: Path, clock: Clock, seal: Chain
) -> None:
    sign_lists(ceremony, folder, START, {5: START})
    issuer = revoking.open_issuer(folder, into, clock=clock)
    issuer.refresh()
    sign_lists(ceremony, folder, START - HOUR, {})
    (folder / ROOT_LIST).write_bytes((folder / CA_LIST).read_bytes())

    issuer.refresh()

    assert listed(into, CA_LIST, seal[1]).revoked == {5: START}
    assert listed(into, ROOT_LIST, seal[2]).revoked == {}
