"""The page about our documents says what our documents are."""

from __future__ import annotations

import pytest

from emrex.elmo.profiles import Version
from tests import judges
from tests.emrex.profile import SOURCES, counted, documents, page

PAGE = judges.ROOT / "docs" / "emrex" / "profile.md"


@pytest.mark.slow
def test_the_page_is_what_the_code_makes_today() -> None:
    """emrex.md 3.4, 3.6: element by element for each sector, and what older versions lack.

    Where it differs, run `python -m tests.emrex.profile docs/emrex/profile.md` and look at it.
    """
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.slow
def test_every_place_says_where_it_comes_from() -> None:
    assert set(counted(documents(), Version.V1_7)) == set(SOURCES)
