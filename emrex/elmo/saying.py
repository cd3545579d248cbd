"""Whether ELMO can say a diploma at all, asked before a holder chooses it.

The register takes a title without a letter, and every element of ELMO has something in it
(emrex.md 4.47). Whoever makes the document would refuse it, long after the holder said yes.
"""

from __future__ import annotations

from datetime import datetime

from emrex.elmo.extending import Transfer
from emrex.elmo.mapping import elmo_of
from emrex.elmo.rules import findings
from emrex.elmo.writing import tree_of
from register.records import AwardRecord

_NOWHERE = "https://nowhere.invalid"


def can_say(record: AwardRecord, now: datetime) -> bool:
    """Whether a document about this diploma alone, without its files, breaks no rule."""
    tree = tree_of(elmo_of([record], Transfer(now, _NOWHERE), {}), _NOWHERE)
    return next(findings(tree), None) is None
