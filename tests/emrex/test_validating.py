"""What the validator says of documents that others made, good, odd and hostile."""

from __future__ import annotations

import base64
import gzip
import re
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from emrex.accepting import SignatureVerdict, accept
from emrex.elmo.extending import Transfer
from emrex.elmo.mapping import elmo_of
from emrex.elmo.writing import tree_of
from emrex.errors import PayloadRefused
from emrex.packing import packed
from emrex.validating.report import report
from emrex.validating.texts import REASONS
from emrex.xmldsig import sign
from tests import judges
from tests.attacks.wrapping import REFUSED, WRAPPINGS, taken_apart
from tests.credentials.people import extract
from tests.emrex.conftest import EXTENSIONS, NOW, Desk, schemas
from tests.verifier import elmo as others
from xmlsig import parsing, profile, verifying

FIRST_FOUR = ("1.4.0", "1.5.0", "1.6.0", "1.7.0")
LEGACY, INVALID = SignatureVerdict.VALID_LEGACY, SignatureVerdict.INVALID
SAMPLES = {
    "official/example-v1.0.0.xml": (INVALID, "comment", FIRST_FOUR),
    "official/example-v1.1.0.xml": (INVALID, "comment", FIRST_FOUR),
    "official/example-v1.2.xml": (INVALID, "comment", ()),
    "official/example-v1.3.0.xml": (INVALID, "comment", FIRST_FOUR),
    "official/example-v1.4.0-to-v2.0.0.xml": (INVALID, "comment", FIRST_FOUR),
    "official/example-de-v1.7-preview.xml": (INVALID, "malformed", ()),
    "national/fi-kaisa-reformatted.xml": (INVALID, "signer-not-in-registry", FIRST_FOUR),
    "signed/dk-2016-default-prefix.gz.b64": (LEGACY, "sha1", ()),
    "signed/dk-2016-default-prefix.xml": (LEGACY, "sha1", ()),
    "signed/dk-2016-ns-prefixed-1.gz.b64": (LEGACY, "sha1", ()),
    "signed/dk-2016-ns-prefixed-1.xml": (LEGACY, "sha1", ()),
    "signed/dk-2016-BROKEN-signature.gz.b64": (INVALID, "encoding", ()),
    "signed/no-2022-BROKEN-reformatted-after-signing.b64": (INVALID, "comment", ()),
}
"""By the file: emrex.md 2.6 measured the same schemas with two other programs."""


def sample(name: str) -> bytes:
    return (judges.standards() / "elmo" / "samples" / name).read_bytes()


def danish() -> bytes:
    """The certificate of the Danish provider, as a registry would hold it."""
    loaded = x509.load_pem_x509_certificate(sample("signed/dk-2016-cert.pem"))
    return loaded.public_bytes(Encoding.DER)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_official_sample_gets_its_true_verdict_and_schemas(name: str) -> None:
    """emrex.md 4.62, 4.63 and 2.6: the signature and the schema are two results."""
    found = report(sample(name), [danish()], NOW, schemas())

    assert (found.signature, found.reason, found.fits) == SAMPLES[name]


def test_a_file_that_was_tidied_up_is_no_longer_what_was_signed() -> None:
    """emrex.md 4.63: the Norwegian sample, whose comment is only the first thing against it."""
    plain = base64.b64decode(sample("signed/no-2022-BROKEN-reformatted-after-signing.b64"))
    without = re.sub(rb"<!--.*?-->", b"", plain, flags=re.DOTALL)
    (signature,) = profile.signatures(parsing.parse(without))

    assert verifying.verified_document(signature, profile.reference(signature)) is None
    assert report(base64.b64encode(without), [], NOW).findings[0].rule == "not-gzip"


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("official/example-v1.0.0.xml", "1.0"),
        ("official/example-v1.2.xml", "1.2"),
        ("official/example-v1.3.0.xml", "1.3"),
        ("official/example-v1.4.0-to-v2.0.0.xml", "1.4"),
        ("signed/dk-2016-default-prefix.xml", "1.0"),
    ],
)
def test_the_version_is_the_oldest_that_has_everything_in_the_document(
    name: str, version: str
) -> None:
    """emrex.md 4.76."""
    assert report(sample(name), [], NOW).version == version


