"""What we send before programs that we did not write: the schema, xmlsec1, a flipped letter."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from emrex.accepting import SignatureVerdict, accept
from emrex.elmo.profiles import Version
from keys.custody import SealSigner
from tests import judges
from tests.credentials.people import PEOPLE, extract, sixty_results
from tests.emrex.conftest import NOW, Desk
from xmlsig.profile import DS

pytestmark = pytest.mark.judge


@pytest.fixture(name="written", scope="module")
def _written(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> dict[Version, list[Path]]:
    folder = tmp_path_factory.mktemp("documents")
    records = [extract(person).record for person in PEOPLE] + [sixty_results()]
    made: dict[Version, list[Path]] = {version: [] for version in Version}
    for version in Version:
        for place, record in enumerate(records):
            path = folder / f"{version}-{place}.xml"
            path.write_bytes(desk.document([record], version))
            made[version].append(path)
    return made


def valid_against(version: str, files: Sequence[Path]) -> subprocess.CompletedProcess[str]:
    schema = judges.standards() / "elmo" / "xsd" / f"v{version}.0" / "schema.xsd"
    return by_schema(schema, files)


def by_schema(schema: Path, files: Sequence[Path]) -> subprocess.CompletedProcess[str]:
    catalog = judges.standards() / "elmo" / "xsd" / "catalog.xml"
    command = [judges.require("xmllint"), "--nonet", "--noout", "--schema", str(schema)]
    return subprocess.run(
        [*command, *map(str, files)],
        env=os.environ | {"XML_CATALOG_FILES": str(catalog)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("version", Version)
def test_every_document_is_valid_against_the_schema_of_its_version(
    version: Version, written: dict[Version, list[Path]]
) -> None:
    """emrex.md 4.38."""
    done = valid_against(version, written[version])

    assert done.returncode == 0, done.stderr[-3000:]


def test_the_newest_form_is_refused_by_the_schemas_that_it_is_not_for(
    written: dict[Version, list[Path]],
) -> None:
    """An oracle that passes everything judges nothing: Diploma is no type before 1.6."""
    assert valid_against("1.6", written[Version.V1_7]).returncode == 0
    assert valid_against("1.5", written[Version.V1_7]).returncode != 0
    assert valid_against("2.0", written[Version.V1_7]).returncode != 0


def pem(signer: SealSigner, folder: Path) -> Path:
    path = folder / f"{signer.key.kid}.pem"
    path.write_bytes(x509.load_der_x509_certificate(signer.chain[0]).public_bytes(Encoding.PEM))
    return path


def xmlsec_accepts(document: bytes, certificate: Path, folder: Path) -> bool:
    """Without `--enabled-key-data rsa` it would trust the certificate inside the file."""
    file = folder / "document.xml"
    file.write_bytes(document)
    words = ("--verify", "--insecure", "--enabled-key-data", "rsa", "--pubkey-cert-pem")
    command = [judges.require("xmlsec1"), *words, str(certificate), str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_xmlsec1_accepts_what_we_sign_and_nothing_else(desk: Desk, tmp_path: Path) -> None:
    """emrex.md 4.55 to 4.57."""
    ours, theirs = pem(desk.signer, tmp_path), pem(desk.stranger, tmp_path)
    for person in PEOPLE:
        document = desk.document([extract(person).record])
        changed = document.replace(b"<status>passed", b"<status>failed", 1)
        assert xmlsec_accepts(document, ours, tmp_path)
        assert not xmlsec_accepts(document, theirs, tmp_path)
        assert not xmlsec_accepts(changed, ours, tmp_path)


def test_our_own_reader_says_the_same(desk: Desk) -> None:
    document = desk.document([extract("hbo").record])
    changed = document.replace(b"<status>passed", b"<status>failed", 1)

    assert accept(document, desk.signer.chain[:1], NOW).verdict is SignatureVerdict.VALID
    assert accept(document, desk.stranger.chain[:1], NOW).reason == "signer-not-in-registry"
    assert accept(changed, desk.signer.chain[:1], NOW).reason == "changed"


def test_the_form_is_that_of_the_emit_profile(desk: Desk) -> None:
    """emrex.md 4.54 and 4.28: no prefix but our own, no comment, the signature last, once."""
    document = desk.document([extract("hbo").record], receiver="https://emc.example")
    root = etree.fromstring(document)
    signature = root[-1]

    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<elmo xmlns=")
    assert b"<!--" not in document
    assert b"\r" not in document
    assert signature.tag == f"{{{DS}}}Signature"
    assert len(list(root.iter(f"{{{DS}}}Signature"))) == 1
    assert root.nsmap == {None: "https://github.com/emrex-eu/elmo-schemas/tree/v1"}
    assert signature.findtext(f".//{{{DS}}}X509SubjectName")
    assert len(list(signature.iter(f"{{{DS}}}X509Certificate"))) == 1


def test_the_same_records_give_the_same_bytes(desk: Desk) -> None:
    """emrex.md 4.51: RSA PKCS#1 v1.5 draws nothing."""
    records = [extract("hbo").record]

    assert desk.document(records) == desk.document(records)


OFFICIAL = {
    "dk-2016-default-prefix.xml": (SignatureVerdict.VALID_LEGACY, "sha1"),
    "dk-2016-ns-prefixed-1.xml": (SignatureVerdict.VALID_LEGACY, "sha1"),
}


@pytest.mark.parametrize("name", OFFICIAL)
def test_official_signed_samples_are_valid_in_an_old_way(name: str) -> None:
    """emrex.md 4.62."""
    folder = judges.standards() / "elmo" / "samples" / "signed"
    certificate = x509.load_pem_x509_certificate((folder / "dk-2016-cert.pem").read_bytes())

    found = accept((folder / name).read_bytes(), [certificate.public_bytes(Encoding.DER)], NOW)

    assert (found.verdict, found.reason) == OFFICIAL[name]
