"""The splice sealer: its layout, its container, and what it refuses (pdf.md 3.3 and 3.4)."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from asn1crypto import cms, x509
from hypothesis import example, given
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader

from credentials.errors import (
    PlaceholderOverflow,
    SealingPaused,
    SealKeyMismatch,
    SealRejected,
    UnknownShape,
)
from credentials.pades import SpliceSealer
from credentials.pades.dictionaries import text_string
from credentials.sealing import Level, Prepared, SealProfile
from keys.custody import KeyRef, SealSigner
from keys.errors import KeyUnavailable
from tests.credentials.sealing_world import NOW, PURPOSES, SealingWorld, make_sealing_world
from tests.judges import require
from verifier.pdf import der

EXPECTED_HASH = {"seal": "sha256", "seal-p384": "sha384", "seal-rsa": "sha256"}


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> SealingWorld:
    return make_sealing_world(tmp_path_factory.mktemp("pades"))


@pytest.fixture(name="draft", scope="module")
def _draft(world: SealingWorld) -> bytes:
    return world.page(2)


@pytest.fixture(name="sealed", scope="module")
def _sealed(world: SealingWorld, draft: bytes) -> Callable[[Level, str], tuple[bytes, Prepared]]:
    """One file for each level and key, made when first asked for."""
    made: dict[tuple[Level, str], tuple[bytes, Prepared]] = {}

    def seal(level: Level, purpose: str = "seal") -> tuple[bytes, Prepared]:
        if (level, purpose) not in made:
            sealer = world.sealer(level, purpose=purpose)
            prepared = sealer.prepare(draft)
            made[level, purpose] = (sealer.seal(prepared), prepared)
        return made[level, purpose]

    return seal


Sealed = Callable[..., tuple[bytes, Prepared]]


def container(sealed: bytes, prepared: Prepared) -> bytes:
    """The DER between the brackets, without the zeros behind it."""
    start, end = prepared.gap
    contents = bytes.fromhex(sealed[start + 1 : end - 1].decode())
    encoded: bytes = cms.ContentInfo.load(contents, strict=False).dump()
    return encoded


# --- layout -----------------------------------------------------------------------


def test_the_first_update_is_laid_out_as_written_down(sealed: Sealed, draft: bytes) -> None:
    """pdf.md 3.3 and 4.13: order of objects, widths of fields, rows, trailer, end."""
    made, prepared = sealed(Level.B_B)
    update = made[len(draft) :]
    numbers = [int(one) for one in re.findall(rb"\n(\d+) 0 obj\n", update)]
    size = int(re.findall(rb"/Size (\d+)", draft)[-1])
    table = update[update.index(b"\nxref\n") + 1 :]

    assert draft.endswith(b"%%EOF")
    assert update.startswith(b"\n")
    assert numbers[2:] == [size, size + 1]
    assert update.count(b"/ByteRange[0 ") == 1
    field = re.search(rb"/ByteRange(\[0 \d+ \d+ \d+\] *)/Contents<", update)
    assert field is not None
    assert len(field[1]) == 40
    assert re.fullmatch(
        rb"xref\n(?:\d+ \d+\n(?:\d{10} 00000 n\r\n)+)+"
        rb"trailer\n<</Size %d/Root \d+ 0 R/Info \d+ 0 R/ID\[\(.+?\)<[0-9a-f]{32}>\]/Prev \d+>>\n"
        rb"startxref\n\d+\n%%%%EOF\n" % (size + 2),
        table,
    )
    assert made[prepared.gap[0] : prepared.gap[0] + 1] == b"<"
    assert made[prepared.gap[1] - 1 : prepared.gap[1]] == b">"
    assert made.endswith(b"%%EOF\n")
    assert not made.endswith(b"\n\n")


@pytest.mark.parametrize("newline", [b"", b"\n"])
def test_there_is_one_end_of_line_before_the_update(
    world: SealingWorld, draft: bytes, newline: bytes
) -> None:
    """pdf.md 4.13."""
    document = world.sealer(Level.B_B).prepare(draft + newline).document

    assert document.startswith(draft + b"\n")
    assert document[len(draft) + 1 : len(draft) + 2].isdigit()


def test_the_room_is_the_certificates_and_what_a_seal_adds(
    world: SealingWorld, draft: bytes
) -> None:
    """pdf.md 3.3."""
    chain = world.signer().chain
    certificates = sum(map(len, chain[:-1])) + 4  # tag and length of the set
    stamp = world.authority.room
    gaps = [world.sealer(level).prepare(draft).gap for level in (Level.B_B, Level.B_T)]

    rooms = [(end - start - 2) // 2 for start, end in gaps]
    assert rooms == [certificates + 1200, certificates + 1200 + stamp]


@pytest.mark.parametrize("level", Level)
def test_every_file_ends_in_exactly_one_newline_and_every_page_stays(
    sealed: Sealed, level: Level, draft: bytes
) -> None:
    made, _ = sealed(level)
    reader = PdfFileReader(io.BytesIO(made), strict=True)

    assert made.endswith(b"%%EOF\n")
    assert made.startswith(draft)
    assert int(reader.root["/Pages"]["/Count"]) == 2
    assert reader.xrefs.total_revisions == (3 if level in {Level.B_LT, Level.B_LTA} else 2)
    assert b"/VRI" not in made


@pytest.mark.parametrize("level", Level)
def test_one_seal_with_the_profile_of_the_specification(sealed: Sealed, level: Level) -> None:
    """pdf.md 4.8."""
    made, _ = sealed(level)
    reader = PdfFileReader(io.BytesIO(made))
    (signature,) = reader.embedded_regular_signatures
    stamps = reader.embedded_timestamp_signatures

    assert signature.field_name == "Seal"
    assert str(signature.sig_object["/SubFilter"]) == "/ETSI.CAdES.detached"
    assert int(signature.docmdp_level.value) == 1
    assert reader.root["/Perms"].raw_get("/DocMDP") == signature.sig_field.raw_get("/V")
    assert "/Name" not in signature.sig_object
    names = ["ArchiveTimestamp1"] if level is Level.B_LTA else []
    assert [stamp.field_name for stamp in stamps] == names


def test_the_same_draft_at_the_same_moment_differs_only_in_what_is_random(
    world: SealingWorld, draft: bytes
) -> None:
    def prepare() -> Prepared:
        sealer = SpliceSealer(
            world.signer(),
            SealProfile(level=Level.B_B),
            clock=lambda: NOW,
            token_bytes=lambda size: bytes(range(size)),
        )
        return sealer.prepare(draft)

    assert prepare() == prepare()
    assert b"/M(D:20261121140500Z)" in prepare().document
    assert b"<000102030405060708090a0b0c0d0e0f>]/Prev" in prepare().document


# --- the container ----------------------------------------------------------------


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("level", [Level.B_B, Level.B_T])
def test_the_container_is_der_and_holds_what_the_specification_lists(
    world: SealingWorld, sealed: Sealed, level: Level, purpose: str
) -> None:
    """pdf.md 3.4, read by a general library and by the strict reader of the verifier."""
    made, prepared = sealed(level, purpose)
    encoded = container(made, prepared)
    info = cms.ContentInfo.load(encoded, strict=True)
    signed, chain = info["content"], world.signer(purpose).chain
    (signer,) = signed["signer_infos"]
    names = [one["type"].native for one in signer["signed_attrs"]]

    der.require_canonical(encoded)
    assert info.dump() == encoded
    assert signed["version"].native == "v1"
    assert signed["encap_content_info"]["content"].native is None
    assert sorted(one.chosen.dump() for one in signed["certificates"]) == sorted(chain[:2])
    assert names == ["content_type", "message_digest", "signing_certificate_v2"]
    assert signer["digest_algorithm"]["algorithm"].native == EXPECTED_HASH[purpose]
    assert signer["digest_algorithm"]["parameters"].native is None
    certificate = x509.Certificate.load(chain[0])
    (bound,) = signer["signed_attrs"][2]["values"][0]["certs"]
    assert bound["cert_hash"].native == hashlib.new(EXPECTED_HASH[purpose], chain[0]).digest()
    assert bound["issuer_serial"]["serial_number"].native == certificate.serial_number
    unsigned = [one["type"].native for one in signer["unsigned_attrs"] or ()]
    assert unsigned == ([] if level is Level.B_B else ["signature_time_stamp_token"])


@pytest.mark.judge
@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("level", [Level.B_B, Level.B_T])
def test_openssl_writes_the_same_container_again(
    sealed: Sealed, tmp_path: Path, level: Level, purpose: str
) -> None:
    """An independent encoder of DER comes to the same bytes."""
    encoded = container(*sealed(level, purpose))
    (tmp_path / "seal.der").write_bytes(encoded)

    command = [require("openssl"), "cms", "-cmsout", "-inform", "DER", "-outform", "DER"]
    subprocess.run(
        [*command, "-in", "seal.der", "-out", "again.der"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert (tmp_path / "again.der").read_bytes() == encoded


@pytest.mark.judge
@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("level", [Level.B_B, Level.B_T])
def test_openssl_verifies_the_container_over_the_covered_bytes(
    world: SealingWorld, sealed: Sealed, tmp_path: Path, level: Level, purpose: str
) -> None:
    made, prepared = sealed(level, purpose)
    start, end = prepared.gap
    (tmp_path / "seal.der").write_bytes(container(made, prepared))
    (tmp_path / "covered").write_bytes(made[:start] + made[end:])
    command = [
        *(require("openssl"), "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any"),
        *("-in", "seal.der", "-content", "covered", "-cades", "-out", "out"),
        *("-CAfile", str(world.folder / "keys" / "root.pem")),
        *("-attime", str(int(NOW.timestamp()))),
    ]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- programs of others -------------------------------------------------------------


@pytest.mark.judge
@pytest.mark.parametrize("level", Level)
def test_qpdf_finds_nothing_wrong(sealed: Sealed, tmp_path: Path, level: Level) -> None:
    """pdf.md 4.11."""
    (tmp_path / "sealed.pdf").write_bytes(sealed(level)[0])

    done = subprocess.run(
        [require("qpdf"), "--check", "sealed.pdf"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr


@pytest.mark.judge
@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("level", [Level.B_B, Level.B_T])
def test_poppler_finds_the_signature_valid_and_total(
    sealed: Sealed, tmp_path: Path, level: Level, purpose: str
) -> None:
    """pdf.md 4.11."""
    (tmp_path / "sealed.pdf").write_bytes(sealed(level, purpose)[0])

    done = subprocess.run(
        [require("pdfsig"), "-nocert", "sealed.pdf"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Signature is Valid" in done.stdout
    assert "Total document signed" in done.stdout


# --- text settings ------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(value=TEXTS)
@example(value="( ) \\ () ((")
@example(value="č Ċ — Łukasiewicz\r\n\t")
@example(value="😀")
def test_any_reason_is_read_back_as_it_was_set(value: str) -> None:
    """ISO 32000-1, 7.9.2.2: a general reader gives back the same letters."""
    reader = PdfFileReader(io.BytesIO(_one_string(text_string(value))))

    assert str(reader.root["/Text"]) == value


def _one_string(encoded: bytes) -> bytes:
    head = b"%PDF-1.7\n"
    body = b"1 0 obj\n<</Type/Catalog/Text" + encoded + b">>\nendobj\n"
    row = b"0000000000 65535 f\r\n" + b"%010d 00000 n\r\n" % len(head)
    return (
        head + body + b"xref\n0 2\n" + row + b"trailer\n<</Size 2/Root 1 0 R>>\n"
        b"startxref\n%d\n%%%%EOF\n" % len(head + body)
    )


@pytest.mark.parametrize("reason", ["Uittreksel (nr. 1) \\ „echt“", "čĊ)(", "\x0d\x0a"])
def test_a_file_with_an_awkward_reason_is_sealed_and_kept(
    world: SealingWorld, draft: bytes, reason: str
) -> None:
    sealer = world.sealer(reason=reason, location=reason[::-1])
    prepared = sealer.prepare(draft)
    made = sealer.seal(prepared)
    (signature,) = PdfFileReader(io.BytesIO(made)).embedded_regular_signatures

    assert str(signature.sig_object["/Reason"]) == reason
    assert str(signature.sig_object["/Location"]) == reason[::-1]
    assert sealer.covers(world.preserver().preserve(made), prepared.covered_digest)


# --- refusals -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bent:
    """A signer that answers otherwise than it should."""

    signer: SealSigner
    answer: Callable[[bytes], bytes]
    chain: tuple[bytes, ...] = ()

    @property
    def key(self) -> KeyRef:
        return self.signer.key

    def sign_digest(self, digest: bytes) -> bytes:
        return self.answer(digest)


def bent(signer: SealSigner, answer: Callable[[bytes], bytes]) -> Bent:
    return Bent(signer, answer, signer.chain)


def test_a_key_that_is_not_the_certificates_is_found_at_the_start(world: SealingWorld) -> None:
    """pdf.md 3.2."""
    other = make_sealing_world(world.folder / "other").signer()
    profile = SealProfile(level=Level.B_B)

    with pytest.raises(SealKeyMismatch):
        SpliceSealer(bent(world.signer(), other.sign_digest), profile, clock=lambda: NOW)


def test_a_key_out_of_reach_pauses_sealing(world: SealingWorld, draft: bytes) -> None:
    def gone(_digest: bytes) -> bytes:
        raise KeyUnavailable("the token was pulled out")

    signer = world.signer()
    profile = SealProfile(level=Level.B_B)
    with pytest.raises(SealingPaused):
        SpliceSealer(bent(signer, gone), profile, clock=lambda: NOW)

    working = bent(signer, signer.sign_digest)
    sealer = SpliceSealer(working, profile, clock=lambda: NOW)
    prepared = sealer.prepare(draft)
    object.__setattr__(working, "answer", gone)
    with pytest.raises(SealingPaused):
        sealer.seal(prepared)


def test_a_wrong_signature_never_leaves_the_house(world: SealingWorld, draft: bytes) -> None:
    signer = world.signer()
    flaky = bent(signer, signer.sign_digest)
    sealer = SpliceSealer(flaky, SealProfile(level=Level.B_B), clock=lambda: NOW)
    prepared = sealer.prepare(draft)
    object.__setattr__(flaky, "answer", lambda _: signer.sign_digest(bytes(32)))

    with pytest.raises(SealRejected):
        sealer.seal(prepared)
    with pytest.raises(SealRejected):
        sealer.seal(replace(prepared, covered_digest=bytes(32)))


def test_a_signature_larger_than_its_place_is_never_cut(world: SealingWorld, draft: bytes) -> None:
    """pdf.md 4.18."""
    signer = world.signer()
    bloated = bent(signer, signer.sign_digest)
    sealer = SpliceSealer(bloated, SealProfile(level=Level.B_B), clock=lambda: NOW)
    object.__setattr__(bloated, "answer", lambda _: bytes(1_100))

    with pytest.raises(PlaceholderOverflow):
        sealer.seal(sealer.prepare(draft))


@pytest.mark.parametrize("level", [Level.B_T, Level.B_LTA])
def test_a_time_stamp_larger_than_its_place_is_never_cut(
    world: SealingWorld, draft: bytes, level: Level
) -> None:
    """pdf.md 4.18."""

    class Modest:
        """Promises less room than its tokens need, the second one at least."""

        certificates = world.authority.certificates
        room = 900

        def stamp(self, digest: bytes) -> bytes:
            return world.authority.stamp(digest)

    sealer = SpliceSealer(
        world.signer(),
        SealProfile(level=level),
        clock=lambda: NOW,
        timestamper=Modest(),
        revocation=world.revocation,
    )
    with pytest.raises(PlaceholderOverflow):
        sealer.seal(sealer.prepare(draft))


@pytest.mark.parametrize(
    "profile",
    [
        SealProfile(level=Level.B_B, field="Other"),
        SealProfile(level=Level.B_B, docmdp=2),
        SealProfile(level=Level.B_B, subfilter="adbe.pkcs7.detached"),
    ],
    ids=["field", "permissions", "kind"],
)
def test_a_profile_that_is_not_laid_out_is_refused_at_the_start(
    world: SealingWorld, profile: SealProfile
) -> None:
    with pytest.raises(ValueError, match="certification seal"):
        SpliceSealer(world.signer(), profile, clock=lambda: NOW)


@pytest.fixture(name="sealer", scope="module")
def _sealer(world: SealingWorld) -> SpliceSealer:
    sealer = world.sealer(Level.B_B)
    assert isinstance(sealer, SpliceSealer)
    return sealer


CATALOG, PAGE = b"<</Type/Catalog", b"<</Type/Page/"


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (CATALOG, CATALOG + b"/OpenAction<</S/JavaScript/JS(x)>>"),
        (CATALOG, CATALOG + b"/AA<</WS<</S/JavaScript/JS(x)>>>>"),
        (CATALOG, CATALOG + b"/OCProperties<</OCGs[]/D<<>>>>"),
        (CATALOG, CATALOG + b"/Acro#46orm<</Fields[]/XFA(x)>>"),
        (CATALOG, CATALOG + b"/D#53S<<>>"),
        (CATALOG, CATALOG + b"/Lang(nl)"),
        (CATALOG, CATALOG + b" %hidden\n"),
        (CATALOG, b"<</Type/C#61talog"),
        (b"/Names[(extract.json)", b"/Names[(extract.exe)"),
        (PAGE, PAGE + b"AA 2 0 R/"),
        (PAGE, PAGE + b"Annots[2 0 R]/"),
        (PAGE, PAGE + b"Ann#6fts[2 0 R]/"),
        (PAGE, PAGE + b"Contents 2 0 R/"),
        (b"/Count 2/Kids[", b"/Count 3/Kids["),
        (b"/Count 2/Kids[23 0 R 24 0 R]", b"/Count 2/Kids[23 0 R 23 0 R]"),
        (b"/Count 2/Kids[23 0 R 24 0 R]", b"/Count 2/Kids[23 0 R 22 0 R]"),
        (b"/Type/Pages/", b"/Type/Pages/Rotate 180/"),
        (b"/Contents 33 0 R>>", b"/Contents 33 0 R/AA 2 0 R>>"),
    ],
    ids=str,
)
def test_a_draft_with_more_than_our_renderer_writes_is_foreign(
    sealer: SpliceSealer, draft: bytes, found: bytes, put: bytes
) -> None:
    """pdf.md 3.3: with a right table, so that nothing but the change is wrong."""
    assert found in draft
    assert sealer.prepare(with_table(draft)).document

    with pytest.raises(UnknownShape):
        sealer.prepare(with_table(draft.replace(found, put, 1)))


BETWEEN = b"5 0 obj\n"
"""Before this object stands what no table lists."""


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (BETWEEN, b"\n" + BETWEEN),
        (BETWEEN, b"%hidden\n" + BETWEEN),
        (BETWEEN, b"98 0 obj\n<</S/JavaScript>>\nendobj\n" + BETWEEN),
        (BETWEEN, b"98 0 obj <<>> endobj " + BETWEEN),
        (b"5 0 obj\n[", b"5 0 obj\n[]\nendobj 98 0 obj ["),
        (b"endstream\nendobj\n27 0", b"hidden\nendstream\nendobj\n27 0"),
        (b"endstream\nendobj\n27 0", b"endstream endobj 98 0 obj<<>>\nendobj\n27 0"),
        (b"endstream\nendobj\n27 0", b"endstream\n98 0 obj<<>>\nendobj\n27 0"),
        (b"<</Length 9/", b"<</Length 8/"),
        (b"<</Length 9/", b"<</Length 9/Length 90/"),
        (b"<</Length 9/", b"<</Length 9 0 R/"),
        (b"<</Length 9/", b"<</Length 9%/"),
        (b"<</Length 9/", b"<</DL 9/"),
        (b"\nendobj\nxref", b"\nendobj\n%hidden\nxref"),
        (b"\nendobj\nxref", b"\nendobj\n98 0 obj\n<<>>\nendobj\nxref"),
    ],
    ids=str,
)
def test_every_byte_of_a_draft_belongs_to_one_object_of_its_table(
    sealer: SpliceSealer, draft: bytes, found: bytes, put: bytes
) -> None:
    """pdf.md 3.3, 3.7.3: also with a table that fits what it lists."""
    assert found in draft
    listed = range(1, 40)

    with pytest.raises(UnknownShape):
        sealer.prepare(with_table(draft.replace(found, put, 1), listed))


def test_a_stream_that_reaches_over_the_next_object_is_foreign(
    sealer: SpliceSealer, draft: bytes
) -> None:
    """Its length ends where an object ends, but not where this one does."""
    start = draft.index(b"\n26 0 obj\n") + 1
    after = draft.index(b"28 0 obj\n", start)
    head = re.compile(rb"26 0 obj\n<</Length 9(/.*)>>\nstream\n").match(draft, start)
    assert head is not None
    reach = after - len(b"\nendstream\nendobj\n") - head.end()
    longer = draft.replace(b"<</Length 9/", b"<</Length %d/" % reach, 1)

    with pytest.raises(UnknownShape):
        sealer.prepare(with_table(longer))


def test_objects_may_stand_in_any_order_behind_the_first(
    sealer: SpliceSealer, draft: bytes
) -> None:
    fifth, sixth, seventh = (draft.index(b"\n%d 0 obj\n" % n) + 1 for n in (5, 6, 7))
    swapped = draft[:fifth] + draft[sixth:seventh] + draft[fifth:sixth] + draft[seventh:]
    listed = [int(n) for n in re.findall(rb"(?m)^(\d+) 0 obj$", swapped)]
    assert listed != sorted(listed)

    assert sealer.prepare(with_table(swapped, range(1, 40))).document


def with_table(pdf: bytes, listed: Sequence[int] = ()) -> bytes:
    """The same objects with offsets that fit them: all, or these in this order."""
    body, _, rest = pdf.rpartition(b"xref\n0 ")
    offsets = [found.start() for found in re.finditer(rb"(?m)^\d+ 0 obj$", body)]
    if listed:
        places = [re.search(rb"(?m)^%d 0 obj$" % number, body) for number in listed]
        offsets = [place.start() for place in places if place]
    rows = b"".join(b"%010d 00000 n\r\n" % offset for offset in offsets)
    trailer = rest[rest.index(b"trailer") : rest.index(b"startxref")]
    head = b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(offsets) + 1)
    return b"%b%b%b%bstartxref\n%d\n%%%%EOF" % (body, head, rows, trailer, len(body))


@given(data=st.data())
def test_a_mutated_draft_is_refused_or_sealed_as_it_is(
    sealer: SpliceSealer, draft: bytes, data: st.DataObject
) -> None:
    """pdf.md 4.20: nothing in between, and never another exception."""
    interesting = st.one_of(
        st.integers(0, len(draft) - 1),
        st.integers(draft.rindex(b"xref\n0 "), len(draft) - 1),
        st.integers(draft.rindex(b"/Type/Catalog") - 20, draft.rindex(b"endobj")),
    )
    place = data.draw(interesting)
    kept = data.draw(st.sampled_from([0, 1, 5]))
    mutated = draft[:place] + data.draw(st.binary(max_size=5)) + draft[place + kept :]

    try:
        prepared = sealer.prepare(mutated)
    except UnknownShape:
        return
    made = sealer.seal(prepared)
    assert made.startswith(mutated)
    assert sealer.covers(made, prepared.covered_digest)
