"""The promise under test: a key that may sign no longer stops in every process, at once."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from keys import hierarchy, publishing, states
from keys.custody import SealSigner
from keys.errors import KeyRefused, KeyUnavailable
from keys.files import FileCustody
from keys.trust import KeyState
from tests.keys.conftest import NOW

DIGEST = hashlib.sha256(b"x").digest()
SWITCH = NOW + states.NOTICE


def opened(folder: Path, *, at: timedelta = timedelta(0)) -> SealSigner:
    return hierarchy.open_signer(folder, "seal", clock=lambda: SWITCH + at)


def switch(folder: Path) -> str:
    new = hierarchy.announce(folder, "seal", now=NOW)
    publishing.change_state(folder, new, KeyState.ACTIVE, at=SWITCH)
    return new


def test_an_open_key_stops_when_it_is_reported_compromised(folder: Path) -> None:
    signer = opened(folder)
    assert signer.sign_digest(DIGEST)

    publishing.change_state(folder, signer.key.kid, KeyState.COMPROMISED, at=NOW)

    with pytest.raises(KeyUnavailable, match="compromised and signs no longer"):
        signer.sign_digest(DIGEST)


@pytest.mark.parametrize(("hours", "signs"), [(0, True), (23, True), (24, False)])
def test_an_open_key_that_was_replaced_has_a_day_to_hand_over(
    folder: Path, hours: int, *, signs: bool
) -> None:
    signer = opened(folder, at=timedelta(hours=hours))
    switch(folder)

    if signs:
        assert signer.sign_digest(DIGEST)
    else:
        with pytest.raises(KeyUnavailable, match="retired and signs no longer: restart"):
            signer.sign_digest(DIGEST)


def test_after_the_switch_the_new_key_is_opened(folder: Path) -> None:
    new = switch(folder)

    assert opened(folder).key.kid == new


def test_a_key_folder_that_is_gone_stops_the_key(folder: Path) -> None:
    signer = opened(folder)
    (folder / states.FILE).unlink()

    with pytest.raises(KeyUnavailable):
        signer.sign_digest(DIGEST)


def test_a_key_that_is_not_in_the_book_any_more_stops(folder: Path) -> None:
    signer = opened(folder)
    other = states.load(folder)
    kept = tuple(one for one in other.keys if one.kid != signer.key.kid)
    states.save(folder, states.KeyBook(other.issuer, other.serial, kept))

    with pytest.raises(KeyUnavailable, match="not in the key book"):
        signer.sign_digest(DIGEST)


def test_production_refuses_keys_in_files_and_authorities_online(folder: Path) -> None:
    held = FileCustody(folder)  # stands in for a token: it opens what it has

    with pytest.raises(KeyRefused, match="hardware token"):
        hierarchy.open_signer(folder, "seal", production=True)
    with pytest.raises(KeyRefused, match=r"root\.key and ca\.key must not lie"):
        hierarchy.open_signer(folder, "seal", custody=held, production=True)

    for name in ("root.key", "ca.key"):
        (folder / name).unlink()
    assert hierarchy.open_signer(folder, "seal", custody=held, production=True).chain
