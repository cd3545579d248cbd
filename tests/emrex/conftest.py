"""Keys of tests and documents about the ten hardest people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from emrex.elmo.profiles import Version
from emrex.elmo.schemas import Schemas
from emrex.making import Made, Maker
from keys import hierarchy
from keys.custody import SealSigner
from register.records import AwardRecord
from tests import judges

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
EXTENSIONS = "https://echt.voorbeeld.nl/elmo/1"
PDF = b"%PDF-1.7\n% not drawn: what is inside is not what is tested here\n%%EOF\n"


class DrawnAlready:
    """Extracts that nobody has to draw or seal."""

    def sealed(self, record: AwardRecord) -> tuple[str, bytes]:
        return "en", PDF + record.award.award_id.encode()

    def overview(self, records: Sequence[AwardRecord]) -> tuple[str, bytes]:
        return "en", PDF + b" ".join(one.award.award_id.encode() for one in records)


@dataclass(frozen=True, slots=True)
class Desk:
    """Makes documents with a key of tests."""

    signer: SealSigner
    stranger: SealSigner

    def document(
        self,
        records: Sequence[AwardRecord],
        version: Version = Version.V1_7,
        receiver: str = "",
        transaction: str = "",
    ) -> bytes:
        return self.made(records, version, receiver, transaction).content

    def made(
        self, records: Sequence[AwardRecord], version: Version, receiver: str, transaction: str = ""
    ) -> Made:
        maker = Maker(
            "https://echt.voorbeeld.nl",
            EXTENSIONS,
            DrawnAlready(),
            lambda: self.signer,
            lambda: NOW,
            schemas(),
        )
        return maker.document(records, version, receiver, transaction)


def schemas() -> Schemas:
    """The published ones, where the standards are at hand."""
    return Schemas(judges.standards() / "elmo" / "xsd")


def signer_in(folder: Path) -> SealSigner:
    hierarchy.make(folder, now=NOW - timedelta(hours=1))
    return hierarchy.open_signer(folder, "emrex", clock=lambda: NOW)


@pytest.fixture(name="desk", scope="session")
def _desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("emrex")
    return Desk(signer_in(folder / "ours"), signer_in(folder / "theirs"))
