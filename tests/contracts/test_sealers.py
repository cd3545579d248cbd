"""One contract for every sealer, at every level and with every key (pdf.md 3.2)."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from credentials.errors import SealingPaused, SealRejected, UnknownShape
from credentials.sealing import Level, Prepared, Sealer, SealProfile
from keys.errors import RevocationUnavailable, TimestampUnavailable
from keys.revocation import RevocationData
from tests.contracts.memory_sealer import MemorySealer
from tests.credentials.sealing_world import NOW, PURPOSES, SEALERS, SealingWorld, make_sealing_world

COMBINATIONS = [
    *itertools.product(["splice"], PURPOSES, Level),
    *itertools.product(["reference"], ["seal"], Level),
    *itertools.product(["reference"], ["seal-p384", "seal-rsa"], [Level.B_T, Level.B_LTA]),
]
ALL = ["memory", *("/".join(one) for one in COMBINATIONS)]
PDF = ALL[1:]


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> SealingWorld:
    return make_sealing_world(tmp_path_factory.mktemp("sealing"))


@pytest.fixture(name="draft", scope="module")
def _draft(world: SealingWorld) -> bytes:
    return world.page()


@pytest.fixture(name="build", scope="module")
def _build(world: SealingWorld) -> Callable[[str], Sealer]:
    made: dict[str, Sealer] = {"memory": MemorySealer()}

    def build(name: str) -> Sealer:
        if name not in made:
            kind, purpose, level = name.split("/")
            made[name] = world.sealer(Level(level), purpose=purpose, kind=kind)
        return made[name]

    return build


@pytest.mark.parametrize("name", ALL)
def test_a_seal_covers_everything_but_its_own_place(
    build: Callable[[str], Sealer], name: str, draft: bytes
) -> None:
    sealer = build(name)
    prepared = sealer.prepare(draft)
    sealed = sealer.seal(prepared)

    start, end = prepared.gap
    covered = sealed[:start] + sealed[end : len(prepared.document)] if end > start else b""
    assert hashlib.sha256(covered or sealed[:start]).digest() == prepared.covered_digest
    assert sealed.startswith(draft)
    assert sealer.covers(sealed, prepared.covered_digest)
    assert not sealer.covers(sealed, bytes(32))


@pytest.mark.parametrize("name", ALL)
def test_a_seal_does_not_cover_changed_or_foreign_bytes(
    build: Callable[[str], Sealer], name: str, draft: bytes
) -> None:
    sealer = build(name)
    prepared = sealer.prepare(draft)
    sealed = bytearray(sealer.seal(prepared))
    sealed[200] ^= 1

    assert not sealer.covers(bytes(sealed), prepared.covered_digest)
    assert not sealer.covers(draft, prepared.covered_digest)
    assert not sealer.covers(b"", prepared.covered_digest)
    assert not sealer.covers(bytes(sealed[: len(sealed) // 2]), prepared.covered_digest)


@pytest.mark.parametrize("name", ["memory", "splice/seal/B-T", "reference/seal/B-T"])
def test_preparing_twice_uses_no_key_and_covers_the_same_page(
    build: Callable[[str], Sealer], name: str, draft: bytes
) -> None:
    sealer = build(name)
    first, second = sealer.prepare(draft), sealer.prepare(draft)

    assert first.document[: len(draft)] == second.document[: len(draft)] == draft
    assert len(first.covered_digest) == 32


@pytest.mark.parametrize("name", ["splice/seal/B-T", "reference/seal/B-T"])
def test_no_two_sealings_share_a_covered_digest(
    build: Callable[[str], Sealer], name: str, draft: bytes
) -> None:
    """pdf.md 4.21: not even of one page in one second, so a digest names one document."""
    sealer = build(name)

    assert len({sealer.prepare(draft).covered_digest for _ in range(20)}) == 20


@pytest.mark.parametrize("name", ["memory", "splice/seal/B-T", "reference/seal/B-T"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda pdf: b"%PDF-1.4\n" + pdf[9:],
        lambda pdf: b"junk" + pdf,
    ],
    ids=["empty", "another version", "bytes before the header"],
)
def test_foreign_bytes_are_never_sealed(
    build: Callable[[str], Sealer], name: str, draft: bytes, spoil: Callable[[bytes], bytes]
) -> None:
    """register.md 4.15, pdf.md 4.20."""
    with pytest.raises(UnknownShape):
        build(name).prepare(spoil(draft))


@pytest.mark.parametrize("name", ["splice/seal/B-T", "reference/seal/B-T"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda pdf: pdf + b"% more",
        lambda pdf: pdf + b"\n\n",
        lambda pdf: pdf[: len(pdf) // 2],
        lambda pdf: pdf + b"\n" + pdf[pdf.rindex(b"xref\n0 ") :],
        lambda pdf: pdf.replace(b"/Root", b"/Encrypt 1 0 R/Root"),
        lambda pdf: pdf.replace(b"/Tabs/S", b"/Tabs/R"),
        lambda pdf: pdf.replace(b"/Lang(en)", b"/Perms<<>"),
    ],
    ids=[
        "trailing bytes",
        "two newlines",
        "cut off",
        "updated before",
        "another trailer",
        "another tab order",
        "permissions already",
    ],
)
def test_a_pdf_that_our_renderer_did_not_write_is_refused(
    build: Callable[[str], Sealer], name: str, draft: bytes, spoil: Callable[[bytes], bytes]
) -> None:
    """pdf.md 4.20: any precondition of 3.3 broken."""
    sealer = build(name)
    spoiled = spoil(draft)

    assert spoiled != draft
    with pytest.raises(UnknownShape):
        sealer.prepare(spoiled)


@pytest.mark.parametrize("name", PDF)
def test_nothing_is_sealed_twice(build: Callable[[str], Sealer], name: str, draft: bytes) -> None:
    sealer = build(name)
    once = sealer.seal(sealer.prepare(draft))

    with pytest.raises(UnknownShape):
        sealer.prepare(once)


@pytest.mark.parametrize("name", PDF)
def test_a_general_library_finds_the_seal_whole_and_trusted(
    build: Callable[[str], Sealer], name: str, world: SealingWorld, draft: bytes
) -> None:
    """pdf.md 4.8 and 4.9."""
    sealer = build(name)
    status = world.status(sealer.seal(sealer.prepare(draft)))

    assert status.bottom_line
    assert status.docmdp_ok
    archival = sealer.profile.level in {Level.B_LT, Level.B_LTA}
    assert status.coverage.name == ("ENTIRE_REVISION" if archival else "ENTIRE_FILE")
    assert status.modification_level.name == ("LTA_UPDATES" if archival else "NONE")
    stamped = status.timestamp_validity is not None
    assert stamped is (sealer.profile.level is not Level.B_B)


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("level", Level)
def test_each_sealer_accepts_what_the_splice_sealer_made(
    world: SealingWorld, draft: bytes, purpose: str, level: Level
) -> None:
    splice = world.sealer(level, purpose=purpose)
    prepared = splice.prepare(draft)
    sealed = splice.seal(prepared)

    assert world.sealer(level, purpose=purpose, kind="reference").covers(
        sealed, prepared.covered_digest
    )


class Absent:
    """An authority that does not answer, and revocation data that nobody has."""

    certificates = (b"",)
    room = 2_000

    def stamp(self, _digest: bytes) -> bytes:
        raise TimestampUnavailable("No time-stamp.")

    def data_for(self, _chain: tuple[bytes, ...]) -> RevocationData:
        raise RevocationUnavailable("No revocation data.")


@pytest.mark.parametrize("kind", SEALERS)
@pytest.mark.parametrize(
    ("level", "missing"),
    [
        (Level.B_T, "time-stamp"),
        (Level.B_LT, "time-stamp"),
        (Level.B_LT, "revocation"),
        (Level.B_LTA, "time-stamp"),
        (Level.B_LTA, "revocation"),
    ],
)
def test_there_is_never_a_weaker_seal_instead(
    world: SealingWorld, draft: bytes, kind: str, level: Level, missing: str
) -> None:
    """pdf.md 3.2: never fall back to a lower level silently."""
    sealer = SEALERS[kind](
        world.signer(),
        SealProfile(level=level),
        clock=lambda: NOW,
        timestamper=Absent() if missing == "time-stamp" else world.authority,
        revocation=Absent() if missing == "revocation" else world.revocation,
    )

    with pytest.raises(SealingPaused):
        sealer.seal(sealer.prepare(draft))


@pytest.mark.parametrize("kind", SEALERS)
def test_a_level_without_its_sources_is_refused_at_the_start(
    world: SealingWorld, kind: str
) -> None:
    make, signer, clock = SEALERS[kind], world.signer(), lambda: NOW

    with pytest.raises(ValueError, match="time-stamping authority"):
        make(signer, SealProfile(), clock=clock)
    with pytest.raises(ValueError, match="revocation data"):
        make(signer, SealProfile(level=Level.B_LT), clock=clock, timestamper=world.authority)


@pytest.mark.parametrize("kind", SEALERS)
def test_metadata_and_version_stay_as_the_renderer_wrote_them(
    world: SealingWorld, draft: bytes, kind: str
) -> None:
    update = world.sealer(kind=kind).prepare(draft).document[len(draft) :]

    assert update.startswith(b"\n")
    assert b"/Producer" not in update
    assert b"<x:xmpmeta" not in update
    assert b"/Version /2.0" not in update
    assert b"/ISO_" not in update


def test_a_file_prepared_under_another_profile_is_refused_before_the_key(
    world: SealingWorld, draft: bytes
) -> None:
    prepared = world.sealer(Level.B_B).prepare(draft)
    moved = Prepared(prepared.document, prepared.covered_digest, (9, 99))

    with pytest.raises(SealRejected):
        world.sealer(Level.B_T).seal(prepared)
    with pytest.raises(SealRejected):
        world.sealer(Level.B_B).seal(moved)


def test_the_profile_digest_changes_with_every_setting() -> None:
    base = SealProfile()
    changed = [
        replace(base, level=Level.B_B),
        replace(base, field="Other"),
        replace(base, docmdp=2),
        replace(base, subfilter="adbe.pkcs7.detached"),
        replace(base, reason="why"),
        replace(base, location="where"),
    ]

    assert len({profile.digest for profile in (base, *changed)}) == 7
