"""What the self-check sees: every bit of a sealed file, and nothing that crashes it.

Decided: up to the end of the seal's own update every byte counts, also the zeros behind the
signature, which nothing else covers. Updates behind it are under their own time-stamps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import SealRejected, UnknownShape
from credentials.pades import der_values, token
from credentials.pades.reading import CoveredDigest, read
from credentials.pades.selfcheck import container_of
from credentials.sealing import Level, Prepared, Sealer
from tests.credentials.sealing_world import PURPOSES, SealingWorld, make_sealing_world

Made = tuple[bytes, Prepared]


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> SealingWorld:
    return make_sealing_world(tmp_path_factory.mktemp("check"))


@pytest.fixture(name="made", scope="module")
def _made(world: SealingWorld) -> Callable[[Level], Made]:
    draft = world.page()
    files: dict[Level, Made] = {}

    def make(level: Level) -> Made:
        if level not in files:
            prepared = world.sealer(level).prepare(draft)
            files[level] = (world.sealer(level).seal(prepared), prepared)
        return files[level]

    return make


@pytest.fixture(name="sealers", scope="module")
def _sealers(world: SealingWorld) -> dict[Level, Sealer]:
    return {level: world.sealer(level) for level in Level}


@given(data=st.data())
@pytest.mark.parametrize("level", Level)
def test_no_changed_byte_goes_unseen(
    sealers: dict[Level, Sealer],
    made: Callable[[Level], Made],
    level: Level,
    data: st.DataObject,
) -> None:
    sealed, prepared = made(level)
    sealer = sealers[level]
    start, end = prepared.gap
    own = len(prepared.document)
    place = data.draw(
        st.one_of(
            st.integers(0, own - 1),
            st.integers(start, end - 1),
            st.integers(end, own - 1),
        )
    )
    byte = data.draw(st.one_of(st.integers(0, 255), st.sampled_from(b"0123456789abcdefABCDEF <>")))
    changed = sealed[:place] + bytes([byte]) + sealed[place + 1 :]

    assert sealer.covers(changed, prepared.covered_digest) is (changed == sealed)


@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_no_changed_bit_of_the_container_goes_unseen(
    world: SealingWorld, made: Callable[[Level], Made], bit: int
) -> None:
    """Certificates, algorithm names, lengths: most of it is under no signature."""
    sealed, prepared = made(Level.B_T)
    sealer, (start, end) = world.sealer(Level.B_T), prepared.gap
    contents = bytearray.fromhex(sealed[start + 1 : end - 1].decode())
    unseen = []
    for place in range(len(contents)):
        contents[place] ^= bit
        changed = sealed[: start + 1] + contents.hex().encode() + sealed[end - 1 :]
        if sealer.covers(changed, prepared.covered_digest):
            unseen.append(place)
        contents[place] ^= bit

    assert unseen == []


@pytest.mark.parametrize("level", Level)
def test_a_file_cut_anywhere_or_grown_is_not_covered(
    world: SealingWorld, made: Callable[[Level], Made], level: Level
) -> None:
    sealed, prepared = made(level)
    sealer = world.sealer(level)
    own = len(prepared.document)
    cuts = {*range(0, len(sealed), 97), *range(len(sealed) - 60, len(sealed))} - {own}
    added = [b"\n", b" ", b"%", b"junk\n%%EOF\n", sealed[own - 400 : own]]

    assert not any(sealer.covers(sealed[:cut], prepared.covered_digest) for cut in cuts)
    assert not any(sealer.covers(sealed + one, prepared.covered_digest) for one in added)
    assert not sealer.covers(b"\n" + sealed, prepared.covered_digest)


def test_capital_digits_and_a_second_form_of_the_same_number_are_seen(
    world: SealingWorld, made: Callable[[Level], Made]
) -> None:
    sealed, prepared = made(Level.B_B)
    start, end = prepared.gap
    capitals = sealed[:start] + sealed[start:end].upper() + sealed[end:]

    assert capitals != sealed
    assert not world.sealer(Level.B_B).covers(capitals, prepared.covered_digest)


def test_a_seal_of_another_level_key_or_authority_is_not_this_sealers(
    world: SealingWorld, made: Callable[[Level], Made]
) -> None:
    bare, prepared = made(Level.B_B)
    stamped, stamped_prepared = made(Level.B_T)
    other = make_sealing_world(world.folder / "other")

    assert not world.sealer(Level.B_T).covers(bare, prepared.covered_digest)
    assert not world.sealer(Level.B_B).covers(stamped, stamped_prepared.covered_digest)
    assert not other.sealer(Level.B_B).covers(bare, prepared.covered_digest)
    for purpose in PURPOSES[1:]:
        sealer = world.sealer(Level.B_B, purpose=purpose)
        assert not sealer.covers(bare, prepared.covered_digest)


@given(hostile=st.binary(max_size=400))
def test_any_bytes_are_an_answer_and_not_a_crash(
    sealers: dict[Level, Sealer], hostile: bytes
) -> None:
    assert not sealers[Level.B_B].covers(hostile, bytes(32))
    for read_it in (container_of, token.read, der_values.whole):
        try:
            read_it(hostile)
        except UnknownShape:
            continue


@given(data=st.data())
def test_any_table_is_an_answer_and_not_a_crash(
    sealers: dict[Level, Sealer], made: Callable[[Level], Made], data: st.DataObject
) -> None:
    """Numbers in tables and trailers that lead anywhere."""
    sealed, prepared = made(Level.B_LTA)
    numbers = data.draw(st.integers(0, 2**31))
    digits = b"%d" % numbers
    place = data.draw(st.integers(len(prepared.document) - 700, len(sealed) - 1))
    changed = sealed[:place] + digits + sealed[place + len(digits) :]

    covered = sealers[Level.B_LTA].covers(changed, prepared.covered_digest)
    assert not covered or changed[: len(prepared.document)] == sealed[: len(prepared.document)]


def test_a_token_is_held_to_its_digest_and_its_authority(world: SealingWorld) -> None:
    stamp = world.authority.stamp(bytes(32))
    authority = world.authority.certificates
    other = make_sealing_world(world.folder / "third").authority

    found = token.require_token(stamp, bytes(32), authority)
    assert found.certificate == world.authority.certificates[0]
    token.require_imprint(stamp, bytes(32))
    for wrong in (
        lambda: token.require_token(stamp, bytes(31) + b"\x01", authority),
        lambda: token.require_imprint(stamp, bytes(31) + b"\x01"),
        lambda: token.require_token(stamp, bytes(32), other.certificates),
        lambda: token.read(other.stamp(bytes(32)), authority),
        lambda: token.read(stamp + b"\0"),
    ):
        with pytest.raises(UnknownShape):
            wrong()


def test_a_digest_is_remembered_only_for_the_very_bytes_that_were_hashed() -> None:
    """What is compared instead of hashed again must be the same to the last bit."""
    data = bytes(range(256)) * 4
    filled = data[:500] + b"digits" + data[506:]
    behind = filled[:520] + b"!" + filled[521:]
    gap = (500, 506)
    before = CoveredDigest(data)
    digest = before.around(gap, 600)

    assert digest == hashlib.sha256(data[:500] + data[506:600]).digest()
    assert before.grown(filled).around(gap, 600) == digest
    for changed in (behind, filled[:600] + b"more"):
        for end in (600, 604):
            expected = hashlib.sha256(changed[:500] + changed[506:end]).digest()
            assert before.grown(changed).around(gap, end) == expected
    for place in (0, 250, 499):
        with pytest.raises(UnknownShape):
            before.grown(filled[:place] + b"!!" + filled[place + 2 :])
    with pytest.raises(UnknownShape):
        before.grown(filled[:300])


@pytest.mark.parametrize("level", Level)
def test_a_file_prepared_elsewhere_is_hashed_again(
    sealers: dict[Level, Sealer], made: Callable[[Level], Made], level: Level
) -> None:
    sealer, (_, prepared) = sealers[level], made(level)
    bare = Prepared(prepared.document, prepared.covered_digest, prepared.gap)
    document = bytearray(prepared.document)
    document[200] ^= 1

    assert sealer.covers(sealer.seal(bare), prepared.covered_digest)
    for other in (
        replace(bare, covered_digest=bytes(32)),
        replace(bare, document=bytes(document)),
        replace(prepared, covered_digest=bytes(32)),
        replace(prepared, document=bytes(document)),
    ):
        with pytest.raises(SealRejected):
            sealer.seal(other)


def test_the_reader_finds_each_update_where_the_last_one_ended(
    made: Callable[[Level], Made],
) -> None:
    sealed, prepared = made(Level.B_LTA)
    file = read(sealed)

    assert [one.end for one in file.revisions][1:] == [len(prepared.document), len(sealed)]
    assert [one.start for one in file.revisions][1:] == [one.end for one in file.revisions][:-1]
