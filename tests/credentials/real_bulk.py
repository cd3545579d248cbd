"""Everything that issues cohorts, as an instance has it, in this process or another."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

from credentials.archive import Archive
from credentials.bulk.chunks import Bulk
from credentials.bulk.store import SqlCohorts
from credentials.issuing import Issuer
from credentials.ledger import Ledger
from credentials.lint import LINTS
from credentials.numbering import document_number
from credentials.reconciling import GRACE, Reconciler
from credentials.sealing import Sealer
from settings import Settings
from wiring import Instance, open_bulk


def open_real(settings: Settings, grace: timedelta) -> Bulk:
    """What a worker opens once, with another idea of how old an intent of the dead is."""
    return replace(open_bulk(settings), grace=grace)


def bulk_of(
    instance: Instance,
    *,
    grace: timedelta = GRACE,
    sealer: Sealer | None = None,
    ledger: Ledger | None = None,
    archive: Archive | None = None,
    cohorts: SqlCohorts | None = None,
) -> Bulk:
    """The same over an instance; parts may be replaced."""
    seals, books = sealer or instance.archival_sealer, ledger or instance.ledger
    files = archive or instance.archive
    return Bulk(
        register=instance.register,
        issuer=Issuer(instance.draw, seals, books, files, LINTS),
        ledger=books,
        reconciler=Reconciler(books, files, seals, instance.clock),
        cohorts=cohorts or SqlCohorts(instance.engine),
        draw_number=lambda: document_number(secrets.token_bytes),
        clock=instance.clock,
        grace=grace,
    )
