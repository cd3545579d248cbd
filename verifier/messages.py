"""What an employer can copy and send to the candidate. It claims no more than the verdict does.

At most 25 words a part, B1, in the words of the employer; nothing here reproaches anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from verifier.texts import is_about_this_computer
from verifier.verdict import VerdictCode

if TYPE_CHECKING:
    from verifier.texts import Translate
    from verifier.verdict import Verdict

GREETING = "Dear candidate,"
THANKS = "Thank you in advance."
THE_FILE_ITSELF = (
    "Could you please log in at {address} and send me the PDF exactly as you downloaded it?"
)
A_NEW_EXTRACT = "Could you please log in at {address}, download a new extract and send me that PDF?"
NOT_THE_FILE = (
    "I would like to check your diploma. The file that you sent me is not the original file.",
    "This says nothing about your diploma. A scan, a print or saving it again can cause it.",
    THE_FILE_ITSELF,
)

PARTS: Mapping[VerdictCode, tuple[str, ...]] = {
    VerdictCode.NOT_ORIGINAL: NOT_THE_FILE,
    VerdictCode.ALTERED: NOT_THE_FILE,
    VerdictCode.NOT_OURS: (
        "I would like to check your diploma. What you sent me was not issued by {address}.",
        THE_FILE_ITSELF,
    ),
    VerdictCode.CANNOT_CHECK: (
        "I would like to check your diploma. The file that you sent me could not be read.",
        THE_FILE_ITSELF,
    ),
    VerdictCode.SUPERSEDED: (
        "I would like to check your diploma. Your extract has been replaced by a newer one.",
        "That can happen after any change in the register. A new extract costs nothing.",
        A_NEW_EXTRACT,
    ),
    VerdictCode.WITHDRAWN: (
        "I would like to check your diploma. The document that you sent me has been withdrawn.",
        A_NEW_EXTRACT,
    ),
    VerdictCode.SHARE_ENDED: (
        "I would like to check your diploma. The link that you sent me has ended.",
        "Could you please log in at {address} and send me a new link or a new extract?",
    ),
}
"""Between greeting and thanks, for every verdict after which an employer asks for something."""

FROM_ABROAD = (
    "I would like to check your results from abroad. For that, their provider must send them.",
    "Could you please help me do that at {address}? You find it at: Check a diploma.",
)
"""After results that somebody else signed: a new file of ours would not help."""
ABROAD = frozenset({"emrex_provider", "emrex_provider_changed", "emrex_provider_out_of_date"})


def parts_for(verdict: Verdict) -> tuple[str, ...]:
    """The parts of the message, in English; none where there is nothing to ask."""
    if verdict.code is VerdictCode.NOT_OURS and not ABROAD.isdisjoint(verdict.reasons):
        return FROM_ABROAD
    return () if is_about_this_computer(verdict) else PARTS.get(verdict.code, ())


def written(parts: tuple[str, ...], translate: Translate, address: str) -> str:
    """The whole message, ready to copy; a blank line between the parts."""
    whole = (GREETING, *parts, THANKS)
    return "\n\n".join(translate(part).format(address=address) for part in whole)
