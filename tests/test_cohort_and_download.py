"""A holder whose document was made with a whole cohort downloads that very document."""

from __future__ import annotations

import pytest

from credentials.bulk.cohorts import Wanted
from credentials.bulk.engines import Inline, Shift, run
from credentials.bulk.planning import plan
from credentials.extract import Language, Purpose
from wiring import Instance

pytestmark = pytest.mark.slow


def test_a_download_after_a_cohort_gives_the_document_of_the_cohort(house: Instance) -> None:
    (record, *_) = house.register.awards(limit=1)
    programme, year = record.programme.code, record.award.awarded.year
    assert year is not None
    wanted = Wanted(programme, year, (Language.DE,), Purpose.WORK)
    bulk = house.bulk
    members = bulk.register.award_ids(programme, year)
    cohort = bulk.cohorts.keep(plan(wanted, bulk.issuer.profile, members), now=house.clock())
    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift())

    downloaded = house.downloads.extract(record, Language.DE, Purpose.WORK)
    made = house.downloads.made(record, Language.DE, Purpose.WORK)

    assert account.adds_up
    assert made is not None
    assert made.intent.number == downloaded.number
    assert made.intent.profile == house.archival_sealer.profile.digest
    assert downloaded.document == house.archive.get(downloaded.number)
