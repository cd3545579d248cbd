"""A register with one cohort and everything that issues it, with documents that cost nothing.

Drawing and sealing are replaced by the cheapest that keep their promises (a real signature
over real bytes); register, ledger, archive, plan and engines are the real ones. `open_cheap`
can be pickled, so that workers in other processes build the same house.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.engine import Engine

from credentials.archive import FolderArchive
from credentials.bulk.chunks import Bulk
from credentials.bulk.cohorts import Cohort, Wanted
from credentials.bulk.planning import plan
from credentials.bulk.store import SqlCohorts
from credentials.errors import UncoveredText
from credentials.extract import Extract, Language
from credentials.issuing import Issuer
from credentials.numbering import document_number
from credentials.reconciling import Reconciler
from credentials.store import SqlLedger
from register.importing import import_source
from register.lines import LINE
from register.reading import Records
from register.store import SqlRegister
from register.vault import Vault
from register.writing import SqlWriter
from storage.engine import open_engine
from storage.migrating import upgrade
from tests.contracts.memory_sealer import MemorySealer

VAULT = Vault(bytes(range(32)))
WANTED = Wanted("vwo", 2024, (Language.NL,))
SMALLEST = 3
"""Of a chunk, so that a dozen awards are several chunks."""
CANNOT_BE_DRAWN, BREAKS_A_RULE, BREAKS_US = "Sneeuwpop", "Regelbreker", "Onvoorzien"
FIRST: list[dict[str, Any]] = [
    {
        "type": "institution",
        "code": "05KO",
        "names": [{"name": "Het Lyceum", "since": "1990-08-01"}],
    },
    *(
        {
            "type": "programme",
            "code": code,
            "scheme": "vo",
            "sector": "vo",
            "title": {"nl": code},
            "nlqf": "4",
            "eqf": 4,
        }
        for code in ("vwo", "havo")
    ),
]


class CheapSealer(MemorySealer):
    """The same key in every process, as a hardware token would give."""

    def __init__(self) -> None:
        super().__init__()
        self._private = ec.derive_private_key(20_261_121, ec.SECP256R1())


def person(place: int, surname: str = "Jansen", **award: str) -> dict[str, Any]:
    """One line of the import format: somebody with one award."""
    made = {"institution": "05KO", "programme": "vwo", "awarded": "2024-06-14", **award}
    return {
        "type": "person",
        "person": f"p{place:06d}",
        "name": {"given": "Noor", "surname": surname},
        "birth": "2006",
        "awards": [{"award": f"a{place:06d}", **made}],
    }


def deliver(engine: Engine, *lines: Mapping[str, Any]) -> None:
    """Import these lines."""
    parsed = [LINE.validate_json(json.dumps(line)) for line in lines]
    writer = SqlWriter(engine, VAULT, lambda: datetime.now(UTC))
    account = import_source(Records(token_bytes(8).hex(), parsed), writer)
    assert account.refused == 0


def draw(extract: Extract) -> bytes:
    """Something that looks enough like a PDF to be sealed for a test."""
    surname = extract.record.person.name.surname
    if surname == CANNOT_BE_DRAWN:
        raise UncoveredText(("U+2603",))
    if surname == BREAKS_US:
        raise ZeroDivisionError
    return b"%PDF-1.7\n" + f"{extract.number} {extract.record.award.award_id} {surname}".encode()


def lint(_pdf: bytes, extract: Extract) -> Iterator[str]:
    """One rule, which one name breaks."""
    if extract.record.person.name.surname == BREAKS_A_RULE:
        yield "a rule is broken"


def build(engine: Engine, folder: Path, **changes: Any) -> Bulk:
    """Everything over this database and this folder; parts may be replaced by name."""
    ledger = changes.pop("ledger", None) or SqlLedger(engine)
    archive = changes.pop("archive", None) or FolderArchive(folder)
    sealer = changes.pop("sealer", None) or CheapSealer()
    clock = changes.pop("clock", None) or (lambda: datetime.now(UTC))
    return Bulk(
        register=SqlRegister(engine, VAULT),
        issuer=Issuer(
            changes.pop("draw", draw),
            sealer,
            ledger,
            archive,
            (lint,),
            clock=lambda: clock().timestamp(),
        ),
        ledger=ledger,
        reconciler=Reconciler(ledger, archive, sealer, clock),
        cohorts=SqlCohorts(engine),
        draw_number=lambda: document_number(token_bytes),
        clock=clock,
        grace=changes.pop("grace", timedelta(seconds=60)),
    )


def open_cheap(url: str, folder: Path) -> Bulk:
    """The same house in another process."""
    engine = open_engine(url)
    upgrade(engine)
    return build(engine, folder, grace=timedelta(0))


def planned(bulk: Bulk, wanted: Wanted = WANTED, smallest: int = SMALLEST) -> Cohort:
    """Plan the cohort and keep the plan."""
    ids = bulk.register.award_ids(wanted.programme, wanted.year)
    made = plan(wanted, "profile", ids, smallest)
    return bulk.cohorts.keep(made, now=bulk.clock())


def sealed_files(folder: Path) -> set[str]:
    """Numbers of the documents in the archive."""
    return {file.stem for file in folder.rglob("*.pdf")}
