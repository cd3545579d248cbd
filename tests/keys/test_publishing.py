"""The promise under test: what the folder knows is what goes out, once per serial."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from keys import durable, hierarchy, publishing, states, trust
from keys.certificates import PROFILES
from keys.errors import KeyUnavailable, StateRefused, TrustListInvalid, UnknownKey
from keys.trust import KeyState, TrustList
from tests.keys.conftest import NOW

START = NOW.replace(microsecond=0)
DAY = timedelta(days=1)


def publish(folder: Path, day: int = 0) -> TrustList:
    now = NOW + day * DAY
    publishing.publish(folder, hierarchy.open_signer(folder, "trust"), now=now)
    return trust.read((folder / publishing.LIST).read_bytes(), now=now)


def seal_kid(folder: Path) -> str:
    return hierarchy.open_signer(folder, "seal").key.kid


def change(folder: Path, kid: str, state: KeyState, day: int) -> None:
    publishing.change_state(folder, kid, state, at=NOW + day * DAY)


def test_every_list_has_a_higher_serial(folder: Path) -> None:
    assert [publish(folder, day).serial for day in range(3)] == [2, 3, 4]


def test_a_serial_is_never_used_twice_even_when_writing_fails(folder: Path, tmp_path: Path) -> None:
    signer = hierarchy.open_signer(folder, "trust")
    blocked = tmp_path / "blocked"
    (blocked / publishing.LIST).mkdir(parents=True)

    with pytest.raises(KeyUnavailable, match="cannot be written"):
        publishing.publish(folder, signer, now=NOW, into=blocked)

    assert publish(folder).serial == 3


def test_the_list_can_go_to_a_folder_of_its_own(folder: Path, tmp_path: Path) -> None:
    signer = hierarchy.open_signer(folder, "trust")

    publishing.publish(folder, signer, now=NOW, into=tmp_path / "public")

    files = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "public").iterdir()}
    assert files == {publishing.LIST: 0o644, publishing.BUNDLE: 0o644}


def test_the_bundle_has_authorities_first_and_no_compromised_key(folder: Path) -> None:
    kid = seal_kid(folder)
    change(folder, kid, KeyState.COMPROMISED, 1)
    listed = publish(folder, 1)

    bundle = (folder / publishing.BUNDLE).read_bytes()
    found = x509.load_pem_x509_certificates(bundle)

    assert [one.subject == one.issuer for one in found] == [True, *[False] * len(PROFILES)]
    assert kid.encode() not in bundle
    assert all(one.kid.encode() in bundle for one in listed.keys if one.kid != kid)
    assert b"PRIVATE" not in bundle


def test_no_private_key_leaves_with_the_list(made: Path, published: bytes) -> None:
    for path in made.glob("*.key"):
        body = path.read_bytes().split(b"\n")[1:-2]
        assert body
        assert not any(line in published for line in body)


def test_a_list_that_readers_would_refuse_is_not_written(folder: Path) -> None:
    before = (folder / publishing.LIST).read_bytes()
    wrong = hierarchy.open_signer(folder, "facts")

    with pytest.raises(TrustListInvalid):
        publishing.publish(folder, wrong, now=NOW)

    assert (folder / publishing.LIST).read_bytes() == before


def test_a_list_is_renewed_when_half_its_life_is_over(folder: Path) -> None:
    signer = hierarchy.open_signer(folder, "trust")

    def due(day: int) -> bool:
        return publishing.publish_if_due(folder, signer, now=START + day * DAY)

    assert [due(0), due(44), due(45), due(46)] == [False, False, True, False]


@pytest.mark.parametrize("content", [None, b"damaged"])
def test_a_missing_or_damaged_list_is_due(folder: Path, content: bytes | None) -> None:
    (folder / publishing.LIST).unlink()
    if content is not None:
        (folder / publishing.LIST).write_bytes(content)
    signer = hierarchy.open_signer(folder, "trust")

    assert publishing.publish_if_due(folder, signer, now=NOW)
    assert publishing.published(folder, now=NOW) is not None


def test_a_key_lives_from_announcement_to_retirement(folder: Path) -> None:
    """platform.md 3.11 and 4.1.21: announced 30 days, a day of overlap, retired keys verify."""
    old = seal_kid(folder)
    new = hierarchy.announce(folder, "seal", now=NOW)
    with pytest.raises(StateRefused, match="30 days"):
        change(folder, new, KeyState.ACTIVE, 29)
    change(folder, new, KeyState.ACTIVE, 30)
    assert seal_kid(folder) == new

    listed = publish(folder, 31)

    before, after = listed.by_kid(old), listed.by_kid(new)
    assert before is not None
    assert after is not None
    assert (before.state, before.until) == (KeyState.RETIRED, START + 31 * DAY)
    assert (after.state, after.since) == (KeyState.ACTIVE, START + 30 * DAY)
    both = [listed.trusts(before, START + d * DAY) for d in (0, 30, 31)]
    assert both == [True, True, False]
    assert [listed.trusts(after, START + d * DAY) for d in (29, 30)] == [False, True]


def test_the_day_of_handing_over_can_be_cut_short_and_never_prolonged(folder: Path) -> None:
    old, new = seal_kid(folder), hierarchy.announce(folder, "seal", now=NOW)
    change(folder, new, KeyState.ACTIVE, 30)
    with pytest.raises(StateRefused):
        change(folder, old, KeyState.RETIRED, 32)

    publishing.change_state(folder, old, KeyState.RETIRED, at=NOW + 30 * DAY + DAY / 2)

    assert states.load(folder).key(old).until == START + 30 * DAY + DAY / 2


def test_a_switch_retires_no_key_of_another_algorithm(folder: Path) -> None:
    others = [hierarchy.open_signer(folder, one).key.kid for one in ("seal-rsa", "seal-p384")]
    change(folder, hierarchy.announce(folder, "seal", now=NOW), KeyState.ACTIVE, 30)

    assert {states.load(folder).key(one).state for one in others} == {KeyState.ACTIVE}


def test_an_announced_key_is_published_and_not_trusted(folder: Path) -> None:
    kid = hierarchy.announce(folder, "facts", now=NOW)

    listed = publish(folder, 40)

    entry = listed.by_kid(kid)
    assert entry is not None
    assert entry.state is KeyState.ANNOUNCED
    assert not listed.trusts(entry, START + 40 * DAY)


def test_a_compromised_last_key_is_replaced_at_once(folder: Path) -> None:
    """After a loss nobody can wait 30 days."""
    lost = seal_kid(folder)
    change(folder, lost, KeyState.COMPROMISED, 5)
    with pytest.raises(KeyUnavailable, match="No active key"):
        hierarchy.open_signer(folder, "seal")

    new = hierarchy.announce(folder, "seal", now=NOW + 6 * DAY)
    change(folder, new, KeyState.ACTIVE, 6)

    listed = publish(folder, 6)
    entry = listed.by_kid(lost)
    assert entry is not None
    assert entry.compromised_since == START + 5 * DAY
    assert [listed.trusts(entry, START + d * DAY) for d in (4, 5)] == [True, False]
    assert seal_kid(folder) == new


def test_a_trust_key_can_be_replaced_and_signs_the_next_list(folder: Path) -> None:
    old = hierarchy.open_signer(folder, "trust").key.kid
    new = hierarchy.announce(folder, "trust", now=NOW)
    change(folder, new, KeyState.ACTIVE, 30)

    listed = publish(folder, 30)

    assert hierarchy.open_signer(folder, "trust").key.kid == new
    assert states.load(folder).key(old).state is KeyState.RETIRED
    assert listed.issued_at == START + 30 * DAY


def test_a_compromise_can_move_back_in_time_and_never_forward(folder: Path) -> None:
    kid = seal_kid(folder)
    change(folder, kid, KeyState.COMPROMISED, 5)
    change(folder, kid, KeyState.COMPROMISED, 3)
    with pytest.raises(StateRefused):
        change(folder, kid, KeyState.COMPROMISED, 4)

    assert states.load(folder).key(kid).compromised_since == START + 3 * DAY


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (None, KeyState.ACTIVE),
        (None, KeyState.ANNOUNCED),
        (KeyState.RETIRED, KeyState.ACTIVE),
        (KeyState.RETIRED, KeyState.RETIRED),
        (KeyState.COMPROMISED, KeyState.ACTIVE),
        (KeyState.COMPROMISED, KeyState.RETIRED),
    ],
)
def test_a_key_never_goes_back(folder: Path, first: KeyState | None, second: KeyState) -> None:
    kid = seal_kid(folder)
    if first is not None:
        change(folder, kid, first, 1)
    before = states.load(folder)

    with pytest.raises(StateRefused):
        change(folder, kid, second, 2)

    assert states.load(folder) == before


def test_a_key_does_not_retire_before_it_began(folder: Path) -> None:
    with pytest.raises(StateRefused):
        change(folder, seal_kid(folder), KeyState.RETIRED, -1)


def test_an_unknown_key_has_no_state(folder: Path) -> None:
    with pytest.raises(UnknownKey):
        change(folder, "seal-1999", KeyState.RETIRED, 1)


def test_a_full_disk_leaves_the_old_states(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = states.load(folder)

    def full_disk(path: Path, data: bytes, *, mode: int) -> None:
        raise OSError(28, "No space left on device", str(path), mode, str(len(data)))

    monkeypatch.setattr(durable, "create", full_disk)
    with pytest.raises(KeyUnavailable, match="No space left"):
        change(folder, seal_kid(folder), KeyState.RETIRED, 1)

    assert states.load(folder) == before
