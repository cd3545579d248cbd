"""What people read about results from abroad, in English; translated where it is shown."""

from __future__ import annotations

from collections.abc import Mapping

from emrex.receiving.fetch import State
from emrex.validating import texts

WHY: Mapping[str, str] = {
    **texts.REASONS,
    "signer-not-in-registry": "It was not signed with a key of this provider.",
    "no-signature": "There is no signature, so nobody can tell who made it.",
    "changed": "It was changed after the provider signed it.",
    "no-longer-valid": "The provider's certificate was out of date when it was made.",
    "not-fresh": "It was not made just now for this request. It may be an old copy.",
    "undated": "It does not say when it was made.",
    "other-receiver": "It was given to somebody else, and not to us.",
    "other-transaction": "It was made for another request, and not for this one.",
    "seen-before": "We received exactly this before.",
    "fields": "The answer says the same thing twice, in two ways.",
}
"""Why what came is refused, by the key of a fetch."""

TITLES: Mapping[State, str] = {
    State.NO_RESULTS: "The provider has no results of this person",
    State.CANCELLED: "You stopped at the provider. Nothing was fetched",
    State.FAILED: "The provider could not send the results",
    State.UNKNOWN: "The provider gave an answer that we do not know",
    State.REFUSED: "We do not trust what came, so we do not show it",
    State.DECLINED: "These are not the right results. We deleted them",
}
"""What became of a fetch without anything to show."""

LEADS: Mapping[State, str] = {
    State.NO_RESULTS: (
        "That says nothing about the diploma. Another provider may have it, or the institution."
    ),
    State.CANCELLED: "You can start again at any time.",
    State.FAILED: "Try again later, or ask the provider for help.",
    State.UNKNOWN: "Try again later. Does it stay like this? Then tell us.",
    State.REFUSED: (
        "That is not always somebody's fault: it can be an error on the way. We kept nothing of it."
    ),
    State.DECLINED: "Did you make a mistake? Then fetch the results again.",
}

LEGACY: Mapping[str, str] = {
    "sha1": (
        "The provider signs in an old way that can be forged with much effort (SHA-1). "
        "Does much depend on it? Then ask the institution as well."
    ),
    "expired": "The provider's certificate has expired since it signed.",
}
"""About a signature that is right, and old."""

_OTHER_FORM = "The file has another form than agreed, so something may be missing here."

CONSEQUENCES: Mapping[str, str] = {
    "schema": _OTHER_FORM,
    "schema-missing": _OTHER_FORM,
    "schema-misplaced": _OTHER_FORM,
    "schema-too-much": _OTHER_FORM,
    "schema-value": _OTHER_FORM,
    "schema-attribute": _OTHER_FORM,
    "missing-element": _OTHER_FORM,
    "order": _OTHER_FORM,
    "not-a-date": "A date in the file is none. Ask the institution when it was.",
    "ects-twice": "Some credits are counted twice. Do not add them up.",
    "nesting": "Parts stand in an unusual order. What belongs to what may be wrong.",
    "dangling-ref": "The file speaks of an attachment that is not there.",
    "unknown-scheme": "It is not said how some marks are meant. Ask the institution.",
    "local-id-twice": "Two results have the same number. Look whether one is there twice.",
    "unknown-group": "Some headings are missing. The results are there.",
    "empty-element": "Something was left empty.",
    "title-language": "Of some titles we do not know the language.",
    "not-a-data-uri": "An attachment cannot be opened.",
    "not-a-pdf": "An attachment is not a PDF. Be careful with it.",
    "term-elsewhere": "A period stands at the wrong place.",
    "report-empty": "One institution is named without any results.",
    "report-twice": "One institution stands in the file twice.",
    "unknown-value": (
        "A word in the file is none of those that were agreed. Ask the institution what it means."
    ),
    "hash-differs": "The file does not fit a hash in it. Ask the provider for a new one.",
    "unknown-kind": "Some things in the file are of a kind that we do not know.",
}
"""What a broken rule means for somebody who reads the results."""
