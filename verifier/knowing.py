"""What a check knows of a file that is ours to the byte, without opening it.

Equality with an issued file cannot be beaten by any trick of a format, so no reader
is needed: the seal is the one that we made, and the facts come from our own record,
only those printed in that object (`spec/verifier.md` 3.4, 3.7 rule 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.verdict import NOT_NEEDED, SEAL_CHECKS, CheckName, Evidence, not_done, passed

if TYPE_CHECKING:
    from verifier.verdict import Facts


def from_record(printed: Facts | None, number: str | None) -> Evidence | None:
    """Evidence about an issued file from our record; None where the file itself must be read."""
    if printed is None:
        return None
    checks = tuple(not_done(name, NOT_NEEDED) for name in SEAL_CHECKS)
    told = passed(CheckName.MACHINE_DATA, "from_our_record")
    return Evidence((*checks, told), document_number=number, facts=printed)
