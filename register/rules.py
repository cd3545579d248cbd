"""Why a line was refused: one slug for each rule, and what to do about it in plain words."""

from __future__ import annotations

ADVICE = {
    "not-json": "Write one complete JSON object on the line.",
    "not-utf8": "Save the file as UTF-8 and deliver it again.",
    "line-too-long": "Split the record: a line holds at most 1,000,000 bytes.",
    "unknown-kind": "Set type to institution, programme, person or withdrawal.",
    "unknown-field": "Remove the member that the format does not know, or correct its spelling.",
    "missing-field": "Add the member that is missing.",
    "wrong-type": "Write the member in the type of the format; marks and codes are text.",
    "unknown-value": "Use one of the values that the format allows.",
    "too-long": "Shorten the text or the list to what the format allows.",
    "too-short": "Fill in the member: it may not be empty.",
    "wrong-form": "Write the member in the form that the format describes.",
    "unprintable-text": "Remove control characters and other signs without a shape.",
    "secret-as-identifier": "Choose another id: this one has the form of a national number.",
    "impossible-date": "Correct the date: the calendar or the order of events does not allow it.",
    "wrong-number": "Check the national number at its source: its check digit does not fit.",
    "wrong-code": "Correct the code: it does not have the form of its scheme.",
    "wrong-mark": "Write exam marks with one decimal (1.0 to 10.0), final marks as whole numbers.",
    "unknown-institution": "Deliver the institution first, then this line again.",
    "unknown-programme": "Deliver the programme first, then this line again.",
    "unknown-award": "Deliver the award first, or correct the id of the award to withdraw.",
    "duplicate-award": "Give the award an id of its own: this one is taken by another award.",
    "withdrawn-award": "Register a new award: a withdrawn one cannot be changed.",
    "number-of-another": "Find out who holds the national number: another person already has it.",
    "number-differs": "Have the number corrected by hand: this person already has another one.",
    "overtaken": "Nothing, if a later line is right: it was kept, and this one is older.",
}
"""What the sender can do, by rule."""

_OF_PYDANTIC = {
    "json_invalid": "not-json",
    "union_tag_invalid": "unknown-kind",
    "union_tag_not_found": "unknown-kind",
    "string_unicode": "unprintable-text",
    "missing": "missing-field",
    "extra_forbidden": "unknown-field",
    "literal_error": "unknown-value",
    "greater_than_equal": "unknown-value",
    "less_than_equal": "unknown-value",
    "string_too_long": "too-long",
    "too_long": "too-long",
    "string_too_short": "too-short",
    "too_short": "too-short",
    "string_pattern_mismatch": "wrong-form",
}


class RefusedLine(Exception):
    """One line breaks a rule. Stays inside the import, which goes on with the next line."""

    def __init__(self, rule: str, where: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.where = where


def rule_of(error_type: str) -> str:
    """The rule behind a validation error; our own error types are rules already."""
    if error_type in ADVICE:
        return error_type
    return _OF_PYDANTIC.get(error_type, "wrong-type")
