"""What we send before two programs that we did not write: xmlsec1, and xml-crypto on Node."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest

from emrex.accepting import SignatureVerdict, accept
from emrex.elmo.profiles import Version
from register.records import AwardRecord, Sector
from tests import judges
from tests.credentials.people import PEOPLE, extract
from tests.emrex.conftest import NOW, Desk
from tests.emrex.test_signed_documents import pem, xmlsec_accepts
from tests.products import THOROUGH

pytestmark = pytest.mark.judge

NODE = judges.ROOT / "tests" / "node"
STRIDE = 1 if THOROUGH else 37
"""Between two changed letters; a prime, so that they fall on places of every kind."""


def one_of_each_sector() -> dict[Sector, AwardRecord]:
    records = [extract(person).record for person in PEOPLE]
    return {record.award.sector: record for record in reversed(records)}


def xml_crypto(certificate: Path, files: Sequence[Path]) -> list[bool]:
    """Which of the files xml-crypto accepts as signed by that certificate."""
    node = judges.require("node")
    if not (NODE / "node_modules" / "xml-crypto").is_dir():
        pytest.skip("xml-crypto is not installed: make judges")
    command = [node, "xmldsig.mjs", str(certificate), *map(str, files)]
    done = subprocess.run(command, cwd=NODE, capture_output=True, text=True, check=True)
    verdicts: list[bool] = json.loads(done.stdout)
    return verdicts


def kept(documents: Sequence[bytes], folder: Path) -> list[Path]:
    files = [folder / f"{place}.xml" for place in range(len(documents))]
    for file, document in zip(files, documents, strict=True):
        file.write_bytes(document)
    return files


def flipped(document: bytes) -> Iterator[bytes]:
    """The document with one letter changed, at many places of all that a signature covers.

    That begins after the declaration, which no canonical form has, and ends with the value of
    the signature: KeyInfo need not be signed (XMLDSig 4.4), and nobody looks at it who has
    pinned a certificate.
    """
    for place in range(document.index(b"<elmo"), document.index(b"</SignatureValue>"), STRIDE):
        changed = bytearray(document)
        changed[place] ^= 1
        yield bytes(changed)


def moved_first(document: bytes) -> bytes:
    """The signature as the first child of the root: nothing that is signed changes by that."""
    signature = signature_in(document)
    return document.replace(signature, b"").replace(
        b"<generatedDate>", signature + b"<generatedDate>"
    )


def moved_down(document: bytes) -> bytes:
    """The signature below the learner, where no reader of EMREX looks for it."""
    signature = signature_in(document)
    return document.replace(signature, b"").replace(b"</learner>", signature + b"</learner>")


def signature_in(document: bytes) -> bytes:
    return document[document.index(b"<Signature ") : document.rindex(b"</elmo>")]


def test_our_verdicts_are_those_of_xmlsec1(desk: Desk, tmp_path: Path) -> None:
    """emrex.md 4.55 to 4.57, 4.65: good, changed, by another's key, moved and taken over."""
    ours, theirs = pem(desk.signer, tmp_path), pem(desk.stranger, tmp_path)
    whole = desk.document([extract("hbo").record])
    other = desk.document([extract("vwo").record])
    cases = {
        "whole": (whole, True),
        "changed": (whole.replace(b"<status>passed", b"<status>failed", 1), False),
        "first": (moved_first(whole), True),
        "taken over": (other.replace(signature_in(other), signature_in(whole)), False),
    }
    for name, (document, is_good) in cases.items():
        for certificate, signer in ((ours, desk.signer), (theirs, desk.stranger)):
            expected = is_good and signer is desk.signer
            found = accept(document, signer.chain[:1], NOW).verdict
            assert xmlsec_accepts(document, certificate, tmp_path) is expected, name
            assert (found is SignatureVerdict.VALID) is expected, name


def test_we_refuse_a_place_that_xmlsec1_does_not_look_at(desk: Desk, tmp_path: Path) -> None:
    """emrex.md 4.65, 3.5.3: the one verdict that differs, and we are the stricter."""
    moved = moved_down(desk.document([extract("hbo").record]))

    assert xmlsec_accepts(moved, pem(desk.signer, tmp_path), tmp_path)
    assert accept(moved, desk.signer.chain[:1], NOW).reason == "signature_moved"


def test_both_accept_everything_that_we_send(desk: Desk, tmp_path: Path) -> None:
    """emrex.md 4.55, 4.57: every sector in every version; nothing of it by another's key."""
    ours, theirs = pem(desk.signer, tmp_path), pem(desk.stranger, tmp_path)
    records = one_of_each_sector()
    wanted = list(product(records.values(), Version))
    documents = [desk.document([record], version) for record, version in wanted]
    files = kept(documents, tmp_path)

    assert set(records) == set(Sector)
    assert xml_crypto(ours, files) == [True] * len(wanted)
    assert xml_crypto(theirs, files) == [False] * len(wanted)
    assert all(xmlsec_accepts(one, ours, tmp_path) for one in documents)
    assert not any(xmlsec_accepts(one, theirs, tmp_path) for one in documents)


@pytest.mark.parametrize("version", Version)
def test_one_changed_letter_is_refused_by_both(
    desk: Desk, tmp_path: Path, version: Version
) -> None:
    """emrex.md 4.56."""
    certificate = pem(desk.signer, tmp_path)
    changed = list(flipped(desk.document([extract("hbo").record], version)))

    accepted = xml_crypto(certificate, kept(changed, tmp_path))

    assert len(changed) > 50
    assert [one for one, is_good in zip(changed, accepted, strict=True) if is_good] == []
    assert [one for one in changed if xmlsec_accepts(one, certificate, tmp_path)] == []
