"""What our own record says of a document is what stands in its file, to the letter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from credentials.restating import Restating
from keys.publishing import LIST
from register.history import SqlHistory, Versions
from register.records import AwardRecord
from tests.house import SealedExtract
from verifier.extract_data import facts_of
from verifier.reading import ReadingHere
from wiring import Instance


def test_the_record_tells_what_is_in_the_file(
    house: Instance, hard_extracts: list[SealedExtract]
) -> None:
    """verifier.md 3.4 and 3.7 rule 2, over the hardest people, in each language."""
    trust = (house.trust_folder / LIST).read_bytes()
    for one in hard_extracts:
        told = house.restating.extract_json(one.number)

        assert told is not None
        seen = ReadingHere().read(one.path.read_bytes(), trust, house.clock())
        assert facts_of(told) == seen.facts


class OtherHistory:
    """A register whose past reads differently from what was stated."""

    def __init__(self, history: SqlHistory) -> None:
        self._history = history

    def record(self, versions: Versions) -> AwardRecord | None:
        found = self._history.record(versions)
        if found is None:
            return None
        person = replace(found.person, birth_place="Elsewhere")
        return replace(found, person=person)


def test_what_cannot_be_told_with_certainty_is_not_told(
    house: Instance, hard_extracts: list[SealedExtract]
) -> None:
    """The hash of the statement decides; a guess would be a lie with our name on it."""
    doubtful = Restating(house.ledger, OtherHistory(SqlHistory(house.engine)))

    assert doubtful.extract_json(hard_extracts[0].number) is None


@pytest.mark.parametrize("number", ["", "0000-0000-0000", "\N{SNOWMAN}"])
def test_an_unknown_number_tells_nothing(number: str, house: Instance) -> None:
    assert house.restating.extract_json(number) is None
