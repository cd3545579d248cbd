"""From a cohort to chunks: pure, so that every machine cuts the same register the same way.

Ids are digests of content. Planning the same cohort twice gives the same ids, and so
the second plan is the first one; an award that came in between makes a new plan, in
which the documents that are already there are found again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from credentials.bulk.cohorts import Chunk, Plan, Wanted
from credentials.extract import Language

SMALLEST = 500
"""No chunk of a larger cohort has fewer documents, and none has twice as many (platform.md 3.4)."""
COHORT_ID, CHUNK_ID = 16, 32
"""Length of an id in hex digits."""


def plan(wanted: Wanted, profile: str, award_ids: Iterable[str], smallest: int = SMALLEST) -> Plan:
    """Cut a cohort into chunks of `smallest` to twice `smallest` less one, language by language.

    Args:
        wanted: programme, year, languages and purpose.
        profile: digest of the seal profile.
        award_ids: in a stable order; read once, and only ids are kept.
        smallest: fewest documents in a chunk, where there are that many.
    """
    asked = f"{wanted.programme} {wanted.year} {wanted.purpose} {profile}"
    groups = tuple(_groups(award_ids, smallest))
    together = _digest(asked, *wanted.languages, *(_digest(*group) for group in groups))
    places = enumerate((language, group) for language in wanted.languages for group in groups)
    chunks = tuple(_chunk(together, place, *what) for place, what in places)
    return Plan(together[:COHORT_ID], wanted, profile, chunks)


def _groups(award_ids: Iterable[str], smallest: int) -> Iterator[tuple[str, ...]]:
    """Groups of `smallest`; what is left over at the end joins the last one."""
    held: list[str] = []
    for award_id in award_ids:
        held.append(award_id)
        if len(held) == 2 * smallest:
            yield tuple(held[:smallest])
            del held[:smallest]
    if held:
        yield tuple(held)


def _chunk(cohort: str, position: int, language: Language, awards: tuple[str, ...]) -> Chunk:
    digest = _digest(cohort, str(position), language, *awards)
    return Chunk(digest[:CHUNK_ID], position, language, awards)


def _digest(*parts: str) -> str:
    """SHA-256 hex over parts that cannot run into one another."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part.encode()).digest())
    return digest.hexdigest()
