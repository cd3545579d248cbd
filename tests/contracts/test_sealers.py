"""One contract for every sealer; whichever is fastest must still keep it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst

from credentials.errors import SealingPaused, UnknownShape
from credentials.pades import ReferenceSealer
from credentials.sealing import Sealer, SealProfile
from keys import hierarchy
from keys.errors import TimestampUnavailable
from tests.contracts.memory_sealer import MemorySealer

PAGE = '#set document(title: "A page")\n#set text(lang: "en")\n= A page\n'


@pytest.fixture(name="draft", scope="module")
def _draft(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    source = tmp_path_factory.mktemp("typst") / "page.typ"
    source.write_text(PAGE)
    pdf = typst.Compiler(str(source)).compile(
        format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=1_795_219_200
    )
    assert isinstance(pdf, bytes)
    return pdf


@pytest.fixture(name="keys_folder", scope="module")
def _keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("instance") / "keys"
    hierarchy.make(folder, now=datetime.now(UTC))
    return folder


@pytest.fixture(name="sealer", params=["memory", "seal", "seal-rsa"])
def _sealer(request: pytest.FixtureRequest, keys_folder: Path) -> Sealer:
    if request.param == "memory":
        return MemorySealer()
    signer = hierarchy.open_signer(keys_folder, request.param)
    authority = hierarchy.open_timestamper(keys_folder, clock=lambda: datetime.now(UTC))
    return ReferenceSealer(signer, authority, SealProfile(reason="Uittreksel (test)"))


def test_a_seal_covers_everything_but_its_own_place(sealer: Sealer, draft: bytes) -> None:
    prepared = sealer.prepare(draft)
    sealed = sealer.seal(prepared)

    start, end = prepared.gap
    covered = sealed[:start] + sealed[end:] if end > start else sealed[:start]
    assert hashlib.sha256(covered).digest() == prepared.covered_digest
    assert sealed.startswith(draft)
    assert sealer.covers(sealed, prepared.covered_digest)


def test_a_seal_does_not_cover_another_digest_or_changed_bytes(
    sealer: Sealer, draft: bytes
) -> None:
    prepared = sealer.prepare(draft)
    sealed = bytearray(sealer.seal(prepared))
    sealed[200] ^= 1

    assert not sealer.covers(bytes(sealed), prepared.covered_digest)
    assert not sealer.covers(sealer.seal(prepared), bytes(32))


def test_preparing_twice_uses_no_key_and_covers_the_same_page(sealer: Sealer, draft: bytes) -> None:
    first, second = sealer.prepare(draft), sealer.prepare(draft)

    assert first.document[: len(draft)] == second.document[: len(draft)] == draft
    assert len(first.covered_digest) == 32


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
    sealer: Sealer, draft: bytes, spoil: Callable[[bytes], bytes]
) -> None:
    """register.md 4.15, pdf.md 4.20."""
    with pytest.raises(UnknownShape):
        sealer.prepare(spoil(draft))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda pdf: pdf + b"% more",
        lambda pdf: pdf[: len(pdf) // 2],
        lambda pdf: pdf + b"\n" + pdf[pdf.rindex(b"xref\n0 ") :],
        lambda pdf: pdf.replace(b"/Root", b"/Encrypt 1 0 R/Root"),
    ],
    ids=["trailing bytes", "cut off", "updated before", "another trailer"],
)
def test_a_pdf_that_our_renderer_did_not_write_is_refused(
    keys_folder: Path, draft: bytes, spoil: Callable[[bytes], bytes]
) -> None:
    """pdf.md 4.20: any precondition of 3.3 broken."""
    signer = hierarchy.open_signer(keys_folder, "seal")
    authority = hierarchy.open_timestamper(keys_folder, clock=lambda: datetime.now(UTC))
    sealer = ReferenceSealer(signer, authority, SealProfile())

    with pytest.raises(UnknownShape):
        sealer.prepare(spoil(draft))
    once = sealer.seal(sealer.prepare(draft))
    with pytest.raises(UnknownShape):
        sealer.prepare(once)


class AbsentAuthority:
    """A time-stamping authority that does not answer."""

    def stamp(self, _digest: bytes) -> bytes:
        raise TimestampUnavailable("No time-stamp.")


def test_without_a_time_stamp_there_is_no_weaker_seal(keys_folder: Path, draft: bytes) -> None:
    """pdf.md 3.2: never fall back to a lower level silently."""
    signer = hierarchy.open_signer(keys_folder, "seal")
    sealer = ReferenceSealer(signer, AbsentAuthority(), SealProfile())

    with pytest.raises(SealingPaused):
        sealer.seal(sealer.prepare(draft))


def test_the_profile_digest_changes_with_every_setting() -> None:
    base = SealProfile()
    changed = [
        replace(base, level="B-B"),
        replace(base, field="Other"),
        replace(base, docmdp=2),
        replace(base, subfilter="adbe.pkcs7.detached"),
        replace(base, reason="why"),
        replace(base, location="where"),
    ]

    assert len({profile.digest for profile in (base, *changed)}) == 7


def test_metadata_and_version_stay_as_the_renderer_wrote_them(
    keys_folder: Path, draft: bytes
) -> None:
    signer = hierarchy.open_signer(keys_folder, "seal")
    authority = hierarchy.open_timestamper(keys_folder, clock=lambda: datetime.now(UTC))
    update = ReferenceSealer(signer, authority, SealProfile()).prepare(draft).document[len(draft) :]

    assert update.startswith(b"\n")
    assert b"/Producer" not in update
    assert b"<x:xmpmeta" not in update
    assert b"/Version /2.0" not in update
    assert b"/ISO_" not in update
