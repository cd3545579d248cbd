"""Archival updates: the first, its renewals, and what is never stamped (pdf.md 3.3)."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.status import ModificationLevel

from credentials.archive_stamps import newest_stamp
from credentials.errors import PlaceholderOverflow, SealingPaused, SealRejected, UnknownShape
from credentials.pades import SplicePreserver
from credentials.sealing import Level
from keys.errors import RevocationUnavailable, TimestampUnavailable
from keys.revocation import RevocationData
from tests.credentials.sealing_world import NOW, PURPOSES, SealingWorld, make_sealing_world
from tests.judges import require
from tests.oracles.ades import Judge


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> SealingWorld:
    return make_sealing_world(tmp_path_factory.mktemp("preserving"))


@pytest.fixture(name="preserver", scope="module")
def _preserver(world: SealingWorld) -> SplicePreserver:
    return world.preserver()


@pytest.fixture(name="sealed", scope="module")
def _sealed(world: SealingWorld) -> Callable[..., bytes]:
    """A file for each level and key, made when first asked for."""
    made: dict[tuple[Level, str], bytes] = {}

    def seal(level: Level = Level.B_T, purpose: str = "seal") -> bytes:
        if (level, purpose) not in made:
            sealer = world.sealer(level, purpose=purpose)
            made[level, purpose] = sealer.seal(sealer.prepare(world.page()))
        return made[level, purpose]

    return seal


Sealed = Callable[..., bytes]


@dataclass
class Source:
    """Revocation data, a time-stamp authority, and what goes wrong with them."""

    world: SealingWorld
    crls: tuple[bytes, ...] = ()
    room: int = 3_000
    stamp_away: bool = False
    data_away: bool = False

    @property
    def certificates(self) -> tuple[bytes, ...]:
        return self.world.authority.certificates

    def stamp(self, digest: bytes) -> bytes:
        if self.stamp_away:
            raise TimestampUnavailable("no answer")
        return self.world.authority.stamp(digest)

    def data_for(self, chain: tuple[bytes, ...]) -> RevocationData:
        if self.data_away:
            raise RevocationUnavailable("nothing published")
        data = self.world.revocation.data_for(chain)
        return replace(data, crls=(*data.crls, *self.crls))

    def preserver(self) -> SplicePreserver:
        return SplicePreserver(self, self, chains=[self.world.signer().chain])


def judge(world: SealingWorld) -> Judge:
    return Judge(world.signer().chain[-1], NOW + timedelta(hours=1))


def stamps(document: bytes) -> list[str]:
    reader = PdfFileReader(io.BytesIO(document))
    return [one.field_name for one in reader.embedded_timestamp_signatures]


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("level", [Level.B_T, Level.B_LT])
def test_a_sealed_file_becomes_archival_and_keeps_every_byte(
    world: SealingWorld, sealed: Sealed, level: Level, purpose: str
) -> None:
    """pdf.md 4.10: passes the general library's AdES validation offline."""
    before = sealed(level, purpose)
    preserved = world.preserver().preserve(before)
    status = world.status(preserved)

    assert preserved.startswith(before)
    assert preserved.endswith(b"%%EOF\n")
    assert stamps(preserved) == ["ArchiveTimestamp1"]
    assert status.bottom_line
    assert status.modification_level is ModificationLevel.LTA_UPDATES
    assert judge(world).level(preserved) is Level.B_LTA


def test_an_archival_file_is_renewed_again_and_again(world: SealingWorld, sealed: Sealed) -> None:
    document, preserver = sealed(Level.B_LTA), world.preserver()
    for count in range(2, 5):
        before = document
        document = preserver.preserve(before)

        assert document.startswith(before)
        assert sorted(stamps(document)) == [f"ArchiveTimestamp{one + 1}" for one in range(count)]
        assert document[len(before) :].count(b"/FlateDecode") == 0  # nothing is stored twice
    assert world.status(document).bottom_line
    assert judge(world).level(document) is Level.B_LTA