@pytest.mark.parametrize(
    ("body", "version"),
    [
        ("", "1.0"),
        ("<report><gradingScheme/></report>", "1.2"),
        ("<groups/>", "1.3"),
        ("<diplomaSupplement/>", "1.4"),
        ("<learner><gender>0</gender></learner>", "1.5"),
        ("<attachment><type>Diploma</type></attachment>", "1.6"),
        ("<groups><group><title/><title/></group></groups>", "1.7"),
        ("<learner><dateOfBirth/></learner>", "2.0"),
    ],
)
def test_every_version_shows_itself_by_what_it_was_first_to_have(body: str, version: str) -> None:
    """emrex.md 4.76."""
    space = "https://github.com/emrex-eu/elmo-schemas/tree/v1"
    found = report(f'<elmo xmlns="{space}">{body}</elmo>'.encode(), [], NOW, schemas())

    assert found.version == version
    assert found.fits == ()
    assert any(one.rule.startswith("schema-") for one in found.findings)


def test_a_document_of_the_field_trial_has_a_verdict_and_no_schema(tmp_path: Path) -> None:
    """emrex.md 4.62: signed by xmlsec1, in the namespace of 2015."""
    world = others.make_elmo_world(tmp_path)
    template = others.document(signature=others.empty_signature())
    space = b"https://github.com/emrex-eu/elmo-schemas/tree/v1"
    signed = world.sign(template.replace(space, b"http://purl.org/net/elmo"))
    pem = (world.keys / f"{world.kid}.pem").read_bytes()
    ours = x509.load_pem_x509_certificates(pem)[0].public_bytes(Encoding.DER)

    found = report(signed, [ours], NOW, schemas())

    assert found.signature is SignatureVerdict.VALID
    assert (found.version, found.fits) == ("field trial", ())
    assert [one.rule for one in found.findings] == ["schema"]


def document(desk: Desk) -> bytes:
    return desk.document([extract("hbo").record])


def test_a_document_is_read_in_whatever_it_comes(desk: Desk) -> None:
    """emrex.md 2.2: packed for the form, packed only, or plain with a mark of its encoding."""
    ours, trusted = document(desk), desk.signer.chain[:1]
    forms = (ours, b"\xef\xbb\xbf" + ours, gzip.compress(ours), packed(ours).encode())

    for form in forms:
        found = report(form, trusted, NOW, schemas())
        assert (found.signature, found.findings) == (SignatureVerdict.VALID, ())
        assert found.fits == ("1.6.0", "1.7.0")


@pytest.mark.parametrize("name", WRAPPINGS)
def test_a_wrapped_document_is_invalid_and_nothing_of_it_is_believed(name: str, desk: Desk) -> None:
    """emrex.md 4.65: second signature, moved root, Id, no or two references, XPath, HMAC."""
    forged = WRAPPINGS[name](*taken_apart(document(desk))).encode()

    found = report(forged, desk.signer.chain[:1], NOW)

    assert found.signature in {INVALID, SignatureVerdict.UNSIGNED}
    assert found.reason in REASONS
    with suppress(PayloadRefused):
        assert accept(forged, desk.signer.chain[:1], NOW).root is None


@pytest.mark.parametrize("name", REFUSED)
def test_what_could_split_or_fetch_makes_any_signature_worthless(name: str, desk: Desk) -> None:
    """emrex.md 4.64."""
    found = report(REFUSED[name](*taken_apart(document(desk))).encode(), desk.signer.chain[:1], NOW)

    assert found.signature is INVALID
    assert found.reason in REASONS


@pytest.mark.parametrize("name", ["include", "fallback", "anything"])
def test_an_inclusion_is_refused_and_never_followed(name: str, desk: Desk, tmp_path: Path) -> None:
    """emrex.md 4.64: whoever follows it later would read what was never signed."""
    secret = tmp_path / "secret.xml"
    secret.write_text("<familyName>Mallory</familyName>")
    space = "http://www.w3.org/2001/XInclude"
    include = f'<xi:{name} xmlns:xi="{space}" href="{secret.as_uri()}"/>'
    put_in = document(desk).replace(b"<learner>", f"<learner>{include}".encode(), 1)
    root = tree_of(elmo_of([extract("hbo").record], Transfer(NOW, "https://x"), {}), EXTENSIONS)
    root.insert(1, etree.fromstring(include))
    unsigned = etree.tostring(root)

    for forged in (put_in, sign(root, desk.signer, NOW)):
        found = accept(forged, desk.signer.chain[:1], NOW)
        assert (found.verdict, found.reason, found.root) == (INVALID, "inclusion", None)
        assert "Mallory" not in str(found)
    assert "inclusion" in REASONS
    assert accept(unsigned, desk.signer.chain[:1], NOW).verdict is SignatureVerdict.UNSIGNED


