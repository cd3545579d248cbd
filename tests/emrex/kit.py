"""Makes the samples of `docs/emrex/samples/`: one signed document of each sector.

Run as `python -m tests.emrex.kit docs/emrex/samples`. Every run makes a key of its own, which is
gone afterwards; its certificate is kept beside the samples, as a registry would list it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from emrex.elmo.profiles import Version
from emrex_wiring import entry_of, maker_of
from register.ports import Register
from register.records import AwardRecord, AwardStatus, Sector
from tests.house import furnish

SECTORS = (Sector.VO, Sector.MBO, Sector.HBO, Sector.WO, Sector.NT2)
CERTIFICATE = "certificate.pem"


def first_of(register: Register, sector: Sector) -> AwardRecord:
    """The first record of a sector that stands."""
    return next(
        one
        for one in register.awards()
        if one.award.sector is sector and one.award.status is not AwardStatus.WITHDRAWN
    )


def write_samples(folder: Path) -> None:
    """Write a document of each sector, and the certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        instance = furnish(Path(home), 200)
        maker = maker_of(instance)
        for sector in SECTORS:
            made = maker.document([first_of(instance.register, sector)], Version.V1_7)
            (folder / f"{sector.value.lower()}.xml").write_bytes(made.content)
        (der,) = entry_of(instance).certificates
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (folder / CERTIFICATE).write_bytes(pem)
        instance.close()


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]))