def test_a_renewal_adds_what_is_new_behind_what_is_there(
    world: SealingWorld, sealed: Sealed
) -> None:
    source = Source(world)
    first = source.preserver().preserve(sealed())
    source.crls = (world.revocation.file("ca.crl") + b"",)
    again = source.preserver().preserve(first)
    other = make_sealing_world(world.folder / "later").revocation.file("ca.crl")
    source.crls = (other,)
    renewed = source.preserver().preserve(first)
    lists = [
        [int(one) for one in re.findall(rb"(\d+) 0 R", stored)]
        for stored in re.findall(rb"/Type/DSS.*/CRLs\[([^\]]*)\]", renewed)
    ]

    assert again[len(first) :].count(b"/FlateDecode") == 0
    assert renewed[len(first) :].count(b"/FlateDecode") == 1
    assert lists[1][: len(lists[0])] == lists[0]
    assert len(lists[1]) == len(lists[0]) + 1
    assert world.status(renewed).bottom_line


def test_sealing_at_once_and_preserving_later_write_the_same_update(
    world: SealingWorld, sealed: Sealed
) -> None:
    """One layout, whoever writes it: only the second identifier tells them apart."""
    at_once = sealed(Level.B_LTA)
    later = world.preserver().preserve(sealed(Level.B_T))

    assert len(at_once) == len(later)
    at_once_ids = set(re.findall(rb"<([0-9a-f]{32})>\]/Prev", at_once))
    later_ids = set(re.findall(rb"<([0-9a-f]{32})>\]/Prev", later))
    assert (len(at_once_ids), len(later_ids)) == (1, 2)


def test_a_preserved_file_lasts_as_long_as_its_authoritys_certificate(
    world: SealingWorld, sealed: Sealed
) -> None:
    own = x509.load_der_x509_certificate(world.authority.certificates[0])
    preserver = world.preserver()

    assert preserver.lasts_until(sealed(Level.B_LTA)) == own.not_valid_after_utc
    for level in (Level.B_B, Level.B_T, Level.B_LT):
        with pytest.raises(UnknownShape):
            preserver.lasts_until(sealed(level))


def test_what_is_not_a_stamped_file_of_our_own_sealer_is_never_preserved(
    world: SealingWorld, sealed: Sealed
) -> None:
    preserver = world.preserver()
    reference = world.sealer(kind="reference")
    other = make_sealing_world(world.folder / "other")
    foreign = other.sealer().seal(other.sealer().prepare(other.page()))
    theirs = reference.seal(reference.prepare(world.page()))

    for document in (b"", world.page(), sealed(Level.B_B), theirs, foreign, sealed() + b"\n"):
        with pytest.raises(UnknownShape):
            preserver.preserve(document)


@given(data=st.data())
@pytest.mark.parametrize("level", [Level.B_T, Level.B_LTA])
def test_a_changed_file_is_never_stamped(
    preserver: SplicePreserver, sealed: Sealed, level: Level, data: st.DataObject
) -> None:
    """A new time-stamp vouches for everything before it, so every byte is looked at."""
    document = sealed(level)
    place = data.draw(st.integers(0, len(document) - 1))
    byte = data.draw(st.one_of(st.integers(0, 255), st.sampled_from(b"0123456789abcdef <>/[]()")))
    changed = document[:place] + bytes([byte]) + document[place + 1 :]

    if changed == document:
        return
    with pytest.raises(UnknownShape):
        preserver.preserve(changed)


@given(data=st.data())
def test_whatever_is_damaged_in_an_archive_token_is_an_unknown_shape(
    preserver: SplicePreserver, sealed: Sealed, data: st.DataObject
) -> None:
    """One copy with a damaged bit must not stop the run over all the others."""
    document = sealed(Level.B_LTA)
    start = document.rindex(b"/Contents<") + len(b"/Contents<")
    token = bytes.fromhex(document[start : document.index(b">", start)].decode())
    place = data.draw(st.integers(0, len(token.rstrip(b"\0")) - 1))
    bit = data.draw(st.integers(0, 7))
    damaged = bytearray(token)
    damaged[place] ^= 1 << bit
    changed = document.replace(token.hex().encode(), damaged.hex().encode())

    assert changed != document
    for ask in (preserver.preserve, preserver.require_genuine):
        with pytest.raises(UnknownShape):
            ask(changed)
    for read in (preserver.lasts_until, newest_stamp):
        with suppress(UnknownShape):  # a change outside what it reads may leave it readable
            assert read(changed) is not None