@pytest.mark.parametrize("place", ["<learner", "<SignedInfo"])
def test_a_namespace_without_canonical_form_is_a_verdict(place: str, desk: Desk) -> None:
    """C14N 1.0 section 1.3: a relative address of a namespace has none; lxml raises."""
    odd = document(desk).decode().replace(place, f'{place} xmlns:o="relative"', 1).encode()

    found = report(odd, desk.signer.chain[:1], NOW)

    assert found.signature is INVALID
    assert found.reason in {"changed", "canonicalization"}


@pytest.mark.parametrize(
    ("made", "read", "verdict", "reason"),
    [
        (NOW, NOW + timedelta(days=4 * 366), LEGACY, "expired"),
        (NOW + timedelta(days=4 * 366), NOW, INVALID, "no-longer-valid"),
        (NOW - timedelta(days=1), NOW, INVALID, "not-yet-valid"),
    ],
)
def test_the_certificate_counts_at_the_moment_that_the_document_names(
    made: datetime, read: datetime, verdict: SignatureVerdict, reason: str, desk: Desk
) -> None:
    """emrex.md 3.5.5: valid when it was made, and only legacy once it has expired since."""
    record = [extract("hbo").record]
    transfer = Transfer(made, "https://echt.voorbeeld.nl")
    root = tree_of(elmo_of(record, transfer, {}), EXTENSIONS)

    found = accept(sign(root, desk.signer, NOW), desk.signer.chain[:1], read)

    assert (found.verdict, found.reason) == (verdict, reason)


def test_a_key_that_only_stands_inside_is_not_trusted(desk: Desk) -> None:
    """emrex.md 4.65 and 4.69: the certificate in KeyInfo is compared, never believed."""
    found = accept(document(desk), desk.stranger.chain[:1], NOW)

    assert (found.verdict, found.reason) == (INVALID, "signer-not-in-registry")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (gzip.compress(bytes(200 * 1024 * 1024), mtime=0), "too-large"),
        (gzip.compress(bytes(8 * 1024 * 1024), mtime=0), "bomb"),
        (gzip.compress(gzip.compress(b"<elmo/>", mtime=0), mtime=0), "encoding"),
        (gzip.compress(b"<elmo/>", mtime=0) + b"x", "trailing-bytes"),
        (
            b"<elmo " + b" ".join(b"a%d=''" % n for n in range(10_001)) + b"/>",
            "too_many_attributes",
        ),
        (b"<elmo>" + b"<a>" * 101 + b"</a>" * 101 + b"</elmo>", "too_deep"),
        (b"<elmo>" + b"<a/>" * 50_000 + b"</elmo>", "too_many_elements"),
        (b"<html/>", "not-elmo"),
        (b"<elmo", "malformed"),
        (b"\x00", "not-base64"),
        (b"%%%", "not-base64"),
        (b"", "cut-short"),
    ],
    ids=range(12),
)
def test_bombs_towers_and_junk_are_refused_with_a_reason(data: bytes, reason: str) -> None:
    """emrex.md 4.67."""
    found = report(data, [], NOW)

    assert (found.signature, found.reason) == (INVALID, reason)
    assert reason in REASONS


def test_a_text_of_eleven_megabytes_is_read() -> None:
    """emrex.md 4.75: lxml refuses it by default."""
    found = report(b"<elmo><a>" + b"x" * 11 * 1024 * 1024 + b"</a></elmo>", [], NOW)

    assert found.signature is SignatureVerdict.UNSIGNED


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_whatever_comes_there_is_a_report(data: bytes) -> None:
    for form in (data, b"<elmo>" + data, base64.b64encode(data), gzip.compress(data)):
        found = report(form, [], NOW)
        assert found.signature in {INVALID, SignatureVerdict.UNSIGNED}
        assert found.reason in REASONS


@given(at=st.integers(min_value=0), letter=st.sampled_from(b"AZ09 <>&/=\"'\n"))
@settings(max_examples=100)
def test_one_changed_letter_never_says_something_else(at: int, letter: int, desk: Desk) -> None:
    """emrex.md 4.56: whatever still verifies says what it said before."""
    ours, trusted = document(desk), desk.signer.chain[:1]
    at %= len(ours)
    changed = accept_or_none(ours[:at] + bytes([letter]) + ours[at + 1 :], trusted)

    if changed is not None:
        assert changed == accept_or_none(ours, trusted)


def accept_or_none(data: bytes, trusted: tuple[bytes, ...]) -> bytes | None:
    """What a verified document says, made canonical; None where nothing is proven."""
    try:
        found = accept(data, trusted, NOW)
    except PayloadRefused:
        return None
    if found.verdict is not SignatureVerdict.VALID or found.root is None:
        return None
    return etree.tostring(found.root, method="c14n")
