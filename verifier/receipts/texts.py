"""What people read about a receipt. English sentences are the keys of the catalogues."""

from __future__ import annotations

from collections.abc import Mapping

from verifier.receipts.desk import Answer
from verifier.receipts.judging import Standing

TITLES: Mapping[Standing, str] = {
    Standing.OURS: "This receipt is ours",
    Standing.NOT_OURS: "This is not a receipt of ours",
    Standing.CANNOT_CHECK: "We could not check this receipt",
}

WHY: Mapping[str, str] = {
    "signed_by_us": "We signed this receipt and nothing in it has changed.",
    "not_a_receipt": "This does not have the form of a receipt.",
    "key_not_ours": "It was signed with a key that is not ours.",
    "changed": "Something in it has changed since it was signed.",
    "key_not_in_use": "It names a moment at which this key of ours did not sign.",
    "key_compromised": "The key was lost after this receipt was made. Check the document again.",
    "from_the_future": "It comes from the future: check the clock of this computer.",
    "key_not_on_list_yet": "It is newer than the list of keys here. Fetch a new list.",
    "no_trust_list": "We do not have the list of our own keys at hand.",
    "trust_list_invalid": "The list of keys on this computer is damaged or not ours.",
    "trust_list_expired": "The list of keys on this computer is too old. Fetch a new one.",
}

NOT_NOW = "No receipt can be made right now. The check itself is not affected."
HOLDS = "The verdict still holds today."
OVER = "The verdict no longer holds today. Check the document again."
UNKNOWN = "Whether the verdict still holds today, only the document itself can tell."


def about_today(answer: Answer) -> str:
    """The sentence about today, in English."""
    if answer.holds is None:
        return UNKNOWN
    return HOLDS if answer.holds else OVER