def test_no_place_of_an_archive_token_raises_anything_else(
    preserver: SplicePreserver, sealed: Sealed
) -> None:
    document = sealed(Level.B_LTA)
    start = document.rindex(b"/Contents<") + len(b"/Contents<")
    end = start + len(document[start : document.index(b">", start)].rstrip(b"0"))
    refused = 0
    for place in range(start + 1, end, 6):
        digit = b"%x" % (int(document[place : place + 1], 16) ^ 4)
        changed = document[:place] + digit + document[place + 1 :]
        for ask in (preserver.lasts_until, newest_stamp):
            try:
                ask(changed)
            except UnknownShape:
                refused += 1

    assert refused > 300


@pytest.mark.parametrize("proof", [b"a private letter, or malware" * 9_000, b"", bytes(2 << 20)])
def test_a_copy_with_something_else_among_its_proofs_is_never_stamped(
    world: SealingWorld, sealed: Sealed, proof: bytes
) -> None:
    source = Source(world, crls=(proof,))
    forged = source.preserver().preserve(sealed())

    for ask in (world.preserver().preserve, world.preserver().require_genuine):
        with pytest.raises(UnknownShape):
            ask(forged)


def test_a_copy_with_the_proofs_of_somebody_else_is_never_stamped(
    world: SealingWorld, sealed: Sealed
) -> None:
    other = make_sealing_world(world.folder / "somebody else")
    theirs = other.revocation.data_for(other.signer().chain)
    mixed = replace(theirs, crls=world.revocation.data_for(world.signer().chain).crls)

    for data in (theirs, mixed):

        class Theirs(Source):
            def data_for(self, _chain: tuple[bytes, ...], found: RevocationData = data) -> Any:
                return found

        with pytest.raises(UnknownShape):
            world.preserver().preserve(Theirs(world).preserver().preserve(sealed()))


def test_the_stamps_of_an_authority_that_was_ours_once_are_built_upon(
    world: SealingWorld, sealed: Sealed
) -> None:
    """An authority that only the list still names is ours; one that nobody names is not."""
    later = make_sealing_world(world.folder / "next authority").authority
    chains = [world.signer().chain]
    named = SplicePreserver(
        later, world.revocation, chains=chains, listed=lambda: [world.authority.certificates]
    )
    nobody = SplicePreserver(later, world.revocation, chains=chains)
    renewed = named.preserve(sealed(Level.B_LTA))

    named.require_genuine(renewed)
    with pytest.raises(UnknownShape):
        nobody.preserve(sealed(Level.B_LTA))
    with pytest.raises(UnknownShape):
        world.preserver().require_genuine(renewed)


@given(data=st.data())
def test_a_file_with_something_put_in_or_taken_out_is_never_stamped(
    preserver: SplicePreserver, sealed: Sealed, data: st.DataObject
) -> None:
    document = sealed(Level.B_LTA)
    place = data.draw(st.integers(0, len(document)))
    taken = data.draw(st.integers(0, 30))
    added = data.draw(st.binary(max_size=30))
    changed = document[:place] + added + document[place + taken :]

    if changed == document:
        return
    with pytest.raises(UnknownShape):
        preserver.preserve(changed)


@pytest.mark.parametrize("away", ["stamp_away", "data_away"])
def test_without_authority_or_data_nothing_is_preserved(
    world: SealingWorld, sealed: Sealed, away: str
) -> None:
    source = Source(world)
    preserver = source.preserver()
    setattr(source, away, True)

    with pytest.raises(SealingPaused):
        preserver.preserve(sealed())


def test_an_archive_time_stamp_larger_than_its_place_is_never_cut(
    world: SealingWorld, sealed: Sealed
) -> None:
    """pdf.md 4.18."""
    with pytest.raises(PlaceholderOverflow):
        Source(world, room=500).preserver().preserve(sealed())


def test_a_time_stamp_over_something_else_never_leaves_the_house(
    world: SealingWorld, sealed: Sealed
) -> None:
    class Confused(Source):
        def stamp(self, _digest: bytes) -> bytes:
            return self.world.authority.stamp(bytes(32))

    with pytest.raises(SealRejected):
        Confused(world).preserver().preserve(sealed())


@pytest.mark.judge
def test_qpdf_finds_nothing_wrong_after_two_renewals(
    world: SealingWorld, sealed: Sealed, tmp_path: Path
) -> None:
    preserver = world.preserver()
    document = preserver.preserve(preserver.preserve(sealed(Level.B_LTA)))
    (tmp_path / "preserved.pdf").write_bytes(document)

    done = subprocess.run(
        [require("qpdf"), "--check", "preserved.pdf"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
