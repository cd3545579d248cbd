"""The samples of the client kit are what we send today: read by us, by schema and by xmlsec1."""

from __future__ import annotations

import subprocess
from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from emrex.accepting import SignatureVerdict, accept
from emrex.elmo.writing import NAMESPACE
from tests import judges
from tests.emrex.conftest import schemas
from tests.emrex.kit import CERTIFICATE, SECTORS

SAMPLES = judges.ROOT / "docs" / "emrex" / "samples"
NAMES = [f"{sector.value.lower()}.xml" for sector in SECTORS]


def test_there_is_a_sample_of_every_sector_and_the_certificate() -> None:
    assert {one.name for one in SAMPLES.iterdir()} == {*NAMES, CERTIFICATE}


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_accepted_without_a_finding(name: str) -> None:
    document = (SAMPLES / name).read_bytes()
    loaded = x509.load_pem_x509_certificate((SAMPLES / CERTIFICATE).read_bytes())
    made = etree.fromstring(document).findtext(f"{{{NAMESPACE}}}generatedDate", "")

    found = accept(
        document, [loaded.public_bytes(Encoding.DER)], datetime.fromisoformat(made), schemas()
    )

    assert (found.verdict, found.findings) == (SignatureVerdict.VALID, ())
    assert {"1.6.0", "1.7.0"} <= set(found.fits)


@pytest.mark.judge
@pytest.mark.parametrize("name", NAMES)
def test_xmlsec1_accepts_a_sample_with_the_pinned_key(name: str) -> None:
    """emrex.md 4.54."""
    words = [judges.require("xmlsec1"), "--verify", "--enabled-key-data", "rsa"]
    words += ["--pubkey-cert-pem", str(SAMPLES / CERTIFICATE), str(SAMPLES / name)]

    judged = subprocess.run(words, capture_output=True, check=False)

    assert judged.returncode == 0, judged.stderr
