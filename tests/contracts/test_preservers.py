"""One contract for every preserver, and for who reads what it wrote."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from credentials.archive_stamps import ArchiveStamp, newest_stamp
from credentials.errors import SealingPaused, UnknownShape
from credentials.pades import SplicePreserver
from credentials.sealing import Preserver, Sealer
from keys.custody import SealSigner
from keys.errors import TimestampUnavailable
from keys.timestamps import EmbeddedAuthority
from tests.contracts.memory_preserver import MemoryPreserver, read_stamp
from tests.contracts.memory_sealer import MemorySealer
from tests.credentials.sealing_world import NOW, SealingWorld, make_sealing_world


@dataclass
class Bench:
    """A preserver, a sealer whose files it takes, and how to send its authority away."""

    preserver: Preserver
    sealer: Sealer
    read_stamp: Callable[[bytes], ArchiveStamp]
    page: bytes
    send_away: Callable[[], None]
    stranger: Preserver
    """Writes the same form, with an authority that is not ours."""

    def sealed(self) -> tuple[bytes, bytes]:
        prepared = self.sealer.prepare(self.page)
        return self.sealer.seal(prepared), prepared.covered_digest


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> SealingWorld:
    return make_sealing_world(tmp_path_factory.mktemp("preservers"))


@pytest.fixture(name="other", scope="module")
def _other(tmp_path_factory: pytest.TempPathFactory) -> SealingWorld:
    return make_sealing_world(tmp_path_factory.mktemp("strangers"))


class Leaving:
    """The embedded authority, until it is sent away."""

    def __init__(self, real: EmbeddedAuthority) -> None:
        self._real = real
        self.certificates, self.room = real.certificates, real.room
        self.away = False

    def stamp(self, digest: bytes) -> bytes:
        if self.away:
            raise TimestampUnavailable("no answer")
        return self._real.stamp(digest)


def in_memory() -> Bench:
    preserver = MemoryPreserver(lambda: NOW)
    leave = lambda: setattr(preserver, "away", True)  # noqa: E731 - one line, one use
    stranger = MemoryPreserver(lambda: NOW)
    stranger.succeed("stranger")
    return Bench(preserver, MemorySealer(), read_stamp, b"%PDF-1.7\na page", leave, stranger)


def by_splice(world: SealingWorld, other: SealingWorld) -> Bench:
    authority, signer = Leaving(world.authority), world.signer()
    preserver = SplicePreserver(authority, world.revocation, chains=[signer.chain])
    leave = lambda: setattr(authority, "away", True)  # noqa: E731 - one line, one use
    stranger = SplicePreserver(
        other.authority,
        world.revocation,
        chains=[signer.chain],
        listed=lambda: [authority.certificates],
    )
    return Bench(preserver, world.sealer(), newest_stamp, world.page(), leave, stranger)


@pytest.fixture(name="bench", params=["memory", "splice"])
def _bench(request: pytest.FixtureRequest, world: SealingWorld, other: SealingWorld) -> Bench:
    return in_memory() if request.param == "memory" else by_splice(world, other)


def test_a_copy_begins_with_the_handed_out_file_and_its_seal_covers_the_same(bench: Bench) -> None:
    sealed, digest = bench.sealed()

    copy = bench.preserver.preserve(sealed)

    assert copy.startswith(sealed)
    assert len(copy) > len(sealed)
    assert isinstance(bench.sealer, MemorySealer) or bench.sealer.covers(copy, digest)


def test_a_copy_says_how_long_it_lasts_and_who_says_so(bench: Bench) -> None:
    copy = bench.preserver.preserve(bench.sealed()[0])

    stamp = bench.read_stamp(copy)
    assert stamp.at == NOW
    assert stamp.certificate_ends == bench.preserver.lasts_until(copy)
    assert stamp.certificate_ends > NOW + timedelta(days=365)
    assert stamp.algorithms == ("ecdsa-256", "sha256")
    assert len(stamp.authority) == 64


def test_a_copy_can_be_renewed_again_and_again(bench: Bench) -> None:
    copies = [bench.preserver.preserve(bench.sealed()[0])]
    for _ in range(3):
        copies.append(bench.preserver.preserve(copies[-1]))

    for earlier, later in itertools.pairwise(copies):
        assert later.startswith(earlier)
        assert bench.read_stamp(later) == bench.read_stamp(earlier)


def test_a_file_without_an_archive_time_stamp_has_none_to_read(bench: Bench) -> None:
    sealed, _ = bench.sealed()

    with pytest.raises(UnknownShape):
        bench.preserver.lasts_until(sealed)
    with pytest.raises(UnknownShape):
        bench.read_stamp(sealed)


@pytest.mark.parametrize("spoil", [lambda _: b"", lambda pdf: pdf[:-9]], ids=["nothing", "cut off"])
def test_what_is_not_whole_and_ours_is_refused(
    bench: Bench, spoil: Callable[[bytes], bytes]
) -> None:
    copy = bench.preserver.preserve(bench.sealed()[0])

    for ask in (bench.preserver.preserve, bench.preserver.lasts_until, bench.read_stamp):
        with pytest.raises(UnknownShape):
            ask(spoil(copy))


def test_a_copy_of_our_own_is_genuine_and_so_is_its_renewal(bench: Bench) -> None:
    copy = bench.preserver.preserve(bench.sealed()[0])

    for one in (copy, bench.preserver.preserve(copy)):
        bench.preserver.require_genuine(one)
        assert bench.read_stamp(one).at == NOW


def test_what_a_strangers_authority_stamped_is_not_ours(bench: Bench) -> None:
    sealed, _ = bench.sealed()
    forged = bench.stranger.preserve(sealed)

    assert bench.read_stamp(forged).at == NOW
    for ask in (bench.preserver.preserve, bench.preserver.require_genuine):
        with pytest.raises(UnknownShape):
            ask(forged)
    with pytest.raises(UnknownShape):
        bench.preserver.require_genuine(sealed)


def test_without_its_authority_nothing_is_preserved_but_all_can_be_read(bench: Bench) -> None:
    copy = bench.preserver.preserve(bench.sealed()[0])
    bench.send_away()

    with pytest.raises(SealingPaused):
        bench.preserver.preserve(copy)
    assert bench.preserver.lasts_until(copy) > NOW


def test_a_file_of_a_key_that_nobody_named_is_refused(world: SealingWorld) -> None:
    other: SealSigner = world.signer("seal-p384")
    preserver = SplicePreserver(world.authority, world.revocation, chains=[other.chain])
    sealer = world.sealer()

    with pytest.raises(UnknownShape):
        preserver.preserve(sealer.seal(sealer.prepare(world.page())))


def test_a_time_stamp_ends_with_the_first_thing_that_it_rests_on() -> None:
    stamp = read_stamp(MemoryPreserver(lambda: NOW).preserve(in_memory().sealed()[0]))
    soon, late = NOW + timedelta(days=9), NOW + timedelta(days=9_000)

    def until(**ends: datetime) -> datetime:
        return stamp.lasts_until({name.replace("_", "-"): at for name, at in ends.items()})

    assert until() == stamp.certificate_ends
    assert until(sha1=soon, rsa_3072=soon) == stamp.certificate_ends
    assert until(ecdsa_256=late, sha256=late) == stamp.certificate_ends
    assert until(ecdsa_256=soon) == until(sha256=soon) == soon
